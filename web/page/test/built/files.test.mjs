import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dist, policy } from '../harness/server.mjs';

/** Scripts and modules that a visitor without a GPU gets, in bytes after gzip. */
const BUDGET = 168_000;
/** All scripts that any visitor may get. */
const SCRIPTS = 110_000;
/** Files for visitors with a GPU or without SIMD only, and the package's rules, which the page's own module has. */
const OTHERS = /gpu|scalar|btpow_registration/;

const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(dist.length));
const text = (name) => readFileSync(join(dist, name), 'utf8');

test('the page is small', () => {
  const sizes = files
    .filter((name) => /\.(js|wasm)$/.test(name) && !OTHERS.test(name))
    .map((name) => ({ name, size: gzipSync(readFileSync(join(dist, name)), { level: 9 }).length }));
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  const list = sizes.map(({ name, size }) => `${name} ${size}`).join(', ');
  console.log(`${total} bytes after gzip: ${list}`);
  assert.ok(total > 50_000, `this is not the page: ${list}`);
  assert.ok(total < BUDGET, `${total} bytes after gzip: ${list}`);
});

test('all scripts together are small', () => {
  const scripts = files.filter((name) => name.endsWith('.js'));
  const total = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name)), { level: 9 }).length, 0);
  console.log(`${total} bytes of scripts after gzip`);
  assert.ok(total > 40_000 && total < SCRIPTS, `${total} bytes after gzip: ${scripts.join(', ')}`);
});

test('the page loads nothing from elsewhere, and its paths are relative', () => {
  const html = text('index.html');
  const references = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, reference]) => reference);
  assert.ok(references.length > 1, html);
  for (const reference of references) {
    assert.match(reference, /^\.\//, `${reference} is not relative`);
    assert.ok(existsSync(join(dist, reference)), `${reference} is missing`);
  }
  for (const name of files.filter((name) => extname(name) === '.css')) {
    assert.doesNotMatch(text(name), /@import|url\(/, name);
  }
});

test('no file reveals where it was built', () => {
  for (const name of files) {
    const content = readFileSync(join(dist, name)).toString('latin1');
    assert.doesNotMatch(content, /\/(home|root|Users|tmp)\/[\w.-]+/, name);
  }
});

test('the page carries a strict policy', () => {
  const rules = Object.fromEntries(policy().split(/; */).map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1)]));
  assert.deepEqual(rules['default-src'], ["'none'"]);
  assert.deepEqual(rules['script-src'], ["'self'", "'wasm-unsafe-eval'"]);
  for (const name of ['worker-src', 'style-src', 'img-src']) assert.deepEqual(rules[name], ["'self'"], name);
  for (const name of ['base-uri', 'form-action']) assert.deepEqual(rules[name], ["'none'"], name);
  // A visitor's own endpoint: encrypted, or on the same machine.
  assert.deepEqual(rules['connect-src'], ["'self'", 'wss:', 'ws://127.0.0.1:*', 'ws://localhost:*']);
  // The policy comes before anything that it governs.
  const html = text('index.html');
  assert.ok(html.indexOf('Content-Security-Policy') < html.search(/<script|<link/));
});

test('the README gives hosts the same policy', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  assert.ok(readme.includes(policy()), policy());
});
