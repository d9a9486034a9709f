/**
 * Measures the page on this machine: `npm run bench`. First how it loads and answers in each browser; then its rate in Chromium, where
 * page and package take turns, so that a change in clock speed or load affects both; the results are medians of the turns.
 */

import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ENGINES, launch } from './harness/browser.mjs';
import { startChain } from './harness/chain.mjs';
import { ALICE, BOB } from './harness/keys.mjs';
import { serve } from './harness/server.mjs';
import { Visitor } from './harness/visitor.mjs';
import { visits } from './visits.mjs';

const TURNS = Number(process.env.TURNS ?? 5);
const SECONDS = Number(process.env.SECONDS ?? 5);
/** The time until a rate is steady. */
const WARM_UP = 2;
const packageFolder = fileURLToPath(new URL('../../', import.meta.url));

/** What the observers of a page have seen since it began. */
function observe() {
  globalThis.seen = { tasks: [], frames: [] };
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
  const rate = await page.evaluate(async ([seconds, warmUp]) => {
    const { createSolver } = await import('/dist/index.js');
    const solver = await createSolver({ devices: 'wasm' });
    const bytes = new Uint8Array(32);
    const challenge = { protocol: 'v1', netuid: 1, blockHash: bytes, hotkey: bytes, coldkey: bytes, difficulty: 1n << 62n };
    solver.setChallenge(challenge, { blockNumber: 1n });
    await new Promise((resolve) => setTimeout(resolve, warmUp * 1_000));
    const before = solver.statistics.noncesTotal;
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
    const rate = (solver.statistics.noncesTotal - before) / ((performance.now() - start) / 1_000);
    await solver.dispose();
    return rate;
  }, [SECONDS, WARM_UP]);
  await page.close();
  await server.close();
  return rate;
}

/** Mines for a turn; returns the page's own figure, and when the turn began on its clock. */
async function pageRate(visitor) {
  const { page } = visitor;
  await visitor.start();
  await visitor.state('mining');
  await page.waitForTimeout(WARM_UP * 1_000);
  const from = await page.evaluate(() => performance.now());
  const shown = [];
  for (let second = 0; second < SECONDS; second += 1) {
    await page.waitForTimeout(1_000);
    shown.push(parse(await visitor.value('rate')));
  }
  const seen = longest(await page.evaluate(() => globalThis.seen), from);
  await visitor.button('Stop mining').click();
  await visitor.state('ready');
  return { rate: median(shown), seen };
}

/** The longest time for which the main thread was busy since then, in milliseconds. */
const longest = ({ tasks, frames }, from) => {
  const most = (list, of) => Math.max(0, ...list.filter(({ startTime }) => startTime >= from).map(of));
  return { task: most(tasks, ({ duration }) => duration), blocking: most(frames, ({ blockingDuration }) => blockingDuration) };
};

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** `3.2 MH/s` in hashes per second. */
function parse(text) {
  const [number, unit] = text.split(/\s+/);
  return Number(number) * { 'H/s': 1, 'kH/s': 1e3, 'MH/s': 1e6, 'GH/s': 1e9 }[unit];
}

const mega = (rate) => `${(rate / 1e6).toFixed(2)} MH/s`;

/** Milliseconds until the page says what the chain takes, and from the press of the button until it says the time here. */
async function answers(context, endpoint) {
  const visitor = await Visitor.visit({ context }, { endpoint, devices: 'wasm' });
  // The question about the endpoint has been answered: the next visit asks nothing.
  await visitor.page.reload();
  const { page } = visitor;
  const status = page.getByRole('status');
  const now = () => page.evaluate(() => performance.now());
  await status.getByText('proof of work now').waitFor();
  const first = await now();
  const pressed = await now();
  await visitor.button('Measure this machine').click();
  await status.getByText('here.').waitFor();
  const trial = (await now()) - pressed;
  await visitor.leave();
  return { first, trial };
}

const chain = await startChain({ blockTime: '2s' });
console.log(`${cpus()[0].model}, ${availableParallelism()} threads, load ${loadavg()[0].toFixed(1)}; ${TURNS} turns of ${SECONDS} s`);
for (const engine of ENGINES) console.log(await visits(engine, chain.endpoint, TURNS));
const browser = await launch();
try {
  await browser.wallet.add(ALICE);
  await browser.context.addInitScript(observe);
  const visitor = await Visitor.visit(browser, { endpoint: chain.endpoint, netuid: 3, hotkey: BOB.address, devices: 'wasm' });
  await visitor.connect(ALICE);
  await visitor.state('ready');
  const { first, trial } = await answers(browser.context, chain.endpoint);
  const turns = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    turns.push({ alone: await packageRate(browser.context), ...(await pageRate(visitor)) });
  }
  await visitor.leave();
  const most = (of) => Math.max(...turns.map(of)).toFixed(0);
  console.log(`first answer                  ${first.toFixed(0)} ms, with the time here ${trial.toFixed(0)} ms after the press`);
  console.log(`longest task while mining     ${most(({ seen }) => seen.task)} ms (0: none of 50 ms or more)`);
  console.log(`longest blocking of a frame   ${most(({ seen }) => seen.blocking)} ms`);
  console.log(`rate of the package           ${mega(median(turns.map(({ alone }) => alone)))}`);
  console.log(`rate of the page              ${mega(median(turns.map(({ rate }) => rate)))}`);
  console.log(`page against package          ${(median(turns.map(({ rate, alone }) => rate / alone)) * 100).toFixed(1)} %, median of the turns`);
} finally {
  await browser.close();
  await chain.stop();
}
