import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challenge } from './shared/files.mjs';

// An engine without SIMD: the package validates no module but the probe.
WebAssembly.validate = () => false;

test('without SIMD the package takes the scalar module', async () => {
  const { createSolver } = await import('../dist/index.js');
  const solver = await createSolver({ workers: 1 });
  assert.equal(solver.devices[0].lanes, 'portable');
  await solver.dispose();
});

test('without SIMD the entry with everything inside says what to do', async () => {
  const { BtpowError, verify } = await import('../dist/inline.js');
  await assert.rejects(verify(challenge(1n), 0n), (error) => {
    assert.ok(error instanceof BtpowError);
    assert.equal(error.code, 'wasm-load');
    assert.match(error.message, /import btpow instead/);
    return true;
  });
});
