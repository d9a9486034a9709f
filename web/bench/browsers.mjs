/** Browsers that Playwright does not drive as they are installed. The page sends its result. */

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { serve } from '../test/shared/browser.mjs';

/** How long a page may take to give its result, in milliseconds. */
const PATIENCE = 240_000;

/** Runs a script in this machine's Firefox; none where there is none. */
export function firefox(folder, script) {
  const program = find(process.env.PATH.split(delimiter), ['firefox-esr', 'firefox']);
  return program && measured('Firefox', folder, script, (home, url) => [program, ['--headless', '--no-remote', '--profile', home, url]]);
}

/** The same in WebKitGTK's MiniBrowser, which needs a display: `xvfb-run npm run bench`. */
export function webkit(folder, script) {
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return undefined;
  const libraries = ['/usr/lib', `/usr/lib/${{ x64: 'x86_64', arm64: 'aarch64' }[process.arch]}-linux-gnu`, '/usr/libexec'];
  const folders = libraries.filter(existsSync).flatMap((place) =>
    readdirSync(place).filter((name) => name.startsWith('webkit2gtk-') || name.startsWith('webkitgtk-')).map((name) => join(place, name)),
  );
  const program = find(folders, ['MiniBrowser']);
  return program && measured('WebKitGTK', folder, script, (home, url) => [program, [url], { HOME: home, XDG_DATA_HOME: home, XDG_CACHE_HOME: home }]);
}

function find(folders, names) {
  return folders.flatMap((place) => names.map((name) => join(place, name))).find((path) => existsSync(path));
}

/** A function that gives the value of `script`, the text of an expression, in a browser that `command` starts in a new home. */
function measured(name, folder, script, command) {
  const pages = {
    '/page': '<!doctype html><script type="module" src="/main.js"></script>',
    '/main.js': `const send = (body) => fetch('/outcome', { method: 'POST', body: JSON.stringify(body) });
      try { await send({ value: await (${script}) }); } catch (error) { await send({ error: String(error) }); }`,
  };
  return async () => {
    const home = mkdtempSync(join(tmpdir(), 'btpow-browser-'));
    let resolve, reject;
    const result = new Promise((...both) => ([resolve, reject] = both));
    const receive = (body) => {
      const { value, error } = JSON.parse(body);
      if (error === undefined) resolve(value);
      else reject(new Error(`${name}: ${error}`));
    };
    const server = await serve(folder, { pages, receive });
    const [program, options, variables] = command(home, `${server.url}/page`);
    // In a group of its own, like Playwright's Chromium: the system shares its time among groups.
    const child = spawn(program, options, { stdio: 'ignore', detached: true, env: { ...process.env, ...variables } });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
    const timer = setTimeout(() => reject(new Error(`${name} gave no result`)), PATIENCE);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
      const gone = new Promise((ended) => (child.exitCode === null ? child.once('exit', ended) : ended()));
      if (child.exitCode === null && child.pid) process.kill(-child.pid);
      await gone;
      await server.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}
