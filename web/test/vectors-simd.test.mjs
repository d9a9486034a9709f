import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '../dist/index.js';
import { vectors } from './shared/files.mjs';
import { checkVectors } from './shared/vectors.js';

test('known answers: simd', async () => {
  assert.ok((await checkVectors(api, vectors, 'simd128')) > 200);
});
