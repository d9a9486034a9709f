// The page's use of the rules.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshness, genesisHash } from 'btpow';
import { Runtime } from '../src/chain/runtime.ts';
import { ChainError, NEW } from '../src/chain/types.ts';
import { read, write } from '../src/kept.ts';
import { compare, judge, window } from '../src/rules.ts';
import { keyOf } from '../src/keys.ts';
import { GOAL, OLDER, hash, open } from './chain.ts';
import { honest, lies } from '../../test/shared/lies.mjs';

const OTHER = keyOf(`0x${'0c'.repeat(32)}`);

test('how long a proof counts', async () => {
  assert.equal((await freshness('v1', 100n, 100n)).blocksLeft, window());
});

test('kept proofs count for the same goal only', () => {
  const proof = { workBlock: 9, blockHash: hash(9), nonce: 1n << 63n };
  const text = write('0x00', GOAL, [proof]) ?? '';
  assert.deepEqual(read(text, '0x00', GOAL), [proof]);
  assert.deepEqual(read(text, '0x01', GOAL), []);
  assert.deepEqual(read(text, '0x00', { ...GOAL, netuid: 2 }), []);
  for (const lie of [text.replace('9,', '-9,'), text.replace('9,', '9.5,'), text.replace(hash(9), '0x00'), text.replace(/"\d+"/, '"x"'), '{"for":']) {
    assert.deepEqual(read(lie, '0x00', GOAL), [], lie);
  }
  assert.deepEqual(read(null, '0x00', GOAL), []);
  assert.equal(write('0x00', GOAL, []), undefined);
});

test('every refusal of a runtime says what to do', async () => {
  const given = { specName: 'node-subtensor', specVersion: 475, transactionVersion: 1, genesisHash: hash(0), metadata: honest };
  const refusal = async (description: typeof given) => (await compare(description)).refusal;
  assert.equal(await refusal(given), undefined);
  for (const [change, words] of [
    [{ metadata: OLDER, specVersion: 425 }, /burns TAO of the signer\. Choose another network/],
    [{ metadata: OLDER, specVersion: 277 }, /hotkey itself must sign.*btpow register/],
    [{ specName: 'polkadot' }, /with polkadot 475: the runtime calls itself "polkadot"/],
    [{ metadata: lies['argument-renamed'] ?? honest }, /an argument "tip" instead of nonce/],
    [{ metadata: OLDER, specVersion: 300, genesisHash: await genesisHash('finney') }, /do not trust this endpoint/],
  ] as const) {
    assert.match((await refusal({ ...given, ...change })) ?? '', words);
  }
  // A million types of one byte each: decoding them costs for each one.
  const absurd = new Uint8Array(9 + 1_000_000);
  absurd.set([...Buffer.from('meta'), 14, 0x02, 0x09, 0x3d]);
  for (const metadata of [Uint8Array.of(1), absurd]) {
    const words = /^Nothing can be registered with node-subtensor 475: .*metadata.*\. Choose another network\.$/;
    const refused = (error: unknown) => error instanceof ChainError && words.test(error.message);
    await assert.rejects(refusal({ ...given, metadata }), refused);
    await assert.rejects(Runtime.read({ ...given, metadata }), refused);
  }
});

test('every denial of a subnet says what to do', () => {
  const subnet = {
    exists: true,
    powAllowed: true,
    difficulty: 1n,
    minDifficulty: 1_000n,
    maxDifficulty: 2_000n,
    registrationsThisBlock: 1,
    maxRegistrationsPerBlock: 1,
    uids: 0,
    maxUids: 256,
  };
  assert.deepEqual(judge(GOAL, subnet, NEW), { difficulty: 1_000n, full: true, standing: { status: 'open' } });
  for (const [change, words] of [
    [{ exists: false }, /^Subnet 1 does not exist on this chain. Choose another subnet.$/],
    [{ powAllowed: false }, /has not enabled it. Choose another subnet.$/],
    [{ maxUids: 0 }, /its owner must allow some first.$/],
  ] as const) {
    const { standing } = judge(GOAL, { ...subnet, ...change }, NEW);
    assert.match(standing.status === 'denied' ? standing.message : '', words);
  }
});

test('the keys are judged as the program judges them', () => {
  const { storage } = open();
  for (const [change, words] of [
    [{ owner: OTHER }, /belongs to the coldkey/],
    [{ swapAnnounced: true }, /swap of the coldkey .* is announced/],
    [{ swapAnnounced: true, swapDisputed: true }, /swap of the coldkey .* is disputed/],
    [{ hotkeys: 256 }, /as many hotkeys as the chain allows for a new one/],
    [{ hotkeys: 255 }, undefined],
    [{ hotkeys: 5_000, owner: GOAL.coldkey }, undefined],
    [{ swapDisputed: true }, undefined],
  ] as const) {
    const { standing } = judge(GOAL, storage, { ...NEW, ...change });
    assert.match(standing.status === 'denied' ? standing.message : standing.status, words ?? /^open$/);
  }
  // The key of a subnet's own account, which has no secret.
  const hotkey = keyOf(`0x${Buffer.from('modlsubtensr').toString('hex')}0100${'00'.repeat(18)}`);
  const { standing } = judge({ ...GOAL, hotkey }, storage, NEW);
  assert.match(standing.status === 'denied' ? standing.message : '', /account of the chain itself/);
});
