import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as api from '../dist/index.js';
import { root, vectors } from './shared/files.mjs';
import { checkVectors } from './shared/vectors.js';

test('known answers: scalar', async () => {
  // The module loads once: everything after this takes the same one.
  const bytes = readFileSync(new URL('dist/btpow_scalar_bg.wasm', root));
  assert.equal(await api.verify({ ...vectors.first_solution[0], ...plain }, 0n, { wasm: bytes }), true);
  assert.ok((await checkVectors(api, vectors, 'portable')) > 200);
});

const plain = { protocol: 'legacy', order: 'big', blockHash: new Uint8Array(32), hotkey: new Uint8Array(32), difficulty: 1n };
