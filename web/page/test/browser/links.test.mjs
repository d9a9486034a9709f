// Links that name an endpoint: whoever made one chose it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALICE } from '../harness/keys.mjs';
import { startProxy } from '../harness/proxy.mjs';
import { stage } from '../harness/stage.mjs';

const here = stage({ browser: { wallet: false } });

/** A wallet that counts how often something wakes it. */
const WALLET = `
  globalThis.woken = 0;
  globalThis.injectedWeb3 = { sleeper: { version: '1', enable: async () => {
    globalThis.woken += 1;
    return {
      accounts: { get: async () => [{ address: '${ALICE.address}', name: 'Mine' }], subscribe: () => {} },
      signer: {},
    };
  } } };`;

/** Waits long enough for anything that the page does by itself. */
const settle = (visitor) => visitor.page.waitForTimeout(2_000);

test('nothing connects, and no wallet wakes, before the visitor answers', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit({}, { script: WALLET, undecided: true });
  const { page } = visitor;
  const fetched = [];
  page.on('request', (request) => {
    // The browser requests the icon whenever it likes.
    if (!request.url().endsWith('/icon.svg')) fetched.push(request.url());
  });
  const woken = () => page.evaluate(() => globalThis.woken);
  const question = (endpoint) => visitor.complains(`This link wants to connect to ${endpoint}.`);

  await question(proxy.endpoint);
  await settle(visitor);
  assert.deepEqual([proxy.connections, await woken(), fetched], [0, 0, []]);
  assert.equal(await page.evaluate(() => localStorage.length), 0, 'nor is anything of it remembered');
  await visitor.look('link');
  // The endpoint learns nothing of a wallet that the visitor wakes.
  await visitor.button('Connect sleeper').click();
  await page.getByLabel('Coldkey', { exact: true }).waitFor();
  assert.equal(proxy.connections, 0);
  await visitor.button('Connect').click();
  await visitor.state('ready');
  await visitor.says('Only the endpoint says which chain this is');

  // Now it is a choice like any other.
  await page.reload();
  await visitor.state('ready');
  assert.equal(await woken(), 1);

  // Another link, on the same page: the wallet is known, and sleeps on.
  const other = await startProxy(chain.endpoint);
  try {
    const before = proxy.connections;
    const address = new URL(visitor.url);
    address.searchParams.set('endpoint', `ws://user:word@127.0.0.1:${new URL(other.endpoint).port}/way`);
    await page.goto(address.href);
    await question(other.endpoint);
    await settle(visitor);
    assert.deepEqual([other.connections, proxy.connections, await woken()], [0, before, 0]);
    // Without an answer, the page does not remember it.
    await page.reload();
    await question(other.endpoint);
    await page.goto(visitor.url);
    await visitor.state('ready');

    // Tests cannot reach finney.
    const tried = [];
    await page.routeWebSocket(/^wss:/, (socket) => {
      tried.push(new URL(socket.url()).hostname);
      return socket.close({ code: 4_000, reason: 'not in a test' });
    });
    await page.goto(address.href);
    await visitor.button('Use finney instead').click();
    await visitor.complains(/No endpoint of finney works/);
    assert.ok(tried.length > 0 && tried.every((host) => /opentensor\.ai$|latent\.to$/.test(host)), String(tried));
    assert.deepEqual([other.connections, await woken()], [0, 1]);
    assert.equal(await page.getByRole('combobox', { name: 'Network' }).inputValue(), 'finney');
  } finally {
    await other.stop();
  }
});
