import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, serve } from '../shared/browser.mjs';
import { consumers } from '../shared/consumer.mjs';
import { root } from '../shared/files.mjs';

test('the example, copied into an empty folder, finds a nonce in under a minute', async () => {
  const made = consumers();
  const browser = await launch();
  let server;
  try {
    const begin = performance.now();
    const folder = made.empty('example');
    for (const name of ['index.html', 'main.js']) copyFileSync(fileURLToPath(new URL(`example/${name}`, root)), join(folder, name));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', made.tarball], { cwd: folder, stdio: 'pipe' });
    server = await serve(folder);
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}/index.html`);
    const state = page.locator('#state');
    await state.filter({ hasText: /found|:\s*\S+-\S+/ }).waitFor({ timeout: 60_000 });
    assert.match(await state.textContent(), /^wasm:\d+ found \d+, which wins$/);
    assert.deepEqual(errors, []);
    assert.ok(performance.now() - begin < 60_000);
  } finally {
    await server?.close();
    await browser.close();
    made.end();
  }
});
