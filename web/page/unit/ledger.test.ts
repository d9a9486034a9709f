// The proofs that may still count.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ledger } from '../src/session/ledger.ts';
import { DIFFICULTY, hash, head, proof } from './chain.ts';

test('of every block the lowest seal is kept, and the newest block is offered', () => {
  const ledger = new Ledger();
  ledger.block(head(10));
  assert.ok(ledger.add(proof(10, { value: 50n })));
  assert.ok(!ledger.add(proof(10, { value: 51n, nonce: 8n })));
  assert.ok(ledger.add(proof(10, { value: 49n, nonce: 9n })));
  assert.equal(ledger.newest(DIFFICULTY, undefined)?.nonce, 9n);
  ledger.block(head(11));
  assert.ok(ledger.add(proof(11, { value: 60n })));
  assert.equal(ledger.newest(DIFFICULTY, undefined)?.workBlock, 11);
  // For a block that the key has registered with already there is no use.
  assert.equal(ledger.newest(DIFFICULTY, 11), undefined);
});

test('a proof counts for five blocks', () => {
  const ledger = new Ledger();
  ledger.block(head(10));
  const it = proof(10);
  ledger.add(it);
  for (const [number, left] of [
    [10, 5],
    [11, 4],
    [14, 1],
  ] as const) {
    ledger.block(head(number));
    assert.equal(ledger.blocksLeft(it), left);
    assert.equal(ledger.unfit(it, DIFFICULTY, undefined), undefined);
  }
  ledger.block(head(15));
  assert.equal(ledger.unfit(it, DIFFICULTY, undefined), 'stale');
  assert.equal(ledger.newest(DIFFICULTY, undefined), undefined);
  assert.ok(!ledger.add(it), 'what is stale is not taken');
});

test('a risen difficulty leaves what is low enough', () => {
  const ledger = new Ledger();
  ledger.block(head(10));
  ledger.add(proof(10, { value: 1n << 240n }));
  assert.ok(ledger.newest(1n << 15n, undefined));
  assert.equal(ledger.newest(1n << 17n, undefined), undefined);
  assert.equal(ledger.unfit(proof(10, { value: 1n << 240n }), 1n << 17n, undefined), 'too-high');
  // It may fall again in time.
  assert.ok(ledger.newest(1n << 15n, undefined));
});

test('blocks that were replaced are noticed, and their proofs wait', () => {
  const ledger = new Ledger();
  assert.equal(ledger.block(head(10)), false);
  assert.equal(ledger.block(head(11)), false);
  const it = proof(11);
  ledger.add(it);
  // Another block 11, and one that stands on it.
  assert.equal(ledger.block(head(12, 1)), true);
  assert.equal(ledger.unfit(it, DIFFICULTY, undefined), 'off-chain');
  assert.deepEqual(ledger.workBlocks(), [11]);
  // The head comes back to the old branch.
  ledger.block(head(12, 2, 0));
  ledger.confirm(11, hash(11));
  assert.equal(ledger.unfit(it, DIFFICULTY, undefined), undefined);
  ledger.confirm(11, undefined);
  assert.equal(ledger.unfit(it, DIFFICULTY, undefined), 'off-chain');
});

test('a shorter chain is a replaced one', () => {
  const ledger = new Ledger();
  for (const number of [10, 11, 12]) ledger.block(head(number));
  const it = proof(12);
  ledger.add(it);
  assert.equal(ledger.block(head(10)), true);
  assert.equal(ledger.unfit(it, DIFFICULTY, undefined), 'off-chain');
  assert.equal(ledger.blocksLeft(it), 0);
  assert.deepEqual(ledger.proofs(), [it], 'it may come back');
});

test('for each number of a block one proof is signed', () => {
  const ledger = new Ledger();
  ledger.block(head(10));
  const it = proof(10);
  ledger.add(it);
  ledger.sign(it);
  assert.equal(ledger.signatures, 1);
  assert.equal(ledger.newest(DIFFICULTY, undefined), undefined);
  assert.deepEqual(ledger.proofs(), [], 'after a reload it is not signed again');
  // Whether it is sent is still to be told.
  assert.equal(ledger.unfit(it, DIFFICULTY, undefined), undefined);
  assert.deepEqual(ledger.workBlocks(), [10]);
  // Neither is a lower one, nor one for another block of the same number.
  ledger.add(proof(10, { value: 1n }));
  ledger.block(head(10, 1));
  ledger.add(proof(10, { fork: 1 }));
  assert.equal(ledger.newest(DIFFICULTY, undefined), undefined);
  ledger.block(head(11, 1));
  ledger.add(proof(11, { fork: 1 }));
  assert.equal(ledger.newest(DIFFICULTY, undefined)?.workBlock, 11);
});
