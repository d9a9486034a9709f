/**
 * `npm run bench`: hashes per second in Node, in Chromium, in Firefox and WebKitGTK if they are there, next to other JavaScript libraries for the same
 * seals. Every contender first proves that it gives the seals of `tests/vectors`. They take turns, so that a
 * change in clock speed or load affects all alike; the results are medians of the turns.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createKeccak, createSHA256 } from 'hash-wasm';
import { createSolver } from '../dist/index.js';
import { launch, outcome, serve } from '../test/shared/browser.mjs';
import { NEVER, challenge, root, vectors } from '../test/shared/files.mjs';
import { firefox, webkit } from './browsers.mjs';

const TURNS = Number(process.env.TURNS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 2);

const hex = (bytes) => Buffer.from(bytes).toString('hex');
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const mega = (rate) => (rate / 1e6).toFixed(3);

/** The v1 message of a vector, up to the nonce. */
function prefix({ netuid, block_hash, hotkey, coldkey }) {
  const message = Buffer.alloc(131);
  message.write('subtensor-pow-register-v1');
  message.writeUInt16LE(netuid, 25);
  [block_hash, hotkey, coldkey].forEach((part, index) => message.write(part, 27 + 32 * index, 'hex'));
  return message;
}

/** A peer: `hash` gives the seal of a message. Messages differ in their nonce, as in a search. */
function peer(hash) {
  for (const vector of vectors.seal_v1) {
    const message = prefix(vector);
    message.writeBigUInt64LE(BigInt(vector.nonce), 123);
    if (hex(hash(message)) !== vector.seal) throw new Error(`a wrong seal for ${vector.nonce}`);
  }
  const message = prefix(vectors.seal_v1[0]);
  let nonce = 0;
  return async () => {
    const begin = performance.now();
    const end = begin + SECONDS * 1_000;
    let count = 0;
    while (performance.now() < end) {
      for (let i = 0; i < 1_000; i += 1) {
        message.writeUInt32LE((nonce += 1), 123);
        hash(message);
      }
      count += 1_000;
    }
    return (count * 1_000) / (performance.now() - begin);
  };
}

/** This package; its own reference and the self-test check that its finds are right. */
function own(workers) {
  return async () => {
    const solver = await createSolver({ devices: 'wasm', workers });
    try {
      solver.setChallenge(challenge(NEVER));
      // Compilers need some time to optimise.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const before = solver.devices.map(({ noncesTotal }) => noncesTotal);
      const begin = performance.now();
      await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000));
      const after = solver.devices.reduce((sum, { noncesTotal }, index) => sum + noncesTotal - before[index], 0);
      return (after * 1_000) / (performance.now() - begin);
    } finally {
      await solver.dispose();
    }
  };
}

/** The same function as an expression, for a page. */
const IN_PAGE = `(async () => {
  const { createSolver } = await import('/dist/index.js');
  const SECONDS = ${SECONDS}; const NEVER = ${NEVER}n; const challenge = ${challenge.toString()};
  return (${own.toString()})(1)();
})()`;

/** The same function in a page. */
async function inChromium() {
  const browser = await launch();
  const pages = {
    '/page': '<!doctype html><script type="module" src="/main.js"></script>',
    '/main.js': `globalThis.outcome = await ${IN_PAGE};`,
  };
  const server = await serve(fileURLToPath(root), { pages });
  return {
    measure: () => outcome(browser, `${server.url}/page`),
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * Milliseconds from `solve()` in a fresh process to a solution, when every nonce is one. By then all workers have proven
 * known answers, and are gone.
 */
function firstHash() {
  const program = `import { solve } from ${JSON.stringify(new URL('dist/index.js', root).href)};
    const challenge = ${challenge.toString()};
    const begin = performance.now();
    await solve(challenge(1n));
    console.log(performance.now() - begin);`;
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }));
}

const before = loadavg()[0];
const first = Array.from({ length: 9 }, firstHash);
const sha = await createSHA256();
const keccak = await createKeccak(256);
const page = await inChromium();
const inFirefox = firefox(fileURLToPath(root), IN_PAGE);
const inWebKit = webkit(fileURLToPath(root), IN_PAGE);
const contenders = {
  'btpow, 1 worker': own(1),
  'btpow, 2 workers': own(2),
  'btpow, 1 worker, Chromium': page.measure,
  ...(inFirefox && { 'btpow, 1 worker, Firefox': inFirefox }),
  ...(inWebKit && { 'btpow, 1 worker, WebKitGTK': inWebKit }),
  'hash-wasm createSHA256 + createKeccak': peer((message) => {
    const digest = sha.init().update(message).digest('binary');
    return keccak.init().update(digest).digest('binary');
  }),
  '@noble/hashes': peer((message) => keccak_256(sha256(message))),
};
const rates = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
try {
  for (let turn = 1; turn <= TURNS; turn += 1) {
    for (const [name, measure] of Object.entries(contenders)) rates[name].push(await measure());
  }
} finally {
  await page.close();
}

const base = median(rates['btpow, 1 worker']);
const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, root), 'utf8')).version;
console.log(`${availableParallelism()} × ${cpus()[0].model}, Node ${process.version}; ${TURNS} turns of ${SECONDS} s`);
console.log(`hash-wasm ${version('hash-wasm')}, @noble/hashes ${version('@noble/hashes')}\n`);
console.log('| v1 seals | median MH/s | min | max | speed of btpow with 1 worker, relative to it |\n|---|---|---|---|---|');
for (const [name, all] of Object.entries(rates)) {
  const row = [mega(median(all)), mega(Math.min(...all)), mega(Math.max(...all)), (base / median(all)).toFixed(2)];
  console.log(`| ${name} | ${row.join(' | ')} |`);
}
/** The median of the ratios within a turn, in which both met the same clock speed and load. */
const ratio = (name, other) => median(rates[name].map((rate, turn) => rate / rates[other][turn])).toFixed(2);
const one = 'btpow, 1 worker';
const chromium = 'btpow, 1 worker, Chromium';
console.log(`
Turn by turn: two workers ${ratio('btpow, 2 workers', one)} × one; Chromium ${ratio('btpow, 1 worker, Chromium', one)} × Node;
${inFirefox ? `Firefox ${ratio('btpow, 1 worker, Firefox', chromium)} × Chromium` : 'no Firefox here'};
${inWebKit ? `WebKitGTK ${ratio('btpow, 1 worker, WebKitGTK', chromium)} × Chromium` : 'no WebKitGTK here'};
${ratio(one, 'hash-wasm createSHA256 + createKeccak')} × hash-wasm; ${ratio(one, '@noble/hashes')} × @noble/hashes.
From solve() in a fresh process to its first solution at difficulty 1: median ${median(first).toFixed(0)} ms of ${first.length},
${Math.min(...first).toFixed(0)} to ${Math.max(...first).toFixed(0)} ms. Load average ${before.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after.`);
