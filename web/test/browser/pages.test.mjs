import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, outcome, serve } from '../shared/browser.mjs';
import { root, vectors } from '../shared/files.mjs';
import { script } from '../shared/solves.mjs';

const folder = fileURLToPath(root);
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** The outcome of a page that runs `text`, under `policy`. */
async function run(text, policy) {
  const pages = {
    '/page': '<!doctype html><meta charset="utf-8"><script type="module" src="/main.js"></script>',
    '/main.js': text,
    '/vectors.json': JSON.stringify(vectors),
    '/start': '<!doctype html>',
  };
  const server = await serve(folder, { policy, pages });
  try {
    return await outcome(browser, `${server.url}/page`);
  } finally {
    await server.close();
  }
}

for (const [entry, wasm, lanes] of [
  ['index', '/dist/btpow_bg.wasm', 'simd128'],
  ['index', '/dist/btpow_scalar_bg.wasm', 'portable'],
  ['inline', '/dist/btpow_bg.wasm', 'simd128'],
]) {
  test(`known answers: ${entry}, ${lanes}`, async () => {
    const result = await run(`
      import * as api from '/dist/${entry}.js';
      import { checkVectors } from '/test/shared/vectors.js';
      try {
        const vectors = await (await fetch('/vectors.json')).json();
        await api.expectedSeconds(1n, 1, { wasm: '${wasm}' });
        globalThis.outcome = { checked: await checkVectors(api, vectors, '${lanes}') };
      } catch (error) {
        globalThis.outcome = { message: error.stack };
      }`);
    assert.ok(result.checked > 200, JSON.stringify(result));
  });
}

test('an abort ends it within 50 milliseconds, and a new search starts', async () => {
  const result = await run(`
    import { solve, verify } from '/dist/index.js';
    const challenge = { protocol: 'v1', netuid: 1, blockHash: new Uint8Array(32), hotkey: new Uint8Array(32),
      coldkey: new Uint8Array(32), difficulty: 1n << 60n };
    const controller = new AbortController();
    const search = solve(challenge, { signal: controller.signal }).catch((error) => error);
    await new Promise((resolve) => setTimeout(resolve, 800));
    const before = performance.now();
    controller.abort();
    const { code } = await search;
    const took = performance.now() - before;
    const easy = { ...challenge, difficulty: 1000n };
    globalThis.outcome = { code, took, won: await verify(easy, (await solve(easy)).nonce) };`);
  assert.deepEqual([result.code, result.won], ['aborted', true]);
  assert.ok(result.took < 50, `${result.took} ms`);
});

const entry = script('/dist/index.js');
const RULES = { script: "script-src 'self' 'wasm-unsafe-eval'", worker: "worker-src 'self'", connect: "connect-src 'self'" };
const policy = (changes) => Object.values({ base: "default-src 'none'", ...RULES, ...changes }).join('; ');

test('an error names what a policy forbids', async () => {
  let result = await run(entry, policy({ script: "script-src 'self'" }));
  assert.equal(result.code, 'wasm-csp', JSON.stringify(result));
  assert.match(result.message, /'wasm-unsafe-eval' to script-src/);
  result = await run(entry, policy({ connect: "connect-src 'none'" }));
  assert.equal(result.code, 'wasm-csp', JSON.stringify(result));
  assert.match(result.message, /connect-src/);
  result = await run(entry, policy({ worker: "worker-src 'none'" }));
  assert.equal(result.code, 'worker-csp', JSON.stringify(result));
  assert.match(result.message, /worker-src/);
});

test('a policy that allows Blob workers alone', async () => {
  assert.deepEqual(await run(entry, policy({ worker: 'worker-src blob:' })), { won: true });
  assert.deepEqual(await run(script('/dist/inline.js'), policy({ worker: 'worker-src blob:' })), { won: true });
});

test('missing files', async () => {
  let result = await run(`globalThis.overrides = { wasm: '/nowhere.wasm' };${entry.replace(/import .*\n/, '')}`
    .replace('globalThis.overrides', "import { genesisHash, solve, verify } from '/dist/index.js';\nglobalThis.overrides"));
  assert.equal(result.code, 'wasm-load');
  assert.match(result.message, /status 404/);
  result = await run(`import { genesisHash, solve, verify } from '/dist/index.js';
    globalThis.overrides = { wasm: '/start' };${entry.replace(/import .*\n/, '')}`);
  assert.equal(result.code, 'wasm-load');
  assert.match(result.message, /optimizeDeps/);
  // The same worker from a Blob.
  result = await run(`import { genesisHash, solve, verify } from '/dist/index.js';
    globalThis.overrides = { worker: '/nowhere.js' };${entry.replace(/import .*\n/, '')}`);
  assert.deepEqual(result, { won: true });
});
