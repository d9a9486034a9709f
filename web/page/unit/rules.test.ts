// The rules that the page applies itself are those of the core.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex, toHex } from '@polkadot-api/utils';
import { freshness, genesisHash, seal, verify } from 'btpow';
import { Runtime } from '../src/chain/runtime.ts';
import { ChainError } from '../src/chain/types.ts';
import { read, write } from '../src/kept.ts';
import { admits, blocksLeft, judge, refusal } from '../src/rules.ts';
import { GOAL, OLDER, hash } from './chain.ts';
import { honest, lies } from '../../test/shared/lies.mjs';

test('windows', async () => {
  for (let head = 90; head <= 110; head += 1) {
    const { state, blocksLeft: left } = await freshness('v1', 100n, BigInt(head));
    assert.equal(blocksLeft(100, head), state === 'ahead' ? 'ahead' : left, `head ${head}`);
  }
});

test('which seal wins', async () => {
  const keys = { protocol: 'v1', netuid: 1, blockHash: hash(1), hotkey: GOAL.hotkey.hex, coldkey: GOAL.coldkey.hex } as const;
  let wins = 0;
  for (let nonce = 0n; nonce < 200n; nonce += 1n) {
    const challenge = { ...keys, difficulty: 1n + (nonce % 9n) };
    const won = await verify(challenge, nonce);
    assert.equal(admits(await seal(challenge, nonce), challenge.difficulty), won);
    wins += Number(won);
  }
  assert.ok(wins > 20 && wins < 180, `${wins} of 200`);
});

test('the largest seal that wins, and the next one', () => {
  // 2^256 / 2 - 1 is the target of 2, little-endian.
  const largest = fromHex(`0x${'ff'.repeat(31)}7f`);
  const next = fromHex(`0x${'00'.repeat(31)}80`);
  assert.ok(admits(largest, 2n));
  assert.ok(!admits(next, 2n));
});

test('kept proofs are read for the same goal only, and not believed', async () => {
  const challenge = { protocol: 'v1', netuid: 1, blockHash: hash(9), hotkey: GOAL.hotkey.hex, coldkey: GOAL.coldkey.hex, difficulty: 1n } as const;
  const proof = { workBlock: 9, blockHash: hash(9), nonce: 1n << 63n, seal: await seal(challenge, 1n << 63n) };
  const text = write('0x00', GOAL, [proof]) ?? '';
  const [kept, ...others] = await read(text, '0x00', GOAL);
  assert.deepEqual(others, []);
  assert.deepEqual(kept && { ...kept, seal: toHex(kept.seal) }, { ...proof, seal: toHex(proof.seal) });
  assert.deepEqual(await read(text, '0x01', GOAL), []);
  assert.deepEqual(await read(text, '0x00', { ...GOAL, netuid: 2 }), []);
  assert.deepEqual(await read(text.replace(toHex(proof.seal), `0x${'00'.repeat(32)}`), '0x00', GOAL), []);
  assert.deepEqual(await read('{"for":', '0x00', GOAL), []);
  assert.equal(write('0x00', GOAL, []), undefined);
});

test('every refusal of a runtime says what to do', async () => {
  const given = { specName: 'node-subtensor', specVersion: 475, transactionVersion: 1, genesisHash: hash(0), metadata: honest };
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
  // A million types of one byte each: whoever decodes them pays for each.
  const absurd = new Uint8Array(9 + 1_000_000);
  absurd.set([...Buffer.from('meta'), 14, 0x02, 0x09, 0x3d]);
  for (const metadata of [Uint8Array.of(1), absurd]) {
    const words = /^Nothing can be registered with node-subtensor 475: .*metadata.*\. Choose another network\.$/;
    const refused = (error: unknown) => error instanceof ChainError && words.test(error.message);
    await assert.rejects(refusal({ ...given, metadata }), refused);
    await assert.rejects(Runtime.read({ ...given, metadata }), refused);
  }
});

test('every denial of a subnet says what to do', async () => {
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
  const open = await judge(1, GOAL.coldkey, subnet);
  assert.deepEqual(open, { difficulty: 1_000n, full: true, standing: { status: 'open' } });
  for (const [change, words] of [
    [{ exists: false }, /^Subnet 1 does not exist on this chain. Choose another subnet.$/],
    [{ powAllowed: false }, /has not enabled it. Choose another subnet.$/],
    [{ maxUids: 0 }, /its owner must allow some first.$/],
  ] as const) {
    const { standing } = await judge(1, GOAL.coldkey, { ...subnet, ...change });
    assert.match(standing.status === 'denied' ? standing.message : '', words);
  }
});
