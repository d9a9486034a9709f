// What the page does not do, and says why.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startChain } from '../harness/chain.mjs';
import { ALICE, BOB, DAVE, FERDIE } from '../harness/keys.mjs';
import { injected } from '../harness/injected.mjs';
import { SUBMIT, renamed } from '../harness/proxy.mjs';
import { stage } from '../harness/stage.mjs';

const here = stage();

describe('runtimes', () => {
  for (const [variant, reason] of [
    ['burning', /runtime 425 takes no proof of work: its register call ignores the proof and burns TAO/i],
    ['legacy-big', /btpow register/],
    ['legacy-little', /btpow register/],
  ]) {
    test(`${variant} is refused`, async () => {
      const chain = await startChain({ variant });
      try {
        const visitor = await here.visit({ endpoint: chain.endpoint });
        await visitor.complains(reason);
        await visitor.connect(ALICE);
        await visitor.state('refused');
        await visitor.says('Choose another network.', visitor.card('Mining'));
        assert.equal(await visitor.button('Start mining').isEnabled(), false);
        if (variant !== 'legacy-little') await visitor.look(`runtime-${variant}`);
      } finally {
        await chain.stop();
      }
    });
  }

  for (const [name, from, to, reason] of [
    ['of another chain', 'btpow-test', 'other-node', /calls itself "other-node", which is no Subtensor/i],
    ['whose call has other arguments', 'work_block', 'past_block', /an argument "past_block" instead of work_block/i],
    ['without the call', 'pow_register', 'who_register', /no pow_register call|burns TAO/i],
  ]) {
    test(`one ${name} is refused`, async () => {
      here.proxy.onAnswer(renamed(from, to));
      const visitor = await here.visit();
      await visitor.complains(reason);
      await visitor.page.getByText('About this chain').click();
      assert.match(await visitor.value('runtime'), new RegExp(`^${from === 'btpow-test' ? to : 'btpow-test'} 475$`));
      await visitor.connect(ALICE);
      await visitor.state('refused');
      assert.equal(await visitor.button('Start mining').isEnabled(), false);
    });
  }

  test('an upgrade during the search', async () => {
    const { chain, proxy } = here;
    const visitor = await here.visit();
    await visitor.mine(ALICE);
    // As after an upgrade: from the next block the runtime has another version and other metadata.
    const version = /"specVersion":475/g;
    const without = renamed('pow_register', 'who_register');
    proxy.onAnswer((text) => without(text).replace(version, '"specVersion":999'));
    await chain.block();
    await visitor.state('refused', 'error');
    await visitor.complains(/The runtime was upgraded\. .*burns TAO/);
    assert.equal(proxy.count(SUBMIT), 0);
  });
});

describe('keys and subnets', () => {
  test('a hotkey that is already registered', async () => {
    await here.chain.set('Uids', [1, BOB.address], 3);
    await here.chain.set('Owner', [BOB.address], ALICE.address);
    await here.chain.block();
    const visitor = await here.visit();
    await visitor.connect(ALICE);
    await visitor.says('The hotkey is already registered: UID 3.');
    await visitor.look('already-registered');
  });

  test('a hotkey that somebody else has registered', async () => {
    const visitor = await here.visit({ netuid: 4, hotkey: FERDIE.address });
    await visitor.connect(ALICE);
    await visitor.state('refused');
    await visitor.complains(new RegExp(`registered on subnet 4 as UID 0, but ${FERDIE.address} owns it`));
    await visitor.look('registered-by-another');
  });

  test('a hotkey that somebody else owns', async () => {
    await here.chain.set('Owner', [BOB.address], DAVE.address);
    await here.chain.block();
    const visitor = await here.visit();
    await visitor.connect(ALICE);
    await visitor.state('refused');
    await visitor.complains(new RegExp(`belongs to the coldkey ${DAVE.address}`));
  });

  test('a coldkey that has as many hotkeys as it may have', async () => {
    const { chain } = here;
    const own = (count) => chain.set('OwnedHotkeys', [ALICE.address], Array.from({ length: count }, () => DAVE.address));
    await own(256);
    await chain.block();
    const visitor = await here.visit();
    await visitor.connect(ALICE);
    await visitor.state('refused');
    await visitor.complains(`The coldkey ${ALICE.address} owns or stakes to as many hotkeys as the chain allows for a new one`);
    await own(255);
    await chain.block();
    // The page counts again when something else is chosen.
    await visitor.page.getByRole('radio', { name: /^Subnet 3/ }).check();
    await visitor.state('ready');
  });

  test('a subnet that does not exist, and one without proof of work', async () => {
    const visitor = await here.visit({ netuid: 77 });
    await visitor.connect(ALICE);
    await visitor.state('refused');
    await visitor.complains(/subnet 77 does not exist/i);
    await visitor.page.getByRole('spinbutton', { name: 'Subnet number' }).fill('2');
    await visitor.complains(/subnet 2 takes no proof of work: its owner has not enabled it/i);
    await visitor.look('subnet-refused');
    await visitor.page.getByRole('radio', { name: /^Subnet 1/ }).check();
    await visitor.state('ready');
  });

  test('a subnet that is full', async () => {
    const visitor = await here.visit({ netuid: 4 });
    await visitor.mine(ALICE);
    await visitor.askWallet();
    await visitor.wallet.sign();
    await visitor.submitted();
    await here.chain.block();
    await visitor.state('refused', 'error');
    await visitor.complains(/Subnet 4 is full, and no key on it can be replaced now/);
  });

  test('text that is not an address', async () => {
    const visitor = await here.visit({ hotkey: undefined });
    await visitor.connect(ALICE);
    const field = visitor.page.getByRole('textbox', { name: 'Hotkey address' });
    const phrase = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
    for (const [text, complaint] of [
      [`${BOB.address.slice(0, -1)}x`, /not an address/],
      ['1FRMM8PEiWXYax7rpS6X4XZX1aAAxSWx1CrKTyrVYhV24fg', /address of another network/],
      ['0x1234', /64 hexadecimal digits/],
      [phrase, /Never enter a phrase here/],
    ]) {
      await field.fill(text);
      await visitor.complains(complaint);
      assert.equal(await field.getAttribute('aria-invalid'), 'true');
      await visitor.state('choose');
      const kept = await visitor.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage, href: location.href }));
      assert.ok(!kept.includes(text), `${text} is kept: ${kept}`);
    }
    await visitor.look('bad-hotkey');
    await field.fill(BOB.address);
    await visitor.state('ready');
  });
});

describe('machines', () => {
  test('one without the GPU that was asked for', async () => {
    const visitor = await here.visit({ devices: 'webgpu' });
    await visitor.connect(ALICE);
    await visitor.state('ready');
    await visitor.start();
    await visitor.state('error');
    await visitor.complains(/Nothing can hash here: .*(GPU|adapter)/);
    await visitor.look('no-gpu');
  });
});

describe('wallets', () => {
  test('one that shows no account', async () => {
    const visitor = await here.visit();
    await visitor.connect();
    await visitor.says(/polkadot\{\.js\} shares no account with this page/);
    await visitor.look('no-accounts');
    await visitor.wallet.show(visitor.url, [ALICE]);
    await visitor.state('ready');
  });

  const wallet = (name, address, signature) => injected(name, [{ address, name: 'Mine' }], { signature });

  test('the page offers several by name, whatever they call themselves', async () => {
    const name = '\u202eevil <b>wallet</b>';
    const visitor = await here.visit({}, { script: wallet(name, ALICE.address, '0x') });
    await visitor.button('Connect polkadot{.js}').waitFor();
    await visitor.button('Connect evil <b>wallet</b>').waitFor();
    await visitor.look('two-wallets');
  });

  test('one whose signature is not one', async () => {
    for (const [signature, complaint] of [
      [undefined, /did not answer with a signature/],
      ['signed, sealed', /did not answer with a signature/],
      [`0x02${'00'.repeat(65)}`, /did not answer with a signature: .*66 bytes, not 65/],
      [`0x02${'00'.repeat(64)}`, /did not answer with a signature: .*its scheme is 2/],
      [`0x01${'00'.repeat(64)}`, /its signature does not fit this chain/],
    ]) {
      const visitor = await here.visit({}, { script: wallet('careless', ALICE.address, signature) });
      await visitor.button('Connect careless').click();
      await visitor.state('ready');
      await visitor.start();
      await visitor.state('proof');
      await visitor.button('Sign and register').click();
      await visitor.complains(complaint);
      await visitor.state('proof', 'mining');
      assert.equal(await here.chain.uid(1, BOB), undefined);
    }
  });

  test('one whose signatures come to nothing, ten times', async () => {
    const { chain, proxy } = here;
    const visitor = await here.visit({}, { clock: true, script: wallet('careless', ALICE.address, `0x01${'00'.repeat(64)}`) });
    await visitor.button('Connect careless').click();
    await visitor.state('ready');
    await visitor.start();
    for (let signature = 1; signature <= 10; signature += 1) {
      await visitor.state('proof');
      // The page waits for three seconds between two requests.
      await visitor.page.clock.fastForward(3_000);
      await visitor.button('Sign and register').click();
      await visitor.complains(signature < 10 ? /its signature does not fit/ : /^10 signatures came to nothing\. .*Mining ended/);
      await chain.block();
    }
    await visitor.state('error');
    assert.equal(proxy.count(SUBMIT), 10);
  });

  test('one whose user closes the request', async () => {
    const visitor = await here.visit();
    await visitor.button('Connect polkadot{.js}').click();
    await visitor.wallet.cancelConnection();
    await visitor.complains(/did not connect: .*cancelled/i);
    await visitor.connect(ALICE);
    await visitor.state('ready');
  });
});

describe('endpoints', () => {
  test('the page says what is not an endpoint', async () => {
    const visitor = await here.visit({ endpoint: undefined, network: 'custom' });
    const { page } = visitor;
    for (const [text, complaint] of [
      ['finney', /is not a URL/],
      ['https://127.0.0.1', /is not a WebSocket/],
      ['ws://example.org:9944', /Use wss/],
    ]) {
      await page.getByRole('textbox', { name: 'Endpoint' }).fill(text);
      await visitor.button('Connect').click();
      await visitor.complains(complaint);
    }
    await visitor.look('bad-endpoint');
  });

  test('nobody listens', async () => {
    here.proxy.close();
    const visitor = await here.visit();
    await visitor.complains(/127\.0\.0\.1:\d+: no connection/);
    here.proxy.open();
    const connect = visitor.button('Connect').or(visitor.button('Connect again')).first();
    if (await visitor.page.locator('main[data-connection="none"]').count()) await connect.click();
    await visitor.page.locator('main[data-connection="connected"]').waitFor();
  });
});
