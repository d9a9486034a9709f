import { createServer } from 'node:http';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, extname, join, normalize } from 'node:path';
import { chromium } from 'playwright-core';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/**
 * Makes Chromium use its own software GPU. The limit on crashes is for people: without this, a test that loses devices on
 * purpose would switch WebGPU off for the page.
 */
const SWIFTSHADER = [
  '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--disable-gpu-process-crash-limit',
  '--disable-domain-blocking-for-3d-apis',
];

/** Starts this machine's Chromium, with or without a software adapter for WebGPU. */
export function launch({ webgpu = false } = {}) {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const paths = process.env.PATH.split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const executablePath = process.env.BTPOW_CHROMIUM ?? paths.find((path) => existsSync(path));
  if (!executablePath) throw new Error('no Chromium found: install it, or set BTPOW_CHROMIUM to its path');
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...(webgpu ? SWIFTSHADER : [])] });
}

/**
 * Serves a folder, with a Content-Security-Policy if there is one; the pages in `pages` come first. Gives what pages post to
 * `receive`.
 */
export async function serve(folder, { policy, pages = {}, receive } = {}) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    const headers = policy ? { 'content-security-policy': policy } : {};
    const file = join(folder, path);
    if (request.method === 'POST' && receive) {
      let body = '';
      request.setEncoding('utf8').on('data', (part) => (body += part));
      request.on('end', () => (response.writeHead(204).end(), receive(body)));
    } else if (path in pages) {
      response.writeHead(200, { ...headers, 'content-type': TYPES[extname(path)] ?? TYPES['.html'] }).end(pages[path]);
    } else if (existsSync(file) && statSync(file).isFile()) {
      const type = TYPES[extname(path)] ?? 'application/octet-stream';
      response.writeHead(200, { ...headers, 'content-type': type }).end(readFileSync(file));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}

/** Opens a page and waits for its outcome. */
export async function outcome(browser, url) {
  const page = await browser.newPage();
  const noise = [];
  page.on('console', (message) => noise.push(message.text()));
  page.on('pageerror', (error) => noise.push(error.message));
  try {
    await page.goto(url);
    const handle = await page.waitForFunction(() => globalThis.outcome, null, { timeout: 240_000 });
    return await handle.jsonValue();
  } catch (error) {
    throw new Error(`${error.message}\n${noise.join('\n')}`);
  } finally {
    await page.close();
  }
}
