// How long a block takes: only intervals that the page saw whole count.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BLOCK_TIME, Pace } from '../src/pace.ts';

/** Blocks at these seconds, one after the other. */
function seen(pace: Pace, first: number, ...seconds: number[]): void {
  seconds.forEach((at, index) => pace.block(first + index, at * 1_000));
}

test('the first interval after connecting is not a block time', () => {
  const pace = new Pace();
  seen(pace, 7, 100);
  assert.equal(pace.seconds, BLOCK_TIME);
  // The page saw block 7 when it was 11 seconds old.
  seen(pace, 8, 101.2);
  assert.equal(pace.seconds, BLOCK_TIME);
  seen(pace, 9, 161.2);
  assert.equal(pace.seconds, 60);
});

test('nor is one that holds a sleep, whichever is noticed first', () => {
  const before = new Pace();
  seen(before, 1, 0, 12, 24);
  before.interrupted(390_000);
  seen(before, 4, 390.1, 402.1);
  assert.equal(before.seconds, 12);

  const after = new Pace();
  seen(after, 1, 0, 12, 24, 390);
  after.interrupted(392_000);
  seen(after, 5, 402);
  assert.equal(after.seconds, 12, 'the interval of 366 seconds is taken back, and so is the next');
  seen(after, 6, 414);
  assert.equal(after.seconds, 12);
});

test('an interruption long after a block takes back nothing', () => {
  const pace = new Pace();
  seen(pace, 1, 0, 60, 120);
  pace.interrupted(150_000);
  assert.equal(pace.seconds, 60);
});

test('blocks that the page missed, and the same block again, count for nothing', () => {
  const pace = new Pace();
  seen(pace, 1, 0, 12, 24);
  seen(pace, 9, 100, 101);
  assert.equal(pace.seconds, 12);
  pace.block(10, 150_000);
  pace.block(11, 113_000);
  assert.equal(pace.seconds, 12);
  pace.reset();
  assert.equal(pace.seconds, BLOCK_TIME);
});

test('blocks that replace others come at once, and count for nothing', () => {
  const pace = new Pace();
  seen(pace, 2, 0, 5);
  seen(pace, 2, 10, 10.1, 10.2);
  assert.equal(pace.seconds, BLOCK_TIME);
  seen(pace, 5, 16.2);
  assert.equal(pace.seconds, 6);
});

test('one slow block among many does not count', () => {
  const pace = new Pace();
  seen(pace, 1, 0, 12, 24, 36, 66, 78);
  assert.equal(pace.seconds, 12);
});
