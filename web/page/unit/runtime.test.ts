// What is read and encoded equals what the official SDK reads and encodes, by finney's own metadata of spec 461.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex, toHex } from '@polkadot-api/utils';
import { headOf } from '../src/chain/connection.ts';
import { compose, era, extraOf } from '../src/chain/extrinsic.ts';
import { dispatchRefusal, poolRefusal } from '../src/chain/refusal.ts';
import { PALLET, Runtime } from '../src/chain/runtime.ts';
import { type EventRecord, outcome } from '../src/chain/submit.ts';
import { keyOf } from '../src/keys.ts';

const folder = new URL('../../../tests/vectors/subtensor-461/', import.meta.url);
const golden = JSON.parse(readFileSync(new URL('golden.json', folder), 'utf8'));
const version = { specName: 'node-subtensor', specVersion: 461, transactionVersion: 1 };

/** By either format of its metadata; v15 as the runtime's API answers it: bytes in an option. */
const runtimes = await Promise.all(
  ['metadata_v14.scale', 'metadata_v15.scale'].map((name) => Runtime.read(version, readFileSync(new URL(name, folder)))),
);

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

test('what a runtime does not have is said', () => {
  for (const runtime of runtimes) assert.throws(() => runtime.item(PALLET, 'Nothing'), /has no SubtensorModule.Nothing/);
});

test('calls', () => {
  const call = golden.calls.find((each: { function: string }) => each.function === 'burned_register');
  for (const runtime of runtimes) {
    assert.equal(toHex(runtime.call('burned_register', call.params)), call.data_hex);
  }
});

test('mortal extrinsics', () => {
  let compared = 0;
  for (const vector of golden.extrinsics) {
    if (typeof vector.era !== 'object' || vector.era === null) continue;
    const life = era(vector.era.current, vector.era.period);
    for (const runtime of runtimes) {
      const extra = extraOf(runtime, vector.nonce, life);
      const signature = `0x01${vector.signature_hex.slice(2)}`;
      const sent = compose(runtime, keyOf(vector.public_key_hex), signature, extra, fromHex(vector.call_data_hex));
      assert.equal(toHex(sent), vector.extrinsic_hex);
      compared += 1;
    }
  }
  assert.ok(compared > 0, 'no mortal extrinsic among the vectors');
});

test('an era is born in its block and lasts eight', () => {
  // As SCALE writes it: the period as a power of two, then the place of the birth in it.
  assert.equal(toHex(era(2)), '0x2200');
  assert.equal(toHex(era(15)), '0x7200');
  assert.equal(toHex(era(16)), '0x0200');
});

test('the hash of a header', () => {
  // The genesis of Polkadot, known to everybody.
  const head = headOf({
    parentHash: `0x${'00'.repeat(32)}`,
    number: '0x0',
    stateRoot: '0x29d0d972cd27cbc511e9589fcb7a4506d5eb6a9e8df205f00472e5ab354a4e17',
    extrinsicsRoot: '0x03170a2e7597b7b7e3d84c05391d139a62b157e78786d8c082f29dcf4c111314',
    digest: { logs: [] },
  });
  assert.equal(head.hash, '0x91b171bb158e2d3848fa23a9f1c25182fb8e20313b2c1eb49219da7a70ce90c3');
});

test('answers of nodes and of test chains', () => {
  const invalid = 'Invalid Transaction';
  for (const [code, message, data, kind] of [
    [1010, invalid, '"Custom error: 255"', 'custom'],
    [1010, invalid, '{"invalid":{"custom":25}}', 'custom'],
    [1010, invalid, '"Transaction is outdated"', 'outdated'],
    [1010, invalid, '{"invalid":{"stale":null}}', 'outdated'],
    [1010, invalid, '{"invalid":{"ancientBirthBlock":null}}', 'outdated'],
    [1010, invalid, '"Transaction has a bad signature"', 'bad-signature'],
    [1010, invalid, '{"invalid":{"badProof":null}}', 'bad-signature'],
    [1010, invalid, '"Transaction will be valid in the future"', 'future'],
    [1010, invalid, '"Inability to pay some fees (e.g. account balance too low)"', 'payment'],
    [1012, 'Transaction is temporarily banned', '', 'banned'],
    [1013, 'Transaction Already Imported', '', 'known'],
    [1014, 'Priority is too low: (1 vs 1)', '', 'occupied'],
    [1016, 'Immediately Dropped', '', 'other'],
  ] as const) {
    assert.equal(poolRefusal(code, message, data).kind, kind, data);
  }
  assert.match(poolRefusal(1010, invalid, '"Custom error: 255"').words, /code 255/);
  assert.equal(poolRefusal(1016, 'Immediately Dropped', '').words, 'Immediately Dropped');
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
    assert.deepEqual(outcome(runtime, events, 0), { kind: 'unknown', reason: 'it tells nothing of the extrinsic' });
    const told = outcome(runtime, events, 1);
    assert.equal(told.kind === 'failed' && told.refusal.name, 'InvalidWorkBlock');
  }
  const [runtime] = runtimes as [Runtime];
  assert.equal(dispatchRefusal(runtime, { type: 'BadOrigin' }).words, 'BadOrigin');
});
