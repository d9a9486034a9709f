import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { serve } from '../test/shared/browser.mjs';

/** How long a page may take to give its result, in milliseconds. */
const PATIENCE = 240_000;

/**
 * Runs a script in this machine's Firefox; none where there is none. Playwright drives only a Firefox of its own build, so
 * here the page sends its result: the value that `script`, the text of an expression, resolves to.
 */
export function firefox(folder, script) {
  const names = ['firefox-esr', 'firefox'];
  const paths = process.env.PATH.split(delimiter).flatMap((place) => names.map((name) => join(place, name)));
  const program = paths.find((path) => existsSync(path));
  if (program === undefined) return undefined;
  const pages = {
    '/page': '<!doctype html><script type="module" src="/main.js"></script>',
    '/main.js': `const send = (body) => fetch('/outcome', { method: 'POST', body: JSON.stringify(body) });
      try { await send({ value: await (${script}) }); } catch (error) { await send({ error: String(error) }); }`,
  };
  return async () => {
    const profile = mkdtempSync(join(tmpdir(), 'btpow-firefox-'));
    let resolve, reject;
    const result = new Promise((...both) => ([resolve, reject] = both));
    const receive = (body) => {
      const { value, error } = JSON.parse(body);
      if (error === undefined) resolve(value);
      else reject(new Error(`Firefox: ${error}`));
    };
    const server = await serve(folder, { pages, receive });
    const child = spawn(program, ['--headless', '--no-remote', '--profile', profile, `${server.url}/page`], { stdio: 'ignore' });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`Firefox ended with ${code}`)));
    const timer = setTimeout(() => reject(new Error('Firefox gave no result')), PATIENCE);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
      const gone = new Promise((ended) => (child.exitCode === null ? child.once('exit', ended) : ended()));
      child.kill();
      await gone;
      await server.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}
