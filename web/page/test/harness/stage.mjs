/** What the tests of one file share: a chain, and a Chromium with Alice, Bob and Charlie in its wallet. */

import { after, afterEach, before, beforeEach } from 'node:test';
import { launch } from './browser.mjs';
import { startChain } from './chain.mjs';
import { ALICE, BOB, CHARLIE } from './keys.mjs';
import { startProxy } from './proxy.mjs';
import { Visitor } from './visitor.mjs';

/**
 * Sets the stage; call it once at the top of a file. Every test begins with the chain at its first block,
 * and with no account for Alice, since a registration needs no money.
 */
export function stage({ browser: options, chain: chainOptions } = {}) {
  const here = { chain: undefined, browser: undefined, proxy: undefined };
  const visits = [];
  before(async () => {
    [here.browser, here.chain] = await Promise.all([launch(options), startChain(chainOptions)]);
    for (const account of here.browser.wallet ? [ALICE, BOB, CHARLIE] : []) await here.browser.wallet.add(account);
  });
  after(async () => {
    await here.browser?.close();
    await here.chain?.stop();
  });
  beforeEach(async () => {
    await here.chain.reset();
    await here.chain.impoverish(ALICE);
    here.proxy = await startProxy(here.chain.endpoint);
  });
  afterEach(async () => {
    // Requests that one test leaves unanswered must not disturb the next.
    await here.browser.wallet?.clear();
    await here.proxy.stop();
    for (const visitor of visits.splice(0)) await visitor.leave();
  });
  /** Opens the page, through the proxy, with subnet 1 and Bob's key unless the test chooses otherwise. */
  here.visit = async (preset, hosting) => {
    const given = { endpoint: here.proxy.endpoint, netuid: 1, hotkey: BOB.address, devices: 'wasm', ...preset };
    const visitor = await Visitor.visit(here.browser, given, hosting);
    visits.push(visitor);
    return visitor;
  };
  here.anotherTab = async (visitor) => {
    const other = await visitor.anotherTab();
    visits.push(other);
    return other;
  };
  return here;
}
