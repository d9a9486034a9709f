// Any host will do, with or without a wallet in the browser.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALICE, BOB } from '../harness/keys.mjs';
import { launch } from '../harness/browser.mjs';
import { policy } from '../harness/server.mjs';
import { stage } from '../harness/stage.mjs';
import { Visitor } from '../harness/visitor.mjs';

const here = stage();

test('in a folder, with the policy as a header as well', async () => {
  const visitor = await here.visit({}, { base: '/some/folder/', policy: `${policy()}; frame-ancestors 'none'` });
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await visitor.wallet.sign();
  await visitor.submitted();
  await here.chain.block();
  await visitor.state('registered');
  assert.equal(await here.chain.uid(1, BOB), 0);
});

test('the policy holds: no script and no address from elsewhere', async () => {
  const visitor = await here.visit();
  await visitor.state('connect');
  const blocked = await visitor.page.evaluate(async () => {
    const violations = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => violations.push(effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'globalThis.injected = true';
    document.head.append(script);
    const image = new Image();
    image.src = 'https://127.0.0.2/x.png';
    await fetch('https://127.0.0.2/').catch(() => {});
    try {
      new WebSocket('ws://127.0.0.2:1');
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { violations, injected: globalThis.injected };
  });
  assert.equal(blocked.injected, undefined);
  assert.deepEqual([...new Set(blocked.violations)].sort(), ['connect-src', 'img-src', 'script-src-elem']);
  // The violations were this test's own.
  visitor.faults.length = 0;
});

test('without a wallet', async () => {
  const browser = await launch({ wallet: false });
  try {
    const visitor = await Visitor.visit(browser, { endpoint: here.proxy.endpoint, netuid: 1, hotkey: BOB.address });
    await visitor.state('connect');
    await visitor.says(/No wallet was found in this browser\. Install one/);
    await visitor.button('Look again').waitFor();
    await visitor.look('no-wallet');
    await visitor.leave();
  } finally {
    await browser.close();
  }
});
