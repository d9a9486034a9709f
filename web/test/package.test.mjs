import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { transformSync } from 'esbuild';
import { consumers } from './shared/consumer.mjs';
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
  assert.ok(packed.size - gpu < 236_000, `${packed.size} bytes packed, ${gpu} of them for the GPU`);
  assert.ok(gpu < 80_000, `${gpu} bytes for the GPU`);
  for (const [name, most, mostCompressed] of [
    ['btpow_bg', 84_000, 36_000],
    ['btpow_scalar_bg', 82_000, 37_500],
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
  const manifest = JSON.parse(read('package.json'));
  assert.equal(manifest.repository.url, `git+${repository}.git`);
  assert.equal(manifest.bugs, `${repository}/issues`);
  assert.equal(manifest.homepage, `${repository}/tree/main/web#readme`);
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

test('the first example of the README, pasted into an empty folder, works in under a minute', () => {
  const made = consumers();
  try {
    const folder = made.empty('pasted');
    const begin = performance.now();
    const readme = read('README.md');
    const [, install] = /```sh\n(npm install) btpow\n```/.exec(readme);
    const [, example] = /```js\n(import \{ encodePowRegister.*?)```/s.exec(readme);
    const [npm, command] = install.split(' ');
    execFileSync(npm, [command, '--no-audit', '--no-fund', made.tarball], { cwd: folder, stdio: 'pipe' });
    // A new folder has no package.json that says what its files are.
    writeFileSync(join(folder, 'index.js'), example);
    const output = execFileSync(process.execPath, ['index.js'], { cwd: folder, encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] });
    assert.match(output, /^\d+n Uint8Array\(84\) \[\n\s+7, 152,/m);
    assert.ok(performance.now() - begin < 60_000);
  } finally {
    made.end();
  }
});

test('an error that nobody catches shows readable code in Node', () => {
  const program = `import { solve } from ${JSON.stringify(new URL('dist/index.js', root).href)};
    await solve({ protocol: 'v3' });`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /BtpowError: challenge\.protocol must be 'v1' or 'legacy', not "v3"/);
  const longest = Math.max(...stderr.split('\n').map(({ length }) => length));
  assert.ok(longest < 200, `a line of ${longest} characters`);
});

test('the types need neither the types of the DOM nor those of Node', () => {
  const made = consumers();
  const compile = (folder, ...options) => {
    const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root));
    const all = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--skipLibCheck', 'false', ...options, 'main.ts'];
    const { stdout } = spawnSync(process.execPath, [tsc, ...all], { cwd: folder, encoding: 'utf8' });
    return stdout;
  };
  try {
    const source = `
import { BtpowError, type SolveOptions, type WasmSource, solve } from 'btpow';
import * as inline from 'btpow/inline';
import 'btpow/worker';
const bytes: WasmSource = new Uint8Array(8);
const options: SolveOptions = { wasm: bytes, worker: 'https://example.org/worker.js', workers: 2, timeout: 5 };
export const nonce: Promise<bigint> = solve({ protocol: 'v1', netuid: 1, blockHash: '0x', hotkey: '', coldkey: '', difficulty: 1n }, options)
  .then(({ nonce }) => nonce);
export const same: typeof solve = inline.solve;
export const code = (error: BtpowError): string => error.code;
// @ts-expect-error it is misspelt
export const misspelt: SolveOptions = { wokers: 2 };
`;
    // To the DOM's types everything is a WebAssembly.Module.
    const bare = made.folder('types', { 'main.ts': `${source}// @ts-expect-error a number is no module
export const wrong: WasmSource = 7;` });
    assert.equal(compile(bare, '--lib', 'es2022', '--types', ''), '');
    const platform = `${source}
const url = new URL('https://example.org/');
export const more: SolveOptions = { wasm: url, worker: url, gpuWorker: url, signal: AbortSignal.timeout(5) };
export const all: (WasmSource | Promise<WasmSource>)[] = [url, new ArrayBuffer(8), new Response(), WebAssembly.compile(new Uint8Array(8)),
  new WebAssembly.Module(new Uint8Array(8))];
`;
    const dom = made.folder('types-dom', { 'main.ts': platform });
    assert.equal(compile(dom, '--lib', 'es2022,dom', '--types', ''), '');
  } finally {
    made.end();
  }
});

test('the workers are larger than what Vite puts into data: URLs', () => {
  // 4 KiB by default, also of what it minifies; a policy that allows no data: URL would refuse them.
  for (const name of ['dist/worker.js', 'dist/gpu-worker.js']) {
    const { code } = transformSync(read(name), { minify: true });
    assert.ok(code.length > 4_096, `${name}: ${code.length} bytes`);
  }
});
