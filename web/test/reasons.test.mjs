/** What went wrong in a module, in its own words. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createSolver, seal } from '../dist/index.js';
import { NEVER, challenge, root } from './shared/files.mjs';

const source = readFileSync(new URL('dist/worker.js', root), 'utf8');

/** Why the solver drops a worker that has this in front of its own script. */
async function dropped(before, { create = createSolver, ...options } = {}) {
  const worker = () => new Worker(`${before}\n${source}`, { eval: true });
  const solver = await create({ workers: 1, worker, ...options });
  try {
    const error = new Promise((resolve) => solver.on('error', resolve));
    solver.setChallenge(challenge(NEVER), { start: 0n });
    const { code, device, message } = await error;
    assert.deepEqual([code, device], ['device-failed', 'wasm:0'], message);
    return message;
  } finally {
    await solver.dispose();
  }
}

test('why a text is not a key or a hash', async () => {
  const address = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
  const digits = 'ab'.repeat(32);
  for (const [hotkey, reason] of [
    [address.replace('5G', '50'), 'it has a character that no SS58 address has'],
    [address.replace('QY', 'QZ'), 'its checksum is wrong: a character was mistyped'],
    [address.slice(0, 20), 'its length is not that of an SS58 address of 32 bytes'],
    ['15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5', "it is an address of network 0, not of Bittensor's network 42"],
    [`0x${digits.slice(1)}g`, 'it has a character that is not a hexadecimal digit'],
    [`0x${digits.slice(2)}`, 'it has 31 bytes (62 hexadecimal digits), not 32 (64)'],
    [`0x${digits.slice(1)}`, 'it has 63 hexadecimal digits, not 64'],
  ]) {
    const message = `challenge.hotkey: ${reason}`;
    await assert.rejects(seal({ ...challenge(1n), hotkey }, 0n), { code: 'invalid-key', message });
  }
  await assert.rejects(seal({ ...challenge(1n), blockHash: '0x12' }, 0n), {
    code: 'invalid-argument',
    message: 'challenge.blockHash: it has 1 byte (2 hexadecimal digits), not 32 (64)',
  });
});

test('why a worker is dropped', async () => {
  /** Answers with these words once it has passed its self-test. */
  const lies = (...words) => `
    const port = require('node:worker_threads').parentPort;
    const post = port.postMessage.bind(port);
    let answers = 0;
    port.postMessage = (message, transfer) => {
      if (message.answer) answers += 1;
      post(answers > 3 ? { answer: Uint32Array.of(${words}) } : message, answers > 3 ? [] : transfer);
    };`;
  const reason = 'wasm:0 was dropped: ';
  assert.equal(await dropped(lies(0, 0)), `${reason}it reported nonce 0, whose seal is not what it claims`);
  assert.match(await dropped(lies(0, 0xffff_ffff)), /^wasm:0 was dropped: it reported nonce \d+, which it was not given$/);
  assert.equal(await dropped(lies()), `${reason}its driver reported error -1`);
});

/** Source that gives JavaScript changed exports; in `exported`, `exports` are the module's own. */
const instead = (exported) => `
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    return { exports: { ...exports, ${exported} } };
  };`;

for (const [kind, file] of [['with SIMD', 'btpow_bg'], ['without SIMD', 'btpow_scalar_bg']]) {
  test(`what a panic says: the module ${kind}`, async () => {
    // Each module needs its own copy of the package, which keeps the first module that it loads.
    const own = await import(`../dist/index.js?${file}`);
    const wasm = new URL(`dist/${file}.wasm`, root);
    const panic = /: panicked at (btpow\/)?wasm\/runtime\/src\/bytes\.rs:\d+:\d+:\n32 bytes$/;

    /** It has 32 bytes when checked, and none when copied. */
    class Shrinking extends Uint8Array {
      #looks = 0;

      get length() {
        this.#looks += 1;
        return this.#looks === 1 ? 32 : 0;
      }
    }
    const bad = { ...challenge(1n), blockHash: new Shrinking(32) };
    await assert.rejects(own.seal(bad, 0n, { wasm }), (error) => {
      assert.equal(error.code, 'device-failed');
      assert.match(error.message, /^the WebAssembly module failed/);
      assert.match(error.message, panic);
      return true;
    });
    // The module works again at the next call.
    assert.equal((await own.seal(challenge(1n), 0n)).length, 32);

    // A worker does not panic by itself: here its assignments make a challenge of no bytes instead.
    const broken = instead('kernel_scan: () => exports.parsedchallenge_v1(1, 8, 0, 8, 0, 8, 0, 1n)');
    assert.match(await dropped(broken, { create: own.createSolver }), panic);
  });
}

test('a solver whose engine panicked still ends its workers', () => {
  // In its own process, where it is the only engine.
  const program = `
    import { createSolver } from ${JSON.stringify(new URL('dist/index.js', root).href)};
    ${instead('engine_search: (engine) => exports.engine_takeFound(engine)')}
    const solver = await createSolver({ workers: 2 });
    try {
      solver.setChallenge({ protocol: 'legacy', order: 'big', blockHash: new Uint8Array(32), hotkey: new Uint8Array(32), difficulty: 1n });
    } catch (error) {
      console.log(error.name, error.message);
    }
    await solver.dispose();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', timeout: 60_000 });
  assert.match(output, /^RuntimeError panicked at (btpow\/)?wasm\/src\/bindings\.rs:\d+:\d+:\na find\n$/);
});
