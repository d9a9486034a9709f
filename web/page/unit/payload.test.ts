// What the session wants signed, read by another decoder: polkadot-api's, by the runtime's own metadata.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getDynamicBuilder, getLookupFn } from '@polkadot-api/metadata-builders';
import { decAnyMetadata, unifyMetadata } from '@polkadot-api/substrate-bindings';
import { toHex } from '@polkadot-api/utils';
import { seal } from 'btpow';
import { Runtime } from '../src/chain/runtime.ts';
import { Session } from '../src/registration/session.ts';
import { challengeOf } from '../src/rules.ts';
import { honest, honestV14, lies } from '../../test/shared/lies.mjs';
import { GOAL, hash, head, open } from './chain.ts';

const GENESIS = hash(0);
const version = { specName: 'node-subtensor', specVersion: 475, transactionVersion: 3, genesisHash: GENESIS };
/** Behind an option and a length. */
const inside = (answer: Uint8Array) => answer.slice(5);
const proof = { workBlock: 1_234_567, blockHash: hash(1_234_567), nonce: (1n << 63n) + 5n };
const challenge = challengeOf(GOAL, proof.blockHash, 1n);
const work = toHex(await seal(challenge, proof.nonce));
/** A signature as wallets give it. */
const SIGNATURE = Uint8Array.of(1, ...new Uint8Array(64).fill(9));

/** A session at the block of the proof, in which the coldkey's next nonce is 70,000. */
function begun(runtime: Runtime) {
  const session = new Session(GOAL);
  const state = open();
  const actions = session.block(head(proof.workBlock), { ...state, keys: { ...state.keys, nonce: 70_000 } }, runtime);
  session.find(proof);
  return { session, actions };
}

/** Reads bytes by the types of metadata, one after the other. */
function reader(metadata: Uint8Array, bytes: Uint8Array) {
  const unified = unifyMetadata(decAnyMetadata(metadata));
  const lookup = getLookupFn(unified);
  const { buildDefinition } = getDynamicBuilder(lookup);
  let rest = bytes;
  return {
    /** The type of calls. */
    call: lookup.call as number,
    extensions: Object.values(unified.extrinsic.signedExtensions)[0] ?? [],
    next(type: number): unknown {
      const codec = buildDefinition(type);
      const value = codec.dec(rest);
      // Encoding the value again shows how long it is, and that there is no other encoding.
      const encoded = codec.enc(value);
      assert.deepEqual(rest.slice(0, encoded.length), encoded);
      rest = rest.slice(encoded.length);
      return value;
    },
    end: () => rest.length,
  };
}

for (const [name, metadata] of [
  ['14', honestV14],
  ['15', inside(honest)],
] as const) {
  test(`exactly this call, era, nonce and no tip, by metadata of format ${name}`, async () => {
    const runtime = await Runtime.read({ ...version, metadata });
    const { session } = begun(runtime);
    const request = session.ask(runtime);
    assert.ok(request);
    const { payload } = request.raw;
    const [message, call] = [payload.message(), payload.call()];
    const read = reader(metadata, message);
    const decoded = read.next(read.call);
    assert.deepEqual(JSON.parse(JSON.stringify(decoded, (_, value) => (typeof value === 'bigint' ? `${value}` : value))), {
      type: 'SubtensorModule',
      value: {
        type: 'pow_register',
        value: {
          netuid: GOAL.netuid,
          work_block: `${proof.workBlock}`,
          nonce: `${proof.nonce}`,
          work,
          hotkey: GOAL.hotkey.address,
        },
      },
    });
    const extra = Object.fromEntries(read.extensions.map(({ identifier, type }) => [identifier, read.next(type)]));
    const { CheckMortality: era, CheckNonce: nonce, ChargeTransactionPayment: tip, CheckMetadataHash: mode } = extra;
    // The first byte holds the period, and the low bits of the phase.
    assert.deepEqual(era, { type: `Mortal${2 | (proof.workBlock % 8) << 4}`, value: 0 });
    assert.deepEqual([nonce, tip, (mode as { type: string }).type], [70_000, 0n, 'Disabled']);
    const beside = read.extensions.map(({ additionalSigned }) => read.next(additionalSigned)).filter((value) => value !== undefined);
    assert.deepEqual(beside, [475, 3, GENESIS, proof.blockHash]);
    assert.equal(read.end(), 0);
    // The extrinsic carries the same bytes.
    const carried = toHex(message.subarray(call.length, -73)).slice(2);
    const sends = session.signed(request, SIGNATURE).flatMap((action) => (action.do === 'send' ? [action.extrinsic] : []));
    assert.equal(sends.length, 1);
    assert.match(toHex(sends[0] ?? new Uint8Array()), new RegExp(`^0x[0-9a-f]{4}8400${GOAL.coldkey.hex.slice(2)}01(09){64}${carried}${toHex(call).slice(2)}$`));
  });
}

test('a lie gets no payload, and one line that refuses the runtime', async () => {
  for (const [name, metadata] of Object.entries(lies)) {
    const before = performance.now();
    const runtime = await Runtime.read({ ...version, metadata: inside(metadata) });
    assert.match(runtime.refusal ?? '', /^Nothing can be registered with node-subtensor 475: .*Choose another network\.$/, name);
    const { session, actions } = begun(runtime);
    assert.deepEqual(actions.map((action) => action.do), ['end'], name);
    assert.equal(session.ask(runtime), undefined, name);
    assert.ok(performance.now() - before < 5_000, `${name} took ${performance.now() - before} ms`);
  }
});
