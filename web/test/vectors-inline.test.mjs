import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as api from '../dist/inline.js';
import { vectors } from './shared/files.mjs';
import { checkVectors } from './shared/vectors.js';

test('known answers: inline', async () => {
  assert.ok((await checkVectors(api, vectors, 'simd128')) > 200);
});
