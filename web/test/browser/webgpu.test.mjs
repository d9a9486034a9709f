import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, outcome, serve } from '../shared/browser.mjs';
import { root, vectors } from '../shared/files.mjs';

const folder = fileURLToPath(root);
let browser;
/** One without an adapter. */
let bare;
before(async () => {
  browser = await launch({ webgpu: true });
  bare = await launch();
});
after(() => Promise.all([browser?.close(), bare?.close()]));

/** What every test has: the package, a challenge, and somewhere to leave the result. */
const PRELUDE = `
  import * as api from '/dist/index.js';
  const { createSolver, solve, verify } = api;
  const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const challenge = { protocol: 'v1', netuid: 1, blockHash: new Uint8Array(32), hotkey: new Uint8Array(32),
    coldkey: new Uint8Array(32), difficulty: 20000n };
  const never = { ...challenge, difficulty: 1n << 62n };
  const until = async (condition) => {
    const end = performance.now() + 60_000;
    while (!condition()) {
      if (performance.now() > end) throw new Error('it never came: ' + condition);
      await sleep(5);
    }
  };`;

/** The outcome of a page that runs `text`, which sets `result`. */
async function run(text, { prelude = PRELUDE, pages = {}, policy, where = browser } = {}) {
  const all = {
    '/page': '<!doctype html><meta charset="utf-8"><script type="module" src="/main.js"></script>',
    '/main.js': `${prelude}
      try {
        let result;
        ${text}
        globalThis.outcome = result;
      } catch (error) {
        globalThis.outcome = { code: error.code, message: error.message, stack: error.stack };
      }`,
    '/vectors.json': JSON.stringify(vectors),
    ...pages,
  };
  const server = await serve(folder, { policy, pages: all });
  try {
    return await outcome(where, `${server.url}/page`);
  } finally {
    await server.close();
  }
}

test('known answers: webgpu', async () => {
  const result = await run(`
    const { checkVectors } = await import('/test/shared/vectors.js');
    const vectors = await (await fetch('/vectors.json')).json();
    result = { checked: await checkVectors(api, vectors, 'rolled3x64', { devices: 'webgpu' }) };`);
  assert.ok(result.checked > 200, JSON.stringify(result));
});

test('a GPU alone, and what the solver says about it', async () => {
  const result = await run(`
    const seen = [];
    const solver = await createSolver({ devices: ['webgpu'], gpuTuning: 'rolled2x32' });
    solver.on('progress', ({ devices }) => seen.push(...devices));
    // Search for the impossible first, since luck may come before any progress.
    solver.setChallenge(never);
    const hashed = () => seen.at(-1)?.noncesTotal > 0 && seen.at(-1).hashRate > 0;
    await until(hashed);
    const { name, kind, lanes, adapter } = seen.at(-1);
    const easy = { ...challenge, difficulty: 50_000n };
    const found = new Promise((resolve) => solver.on('solution', resolve));
    solver.setChallenge(easy);
    const { nonce, device } = await found;
    await solver.dispose();
    result = { won: await verify(easy, nonce), device, name, kind, lanes, adapter,
      hashed: hashed(), only: seen.every((each) => each.name === name) };`);
  assert.match(result.adapter ?? JSON.stringify(result), /swiftshader/i);
  delete result.adapter;
  const name = 'webgpu:0';
  assert.deepEqual(result, {
    won: true, device: name, name, kind: 'webgpu', lanes: 'rolled2x32', hashed: true, only: true,
  });
});

test('workers and the GPU share the work, and each has its rates', async () => {
  const result = await run(`
    const solver = await createSolver({ devices: ['wasm', 'webgpu'], workers: 2 });
    const easy = { ...challenge, difficulty: 20_000n };
    const found = [];
    solver.on('solution', (solution) => found.push(solution));
    solver.setChallenge(easy, { start: 7n });
    const from = (device) => found.filter((solution) => solution.device === device);
    await until(() => ['wasm:0', 'wasm:1', 'webgpu:0'].every((device) => from(device).length >= 3));
    const right = await Promise.all(found.map(({ nonce }) => verify(easy, nonce)));
    const { statistics, devices } = solver;
    const sum = devices.reduce((sum, { noncesTotal }) => sum + noncesTotal, 0);
    await solver.dispose();
    result = { right: right.every(Boolean), twice: found.length - new Set(found.map(({ nonce }) => nonce)).size,
      names: devices.map(({ name }) => name), missing: statistics.noncesTotal - sum,
      after: solver.devices.map(({ noncesTotal }) => noncesTotal > 0) };`);
  assert.deepEqual(result, {
    right: true, twice: 0, names: ['wasm:0', 'wasm:1', 'webgpu:0'], missing: 0, after: [true, true, true],
  });
});

test('a new challenge reaches the GPU, a pause rests it, and an abort ends it at once', async () => {
  const result = await run(`
    const controller = new AbortController();
    const solver = await createSolver({ devices: 'webgpu', signal: controller.signal });
    solver.setChallenge(never);
    await until(() => solver.devices[0].roundsTotal > 3);
    const other = { ...challenge, blockHash: new Uint8Array(32).fill(9) };
    const next = new Promise((resolve) => solver.on('solution', resolve));
    solver.setChallenge(other);
    const { nonce, current } = await next;
    const won = await verify(other, nonce);
    solver.setChallenge(never);
    await sleep(500);
    solver.pause();
    await sleep(700);
    const before = solver.devices[0].noncesTotal;
    await sleep(300);
    const rested = solver.devices[0].noncesTotal === before;
    solver.resume();
    await until(() => solver.devices[0].noncesTotal > before);
    const search = solve(never, { devices: 'webgpu', signal: controller.signal }).catch((error) => error);
    await sleep(300);
    // What the machine itself holds the page up does not count.
    const moment = performance.now();
    let [last, held] = [moment, 0];
    const look = () => {
      held = Math.max(held, performance.now() - last);
      last = performance.now();
    };
    const timer = setInterval(look, 1);
    controller.abort();
    const { code } = await search;
    look();
    clearInterval(timer);
    const took = last - moment - held;
    let ended;
    try { solver.resume(); } catch (error) { ended = error.code; }
    result = { won, current, rested, code, ended, took };`);
  const { took, ...rest } = result;
  assert.deepEqual(rest, { won: true, current: true, rested: true, code: 'aborted', ended: 'aborted' });
  assert.ok(took < 50, `${took} ms`);
});

/** A worker that remembers the devices that it opens, so that a test can make them fail. */
const FRAGILE = {
  '/fragile.js': `
    const devices = [];
    const request = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...options) {
      const device = await request.apply(this, options);
      devices.push(device);
      return device;
    };
    new BroadcastChannel('lose').onmessage = () => devices.forEach((device) => device.destroy());
    importScripts('/dist/gpu-worker.js');`,
};

test('a lost GPU is reopened once; then it is dropped and the others go on', async () => {
  const result = await run(`
    const solver = await createSolver({ devices: ['wasm', 'webgpu'], workers: 1, gpuWorker: () => new Worker('/fragile.js') });
    const errors = [];
    solver.on('error', (error) => errors.push(error));
    solver.setChallenge(never);
    const lose = new BroadcastChannel('lose');
    const hashing = async () => {
      const { noncesTotal } = solver.devices.at(-1);
      await until(() => solver.devices.at(-1).noncesTotal > noncesTotal);
    };
    await hashing();
    lose.postMessage('');
    await sleep(500);
    await hashing();
    const recovered = errors.length === 0;
    lose.postMessage('');
    await until(() => errors.length > 0);
    const { noncesTotal } = solver.devices[0];
    await until(() => solver.devices[0].noncesTotal > noncesTotal);
    result = { recovered, codes: errors.map(({ code, device }) => [code, device]), message: errors[0].message,
      named: solver.devices.map(({ error }) => error?.code ?? '') };
    await solver.dispose();`, { pages: FRAGILE });
  const { message, ...rest } = result;
  assert.deepEqual(rest, { recovered: true, codes: [['device-failed', 'webgpu:0']], named: ['', 'device-failed'] });
  assert.match(message, /error 3/);
});

test('without WebGPU in workers, the page drives the GPU', async () => {
  const result = await run(`
    const solver = await createSolver({ devices: 'webgpu', gpuWorker: '/without.js' });
    const next = new Promise((resolve) => solver.on('solution', resolve));
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    solver.setChallenge({ ...challenge, difficulty: 100_000n });
    const { nonce, device } = await next;
    clearInterval(timer);
    await solver.dispose();
    result = { won: await verify(challenge, nonce), device, longest };`,
  { pages: { '/without.js': "Object.defineProperty(navigator, 'gpu', { value: undefined });importScripts('/dist/gpu-worker.js');" } });
  const { longest, ...rest } = result;
  assert.deepEqual(rest, { won: true, device: 'webgpu:0' });
  // A frame, and some time for a busy machine.
  assert.ok(longest < 250, `the page was held for ${longest} ms`);
});

test('a named device must exist; auto takes what there is', async () => {
  const text = `
    const named = [];
    for (const devices of ['webgpu', ['wasm', 'webgpu']]) {
      const { code, argument, message } = await createSolver({ devices }).catch((error) => error);
      named.push([code, argument, message]);
    }
    const solver = await createSolver({ workers: 1 });
    solver.setChallenge(never);
    await sleep(1_000);
    result = { named, names: solver.devices.map(({ name }) => name), hashed: solver.statistics.noncesTotal > 0 };
    await solver.dispose();`;
  const { named, ...rest } = await run(text, { where: bare });
  for (const [code, argument, message] of named) {
    assert.deepEqual([code, argument], ['webgpu-unavailable', 'devices']);
    assert.match(message, /adapter/);
  }
  assert.deepEqual(rest, { names: ['wasm:0'], hashed: true });
  // Software must be named.
  const software = await run(`
    const solver = await createSolver({ workers: 1 });
    solver.setChallenge(never);
    await sleep(1_000);
    result = solver.devices.map(({ name }) => name);
    await solver.dispose();`);
  assert.deepEqual(software, ['wasm:0']);
});

test('software beside workers is worth one warning, and none alone', async () => {
  const result = await run(`
    result = [];
    for (const devices of [['wasm', 'webgpu'], ['webgpu']]) {
      const solver = await createSolver({ devices, workers: 1 });
      solver.setChallenge(never);
      await until(() => solver.devices.every(({ noncesTotal }) => noncesTotal > 0));
      // It came before anybody listened.
      const warnings = [];
      solver.on('warning', (error) => warnings.push(error));
      solver.setChallenge(challenge);
      await new Promise((resolve) => solver.on('solution', resolve));
      await solver.dispose();
      result.push(warnings.map(({ code, device, argument, message }) => ({ code, device, argument, message })));
    }`);
  assert.equal(result.length, 2, JSON.stringify(result));
  const [[{ message, ...warning }, ...more], alone] = result;
  assert.deepEqual([warning, more, alone], [{ code: 'software-gpu', device: 'webgpu:0', argument: 'devices' }, [], []]);
  assert.match(message, /swiftshader.*Leave webgpu out of devices/i);
});

test('auto takes a card, and does without one whose module is missing', async () => {
  // Software that claims to be a card.
  const card = `
    Object.defineProperty(GPUAdapter.prototype, 'info', { value: { vendor: 'acme', architecture: 'rocket' } });
    Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { value: false });`;
  const result = await run(`
    ${card}
    const solver = await createSolver({ workers: 1, gpuTuning: 'rolled3x64' });
    solver.setChallenge(never);
    await until(() => solver.devices[1].noncesTotal > 0);
    const { name, adapter, lanes } = solver.devices[1];
    await solver.dispose();
    result = { name, adapter, lanes };`);
  assert.deepEqual(result, { name: 'webgpu:0', adapter: 'acme, rocket', lanes: 'rolled3x64' });
  const missing = await run(`
    ${card}
    const errors = [];
    const solver = await createSolver({ workers: 1, gpuWasm: fetch('/slow').then(() => '/nowhere.wasm') });
    solver.on('error', ({ code, device }) => errors.push([code, device]));
    solver.setChallenge(never);
    await until(() => errors.length > 0 && solver.devices[0].noncesTotal > 0);
    result = { errors, devices: solver.devices.map(({ name, error }) => [name, error?.code ?? '']) };
    await solver.dispose();`);
  assert.deepEqual(missing, { errors: [['wasm-load', 'webgpu:0']], devices: [['wasm:0', ''], ['webgpu:0', 'wasm-load']] });
});

test("an error says what is wrong with the GPU's files", async () => {
  const result = await run(`
    result = [];
    for (const options of [{ gpuWasm: '/nowhere.wasm' }, { gpuWasm: '/page' }, { gpuWasm: '/dist/btpow_bg.wasm' },
      { gpuWasm: 7 }, { gpuTuning: 'flat9x64' }, { gpuWorker: () => { throw new Error('no worker today'); } }]) {
      const { code, argument } = await createSolver({ devices: 'webgpu', ...options }).catch((error) => error);
      result.push([code, argument ?? '']);
    }`);
  assert.deepEqual(result, [
    ['wasm-load', ''], ['wasm-load', ''], ['wasm-load', ''], ['invalid-argument', 'gpuWasm'],
    ['invalid-argument', 'gpuTuning'], ['worker-load', ''],
  ]);
});

test('the entry with everything inside has no module for the GPU, unless the caller gives one', async () => {
  const prelude = PRELUDE.replace('/dist/index.js', '/dist/inline.js');
  const result = await run(`
    const { code, message } = await createSolver({ devices: 'webgpu' }).catch((error) => error);
    const given = { gpuWasm: '/dist/btpow_gpu_bg.wasm', gpuWorker: '/dist/gpu-worker.js' };
    const { device } = await solve(challenge, { devices: 'webgpu', ...given });
    result = { code, message, device };`, { prelude });
  assert.deepEqual([result.code, result.device], ['webgpu-unavailable', 'webgpu:0'], JSON.stringify(result));
  assert.match(result.message, /gpuWasm/);
});

test('a strict policy, and one without workers', async () => {
  const policy = (worker) =>
    `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src ${worker}; connect-src 'self'`;
  for (const worker of ["'self'", "'none'"]) {
    const result = await run(`
      const { nonce, device } = await solve(challenge, { devices: 'webgpu' });
      result = { won: await verify(challenge, nonce), device };`, { policy: policy(worker) });
    assert.deepEqual(result, { won: true, device: 'webgpu:0' });
  }
});
