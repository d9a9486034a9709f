/**
 * Assembles the extension, and keeps it in the user's cache. `extension()` resolves to its folder, `packages()` to the
 * folder of the packages that it is made of.
 *
 * ```text
 * btpow/extension/packages-HASH/   node_modules, by the hash of the lock file
 * btpow/extension/built-HASH/      the extension, by the hash of its sources and the lock file
 * ```
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const source = join(here, 'src');
const PACKAGES = ['package.json', 'package-lock.json'];
const STATIC = ['manifest.json', 'notification.html'];

function hash(paths) {
  const sum = createHash('sha256');
  for (const path of paths) sum.update(path.slice(here.length)).update('\0').update(readFileSync(path)).update('\0');
  return sum.digest('hex').slice(0, 16);
}

function userCache() {
  const set = process.env.XDG_CACHE_HOME;
  return set && isAbsolute(set) ? set : join(homedir(), '.cache');
}

/** Makes a folder with `fill`, which works under another name, so that the folder is complete or absent. */
async function once(folder, fill) {
  if (existsSync(folder)) return;
  const unfinished = mkdtempSync(`${folder}-`);
  try {
    await fill(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another process was quicker.
    if (!existsSync(folder)) throw error;
  }
}

function install(folder) {
  for (const name of PACKAGES) copyFileSync(join(here, name), join(folder, name));
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  execFileSync('npm', options, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' });
}

async function bundle(packages, folder) {
  const webpack = createRequire(join(packages, 'package.json'))('webpack');
  const options = (target, entries) => ({
    mode: 'production',
    target,
    context: source,
    entry: Object.fromEntries(entries.map((name) => [name, `./${name}.js`])),
    output: { path: folder },
    // An `import` in the clone's files would not look for the packages here.
    resolve: { modules: ['node_modules', join(packages, 'node_modules')], fallback: { crypto: false } },
    optimization: { minimize: false },
    performance: { hints: false },
    plugins: [
      new webpack.DefinePlugin({
        'process.env.EXTENSION_PREFIX': JSON.stringify('btpow-test'),
        'process.env.PORT_PREFIX': JSON.stringify('port'),
        'process.env': '({ EXTENSION_PREFIX: "btpow-test", PORT_PREFIX: "port" })',
      }),
    ],
  });
  const compiler = webpack([
    // Of the two bundlers only webpack compiles away an `await` at the top of a module, which service workers
    // may not have.
    options('webworker', ['background']),
    options('web', ['content', 'page', 'notification']),
  ]);
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, stats) => (error ? reject(error) : resolve(stats)));
  });
  await new Promise((resolve) => compiler.close(resolve));
  if (stats.hasErrors()) throw new Error(stats.toString('errors-only'));
  for (const name of STATIC) copyFileSync(join(source, name), join(folder, name));
}

const cache = join(userCache(), 'btpow', 'extension');
const lock = PACKAGES.map((name) => join(here, name));

/** The folder with its installed packages. */
export async function packages() {
  mkdirSync(cache, { recursive: true });
  const installed = join(cache, `packages-${hash(lock)}`);
  await once(installed, install);
  return installed;
}

/** The folder of the extension. The first time takes half a minute. */
export async function extension() {
  mkdirSync(cache, { recursive: true });
  const sources = readdirSync(source).sort().map((name) => join(source, name));
  const built = join(cache, `built-${hash([...lock, ...sources, fileURLToPath(import.meta.url)])}`);
  await once(built, async (folder) => bundle(await packages(), folder));
  return built;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await extension());
