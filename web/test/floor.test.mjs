/**
 * Engines older than those with SIMD: whatever knows WebAssembly with BigInt is enough. Each test takes away, in a process of its own,
 * what came later.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { root } from './shared/files.mjs';

/** What came into JavaScript after WebAssembly's BigInt (Chromium 85, Firefox 78, Safari 15), apart from syntax. */
const LATER = `
  const gone = (object, ...names) => names.forEach((name) => {
    delete object[name];
    if (name in object) throw new Error(name + ' is still there');
  });
  gone(URL, 'canParse', 'parse');
  gone(Array.prototype, 'at', 'findLast', 'findLastIndex', 'toReversed', 'toSorted', 'toSpliced', 'with');
  gone(Object.getPrototypeOf(Uint8Array.prototype), 'at', 'findLast', 'findLastIndex', 'toReversed', 'toSorted', 'with');
  gone(String.prototype, 'at', 'replaceAll', 'isWellFormed', 'toWellFormed');
  gone(Object, 'hasOwn', 'groupBy');
  gone(Promise, 'any', 'withResolvers', 'try');
  gone(globalThis, 'AggregateError', 'WeakRef', 'FinalizationRegistry', 'structuredClone', 'DecompressionStream');
  WebAssembly.validate = () => false;`;

const index = JSON.stringify(new URL('dist/index.js', root).href);
const inline = JSON.stringify(new URL('dist/inline.js', root).href);

/** What a program prints, as JSON; it runs in an engine of the past. */
function run(program) {
  const text = `${LATER}
    const challenge = { protocol: 'v1', netuid: 1, blockHash: new Uint8Array(32), hotkey: new Uint8Array(32),
      coldkey: new Uint8Array(32), difficulty: 20_000n };
    ${program}`;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', text], { encoding: 'utf8', timeout: 60_000 });
  return JSON.parse(output);
}

test('an old engine solves, with the module without SIMD', () => {
  const result = run(`
    import { Worker } from 'node:worker_threads';
    const { createSolver, genesisHash, verify } = await import(${index});
    const source = ${JSON.stringify(LATER + readFileSync(new URL('dist/worker.js', root), 'utf8'))};
    const solver = await createSolver({ workers: 2, worker: () => new Worker(source, { eval: true }) });
    const { nonce } = await new Promise((resolve) => {
      solver.on('solution', resolve);
      solver.setChallenge(challenge);
    });
    // One of the two may not have begun yet.
    const lanes = [...new Set(solver.devices.map((device) => device.lanes).filter(Boolean))];
    await solver.dispose();
    console.log(JSON.stringify({ won: await verify(challenge, nonce), lanes, genesis: await genesisHash('finney') }));`);
  assert.deepEqual([result.won, result.lanes], [true, ['portable']]);
  assert.match(result.genesis, /^0x2f0555/);
});

test('an old engine gets typed errors', () => {
  const result = run(`
    const { createSolver, verify } = await import(${index});
    const inline = await import(${inline});
    const why = (promise) => promise.then(() => 'nothing', ({ code, argument }) => [code, argument ?? '']);
    const cause = new Error('no worker today');
    const worker = () => { throw cause; };
    console.log(JSON.stringify([
      await why(verify(challenge, 0n, { wasm: 'no url' })),
      await why(createSolver({ worker, workers: 2 })),
      await createSolver({ worker }).catch((error) => error.cause === cause),
      await why(inline.genesisHash('finney')),
    ]));`);
  assert.deepEqual(result, [['invalid-argument', 'wasm'], ['worker-load', ''], true, ['wasm-load', '']]);
});

test('the modules need nothing newer than what they say', () => {
  const opt = fileURLToPath(new URL('node_modules/binaryen/bin/wasm-opt', root));
  const valid = (name, ...features) =>
    execFileSync(process.execPath, [opt, '--mvp-features', ...features.map((each) => `--enable-${each}`), fileURLToPath(new URL(`dist/${name}`, root)), '-o', '/dev/null'], { stdio: 'pipe' });
  const OLD = ['mutable-globals', 'sign-ext', 'nontrapping-float-to-int', 'bulk-memory', 'multivalue'];
  valid('btpow_scalar_bg.wasm', ...OLD);
  valid('btpow_registration_bg.wasm', ...OLD);
  valid('btpow_bg.wasm', ...OLD, 'simd');
  // That it would tell: SIMD is one feature more.
  assert.throws(() => valid('btpow_bg.wasm', ...OLD), /simd|SIMD/);
});
