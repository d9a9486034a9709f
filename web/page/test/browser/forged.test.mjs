// An endpoint that lies about its runtime: the page asks the wallet for nothing, and says what differs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forge, lies } from '../harness/forge.mjs';
import { ALICE, BOB } from '../harness/keys.mjs';
import { SUBMIT, fate } from '../harness/proxy.mjs';
import { stage } from '../harness/stage.mjs';

const here = stage();

/** What the page must say about some of the lies; it must say something about each. */
const WORDS = {
  'pallet-number': /SubtensorModule is pallet 11, not 7/,
  'call-number-of-register': /pow_register is call 6, not 152/,
  'argument-renamed': /an argument "tip" instead of nonce/,
  'extension-doubled': /ChargeTransactionPayment is there twice/,
  'extension-unknown': /a transaction extension "TipTheEndpoint"/,
  'era-longer': /CheckMortality has other bytes/,
  'attack-batch': /SubtensorModule is pallet 11, not 7/,
  'attack-burn': /pow_register is call 6, not 152/,
  'attack-versions': /burns TAO of the signer/,
};

/** Makes the proxy serve `make()` as the metadata. */
function tell(make) {
  here.proxy.onRequest((method) => (method === 'state_getMetadata' ? fate.answered(make()) : undefined));
}

test('every lie about calls and extensions', async (context) => {
  const { chain, proxy } = here;
  const honest = await chain.rpc('state_getMetadata');
  let served = honest;
  tell(() => served);
  const visitor = await here.visit();
  await visitor.connect(ALICE);
  await visitor.state('ready');
  await visitor.page.getByRole('checkbox', { name: 'Open the wallet as soon as there is a proof' }).check();
  let refused = 0;
  for (const name of lies) {
    try {
      served = forge(name, honest);
    } catch {
      context.diagnostic(`${name}: the test chain has nothing that it could be about`);
      continue;
    }
    const asked = proxy.count('state_getMetadata');
    await visitor.button('Connect').click();
    while (proxy.count('state_getMetadata') === asked) await visitor.page.waitForTimeout(5);
    await visitor.state('refused');
    const text = await visitor.page.getByRole('alert').first().innerText();
    assert.match(text, /^Nothing can be registered with btpow-test 475: .*Choose another network\.$/, name);
    assert.match(text, WORDS[name] ?? /runtime 475 is not as btpow knows it: .*newer btpow\?/, name);
    assert.equal(await visitor.button('Start mining').isEnabled(), false, name);
    refused += 1;
  }
  assert.ok(refused >= 40, `${refused} lies`);
  await visitor.look('forged');
  assert.equal(await visitor.wallet.waiting('signing'), 0);

  // The same endpoint, now honest.
  served = honest;
  await visitor.button('Connect').click();
  await visitor.state('ready');
  await visitor.start();
  await visitor.wallet.sign();
  await visitor.submitted();
  await chain.block();
  await visitor.state('registered');
  assert.equal(await chain.uid(1, BOB), 0);
});

test('a lie while a proof waits for the signature', async () => {
  const { chain, proxy } = here;
  const honest = await chain.rpc('state_getMetadata');
  let served = honest;
  tell(() => served);
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  served = forge('attack-batch', honest);
  proxy.onAnswer((text) => text.replace(/"specVersion":475/g, '"specVersion":476'));
  await chain.block();
  await visitor.state('refused');
  await visitor.complains(/The runtime was upgraded\. Nothing can be registered .*SubtensorModule is pallet 11, not 7/);
  assert.equal(await visitor.button('Sign and register').count(), 0);
  assert.equal(await visitor.wallet.waiting('signing'), 0);
  assert.equal(proxy.count(SUBMIT), 0);
});

test('heads without end, and none', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  const lost = visitor.page.locator('main[data-connection="lost"]');
  for (const [digest, reason] of [
    [{ logs: [`0x${'00'.repeat(40_000)}`] }, /it sent more at once than the page asked for/],
    [null, /it sent a header that is not valid/],
  ]) {
    proxy.onAnswer((text) => {
      if (!text.includes('chain_newHead')) return text;
      const message = JSON.parse(text);
      message.params.result.digest = digest;
      return JSON.stringify(message);
    });
    proxy.close();
    await chain.block();
    await lost.waitFor();
    await visitor.complains(reason);
    proxy.onAnswer((text) => text);
    proxy.open();
    await visitor.page.locator('main[data-connection="connected"]').waitFor();
  }
  await visitor.state('proof');
});
