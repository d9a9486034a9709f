import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import * as btpow from '../dist/index.js';
import { challenge, root } from './shared/files.mjs';

const { BtpowError, createSolver, encodePowRegister, expectedSeconds, freshness, isStale, seal, solve, verify } = btpow;
const CHECKSUM = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ';
const POLKADOT = '15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5';

let server;
before(async () => {
  server = createServer((request, response) => {
    if (request.url === '/page') response.end('<!doctype html>');
    else if (request.url === '/short') response.end('\0as');
    else if (request.url === '/broken') response.end(Buffer.from([0, 97, 115, 109, 1, 0, 0, 0, 99]));
    else if (request.url === '/other') response.end(Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]));
    else response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => server.close());

// This goes first, since the module loads once and stays.
test('a module that does not load', async () => {
  const at = (path) => `http://127.0.0.1:${server.address().port}${path}`;
  for (const [wasm, text] of [
    [at('/missing'), /status 404.*optimizeDeps/],
    [at('/page'), /not a WebAssembly file/],
    [at('/short'), /not a WebAssembly file/],
    [at('/broken'), /cannot compile/],
    [at('/other'), /not from this version/],
    [fetch(at('/missing')), /status 404/],
    ['http://127.0.0.1:1/', /cannot read/],
    [new URL('nowhere.wasm', root), /cannot read/],
    [new Uint8Array(0), /not a WebAssembly file/],
  ]) {
    await assert.rejects(solve(challenge(1n), { wasm }), (error) => {
      assert.ok(error instanceof BtpowError);
      assert.equal(error.code, 'wasm-load', error.message);
      assert.match(error.message, text);
      return true;
    });
  }
  await assert.rejects(verify(challenge(1n), 0n, { wasm: 7 }), { code: 'invalid-argument' });
  await assert.rejects(verify(challenge(1n), 0n, { wasm: 'not a url' }), { code: 'invalid-argument', argument: 'wasm' });
});

test('WebKit, which compiles a module under any policy and then refuses to start it', async () => {
  const { Instance } = WebAssembly;
  const own = await import('../dist/index.js?webkit');
  WebAssembly.Instance = function () {
    throw new EvalError(
      "Refused to create a WebAssembly object because 'unsafe-eval' or 'wasm-unsafe-eval' is not an allowed source of script in the " +
        'following Content Security Policy directive: "script-src \'self\'".',
    );
  };
  try {
    await assert.rejects(own.verify(challenge(1n), 0n), { code: 'wasm-csp', message: /add 'wasm-unsafe-eval' to script-src/ });
  } finally {
    WebAssembly.Instance = Instance;
  }
  assert.equal(await own.verify(challenge(1n), 0n), true);
});

test('a worker that does not start', async () => {
  const worker = () => {
    throw new Error('no worker today');
  };
  await assert.rejects(createSolver({ worker }), { code: 'worker-load', message: /no worker today/ });
});

test('a worker with a bad URL starts from its source instead', async () => {
  const { nonce } = await solve(challenge(1_000n), { worker: new URL('nowhere.js', root), workers: 1 });
  assert.equal(await verify(challenge(1_000n), nonce), true);
});

test('every form of a module', async () => {
  const bytes = readFileSync(new URL('dist/btpow_bg.wasm', root));
  for (const wasm of [bytes, new Uint8Array(bytes).buffer, await WebAssembly.compile(bytes), new Response(bytes)]) {
    assert.equal(await verify(challenge(1n), 0n, { wasm }), true);
  }
});

test('bad challenges', async () => {
  const good = challenge(10n);
  const legacy = { protocol: 'legacy', order: 'big', blockHash: good.blockHash, hotkey: good.hotkey, difficulty: 1n };
  for (const [bad, argument, code = 'invalid-argument'] of [
    [undefined, 'challenge'],
    [null, 'challenge'],
    ['v1', 'challenge'],
    [{}, 'challenge.protocol'],
    [{ ...good, protocol: 'v2' }, 'challenge.protocol'],
    [{ ...good, difficulty: 10 }, 'challenge.difficulty'],
    [{ ...good, difficulty: '10' }, 'challenge.difficulty'],
    [{ ...good, difficulty: NaN }, 'challenge.difficulty'],
    [{ ...good, difficulty: 0n }, 'challenge.difficulty'],
    [{ ...good, difficulty: -1n }, 'challenge.difficulty'],
    [{ ...good, difficulty: 1n << 64n }, 'challenge.difficulty'],
    [{ ...good, netuid: NaN }, 'challenge.netuid'],
    [{ ...good, netuid: 0 }, 'challenge.netuid'],
    [{ ...good, netuid: -1 }, 'challenge.netuid'],
    [{ ...good, netuid: 65_536 }, 'challenge.netuid'],
    [{ ...good, netuid: 1.5 }, 'challenge.netuid'],
    [{ ...good, netuid: 1n }, 'challenge.netuid'],
    [{ ...good, blockHash: new Uint8Array(31) }, 'challenge.blockHash'],
    [{ ...good, blockHash: [] }, 'challenge.blockHash'],
    [{ ...good, blockHash: '0x12' }, 'challenge.blockHash'],
    [{ ...good, blockHash: `0x${'g'.repeat(64)}` }, 'challenge.blockHash'],
    [{ ...good, blockHash: '0'.repeat(64) }, 'challenge.blockHash'],
    [{ ...good, hotkey: undefined }, 'challenge.hotkey'],
    [{ ...good, hotkey: CHECKSUM }, 'challenge.hotkey', 'invalid-key'],
    [{ ...good, coldkey: POLKADOT }, 'challenge.coldkey', 'invalid-key'],
    [{ ...good, coldkey: '' }, 'challenge.coldkey', 'invalid-key'],
    [{ ...legacy, order: 'middle' }, 'challenge.order'],
  ]) {
    for (const call of [seal(bad, 0n), verify(bad, 0n), solve(bad)]) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof BtpowError, String(error));
        assert.deepEqual([error.code, error.argument], [code, argument], error.message);
        return true;
      });
    }
  }
  await assert.rejects(seal({ ...good, hotkey: CHECKSUM }, 0n), /mistyped/);
  await assert.rejects(seal({ ...good, hotkey: POLKADOT }, 0n), /network 0/);
});

test('bad options and numbers', async () => {
  const good = challenge(10n);
  for (const [call, argument, code = 'invalid-argument'] of [
    [() => solve(good, null), 'options'],
    [() => solve(good, { workers: 0 }), 'workers'],
    [() => solve(good, { workers: NaN }), 'workers'],
    [() => solve(good, { workers: '2' }), 'workers'],
    [() => solve(good, { devices: 'gpu' }), 'devices'],
    [() => solve(good, { devices: [] }), 'devices'],
    [() => solve(good, { devices: ['auto'] }), 'devices'],
    [() => solve(good, { devices: 'webgpu' }), 'devices', 'webgpu-unavailable'],
    [() => solve(good, { devices: ['wasm', 'webgpu'] }), 'devices', 'webgpu-unavailable'],
    [() => createSolver({ devices: ['webgpu'] }), 'devices', 'webgpu-unavailable'],
    [() => solve(good, { devices: ['wasm', 'gpu'] }), 'devices'],
    [() => solve(good, { gpuTuning: 'fast' }), 'gpuTuning'],
    [() => solve(good, { gpuTuning: 64 }), 'gpuTuning'],
    [() => solve(good, { signal: {} }), 'signal'],
    [() => solve(good, { timeout: NaN }), 'timeout'],
    [() => solve(good, { timeout: -1 }), 'timeout'],
    [() => solve(good, { onProgress: 1 }), 'onProgress'],
    [() => solve(good, { start: -1n }), 'start'],
    [() => solve(good, { start: 1 }), 'start'],
    [() => solve(good, { blockNumber: 7 }), 'blockNumber'],
    [() => verify(good, 1), 'nonce'],
    [() => verify(good, -1n), 'nonce'],
    [() => seal(good, 1n << 64n), 'nonce'],
    [() => expectedSeconds(0n, 1), 'difficulty'],
    [() => expectedSeconds(1n, NaN), 'rate'],
    [() => expectedSeconds(1n, -1), 'rate'],
    [() => isStale('v2', 1n, 1n), 'protocol'],
    [() => isStale('v1', 1, 1n), 'workBlock'],
    [() => isStale('v1', 1n, -1n), 'head'],
    [() => encodePowRegister(good, null), 'call'],
    [() => encodePowRegister(good, { workBlock: 1, nonce: 1n }), 'call.workBlock'],
    [() => encodePowRegister(good, { workBlock: 1n, nonce: 1 }), 'call.nonce'],
  ]) {
    await assert.rejects(async () => call(), (error) => {
      assert.ok(error instanceof BtpowError, String(error));
      assert.deepEqual([error.code, error.argument], [code, argument], error.message);
      return true;
    });
  }
});

test('an option that does not exist is an error, with the nearest that does', async () => {
  const good = challenge(10n);
  const subnet = {
    exists: true, powAllowed: true, difficulty: 1n, minDifficulty: 1n, maxDifficulty: 2n, registrationsThisBlock: 0,
    maxRegistrationsPerBlock: 1, uids: 0, maxUids: 1,
  };
  const solver = await createSolver({ workers: 1 });
  for (const [call, argument, message] of [
    [() => solve(good, { timeOut: 5 }), 'options.timeOut', /^options\.timeOut does not exist: did you mean timeout\?$/],
    [() => solve(good, { worker_: 1 }), 'options.worker_', /did you mean worker\?$/],
    [() => solve(good, { thread: 1 }), 'options.thread', /: there are wasm, worker, .*, onProgress$/],
    [() => solve(good, { toString: 1 }), 'options.toString', /there are/],
    [() => createSolver({ wokers: 2 }), 'options.wokers', /did you mean workers\?$/],
    [() => createSolver({ device: 'wasm' }), 'options.device', /did you mean devices\?$/],
    // Only names that the function takes are suggested.
    [() => createSolver({ onprogres: 1 }), 'options.onprogres', /there are (?!.*onProgress)/],
    [() => solver.setChallenge(good, { blockNumer: 1n }), 'options.blockNumer', /did you mean blockNumber\?$/],
    [() => verify(good, 0n, { wasn: 1 }), 'overrides.wasn', /did you mean wasm\?$/],
    [() => btpow.genesisHash('finney', { registrationwasm: 1 }), 'overrides.registrationwasm', /did you mean registrationWasm\?$/],
    [() => btpow.standing(1, good.coldkey, subnet, { uuid: 1 }), 'hotkey.uuid', /did you mean uid\?$/],
    [() => verify(good, 0n, null), 'overrides', /must be an object/],
  ]) {
    await assert.rejects(async () => call(), { name: 'BtpowError', code: 'invalid-argument', argument, message });
  }
  // One object of options may serve several functions.
  assert.equal(await verify(challenge(1n), 0n, { timeout: 5, workers: 1 }), true);
  solver.setChallenge(good, { timeout: 5 });
  await solver.dispose();
});

test('times and staleness are the core\'s', async () => {
  assert.equal(await expectedSeconds(10_000_000n, 20e6), 0.5);
  assert.equal(await expectedSeconds(1n, 0), undefined);
  assert.deepEqual(await freshness('v1', 7n, 7n), { state: 'fresh', blocksLeft: 5 });
  assert.deepEqual(await freshness('v1', 7n, 6n), { state: 'ahead', blocksLeft: 0 });
  assert.deepEqual(await freshness('legacy', 7n, 8n), { state: 'fresh', blocksLeft: 1 });
  assert.deepEqual([await isStale('v1', 7n, 11n), await isStale('v1', 7n, 12n)], [false, true]);
  assert.deepEqual([await isStale('legacy', 7n, 8n), await isStale('legacy', 7n, 9n)], [false, true]);
});
