/** Workers that end or stop without a word. The watchdog's clock is the test's. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mock, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createSolver, solve } from '../dist/index.js';
import { NEVER, challenge, root } from './shared/files.mjs';

const source = readFileSync(new URL('dist/worker.js', root), 'utf8');

/** Stops for good at a message that has this field, or after as many answers. */
const stopping = (field, answers = Infinity) => `
  const port = require('node:worker_threads').parentPort;
  const on = port.on.bind(port);
  let count = 0;
  port.on = (name, listener) => on(name, (message) => {
    if ('${field}' in message || (message.assignment && (count += 1) > ${answers})) port.postMessage({ stopped: true });
    else listener(message);
  });`;

/** Makes one worker that stops and others that do not; `stopped` resolves when it has. */
function workers(before) {
  let made = 0;
  let stop;
  const stopped = new Promise((resolve) => (stop = resolve));
  const worker = () => {
    made += 1;
    const each = new Worker(made === 1 ? `${before}\n${source}` : source, { eval: true });
    each.on('message', (message) => message.stopped && stop());
    return each;
  };
  return { worker, stopped };
}

/** Eleven looks of the watchdog, each after whatever has happened meanwhile. */
async function wait(seconds = 11) {
  for (let second = 0; second < seconds; second += 1) {
    mock.timers.tick(1_000);
    await new Promise(setImmediate);
  }
}

test('a worker that stops is dropped with an error, and the others go on', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  const { worker, stopped } = workers(stopping('nothing', 6));
  const solver = await createSolver({ workers: 2, worker });
  try {
    const errors = [];
    solver.on('error', (error) => errors.push(error));
    solver.setChallenge(challenge(NEVER));
    await stopped;
    while (!(solver.devices[1].noncesTotal > 0)) await new Promise(setImmediate);
    // Each look finds that the other one has answered.
    for (let look = 0; look < 10; look += 1) {
      const { roundsTotal } = solver.devices[1];
      while (solver.devices[1].roundsTotal === roundsTotal) await new Promise(setImmediate);
      mock.timers.tick(1_000);
      assert.deepEqual(errors, []);
    }
    mock.timers.tick(1_000);
    assert.deepEqual(errors.map(({ code, device }) => [code, device]), [['device-failed', 'wasm:0']]);
    assert.match(errors[0].message, /^wasm:0 was dropped: it has not answered for 10 s/);
    assert.equal(solver.devices[0].error, errors[0]);
    const { noncesTotal } = solver.devices[1];
    while (solver.devices[1].noncesTotal === noncesTotal) await new Promise(setImmediate);
  } finally {
    mock.timers.reset();
    await solver.dispose();
  }
});

test('a worker that never starts to hash, and the last that stops', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  try {
    const silent = workers(stopping('module'));
    const creating = createSolver({ workers: 1, worker: silent.worker });
    creating.catch(() => {});
    await silent.stopped;
    await wait();
    await assert.rejects(creating, { code: 'device-failed', device: 'wasm:0' });

    const last = workers(stopping('assignment'));
    const searching = solve(challenge(NEVER), { workers: 1, worker: last.worker });
    searching.catch(() => {});
    await last.stopped;
    await wait();
    await assert.rejects(searching, { code: 'no-device', message: /it has not answered for 10 s/ });
  } finally {
    mock.timers.reset();
  }
});

test('a worker with nothing to do owes no answer', async () => {
  mock.timers.enable({ apis: ['setInterval'] });
  let owed = 0;
  const worker = () => {
    const each = new Worker(source, { eval: true });
    const post = each.postMessage.bind(each);
    each.postMessage = (message) => {
      owed += 'assignment' in message ? 1 : 0;
      post(message);
    };
    // This listener is the first, and the solver's the second.
    each.on('message', (message) => (owed -= 'answer' in message ? 1 : 0));
    return each;
  };
  const solver = await createSolver({ workers: 1, worker });
  try {
    const errors = [];
    solver.on('error', (error) => errors.push(error));
    solver.setChallenge(challenge(NEVER));
    while (!(solver.devices[0].noncesTotal > 0)) await new Promise(setImmediate);
    solver.pause();
    while (owed > 0) await new Promise(setImmediate);
    await wait(60);
    assert.deepEqual(errors, []);
    assert.equal(solver.devices[0].error, undefined);
  } finally {
    mock.timers.reset();
    await solver.dispose();
  }
});
