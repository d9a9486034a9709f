import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as esbuild from 'esbuild';
import * as vite from 'vite';
import webpack from 'webpack';
import { launch, outcome, serve } from '../shared/browser.mjs';
import { consumers } from '../shared/consumer.mjs';
import { script } from '../shared/solves.mjs';

let browser;
let made;
before(async () => {
  made = consumers();
  browser = await launch({ webgpu: true });
});
after(async () => {
  await browser?.close();
  made?.end();
});

const page = (source) => `<!doctype html><meta charset="utf-8"><script type="module" src="${source}"></script>`;
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
  const folder = made.folder('plain', {
    'index.html': page('/main.js'),
    'main.js': script('/node_modules/btpow/dist/index.js', { webgpu }),
  });
  await solves(folder);
});

/** The README's policy, which allows nothing else. */
const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

test('a page under a strict policy', async () => {
  const folder = made.folder('strict', {
    'index.html': page('/main.js'),
    'main.js': script('/node_modules/btpow/dist/index.js', { webgpu }),
  });
  await solves(folder, { policy: STRICT });
});

test('esbuild, with everything inside', async () => {
  const folder = made.folder('esbuild', { 'index.html': page('/out.js'), 'main.js': script('btpow/inline') });
  await esbuild.build({
    absWorkingDir: folder, entryPoints: ['main.js'], outfile: 'out.js', bundle: true, format: 'esm', logLevel: 'error',
  });
  rmSync(join(folder, 'node_modules'), { recursive: true });
  await solves(folder, {}, { won: true });
});

test('webpack 5', async () => {
  const folder = made.folder('webpack', { 'index.html': page('/dist/main.js'), 'main.js': script('btpow', { webgpu }) });
  const stats = await new Promise((resolve, reject) => {
    const configuration = { mode: 'production', context: folder, entry: './main.js', output: { path: join(folder, 'dist') } };
    webpack(configuration, (error, stats) => (error ? reject(error) : resolve(stats)));
  });
  assert.ok(!stats.hasErrors(), stats.toString());
  rmSync(join(folder, 'node_modules'), { recursive: true });
  await solves(folder);
});

test('Vite, built', async () => {
  const folder = made.folder('vite', { 'index.html': page('/main.js'), 'main.js': script('btpow', { webgpu }) });
  await vite.build({ root: folder, logLevel: 'error', configFile: false, build: { target: 'es2022' } });
  rmSync(join(folder, 'node_modules'), { recursive: true });
  await solves(join(folder, 'dist'));
  await solves(join(folder, 'dist'), { policy: STRICT });
});

test('Vite that puts the worker into a data: URL', async () => {
  const folder = made.folder('vite-data', { 'index.html': page('/main.js'), 'main.js': script('btpow') });
  await vite.build({ root: folder, logLevel: 'error', configFile: false, build: { target: 'es2022', assetsInlineLimit: 20_000 } });
  const scripts = readdirSync(join(folder, 'dist/assets'));
  assert.ok(!scripts.some((name) => /^worker-(?!source)/.test(name)), `the worker is no file: ${scripts}`);
  const dist = join(folder, 'dist');
  await solves(dist, {}, { won: true });
  const server = await serve(dist, { policy: STRICT });
  try {
    const { code, message } = await outcome(browser, `${server.url}/index.html`);
    assert.equal(code, 'worker-csp', message);
    assert.match(message, /data: URL.*assetsInlineLimit/);
  } finally {
    await server.close();
  }
});

test('Vite in development', async () => {
  const folder = made.folder('vite-dev', { 'index.html': page('/main.js'), 'main.js': script('btpow', { webgpu }) });
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
  const folder = made.folder('node', { 'main.mjs': `${script('btpow')}\nconsole.log(JSON.stringify(globalThis.outcome));` });
  const output = execFileSync(process.execPath, ['main.mjs'], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual(JSON.parse(output), { won: true });
});
