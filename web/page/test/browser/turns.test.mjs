// Bad turns that visitors took: of wallets, of browsers, of the page's own files.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { injected } from '../harness/injected.mjs';
import { ALICE, BOB } from '../harness/keys.mjs';
import { stage } from '../harness/stage.mjs';

const here = stage({ browser: { wallet: false } });

const MINE = [{ address: ALICE.address, name: 'Mine' }];

describe('wallets', () => {
  test('one that shares only accounts of another kind', async () => {
    const accounts = [
      { address: `0x${'ab'.repeat(20)}`, name: 'Ether', type: 'ethereum' },
      { address: ALICE.address, name: 'Curve', type: 'ecdsa' },
    ];
    const visitor = await here.visit({}, { script: injected('talisman', accounts) });
    await visitor.button('Connect Talisman').click();
    await visitor.says(/Talisman shares only accounts of another kind \(ecdsa, ethereum\)\. A coldkey is/);
    await visitor.state('choose');
    await visitor.look('wallet-other-accounts');
  });

  test('one that never answers holds up nothing', async () => {
    const late = injected('talisman', MINE, { enable: 'await new Promise((resolve) => (globalThis.answer = resolve));' });
    const visitor = await here.visit({}, { script: `${late}${injected('subwallet-js', MINE)}` });
    const { page } = visitor;
    await visitor.button('Connect Talisman').click();
    await visitor.says('Allow this page in the window of Talisman.');
    await visitor.look('wallet-silent');
    await visitor.button('Do not wait').click();
    await page.getByText('Allow this page').waitFor({ state: 'detached' });
    assert.equal(await visitor.button('Connect Talisman').isEnabled(), true);
    // An answer that comes later changes nothing.
    await page.evaluate(() => globalThis.answer());
    await visitor.button('Connect SubWallet').click();
    await visitor.state('ready');
    const { wallet } = await page.evaluate(() => JSON.parse(localStorage.getItem('btpow')));
    assert.equal(wallet, 'subwallet-js');
  });

  test('another one can be connected while the first is silent', async () => {
    const silent = injected('talisman', MINE, { enable: 'await new Promise(() => {});' });
    const visitor = await here.visit({}, { script: `${silent}${injected('subwallet-js', MINE)}` });
    await visitor.button('Connect Talisman').click();
    await visitor.button('Connect SubWallet').click();
    await visitor.state('ready');
  });

  test('one that fails without a reason, or with a full stop', async () => {
    for (const [thrown, complaint] of [
      ['undefined', 'Talisman did not connect: no reason was given. Allow this page'],
      ["new Error('No access..')", 'Talisman did not connect: No access. Allow this page'],
    ]) {
      const visitor = await here.visit({}, { script: injected('talisman', MINE, { enable: `throw ${thrown};` }) });
      await visitor.button('Connect Talisman').click();
      await visitor.complains(complaint);
    }
  });
});

describe('browsers', () => {
  const failing = (method) => `Storage.prototype.${method} = () => { throw new DOMException('no', 'SecurityError'); };`;
  for (const [name, script] of [
    ['whose storage cannot be read', failing('getItem')],
    ['whose storage is full', failing('setItem')],
    ['without a storage', "Object.defineProperty(globalThis, 'localStorage', { get: () => { throw new DOMException('no', 'SecurityError'); } });"],
  ]) {
    test(`one ${name}`, async () => {
      const visitor = await here.visit({}, { script: `${script}${injected('quick', MINE)}` });
      await visitor.button('Connect quick').click();
      await visitor.state('ready');
      await visitor.start();
      await visitor.state('proof');
    });
  }

  test('one without an adapter is offered no GPU', async () => {
    const visitor = await here.visit({ devices: undefined }, { script: injected('quick', MINE) });
    await visitor.button('Connect quick').click();
    await visitor.state('ready');
    assert.equal(await visitor.page.getByRole('combobox', { name: 'Mine with' }).count(), 0);
  });

  test('one that ends the workers without a word, which the watchdog of the package tells', async () => {
    const script = `
      globalThis.started = [];
      globalThis.Worker = class extends Worker {
        constructor(...options) { super(...options); globalThis.started.push(this); }
      };`;
    const visitor = await here.visit({ netuid: 3 }, { clock: true, script: `${script}${injected('quick', MINE)}` });
    const { page } = visitor;
    await visitor.button('Connect quick').click();
    await visitor.state('ready');
    await visitor.start();
    const row = page.getByRole('row', { name: /Processor.*[1-9][\d.]* .?H\/s/ });
    await row.waitFor();
    const dead = await page.evaluate(() => globalThis.started.map((worker) => worker.terminate()).length);
    assert.ok(dead > 0);
    await page.clock.runFor(25_000);
    // The package's watchdog has dropped each of them, and the page says so once.
    await visitor.logs(/Nothing hashes any more: .*it has not answered for 10 s/);
    await visitor.logs('Trying the lost devices again.');
    assert.doesNotMatch(await page.getByRole('log').innerText(), /Nothing hashes[^]*Nothing hashes/);
    // They were opened again.
    await page.waitForFunction((dead) => globalThis.started.length > dead, dead);
    await page.clock.runFor(1_000);
    await row.waitFor();
    await visitor.state('mining');
  });
});

describe('files', () => {
  test('a script that cannot load does not leave “Starting…” for ever', async () => {
    const visitor = await here.visit({ endpoint: undefined }, { missing: /\.js$/ });
    const { page } = visitor;
    const advice = page.getByText('If nothing follows, a part of this page could not be loaded');
    assert.equal(await advice.isVisible(), false, 'not before it takes long');
    await page.evaluate(() => document.getAnimations().forEach((animation) => animation.finish()));
    await advice.waitFor();
    await visitor.look('no-script');
  });

  test('a module that cannot load says what a visitor can do', async () => {
    const visitor = await here.visit({ devices: 'wasm' }, { missing: /btpow(_scalar)?_bg.*\.wasm$/, script: injected('quick', MINE) });
    await visitor.button('Measure this machine').click();
    await visitor.complains('Nothing can hash here: a part of this page cannot be loaded; load the page again.');
    await visitor.button('Connect quick').click();
    await visitor.state('ready');
    await visitor.start();
    await visitor.state('error');
    await visitor.complains(/a part of this page cannot be loaded/);
    assert.doesNotMatch(await visitor.page.locator('body').innerText(), /Vite|bundler|wasm/);
  });
});

test('on a phone the button to sign moves up', async () => {
  const visitor = await here.visit({}, { script: injected('quick', MINE) });
  await visitor.page.setViewportSize({ width: 390, height: 844 });
  await visitor.button('Connect quick').click();
  await visitor.state('ready');
  await visitor.start();
  await visitor.state('proof');
  const top = async (title) => (await visitor.card(title).boundingBox()).y;
  assert.ok((await top('Signature')) < (await top('Mining')));
  assert.ok((await top('Mining')) < (await top('Network and subnet')));
  assert.equal(await visitor.value('sign-hotkey'), BOB.address);
});

test('a tab that was frozen goes on', async () => {
  const { chain } = here;
  const visitor = await here.visit({}, { script: injected('quick', MINE) });
  const { page } = visitor;
  await visitor.button('Connect quick').click();
  await visitor.state('ready');
  await visitor.start();
  await visitor.state('proof');
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await chain.block(12);
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  await visitor.says('Proof found for block 14');
});
