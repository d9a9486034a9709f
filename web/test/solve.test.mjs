import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { BtpowError, createSolver, solve, verify } from '../dist/index.js';
import { NEVER, challenge, root } from './shared/files.mjs';

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const threads = () => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length;

test('a solution wins, and says what it is for', async () => {
  const asked = challenge(50_000n);
  const solution = await solve(asked, { blockNumber: 7n, workers: 2 });
  assert.equal(solution.challenge, asked);
  assert.equal(solution.blockNumber, 7n);
  assert.match(solution.device, /^wasm:[01]$/);
  assert.equal(await verify(asked, solution.nonce), true);
  assert.equal(threads(), 0, 'no worker is left');
});

test('a solver that is disposed of at once leaves no worker', async () => {
  for (let time = 0; time < 5; time += 1) {
    // The first worker hashes; others may not have said a word yet.
    const solver = await createSolver({ workers: 8 });
    await solver.dispose();
    assert.equal(threads(), 0, 'no worker is left');
  }
});

test('a search from a given nonce is the same each time', async () => {
  // Everything wins, so the first round has the answer, however long it is.
  const asked = challenge(1n);
  const nonces = [];
  for (let i = 0; i < 3; i += 1) nonces.push((await solve(asked, { workers: 1, start: 5n })).nonce);
  assert.deepEqual(nonces, [nonces[0], nonces[0], nonces[0]]);
});

test('legacy challenges of both byte orders', async () => {
  for (const order of ['big', 'little']) {
    const asked = {
      protocol: 'legacy',
      order,
      blockHash: `0x${'0A'.repeat(32)}`,
      hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
      difficulty: 20_000n,
    };
    assert.equal(await verify(asked, (await solve(asked)).nonce), true);
  }
});

test('progress arrives, with the names of the statistics', async () => {
  const seen = [];
  await assert.rejects(solve(challenge(NEVER), { timeout: 1_500, onProgress: (progress) => seen.push(progress) }));
  assert.ok(seen.length >= 3, `${seen.length}`);
  const last = seen.at(-1);
  assert.ok(last.hashRate > 10_000 && last.noncesTotal > 10_000 && last.roundsTotal > 3);
  assert.equal(last.difficulty, NEVER);
  assert.ok(last.expectedTime > 0 && last.chance > 0 && last.chance < 1e-6);
});

test('an abort ends it within 50 milliseconds', async () => {
  const controller = new AbortController();
  const search = solve(challenge(NEVER), { signal: controller.signal });
  const outcome = search.catch((error) => error);
  await sleep(600);
  const before = performance.now();
  controller.abort(new Error('enough'));
  const error = await outcome;
  const took = performance.now() - before;
  assert.ok(error instanceof BtpowError);
  assert.deepEqual([error.code, error.name, error.cause.message], ['aborted', 'AbortError', 'enough']);
  assert.ok(took < 50, `${took} ms`);
  assert.equal(threads(), 0, 'no worker is left');
});

test('an abort while workers start, and one before', async () => {
  const controller = new AbortController();
  const search = solve(challenge(NEVER), { signal: controller.signal });
  controller.abort();
  await assert.rejects(search, { code: 'aborted' });
  await assert.rejects(solve(challenge(1n), { signal: AbortSignal.abort() }), { code: 'aborted' });
  await assert.rejects(createSolver({ signal: AbortSignal.abort() }), { code: 'aborted' });
  await sleep(300);
  assert.equal(threads(), 0, 'no worker is left');
});

test('a timeout has its own code', async () => {
  const before = performance.now();
  await assert.rejects(solve(challenge(NEVER), { timeout: 300 }), { code: 'timeout', name: 'TimeoutError' });
  const took = performance.now() - before;
  assert.ok(took > 290 && took < 2_000, `${took} ms`);
});

test('the challenge can be swapped in place, and the lowest seal stays', async () => {
  const solver = await createSolver({ workers: 2 });
  const found = [];
  solver.on('solution', (solution) => found.push(solution));
  const first = challenge(2_000n, 1);
  const second = challenge(2_000n, 9);
  solver.setChallenge(first, { blockNumber: 1n });
  while (found.length < 5) await sleep(5);
  const value = ({ seal }) => BigInt(`0x${Buffer.from(seal.toReversed()).toString('hex')}`);
  const lowest = (all) => all.map(value).reduce((a, b) => (a < b ? a : b));
  assert.equal(value(solver.best), lowest(found));
  solver.setChallenge(second, { blockNumber: 2n });
  assert.equal(solver.best, undefined);
  const before = found.length;
  while (!found.slice(before).some(({ current }) => current)) await sleep(5);
  for (const solution of found.slice(before)) {
    assert.equal(solution.current, solution.challenge === second);
    assert.equal(solution.blockNumber, solution.current ? 2n : 1n);
    assert.equal(await verify(solution.challenge, solution.nonce), true);
  }
  await solver.dispose();
  assert.equal(threads(), 0, 'no worker is left');
});

test('a paused search rests, and continues', async () => {
  const solver = await createSolver({ workers: 1 });
  assert.equal(solver.statistics, undefined);
  solver.setChallenge(challenge(NEVER));
  await sleep(400);
  solver.pause();
  await sleep(200);
  const { noncesTotal } = solver.devices[0];
  assert.ok(noncesTotal > 0 && solver.paused && solver.statistics.noncesTotal > 0);
  await sleep(200);
  assert.equal(solver.devices[0].noncesTotal, noncesTotal, 'nothing is hashed');
  solver.resume();
  await sleep(200);
  assert.ok(solver.devices[0].noncesTotal > noncesTotal);
  await solver.dispose();
  await solver.dispose();
  assert.throws(() => solver.setChallenge(challenge(1n)), { code: 'disposed' });
  assert.throws(() => solver.resume(), { code: 'disposed' });
});

test('a bad challenge leaves the search as it was', async () => {
  const solver = await createSolver({ workers: 1 });
  solver.setChallenge(challenge(NEVER));
  assert.throws(() => solver.setChallenge({ ...challenge(1n), netuid: 0 }), { code: 'invalid-argument' });
  await sleep(200);
  assert.equal(solver.statistics.difficulty, NEVER);
  await solver.dispose();
});

test('an error names a dead worker, and the others go on', async () => {
  const workers = [];
  const worker = () => {
    workers.push(new Worker(new URL('dist/worker.js', root)));
    return workers.at(-1);
  };
  const solver = await createSolver({ workers: 2, worker });
  const errors = [];
  solver.on('error', (error) => errors.push(error));
  solver.setChallenge(challenge(NEVER));
  while (!solver.devices.every(({ noncesTotal }) => noncesTotal > 0)) await sleep(10);
  await workers[0].terminate();
  while (errors.length === 0) await sleep(5);
  assert.deepEqual([errors[0].code, errors[0].device], ['device-failed', 'wasm:0']);
  const { noncesTotal } = solver.devices[1];
  while (solver.devices[1].noncesTotal === noncesTotal) await sleep(5);
  await workers[1].terminate();
  while (errors.length < 3) await sleep(5);
  assert.deepEqual(errors.map(({ code }) => code), ['device-failed', 'device-failed', 'no-device']);
  await solver.dispose();
});

test('a worker that gives wrong answers is dropped', async () => {
  const lying = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', (message) => {
      if (message.module) parentPort.postMessage({ lanes: 'lies' });
      else parentPort.postMessage({ answer: Uint32Array.of(0, 1, 2, 3) });
    });
    parentPort.postMessage({ loaded: true });`;
  const worker = () => new Worker(lying, { eval: true });
  await assert.rejects(solve(challenge(NEVER), { workers: 1, worker }), (error) => {
    assert.equal(error.code, 'no-device');
    assert.match(error.message, /self-test missed 33/);
    return true;
  });
});

test('it works inside a worker', async () => {
  const source = `
    import { parentPort } from 'node:worker_threads';
    import { solve, verify } from ${JSON.stringify(new URL('dist/index.js', root).href)};
    const challenge = { protocol: 'v1', netuid: 1, blockHash: new Uint8Array(32), hotkey: new Uint8Array(32),
      coldkey: new Uint8Array(32), difficulty: 10_000n };
    const { nonce } = await solve(challenge, { workers: 1 });
    parentPort.postMessage(await verify(challenge, nonce));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const answer = await new Promise((resolve, reject) => {
    worker.on('message', resolve).on('error', reject);
  });
  assert.equal(answer, true);
  await worker.terminate();
});
