// Types that an endpoint invents: an error of one line, and no hang.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadata as codec } from '@polkadot-api/substrate-bindings';
import { PALLET, Runtime } from '../src/chain/runtime.ts';
import { ChainError } from '../src/chain/types.ts';
import { GOAL, OLDER, hash } from './chain.ts';

const version = { specName: 'node-subtensor', specVersion: 461, transactionVersion: 1, genesisHash: hash(0) };

type Lookup = Extract<ReturnType<typeof codec.dec>['metadata'], { tag: 'v14' }>['value']['lookup'];
type Def = Lookup[number]['def'];

/** A runtime whose item of storage has, as its value or its key, a type that `lie` adds. */
function runtime(pallet: string, entry: string, where: 'value' | 'key', lie: (add: (def: Def) => number) => number) {
  const decoded = codec.dec(OLDER);
  assert.ok(decoded.metadata.tag === 'v14');
  const { lookup, pallets } = decoded.metadata.value;
  const add = (def: Def): number => {
    const id = lookup.length;
    lookup.push({ id, path: ['Lie'], params: [], def, docs: [] });
    return id;
  };
  const item = pallets.find(({ name }) => name === pallet)?.storage?.items.find(({ name }) => name === entry);
  assert.ok(item);
  if (item.type.tag === 'map') item.type.value[where] = lie(add);
  else item.type.value = lie(add);
  return Runtime.read({ ...version, metadata: codec.enc(decoded) });
}

const field = (type: number) => ({ name: undefined, type, typeName: undefined, docs: [] });
const composite = (...types: number[]): Def => ({ tag: 'composite', value: types.map(field) });
const again = (add: (def: Def) => number, first: number, times: number, wrap: (inner: number) => Def): number => {
  let number = first;
  for (let time = 0; time < times; time += 1) number = add(wrap(number));
  return number;
};

/** Each is the type of something that the page reads. `next` is the number that the first type will have. */
const LIES: Record<string, (add: (def: Def) => number) => number> = {
  'holds itself': (add) => {
    const self = add(composite());
    return add(composite(self + 2)) && add(composite(self + 1));
  },
  'holds itself twice': (add) => {
    const probe = add(composite());
    return add(composite(probe + 1, probe + 1));
  },
  'is a list of itself': (add) => {
    const probe = add(composite());
    return add({ tag: 'sequence', value: probe + 1 });
  },
  'is not there': () => 1_000_000,
  'is nested very deep': (add) => again(add, add(composite()), 20_000, (inner) => composite(inner)),
  'is nested deep, by steps that are known': (add) => {
    let list = 2;
    const steps = Array.from({ length: 50 }, () => (list = again(add, list, 60, (inner) => ({ tag: 'sequence', value: inner }))));
    return add(composite(...steps));
  },
  'is nothing, very often': (add) => again(add, add(composite()), 40, (inner) => composite(...Array(16).fill(inner))),
  'is two of two of two': (add) => again(add, 2, 60, (inner) => composite(inner, inner)),
  'is four billion times nothing': (add) =>
    add({ tag: 'array', value: { len: 0xffff_ffff, type: add({ tag: 'composite', value: ['a', 'b'].map((name) => ({ ...field(add(composite())), name })) }) } }),
  'is a list of nothing': (add) => add({ tag: 'sequence', value: add(composite(add(composite()), add(composite()))) }),
  'has bits': (add) => add({ tag: 'bitSequence', value: { bitStoreType: 2, bitOrderType: 2 } } as Def),
};

for (const [name, lie] of Object.entries(LIES)) {
  test(`a type that ${name}`, async () => {
    for (const [pallet, entry, where, ...keys] of [
      ['System', 'Events', 'value'],
      ['System', 'Account', 'value', GOAL.coldkey.address],
      [PALLET, 'Difficulty', 'value', 1],
      [PALLET, 'Difficulty', 'key', 1],
    ] as const) {
      const before = performance.now();
      const broken = await runtime(pallet, entry, where, lie);
      assert.throws(
        () => broken.item(pallet, entry, ...keys).read(`0x${'fe'.repeat(10_000)}`),
        (error) => {
          assert.ok(error instanceof ChainError, String(error));
          assert.match(error.message, new RegExp(`^${pallet}\\.${entry} cannot be read: its type has no end`));
          return true;
        },
      );
      // The page still reads the rest of the runtime.
      assert.equal(broken.has(PALLET, 'Uids'), true);
      assert.ok(broken.item(PALLET, 'NetworksAdded', 1).key);
      assert.ok(performance.now() - before < 5_000, `${performance.now() - before} ms`);
    }
  });
}

test('the types of errors in events are measured as well', async () => {
  const decoded = codec.dec(OLDER);
  assert.ok(decoded.metadata.tag === 'v14');
  const { lookup, pallets } = decoded.metadata.value;
  const errors = pallets.find(({ name }) => name === 'Balances')?.errors as number;
  const def = lookup[errors]?.def;
  assert.ok(def?.tag === 'variant');
  def.value.push({ name: 'Endless', index: 200, fields: [field(errors)], docs: [] });
  const runtime = await Runtime.read({ ...version, metadata: codec.enc(decoded) });
  assert.throws(() => runtime.item('System', 'Events'), /its type has no end/);
});

test('a constant of such a type is not read', async () => {
  const decoded = codec.dec(OLDER);
  assert.ok(decoded.metadata.tag === 'v14');
  const { lookup, pallets } = decoded.metadata.value;
  const prefix = pallets.find(({ name }) => name === 'System')?.constants.find(({ name }) => name === 'SS58Prefix');
  assert.ok(prefix);
  let number = lookup.length;
  lookup.push({ id: number, path: [], params: [], def: composite(), docs: [] });
  for (let time = 0; time < 40; time += 1) {
    const def: Def = { tag: 'composite', value: ['a', 'b', 'c', 'd'].map((name) => ({ ...field(number), name })) };
    number = lookup.length;
    lookup.push({ id: number, path: [], params: [], def, docs: [] });
  }
  prefix.type = number;
  const runtime = await Runtime.read({ ...version, metadata: codec.enc(decoded) });
  assert.ok(runtime.item('System', 'Events'));
});
