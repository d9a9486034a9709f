import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import webpack from 'webpack';
import { launch, outcome, script, serve } from '../shared/browser.mjs';
import { root } from '../shared/files.mjs';

let browser;
let work;

/** A folder with the package installed from its tarball, as consumers have it. */
function consumer(name, files) {
  const folder = join(work, name);
  mkdirSync(join(folder, 'node_modules/btpow'), { recursive: true });
  execFileSync('tar', ['-xzf', join(work, tarball), '--strip-components=1', '-C', join(folder, 'node_modules/btpow')]);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  return folder;
}

const page = (source) => `<!doctype html><meta charset="utf-8"><script type="module" src="${source}"></script>`;
let tarball;

before(async () => {
  work = mkdtempSync(join(tmpdir(), 'btpow-consumers-'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', work], { cwd: fileURLToPath(root), stdio: 'pipe' });
  tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  browser = await launch({ webgpu: true });
});
after(async () => {
  await browser?.close();
  rmSync(work, { recursive: true, force: true });
});

const webgpu = true;
const BOTH = { won: true, device: 'webgpu:0' };

async function solves(folder, options, expected = BOTH) {
  const server = await serve(folder, options);
  try {
    assert.deepEqual(await outcome(browser, `${server.url}/index.html`), expected);
  } finally {
    await server.close();
  }
}

test('a plain module script', async () => {
  const folder = consumer('plain', {
    'index.html': page('/main.js'),
    'main.js': script('/node_modules/btpow/dist/index.js', { webgpu }),
  });
  await solves(folder);
});

test('a page under a strict policy', async () => {
  const folder = consumer('strict', {
    'index.html': page('/main.js'),
    'main.js': script('/node_modules/btpow/dist/index.js', { webgpu }),
  });
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";
  await solves(folder, { policy });
});

test('esbuild, with everything inside', async () => {
  const folder = consumer('esbuild', { 'index.html': page('/out.js'), 'main.js': script('btpow/inline') });
  await esbuild.build({
    absWorkingDir: folder, entryPoints: ['main.js'], outfile: 'out.js', bundle: true, format: 'esm', logLevel: 'error',
  });
  rmSync(join(folder, 'node_modules'), { recursive: true });
  await solves(folder, {}, { won: true });
});

test('webpack 5', async () => {
  const folder = consumer('webpack', { 'index.html': page('/dist/main.js'), 'main.js': script('btpow', { webgpu }) });
  const stats = await new Promise((resolve, reject) => {
    const configuration = { mode: 'production', context: folder, entry: './main.js', output: { path: join(folder, 'dist') } };
    webpack(configuration, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
  assert.ok(!stats.hasErrors(), stats.toString());
  rmSync(join(folder, 'node_modules'), { recursive: true });
  await solves(folder);
});

test('Vite, built', async () => {
  const folder = consumer('vite', { 'index.html': page('/main.js'), 'main.js': script('btpow', { webgpu }) });
  await vite.build({ root: folder, logLevel: 'error', configFile: false, build: { target: 'es2022' } });
  rmSync(join(folder, 'node_modules'), { recursive: true });
  await solves(join(folder, 'dist'));
});

test('Vite in development', async () => {
  const folder = consumer('vite-dev', { 'index.html': page('/main.js'), 'main.js': script('btpow', { webgpu }) });
  const server = await vite.createServer({
    root: folder, logLevel: 'error', configFile: false, server: { port: 0, host: '127.0.0.1' },
    optimizeDeps: { exclude: ['btpow'] },
  });
  try {
    await server.listen();
    const { port } = server.httpServer.address();
    assert.deepEqual(await outcome(browser, `http://127.0.0.1:${port}/index.html`), BOTH);
  } finally {
    await server.close();
  }
});

test('Node, from the tarball', () => {
  const folder = consumer('node', { 'main.mjs': `${script('btpow')}\nconsole.log(JSON.stringify(globalThis.outcome));` });
  const output = execFileSync(process.execPath, ['main.mjs'], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual(JSON.parse(output), { won: true });
});
