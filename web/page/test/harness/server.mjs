/** A static host on this machine. It sends no special header, unless there is a policy. */

import { createServer } from 'node:http';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built page; `BTPOW_PAGE` is the folder of another build. */
export const dist = process.env.BTPOW_PAGE ?? fileURLToPath(new URL('../../dist/', import.meta.url));

/** The policy that the page carries. */
export function policy() {
  const [, attribute] = readFileSync(join(dist, 'index.html'), 'utf8').match(/"Content-Security-Policy" content="([^"]*)"/);
  return attribute.replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

const TYPES = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/** The name of a test's script. */
const SCRIPT = 'test.js';

/** The page with a script before its own. The policy stands before both. */
function first(html) {
  const text = html.toString();
  const at = text.indexOf('<meta charset');
  if (at < 0) throw new Error('the page has no place for a script');
  return `${text.slice(0, at)}<script src="./${SCRIPT}"></script>${text.slice(at)}`;
}

/** Answers what the page posted, in JSON. */
async function reply(request, response, answer) {
  let body = '';
  for await (const part of request.setEncoding('utf8')) body += part;
  const reply = JSON.stringify(await answer(JSON.parse(body)));
  if (!response.destroyed) response.writeHead(200, { 'content-type': TYPES['.json'] }).end(reply);
}

/**
 * Serves a folder below `base`, like hosts of many pages; on any free port if `port` is taken. `index` is the
 * text of the first page if the folder has none. Files whose path matches `missing` are not there.
 *
 * `script` runs in the first page before anything else, as a file of this host, since the page's policy allows nothing but files
 * of its host: so it works in every browser, and after a reload too. What it posts to `./answer`, `answer` answers.
 */
export async function serve({ folder = dist, base = '/', policy, port = 0, index, missing, script, answer } = {}) {
  if (index === undefined && !existsSync(join(folder, 'index.html'))) throw new Error(`${folder} has no index.html: run cargo xtask web`);
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const inside = path.startsWith(base) ? path.slice(base.length) : '../';
    const file = join(folder, inside === '' ? 'index.html' : inside);
    if (inside === '' && index !== undefined) {
      response.writeHead(200, { 'content-type': TYPES['.html'] }).end(index);
    } else if (script !== undefined && inside === SCRIPT) {
      response.writeHead(200, { 'content-type': TYPES['.js'] }).end(script);
    } else if (answer && inside === 'answer') {
      reply(request, response, answer);
    } else if (!inside.startsWith('..') && !missing?.test(inside) && existsSync(file) && statSync(file).isFile()) {
      const headers = policy ? { 'content-security-policy': policy } : {};
      headers['content-type'] = TYPES[extname(file)] ?? 'application/octet-stream';
      const content = readFileSync(file);
      response.writeHead(200, headers).end(inside === '' && script !== undefined ? first(content) : content);
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (error.code === 'EADDRINUSE') server.listen(0, '127.0.0.1');
      else reject(error);
    });
    server.once('listening', resolve).listen(port, '127.0.0.1');
  });
  return {
    url: `http://127.0.0.1:${server.address().port}${base}`,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}
