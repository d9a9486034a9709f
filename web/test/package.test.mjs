import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { root } from './shared/files.mjs';

const folder = fileURLToPath(root);
const read = (path) => readFileSync(new URL(path, root), 'utf8');
const run = (program, ...options) => execFileSync(program, options, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });

/** The files for the GPU, which load only where there is one. */
const GPU = ['dist/btpow_gpu_bg.wasm', 'dist/gpu-thread.js', 'dist/gpu-worker.js'];

/** Everything in the published package. */
const FILES = [
  'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'package.json',
  'dist/btpow_bg.wasm', 'dist/btpow_scalar_bg.wasm', 'dist/index.js', 'dist/inline.js', 'dist/worker.js',
  'dist/worker-source.js', 'dist/btpow_registration_bg.wasm', ...GPU, 'dist/gpu-worker.d.ts',
  'dist/api.d.ts', 'dist/errors.d.ts', 'dist/functions.d.ts', 'dist/index.d.ts', 'dist/inline.d.ts',
  'dist/pow-register.d.ts', 'dist/rules.d.ts', 'dist/solver.d.ts', 'dist/types.d.ts', 'dist/worker.d.ts',
];

test('the tarball holds what it should, and is small', () => {
  const [packed] = JSON.parse(run('npm', 'pack', '--dry-run', '--json', '--ignore-scripts'));
  assert.deepEqual(packed.files.map(({ path }) => path).sort(), [...FILES].sort());
  const bytes = (name) => readFileSync(new URL(name, root));
  // The size as a server sends it, and as it is packed.
  const compressed = (name) => gzipSync(bytes(name), { level: 9 }).length;
  const gpu = GPU.map(compressed).reduce((sum, length) => sum + length);
  assert.ok(packed.size - gpu < 222_000, `${packed.size} bytes packed, ${gpu} of them for the GPU`);
  assert.ok(gpu < 80_000, `${gpu} bytes for the GPU`);
  for (const [name, most, mostCompressed] of [
    ['btpow_bg', 84_000, 36_000],
    ['btpow_scalar_bg', 82_000, 37_000],
    ['btpow_registration_bg', 74_000, 34_000],
  ]) {
    const length = compressed(`dist/${name}.wasm`);
    assert.ok(length < mostCompressed, `${name}.wasm has ${length} bytes, compressed`);
    const raw = bytes(`dist/${name}.wasm`).length;
    assert.ok(raw < most, `${name}.wasm has ${raw} bytes`);
  }
});

test('no file reveals where it was built', () => {
  for (const name of FILES) {
    const text = readFileSync(new URL(name, root), 'latin1');
    assert.doesNotMatch(text, /\/home\/|\/root\/|\/work\/|\.cargo|registry\/src/, name);
    assert.ok(!text.includes(folder), name);
  }
});

test('the version matches the crates, and there are no dependencies', () => {
  const [, version] = /\[workspace\.package\]\nversion = "(.*?)"/.exec(read('../Cargo.toml'));
  const manifest = JSON.parse(read('package.json'));
  assert.equal(manifest.version, version);
  assert.equal(JSON.parse(read('package-lock.json')).version, version);
  assert.equal(manifest.dependencies, undefined);
});

test('the repository matches the crates, and a release runs the tests and has its provenance', () => {
  const [, repository] = /\nrepository = "(.*?)"/.exec(read('../Cargo.toml'));
  assert.equal(JSON.parse(read('package.json')).repository.url, `git+${repository}.git`);
  const release = read('../.github/workflows/release.yml');
  assert.match(release, /id-token: write/);
  assert.doesNotMatch(release, /NODE_AUTH_TOKEN|NPM_TOKEN/);
  assert.match(release, /npm publish .*--provenance/);
  // The job that runs other people's code cannot publish.
  const places = ['The tag is the version', 'cargo xtask test npm npm-browser', 'publish:', 'id-token: write', 'npm publish'];
  const found = places.map((text) => release.indexOf(text));
  assert.ok(found[0] > 0 && found.every((place, index) => index === 0 || place > found[index - 1]), String(found));
});

test('publint finds nothing', () => {
  run(process.execPath, 'node_modules/publint/src/cli.js', '--strict');
});

test('every kind of resolution that knows ESM finds the types', () => {
  const work = mkdtempSync(join(tmpdir(), 'btpow-attw-'));
  try {
    const [{ filename }] = JSON.parse(run('npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', work));
    // A WebAssembly module is not JavaScript and has no types.
    run(
      process.execPath, 'node_modules/@arethetypeswrong/cli/dist/index.js', join(work, filename),
      '--profile', 'esm-only', '--exclude-entrypoints', 'btpow_bg.wasm', 'btpow_scalar_bg.wasm', 'btpow_gpu_bg.wasm',
      'btpow_registration_bg.wasm',
    );
  } finally {
    rmSync(work, { recursive: true });
  }
});

test('the first example of the README runs unchanged', () => {
  const [, example] = /```js\n(import \{ encodePowRegister.*?)```/s.exec(read('README.md'));
  const work = mkdtempSync(join(tmpdir(), 'btpow-readme-'));
  try {
    mkdirSync(join(work, 'node_modules'));
    symlinkSync(folder, join(work, 'node_modules/btpow'), 'dir');
    writeFileSync(join(work, 'example.mjs'), example);
    const output = execFileSync(process.execPath, ['example.mjs'], { cwd: work, encoding: 'utf8', timeout: 120_000 });
    assert.match(output, /^\d+n Uint8Array\(84\) \[\n\s+7, 152,/m);
  } finally {
    rmSync(work, { recursive: true });
  }
});
