// What the package gives to be signed, read by another decoder: polkadot-api's, by the runtime's own metadata.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getDynamicBuilder, getLookupFn } from '@polkadot-api/metadata-builders';
import { decAnyMetadata, unifyMetadata } from '@polkadot-api/substrate-bindings';
import { toHex } from '@polkadot-api/utils';
import { seal } from 'btpow';
import { prepare } from '../src/chain/extrinsic.ts';
import { Runtime } from '../src/chain/runtime.ts';
import { challengeOf } from '../src/rules.ts';
import { honest, honestV14, lies } from '../../test/shared/lies.mjs';
import { GOAL, hash } from './chain.ts';

const GENESIS = hash(0);
const version = { specName: 'node-subtensor', specVersion: 475, transactionVersion: 3, genesisHash: GENESIS };
/** Behind an option and a length. */
const inside = (answer: Uint8Array) => answer.slice(5);
const proof = { workBlock: 1_234_567, blockHash: hash(9), nonce: (1n << 63n) + 5n };
const challenge = challengeOf(GOAL, proof.blockHash, 1n);
const request = { id: 1, goal: GOAL, proof: { ...proof, seal: await seal(challenge, proof.nonce) }, difficulty: 1n, nonce: 70_000 };

/** Bytes, read by the types of metadata one after the other. */
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
      // What was read is written again to see how long it is, and that it can be written in no other way.
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
    const { message, call, extrinsic } = await prepare(await Runtime.read({ ...version, metadata }), request);
    const read = reader(metadata, message);
    const told = read.next(read.call);
    assert.deepEqual(JSON.parse(JSON.stringify(told, (_, value) => (typeof value === 'bigint' ? `${value}` : value))), {
      type: 'SubtensorModule',
      value: {
        type: 'pow_register',
        value: {
          netuid: GOAL.netuid,
          work_block: `${proof.workBlock}`,
          nonce: `${proof.nonce}`,
          work: toHex(request.proof.seal),
          hotkey: GOAL.hotkey.address,
        },
      },
    });
    const extra = Object.fromEntries(read.extensions.map(({ identifier, type }) => [identifier, read.next(type)]));
    const { CheckMortality: era, CheckNonce: nonce, ChargeTransactionPayment: tip, CheckMetadataHash: mode } = extra;
    // The first byte holds the period, and the low bits of the phase.
    assert.deepEqual(era, { type: `Mortal${2 | (proof.workBlock % 8) << 4}`, value: 0 });
    assert.deepEqual([nonce, tip, (mode as { type: string }).type], [request.nonce, 0n, 'Disabled']);
    const beside = read.extensions.map(({ additionalSigned }) => read.next(additionalSigned)).filter((value) => value !== undefined);
    assert.deepEqual(beside, [475, 3, GENESIS, proof.blockHash]);
    assert.equal(read.end(), 0);
    // Carried in the same bytes.
    const carried = toHex(message.subarray(call.length, -73)).slice(2);
    assert.match(toHex(extrinsic(`0x01${'09'.repeat(64)}`)), new RegExp(`^0x[0-9a-f]{4}8400${GOAL.coldkey.hex.slice(2)}01(09){64}${carried}${toHex(call).slice(2)}$`));
  });
}

test('nothing is made for a lie, and the runtime is refused in one line', async () => {
  for (const [name, metadata] of Object.entries(lies)) {
    const before = performance.now();
    const runtime = await Runtime.read({ ...version, metadata: inside(metadata) });
    assert.match(runtime.refusal ?? '', /^Nothing can be registered with node-subtensor 475: .*Choose another network\.$/, name);
    await assert.rejects(prepare(runtime, request), { code: 'refused' }, name);
    assert.ok(performance.now() - before < 5_000, `${name} took ${performance.now() - before} ms`);
  }
});
