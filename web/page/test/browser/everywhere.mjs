/** What everybody does, in any browser: `in-NAME.test.mjs` does it in one. Where they differ, the page says the right thing in each. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launch } from '../harness/browser.mjs';
import { EASY, HARD, startChain } from '../harness/chain.mjs';
import { ALICE, BOB, DAVE } from '../harness/keys.mjs';
import { SUBMIT } from '../harness/proxy.mjs';
import { stage } from '../harness/stage.mjs';
import { Visitor } from '../harness/visitor.mjs';

/** This machine tries a million nonces in a second, as an earlier visit has measured. */
const RATE = "localStorage.setItem('btpow-rate-wasm', '1000000');";

/** A tab that can look hidden, and says so as browsers do. */
const HIDEABLE = `
  Object.defineProperty(Document.prototype, 'hidden', { get: () => globalThis.away ?? false });
  globalThis.turn = (away) => { globalThis.away = away; document.dispatchEvent(new Event('visibilitychange')); };`;

/** Defines the tests, for one of the browsers of `launch`. */
export function everywhere(engine) {
  const here = stage({ browser: { engine, own: true } });

  test('the first screen answers without a wallet, and measures when asked', async () => {
    const visitor = await here.visit({ netuid: undefined, hotkey: undefined });
    const { page } = visitor;
    await visitor.state('connect');
    await visitor.says('3 subnets take proof of work now.', page.getByRole('status'));
    assert.equal(await page.getByRole('radio', { name: /^Subnet 2/ }).count(), 0);
    assert.match(await page.title(), /^3 subnets take proof of work now/);
    await visitor.button('Measure this machine').click();
    await visitor.button('Measure again').waitFor();
    assert.match(await visitor.value('measured'), /^[\d.]+ [kMG]H\/s$/);
    await visitor.says(/the easiest needs .+ here\./, page.getByRole('status'));
    await page.reload();
    await visitor.button('Measure again').waitFor();
  });

  test('a key is registered, and the page has a receipt for it', async () => {
    const { chain, proxy } = here;
    const visitor = await here.visit();
    const { page, wallet } = visitor;
    await visitor.mine(ALICE);
    await visitor.says('Proof found for block 2');
    assert.equal(await visitor.value('sign-coldkey'), ALICE.address);
    await page.getByRole('row', { name: /Processor.*simd128/ }).waitFor();
    await visitor.askWallet();
    const payload = await wallet.sign();
    assert.equal(payload.address, ALICE.address);
    assert.equal(Number(payload.blockNumber), 2);
    await visitor.submitted();
    await chain.block();
    await visitor.state('registered');
    await visitor.says('Registered as UID 0.');
    assert.equal(await chain.uid(1, BOB), 0);
    assert.equal(await chain.owner(BOB), ALICE.address);
    assert.deepEqual(await chain.account(ALICE), { nonce: 1, free: 0n });
    assert.equal(proxy.count(SUBMIT), 1);

    // A browser either copies it, or refuses and the page shows it for copying by hand.
    await visitor.button('Copy as text').click();
    const copied = visitor.button('Copied');
    const byHand = page.getByLabel('Copy it from here');
    await copied.or(byHand).waitFor();
    if (!(await copied.count())) assert.match(await byHand.inputValue(), new RegExp(`UID 0.*${BOB.address}`, 's'));
  });

  test('a rejected signature, and another one', async () => {
    const { chain, proxy } = here;
    const visitor = await here.visit();
    await visitor.mine(ALICE);
    await visitor.askWallet();
    await visitor.wallet.refuse();
    await visitor.state('proof');
    await visitor.complains('You rejected the request in the wallet.');
    assert.equal(proxy.count(SUBMIT), 0);
    await visitor.askWallet();
    await visitor.wallet.sign();
    await visitor.submitted();
    await chain.block();
    await visitor.state('registered');
  });

  test('a reload keeps the proof', async () => {
    const { chain } = here;
    // After the reload no worker answers, so nothing that the page offers is a new find.
    const deaf = "if (sessionStorage.getItem('deaf')) Worker.prototype.postMessage = () => {};";
    const visitor = await here.visit({}, { script: deaf });
    const { page } = visitor;
    await visitor.mine(ALICE);
    await page.evaluate(() => sessionStorage.setItem('deaf', 'yes'));
    await page.reload();
    await visitor.state('ready');
    await visitor.start();
    await visitor.state('proof');
    await visitor.says('Proof found for block 2');
    await visitor.askWallet();
    await visitor.wallet.sign();
    await visitor.submitted();
    await chain.block();
    await visitor.state('registered');
    assert.equal(await chain.get('LastPowRegistrationBlock', [BOB.address]), 2n);
  });

  test('a hidden tab goes on, and its title tells', async () => {
    const { chain } = here;
    await chain.set('Difficulty', [1], HARD);
    await chain.block();
    const visitor = await here.visit({}, { script: HIDEABLE });
    const { page } = visitor;
    await visitor.connect(ALICE);
    await visitor.state('ready');
    await visitor.start();
    await visitor.state('mining');
    await page.evaluate(() => globalThis.turn(true));
    await chain.set('Difficulty', [1], BigInt(EASY));
    await chain.block();
    await visitor.state('proof');
    assert.match(await page.title(), /^Proof found: sign it/);
    await page.evaluate(() => globalThis.turn(false));
    await visitor.state('proof');
  });

  test('a second tab waits, and takes over on request', async () => {
    const visitor = await here.visit({ netuid: 3 });
    await visitor.connect(ALICE);
    await visitor.state('ready');
    await visitor.start();
    await visitor.state('mining');
    const other = await here.anotherTab(visitor);
    await other.state('ready');
    await other.start();
    await other.state('elsewhere');
    await other.says('Another tab of this page is mining.');
    await other.button('Mine here instead').click();
    await other.state('mining');
    await visitor.state('elsewhere', 'ready');
  });

  test('a connection that is lost comes back', async () => {
    const { chain, proxy } = here;
    const visitor = await here.visit();
    await visitor.mine(ALICE);
    proxy.close();
    proxy.cut();
    await visitor.page.locator('main[data-connection="lost"]').waitFor();
    await visitor.complains(/The connection is lost; the page is reconnecting/);
    await chain.block();
    proxy.open();
    await visitor.page.locator('main[data-connection="connected"]').waitFor();
    await visitor.says('Proof found for block 3');
  });

  test('a hopeless search, and a subnet that takes no proofs', async () => {
    const { chain } = here;
    await chain.set('Difficulty', [1], HARD);
    await chain.block();
    const visitor = await here.visit({}, { script: RATE });
    await visitor.connect(ALICE);
    await visitor.state('ready');
    await visitor.complains(/This machine needs about 3[12] years for a proof, on average: do not wait for it/);
    await visitor.button('Start mining anyway').waitFor();
    await chain.set('NetworkPowRegistrationAllowed', [1], false);
    await chain.block();
    await visitor.state('refused');
    await visitor.complains(/subnet 1 takes no proof of work: its owner has not enabled it/i);
  });

  test('a key that somebody else owns, and text that is no address', async () => {
    await here.chain.set('Owner', [BOB.address], DAVE.address);
    await here.chain.block();
    const visitor = await here.visit();
    await visitor.connect(ALICE);
    await visitor.state('refused');
    await visitor.complains(new RegExp(`belongs to the coldkey ${DAVE.address}`));
    const field = visitor.page.getByRole('textbox', { name: 'Hotkey address' });
    await field.fill('bottom drive obey lake curtain smoke basket hold race lonely fit walk');
    await visitor.complains(/Never enter a phrase here/);
    await field.fill(DAVE.address);
    await visitor.state('ready');
  });

  test('a runtime that burns TAO', async () => {
    const chain = await startChain({ variant: 'burning' });
    try {
      const visitor = await here.visit({ endpoint: chain.endpoint });
      await visitor.complains(/its register call ignores the proof and burns TAO/i);
      await visitor.connect(ALICE);
      await visitor.state('refused');
    } finally {
      await chain.stop();
    }
  });

  test('without WebGPU the page offers none, and says so to a link that asks for it', async () => {
    const visitor = await here.visit({ devices: undefined });
    await visitor.connect(ALICE);
    await visitor.state('ready');
    assert.equal(await visitor.page.getByRole('combobox', { name: 'Mine with' }).count(), 0);
    const other = await here.visit({ devices: 'webgpu' });
    await other.connect(ALICE);
    await other.state('ready');
    await other.start();
    await other.state('error');
    await other.complains(/Nothing can hash here: .*(GPU|adapter).*Choose something else to mine with/);
  });

  test('notifications are offered only where the browser would ask', async () => {
    const visitor = await here.visit({ netuid: 3 });
    const { page } = visitor;
    await visitor.connect(ALICE);
    await visitor.state('ready');
    await visitor.start();
    await visitor.state('mining');
    const wouldAsk = await page.evaluate(() => 'Notification' in globalThis && Notification.permission === 'default');
    assert.equal(await visitor.button('Notify me').count(), wouldAsk ? 1 : 0);
  });

  test('without a wallet the page says what to install', async () => {
    const browser = await launch({ engine, wallet: false });
    try {
      const visitor = await Visitor.visit(browser, { endpoint: here.proxy.endpoint, netuid: 1, hotkey: BOB.address });
      await visitor.state('connect');
      await visitor.says(/No wallet was found in this browser\. Install one/);
      await visitor.button('Look again').waitFor();
      await visitor.leave();
    } finally {
      await browser.close();
    }
  });
}
