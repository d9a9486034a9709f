/** The trial of how many workers are fastest, on machines that are a function: workers to rate. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSolver } from '../dist/index.js';
import { NEVER, challenge } from './shared/files.mjs';
import { source } from './shared/source.mjs';

/** Milliseconds of a round, and until a search must have decided. */
const ROUND = 20;
const ENOUGH = 2_000;

/**
 * Lets a crew work on a machine. `rate` gives the nonces of a millisecond for a number of workers at a time; `each` is called at every
 * round.
 */
async function decide(all, rate, each = () => {}, milliseconds = ENOUGH) {
  const { Crew } = await source('crew');
  let working = all;
  const tried = new Array(all).fill(0);
  const workers = { settled: () => true, set: (number) => (working = number) };
  const crew = new Crew(workers, all);
  for (let now = 0; now < milliseconds; now += ROUND) {
    each(crew, now, working);
    const number = working;
    const own = (ROUND * rate(number, now)) / number;
    for (let worker = 0; worker < number; worker += 1) {
      tried[worker] += own;
      // They do not answer all at once, and who rests says nothing.
      if (worker < working) crew.answered(worker, tried[worker], now + (ROUND * worker) / number);
    }
  }
  const begins = () => {
    working = all;
    new Crew(workers, all);
    return working;
  };
  return { working, tried: tried.reduce((sum, own) => sum + own), begins };
}

/** A machine of some processors: too many workers cost a part of the rate for each. */
const machine = (processors, cost = 0.1) => (workers) =>
  Math.min(workers, processors) * (1 - cost * Math.max(0, workers - processors));

test('more workers than processors are parked, and the number is kept', async () => {
  for (const [all, processors] of [[4, 2], [4, 3], [8, 2], [8, 4], [2, 1], [4, 1]]) {
    const { working, begins } = await decide(all, machine(processors));
    assert.equal(working, processors, `${all} workers on ${processors} processors`);
    assert.equal(begins(), processors, 'the next search of the page begins with it');
  }
});

test('a good machine keeps all its workers, and loses next to nothing to the trial', async () => {
  // With hyperthreads the second half of the workers adds little, but something.
  for (const [all, rate] of [[2, machine(2)], [4, machine(4)], [7, machine(7)], [16, machine(16)], [8, (n) => Math.min(n, 4) + 0.1 * Math.max(0, n - 4)]]) {
    const { working, tried } = await decide(all, rate);
    assert.equal(working, all);
    const loss = 1 - tried / (ENOUGH * rate(all));
    assert.ok(loss < 0.1, `${all} workers: a loss of ${loss} in the first ${ENOUGH} ms`);
  }
});

test('a machine on which they add nothing keeps them', async () => {
  assert.equal((await decide(8, machine(4, 0))).working, 8);
});

/** Numbers between 0 and 1 that are the same each time. */
function randomOf(seed) {
  let state = (seed * 2_654_435_761) % 4_294_967_296;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296) / 4_294_967_296;
}

test('another program on a good machine costs no worker for long', async () => {
  let parked = 0;
  const SEARCHES = 300;
  for (let seed = 1; seed <= SEARCHES; seed += 1) {
    const random = randomOf(seed);
    let busy = false;
    // It takes half of the machine now and then, and rates are never quite the same.
    const rate = (workers) => {
      if (random() < 0.05) busy = !busy;
      return machine(4)(workers) * (busy ? 0.5 : 1) * (0.9 + 0.2 * random());
    };
    const { working } = await decide(4, rate);
    if (working < 4) parked += 1;
    else continue;
    assert.equal((await decide(4, rate, () => {}, 100_000)).working, 4, `seed ${seed}`);
  }
  assert.ok(parked < SEARCHES / 50, `${parked} of ${SEARCHES} searches parked a worker of use`);
});

test('what was parked for a while works again when that is better', async () => {
  // Another program takes half of the processors for the first twenty seconds.
  const rate = (workers, now) => machine(now < 20_000 ? 2 : 4)(workers);
  assert.equal((await decide(4, rate)).working, 2);
  assert.equal((await decide(4, rate, () => {}, 100_000)).working, 4);
});

test('a compiler that improves its code for a while does not speak for fewer workers', async () => {
  assert.equal((await decide(4, (workers, now) => workers * Math.min(1, 0.2 + now / 2_000))).working, 4);
});

test('a turn that was interrupted begins anew, and a lost worker ends the comparison', async () => {
  const at = (moment, call) => (crew, now) => now === moment && call(crew);
  assert.equal((await decide(4, machine(2), at(700, (crew) => crew.interrupted()))).working, 2);
  assert.equal((await decide(4, machine(2), at(500, (crew) => crew.lost()))).working, 4);
  assert.equal((await decide(4, machine(2), at(1_900, (crew) => crew.lost()))).working, 2);
});

test('a caller that says how many workers keeps them all', async () => {
  const solver = await createSolver({ devices: 'wasm', workers: 3 });
  try {
    const done = new Promise((resolve) => {
      solver.on('progress', ({ timeSpentTotal }) => timeSpentTotal > 2 && resolve());
    });
    solver.setChallenge(challenge(NEVER));
    await done;
    assert.deepEqual(solver.devices.map(({ parked }) => parked), [false, false, false]);
  } finally {
    await solver.dispose();
  }
});
