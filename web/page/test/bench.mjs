/**
 * How the page does on this machine: `npm run bench`. Prints; compares with the package's own figure of the
 * same minute in the same browser.
 */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { launch } from './harness/browser.mjs';
import { startChain } from './harness/chain.mjs';
import { ALICE, BOB } from './harness/keys.mjs';
import { serve } from './harness/server.mjs';
import { Visitor } from './harness/visitor.mjs';

const SECONDS = 15;
const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** What the observers of a page have seen, from its beginning. */
function observe() {
  globalThis.seen = { longest: 0, tasks: [], frames: [] };
  const add = (list) => (entries) => {
    for (const { startTime, duration, blockingDuration } of entries.getEntries()) {
      list.push({ startTime, duration, blockingDuration });
    }
  };
  new PerformanceObserver(add(globalThis.seen.tasks)).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver(add(globalThis.seen.frames)).observe({ type: 'long-animation-frame', buffered: true });
}

/** The package alone on an empty page: hashes per second over the same time. */
async function packageRate(context) {
  const server = await serve({ folder: packageFolder, index: '<!doctype html><title>package</title>' });
  const page = await context.newPage();
  await page.goto(server.url);
  const rate = await page.evaluate(async (seconds) => {
    const { createSolver } = await import('/dist/index.js');
    const solver = await createSolver({ devices: 'wasm' });
    const bytes = new Uint8Array(32);
    const challenge = { protocol: 'v1', netuid: 1, blockHash: bytes, hotkey: bytes, coldkey: bytes, difficulty: 1n << 62n };
    solver.setChallenge(challenge, { blockNumber: 1n });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const before = solver.statistics.noncesTotal;
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const rate = (solver.statistics.noncesTotal - before) / ((performance.now() - start) / 1_000);
    await solver.dispose();
    return rate;
  }, SECONDS);
  await page.close();
  await server.close();
  return rate;
}

/** The page as it mines: what it shows as its rate, and how long its main thread was busy at a time. */
async function pageFigures(browser, chain) {
  await browser.context.addInitScript(observe);
  const visitor = await Visitor.visit(browser, { endpoint: chain.endpoint, netuid: 3, hotkey: BOB.address, devices: 'wasm' });
  const { page } = visitor;
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  await visitor.connect(ALICE);
  await visitor.state('ready');
  await visitor.start();
  await visitor.state('mining');
  await page.waitForTimeout(2_000);
  const from = await page.evaluate(() => performance.now());
  const shown = [];
  for (let second = 0; second < SECONDS; second += 1) {
    await page.waitForTimeout(1_000);
    shown.push(await visitor.value('rate'));
  }
  const seen = await page.evaluate(() => globalThis.seen);
  await visitor.leave();
  const rates = shown.map(parse).sort((a, b) => a - b);
  return { paint, rate: rates[Math.floor(rates.length / 2)], ...longest(seen, from) };
}

const longest = ({ tasks, frames }, from) => {
  const most = (list, of) => Math.max(0, ...list.map(of));
  const mining = (list) => list.filter(({ startTime }) => startTime >= from);
  return {
    startTask: most(tasks.filter(({ startTime }) => startTime < from), ({ duration }) => duration),
    task: most(mining(tasks), ({ duration }) => duration),
    blocked: most(mining(frames), ({ blockingDuration }) => blockingDuration),
  };
};

/** `3.2 MH/s` in hashes per second. */
function parse(text) {
  const [number, unit] = text.split(/\s+/);
  return Number(number) * { 'H/s': 1, 'kH/s': 1e3, 'MH/s': 1e6, 'GH/s': 1e9 }[unit];
}

const mega = (rate) => `${(rate / 1e6).toFixed(2)} MH/s`;

const chain = await startChain({ blockTime: '2s' });
const browser = await launch();
try {
  await browser.wallet.add(ALICE);
  const first = await packageRate(browser.context);
  const page = await pageFigures(browser, chain);
  const second = await packageRate(browser.context);
  const alone = (first + second) / 2;
  console.log(`first paint                         ${page.paint.toFixed(0)} ms`);
  console.log(`longest task before mining          ${page.startTask.toFixed(0)} ms`);
  console.log(`longest task while mining           ${page.task.toFixed(0)} ms (tasks below 50 ms are not seen)`);
  console.log(`longest blocking of a frame         ${page.blocked.toFixed(0)} ms`);
  console.log(`rate of the page, median            ${mega(page.rate)}`);
  console.log(`rate of the package before, after   ${mega(first)}, ${mega(second)}`);
  console.log(`page against package                ${((page.rate / alone) * 100).toFixed(1)} %`);
  console.log(`version                             ${JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8')).version}`);
} finally {
  await browser.close();
  await chain.stop();
}
