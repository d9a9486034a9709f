// The page reads what the official SDK reads, by finney's own metadata of spec 461.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { metadata as codec } from '@polkadot-api/substrate-bindings';
import { headOf } from '../src/chain/connection.ts';
import { dispatchRefusal } from '../src/chain/refusal.ts';
import { PALLET, Runtime } from '../src/chain/runtime.ts';
import * as scale from '../src/chain/scale.ts';
import { type EventRecord, outcome } from '../src/chain/submit.ts';
import { OLDER, hash } from './chain.ts';

const folder = new URL('../../../tests/vectors/subtensor-461/', import.meta.url);
const golden = JSON.parse(readFileSync(new URL('golden.json', folder), 'utf8'));
/** The runtime by either format of its metadata. For v15 there is the answer of the runtime's API: bytes in an option. */
const v15 = new Uint8Array(readFileSync(new URL('metadata_v15.scale', folder))).slice(5);
const version = { specName: 'node-subtensor', specVersion: 461, transactionVersion: 1, genesisHash: hash(0) };
const runtimes = await Promise.all([OLDER, v15].map((metadata) => Runtime.read({ ...version, metadata })));

test('a runtime that burns is refused', () => {
  for (const runtime of runtimes) assert.match(runtime.refusal ?? '', /burns TAO of the signer/);
});

test('storage keys', () => {
  let compared = 0;
  for (const runtime of runtimes) {
    for (const { pallet, storage_function, params, key_hex } of golden.storage_keys) {
      assert.equal(runtime.item(pallet, storage_function, ...params).key, key_hex, `${pallet}.${storage_function}`);
      compared += 1;
    }
  }
  assert.equal(compared, 20);
});

test('the built page has every codec and hasher that the metadata names', () => {
  const decoded = codec.dec(OLDER).metadata;
  assert.ok(decoded.tag === 'v14');
  const { lookup, pallets } = decoded.value;
  const primitives = lookup.flatMap(({ def }) => (def.tag === 'primitive' ? [def.value.tag] : []));
  const hashers = pallets.flatMap(({ storage }) =>
    (storage?.items ?? []).flatMap(({ type }) => (type.tag === 'map' ? type.value.hashers.map(({ tag }) => tag) : [])),
  );
  const names = new Set<string>([...primitives, ...hashers]);
  assert.ok(names.size > 10);
  for (const name of names) assert.ok(name in scale, name);
});

test('an error names what a runtime does not have', () => {
  for (const runtime of runtimes) assert.throws(() => runtime.item(PALLET, 'Nothing'), /has no SubtensorModule.Nothing/);
});

test('the hash of a header', () => {
  // Polkadot's genesis, which everybody knows.
  const head = headOf({
    parentHash: `0x${'00'.repeat(32)}`,
    number: '0x0',
    stateRoot: '0x29d0d972cd27cbc511e9589fcb7a4506d5eb6a9e8df205f00472e5ab354a4e17',
    extrinsicsRoot: '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314',
    digest: { logs: [] },
  });
  assert.equal(head.hash, '0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3');
  const header = { parentHash: hash(1), number: '0x2', stateRoot: hash(2), extrinsicsRoot: hash(3), digest: { logs: [] } };
  for (const wrong of [{ parentHash: '0x\u202e' }, { number: '2' }, { number: '0x100000000' }, { digest: null }, { stateRoot: 7 }]) {
    assert.throws(() => headOf({ ...header, ...wrong } as never), /it sent a header that is not valid/);
  }
});

/** A block's events: the second extrinsic failed. */
const FAILED = [
  '04', // one record
  '0001000000', // phase: extrinsic 1
  '0001', // System.ExtrinsicFailed
  '030718000000', // error 24 of pallet 7
  '0000' + '00' + '00', // weights, class, fee
  '00', // no topics
];

test('errors are named by the metadata', () => {
  for (const runtime of runtimes) {
    // Numbers of pallet 7 at spec 461.
    assert.deepEqual(runtime.errorName(7, 24), { pallet: PALLET, name: 'InvalidWorkBlock' });
    const decoded = runtime.item<EventRecord[]>('System', 'Events');
    const events = decoded.read(`0x${FAILED.join('')}`);
    assert.equal(outcome(runtime, events, 0), undefined);
    const registered = (value: unknown) => [
      { phase: { type: 'ApplyExtrinsic', value: 0 }, event: { type: PALLET, value: { type: 'NeuronRegistered', value } } },
    ];
    assert.deepEqual(outcome(runtime, registered([1, 7, '']), 0), { uid: 7 });
    for (const value of [undefined, 7, [1], [1, '7\u202e', ''], [1, 65_536, ''], [1, 0.5, ''], { uid: 7 }]) {
      assert.equal(outcome(runtime, registered(value), 0), undefined);
    }
    assert.deepEqual(outcome(runtime, events, 1), { pallet: PALLET, name: 'InvalidWorkBlock' });
  }
  const [runtime] = runtimes as [Runtime];
  assert.deepEqual(dispatchRefusal(runtime, { type: 'BadOrigin' }), { pallet: '', name: 'BadOrigin' });
  // The names come from an endpoint.
  const lie = { type: 'Module', value: { type: 'Paid\u202e', value: { type: 'No\u009b2JTAO' } } };
  assert.deepEqual(dispatchRefusal(runtime, lie), { pallet: 'Paid', name: 'No2JTAO' });
});
