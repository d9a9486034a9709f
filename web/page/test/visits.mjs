/** How the page loads and answers in a browser, in medians of several first visits. */

import { launch } from './harness/browser.mjs';
import { ALICE, BOB } from './harness/keys.mjs';
import { Visitor } from './harness/visitor.mjs';

/**
 * Runs in the page before anything else. No browser but Chromium tells of long tasks, so a timer is the watch: it is late by as long
 * as something else has held the main thread. It notes the moments itself, since a test that looks holds the thread as well.
 */
const observe = (endpoint) => `{
  localStorage.setItem('btpow', ${JSON.stringify(JSON.stringify({ choice: 'custom', endpoint }))});
  const seen = (globalThis.seen = { held: 0, shift: undefined, largest: undefined });
  const moments = {
    answered: () => document.title.includes('proof of work now'),
    mined: () => /[1-9]/.test(document.querySelector('[data-value=rate]')?.textContent),
  };
  let last = performance.now();
  const beat = () => {
    const now = performance.now();
    seen.held = Math.max(seen.held, now - last);
    last = now;
    for (const [name, reached] of Object.entries(moments)) if (!seen[name] && reached()) seen[name] = { at: now, held: seen.held };
    setTimeout(beat);
  };
  beat();
  // From the press until the page is painted with what it changed: a message runs after the frame.
  addEventListener('click', ({ timeStamp }) => {
    seen.held = 0;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => (seen.press = performance.now() - timeStamp);
      port2.postMessage('');
    });
  }, true);
  const observe = (type, listener) => {
    if (!PerformanceObserver.supportedEntryTypes.includes(type)) return;
    new PerformanceObserver((entries) => entries.getEntries().forEach(listener)).observe({ type, buffered: true });
  };
  if (PerformanceObserver.supportedEntryTypes.includes('layout-shift')) seen.shift = 0;
  observe('layout-shift', ({ value, hadRecentInput }) => { if (!hadRecentInput) seen.shift += value; });
  if (PerformanceObserver.supportedEntryTypes.includes('longtask')) seen.task = 0;
  observe('longtask', ({ duration }) => { seen.task = Math.max(seen.task, duration); });
  observe('largest-contentful-paint', ({ startTime }) => { seen.largest = startTime; });
}`;

/** Milliseconds between two looks: few, since each holds the page. */
const LOOK = 500;

/** What the page has noted, once it has noted this moment. */
async function noted(page, moment) {
  for (;;) {
    const seen = await page.evaluate(() => ({ ...globalThis.seen, paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime }));
    if (seen[moment]) return seen;
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
}

/** One visit from nothing to mining and back. */
async function visit(browser, endpoint) {
  const preset = { endpoint, netuid: 3, hotkey: BOB.address, devices: 'wasm' };
  const visitor = await Visitor.visit(browser, preset, { script: observe(endpoint), undecided: true });
  const { page } = visitor;
  const { answered, shift, largest, paint, task } = await noted(page, 'answered');
  await visitor.connect(ALICE);
  await visitor.state('ready');
  await visitor.button('Measure again').waitFor();
  await visitor.start();
  const { mined, press } = await noted(page, 'mined');
  await visitor.button('Stop mining').click();
  await visitor.state('ready');
  await visitor.leave();
  return { paint, largest, shift, task, answer: answered.at, held: answered.held, mining: mined.held, press };
}

/** A line per figure, for one browser. */
export async function visits(engine, endpoint, times) {
  const browser = await launch({ engine, own: true });
  try {
    await browser.wallet.add(ALICE);
    // The browser's own first page is slower.
    await visit(browser, endpoint);
    const all = [];
    for (let time = 0; time < times; time += 1) all.push(await visit(browser, endpoint));
    const figure = (name, of, unit, digits) => {
      const values = all.map(of).filter((value) => value !== undefined).sort((a, b) => a - b);
      const [middle, most] = [values[Math.floor(values.length / 2)], values.at(-1)].map((value) => value?.toFixed(digits));
      return `${`${engine}: ${name}`.padEnd(54)}${middle === undefined ? 'it does not say' : `${middle}${unit}, at most ${most}${unit}`}`;
    };
    return [
      figure('first contentful paint', ({ paint }) => paint, ' ms', 0),
      figure('largest contentful paint', ({ largest }) => largest, ' ms', 0),
      figure('layout shift', ({ shift }) => shift, '', 3),
      figure('answer', ({ answer }) => answer, ' ms', 0),
      figure('longest task until then (0: none of 50 ms)', ({ task }) => task, ' ms', 0),
      figure('main thread held, until the answer', ({ held }) => held, ' ms', 0),
      figure('main thread held, as mining starts', ({ mining }) => mining, ' ms', 0),
      figure('from the press of Start to the next paint', ({ press }) => press, ' ms', 0),
    ].join('\n');
  } finally {
    await browser.close();
  }
}
