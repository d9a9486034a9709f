// What the page says before anybody connects a wallet: whether proof of work is possible at all, and how long it takes here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HARD } from '../harness/chain.mjs';
import { ALICE, BOB } from '../harness/keys.mjs';
import { injected } from '../harness/injected.mjs';
import { stage } from '../harness/stage.mjs';

const here = stage({ browser: { wallet: false } });

/** A visitor who has chosen nothing but the endpoint. */
const nothing = { netuid: undefined, hotkey: undefined };

/** This machine tries a million nonces in a second, as an earlier visit has measured. */
const RATE = "localStorage.setItem('btpow-rate-wasm', '1000000');";

/** Notifications as a browser has them, and a way to look elsewhere. */
const NOTIFICATIONS = `
  globalThis.notified = [];
  globalThis.Notification = class {
    static permission = 'default';
    static async requestPermission() { return (this.permission = 'granted'); }
    constructor(title, { body }) { globalThis.notified.push(body); }
  };
  Object.defineProperty(Document.prototype, 'hidden', { get: () => globalThis.elsewhere ?? false });`;

/** How far things jump while the page loads, as browsers score it: below 0.1 is good, and the page wants half of it. */
const SHIFTS = `
  globalThis.shifted = 0;
  new PerformanceObserver((entries) => {
    for (const { value, hadRecentInput } of entries.getEntries()) if (!hadRecentInput) globalThis.shifted += value;
  }).observe({ type: 'layout-shift', buffered: true });`;

test('the first screen says which subnets take proofs, and the time here when asked', async () => {
  const visitor = await here.visit(nothing, { script: SHIFTS });
  const { page } = visitor;
  await visitor.state('connect');
  await visitor.says('3 subnets take proof of work now.', page.getByRole('status'));
  await visitor.says(/difficulty 50,000/);
  await visitor.says(/about one try in 50 thousand wins/);
  assert.equal(await page.getByRole('radio', { name: /^Subnet 2/ }).count(), 0);
  assert.match(await page.title(), /^3 subnets take proof of work now/);
  // Nothing hashes before the visitor wants it.
  assert.deepEqual(page.workers(), []);
  await visitor.look('answer');

  await visitor.button('Measure this machine').click();
  await visitor.button('Measuring for three seconds…').waitFor();
  await visitor.button('Measure again').waitFor();
  assert.match(await visitor.value('measured'), /^[\d.]+ [kMG]H\/s$/);
  await visitor.says(/the easiest needs .+ here\./, page.getByRole('status'));
  await visitor.says(/^(about .+|under a second) here$/);
  await visitor.look('answer-measured');
  // It is remembered.
  await page.reload();
  await visitor.button('Measure again').waitFor();
  for (const size of [{ width: 1280, height: 900 }, { width: 390, height: 844 }]) {
    await page.setViewportSize(size);
    await page.reload();
    await visitor.button('Measure again').waitFor();
    await visitor.says('No wallet was found in this browser');
    const shifted = await page.evaluate(() => globalThis.shifted);
    assert.ok(shifted < 0.05, `things jump at a width of ${size.width}: ${shifted}`);
  }
});

test('no subnet takes proof of work today: the page says so, goes on looking, and tells', async () => {
  const { chain } = here;
  const open = (netuid, on) => chain.set('NetworkPowRegistrationAllowed', [netuid], on);
  for (const netuid of [1, 3, 4]) await open(netuid, false);
  await chain.block();
  const visitor = await here.visit(nothing, { script: NOTIFICATIONS });
  const { page } = visitor;
  const status = page.getByRole('status');
  await visitor.says('No subnet takes proof of work today.', status);
  await visitor.complains('No subnet takes proof of work today');
  await visitor.says(/a hotkey|the hotkey/);
  assert.match(await page.title(), /^No subnet takes proof of work today/);
  await visitor.look('answer-none');
  await visitor.button('Notify me').click();
  await page.getByRole('button', { name: 'Notify me' }).waitFor({ state: 'detached' });

  // By itself, every ten blocks.
  await page.evaluate(() => (globalThis.elsewhere = true));
  await open(1, true);
  await chain.block(10);
  await visitor.says('1 subnet takes proof of work now.', status);
  assert.deepEqual(await page.evaluate(() => globalThis.notified), ['1 subnet takes proof of work now.']);
  await open(1, false);
  await chain.block(10);
  await visitor.says('No subnet takes proof of work today.', status);

  // And when asked.
  await open(3, true);
  await chain.block();
  await visitor.button('Ask again').click();
  await visitor.says('1 subnet takes proof of work now.', status);
});

test('a subnet that a link names and that takes no proofs', async () => {
  const visitor = await here.visit({ netuid: 2, hotkey: BOB.address });
  await visitor.says('Subnet 2 is not among those that take proof of work.');
});

test('a search of hours warns, and a hopeless one says what would help', async () => {
  const { chain, proxy } = here;
  await chain.set('Difficulty', [1], 7_200_000_000n);
  await chain.block();
  const visitor = await here.visit({}, { script: `${RATE}${injected('quick', [{ address: ALICE.address, name: 'Mine' }])}` });
  const { page } = visitor;
  await visitor.button('Connect quick').click();
  await visitor.state('ready');
  await visitor.says(/A proof takes about 2 h on average on this machine/);
  const start = visitor.button(/^Start mining/);
  assert.equal(await start.innerText(), 'Start mining');
  assert.match(await start.getAttribute('class'), /main/);
  await visitor.look('ready-long');

  await chain.set('Difficulty', [1], HARD);
  await chain.block();
  await visitor.complains(/This machine needs about 3[12] years for a proof, on average: do not wait for it/);
  await visitor.says(/A proof would take about 3[12] years on this machine\./, page.getByRole('status'));
  await page.getByRole('radio', { name: /^Subnet 1\s*difficulty 99\d,\d{3},\d{3},\d{3},\d{3}\s*about 3[12] years here/ }).waitFor();
  assert.equal(await start.innerText(), 'Start mining anyway');
  assert.equal(await start.getAttribute('class'), null);
  await visitor.says('Subnet 4 is easier: under a second here.');
  const network = `--network ${proxy.endpoint}/`;
  await visitor.says(`btpow register --netuid 1 ${network} --wallet-name NAME --wallet-hotkey NAME`);
  await visitor.look('ready-hopeless');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await visitor.button('Copy btpow mine').click();
  await visitor.says('Copied');
  const line = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(line, `btpow mine --netuid 1 ${network} --hotkey ${BOB.address} --coldkey ${ALICE.address}`);

  // Whoever begins anyway is told as well.
  await start.click();
  await visitor.state('mining');
  await visitor.says(/This machine needs about .+ for a proof, on average: do not wait for it/);
  await visitor.look('mining-hopeless');
});
