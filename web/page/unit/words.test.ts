// Numbers and words as people read them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { about, chance, clause, grouped, line, moreBlocks, odds, rate, said, sentence, shortened, time } from '../src/words.ts';

test('rates and counts', () => {
  assert.equal(rate(0), '0.0 H/s');
  assert.equal(rate(999.9), '999.9 H/s');
  assert.equal(rate(999.96), '1.0 kH/s');
  assert.equal(rate(15e6), '15.0 MH/s');
  assert.equal(grouped(1), '1');
  assert.equal(grouped(18_446_744_073_709_551_615n), '18,446,744,073,709,551,615');
  assert.equal(moreBlocks(1), '1 more block');
  assert.equal(moreBlocks(4), '4 more blocks');
});

test('times', () => {
  for (const [seconds, exact, rough] of [
    [0.0123, '12 ms', 'under a second'],
    [0.53, '0.53 s', 'under a second'],
    [9.996, '10.0 s', 'about 10 s'],
    [59.96, '1 min 0 s', 'about 1 min'],
    [130, '2 min 10 s', 'about 2 min'],
    [3_599.6, '1 h 0 min', 'about 1 h'],
    [11_100, '3 h 5 min', 'about 3 h'],
    [86_399, '1.0 days', 'about 24 h'],
    [362_880, '4.2 days', 'about 4 days'],
    [5.4e7, '625.0 days', 'about 625 days'],
    [6.4e7, '2 years', 'about 2 years'],
    [3.2e10, '1 thousand years', 'about 1 thousand years'],
  ] as const) {
    assert.equal(time(seconds), exact);
    assert.equal(about(seconds), rough);
  }
});

test('chances and odds', () => {
  assert.equal(chance(0), '0 %');
  assert.equal(chance(0.00001), '< 0.01 %');
  assert.equal(chance(0.005), '0.50 %');
  assert.equal(chance(0.393), '39.3 %');
  assert.equal(chance(0.9999), '> 99.9 %');
  assert.equal(odds(10_000_000n), 'about one try in 10 million wins');
  assert.equal(odds(1_260_000n), 'about one try in 1.3 million wins');
  assert.equal(odds(999_600n), 'about one try in 1 million wins');
  assert.equal(odds(1n), 'every try wins');
  assert.equal(odds((1n << 64n) - 1n), 'about one try in 18 quintillion wins');
});

test("other people's text stays on its line", () => {
  assert.equal(line('finney\r\nfee        0\u001b[31m\u202e'), 'finney fee 0[31m');
  // Control characters of the second set, changes of the direction of writing, and invisible characters.
  const unseen = ['\u009b2J', '\u0085', '\u200e', '\u200f', '\u061c', '\u2066', '\u2069', '\u202a', '\u200b', '\u00ad', '\u2028', '\ufeff'];
  assert.doesNotMatch(line(`a${unseen.join('b')}c`), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  assert.equal(line('a'.repeat(300)).length, 201);
  assert.equal(shortened(`0x${'45'.repeat(32)}`), '0x4545…454545');
});

test('messages keep their end, and have one full stop', () => {
  assert.equal(sentence('no signature.'), 'No signature.');
  assert.equal(sentence('no signature'), 'No signature.');
  assert.equal(clause(new Error('No signature...')), 'No signature');
  assert.equal(clause(new Error('Is it on?')), 'Is it on?');
  // What a wallet throws may be anything.
  for (const nothing of [undefined, null, '', {}, new Error(''), { message: 3 }]) {
    assert.equal(said(nothing), 'no reason was given');
  }
  assert.equal(said({ message: 'locked' }), 'locked');
  assert.equal(said('locked'), 'locked');
  const long = `No endpoint works: ${'wss://node.example: no connection; '.repeat(12)}. Check the connection, or choose another endpoint.`;
  assert.match(said(new Error(long)), /or choose another endpoint\.$/);
  assert.equal(said(new Error('a'.repeat(2_000))).length, 1_001);
});
