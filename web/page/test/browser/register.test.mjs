// The usual path, and how people leave it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALICE, BOB, CHARLIE, DAVE } from '../harness/keys.mjs';
import { SUBMIT } from '../harness/proxy.mjs';
import { stage } from '../harness/stage.mjs';

const here = stage();

test('a key is registered, every choice made by hand', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit({ endpoint: undefined, netuid: undefined, hotkey: undefined, network: 'custom' });
  const { page, wallet } = visitor;
  await visitor.state('connect');
  await visitor.button('Connect polkadot{.js}').waitFor();
  await visitor.look('connect');
  await visitor.connect(ALICE, BOB);
  await visitor.state('choose');

  await page.getByRole('combobox', { name: 'Network' }).selectOption('custom');
  await page.getByRole('textbox', { name: 'Endpoint' }).fill(proxy.endpoint);
  await visitor.button('Connect').click();
  const subnets = page.getByRole('group', { name: 'Subnet' });
  await subnets.getByRole('radio', { name: /^Subnet 1/ }).waitFor();
  // The subnets with proof of work, each with its difficulty.
  assert.equal(await subnets.getByRole('radio', { name: /^Subnet/ }).count(), 3);
  assert.equal(await subnets.getByRole('radio', { name: /^Subnet 2/ }).count(), 0);
  await visitor.says(/difficulty 50,000/);
  await visitor.says(/difficulty 1,000,000,000,000/);
  await page.getByText('About this chain').click();
  assert.equal(await visitor.value('runtime'), 'btpow-test 475');
  await page.getByText('About this chain').click();
  await visitor.look('choose');
  await subnets.getByRole('radio', { name: /^Subnet 1/ }).check();
  await page.getByRole('textbox', { name: 'Hotkey address' }).fill(BOB.address);
  await visitor.state('ready');
  await visitor.says(/about one try in 50 thousand wins/);
  await visitor.look('ready');

  await visitor.start();
  await visitor.state('proof');
  // The page says what it will have signed before it asks the wallet.
  assert.match(await visitor.value('sign-chain'), /btpow-test 475/);
  await visitor.says('Only the endpoint says which chain this is');
  await page.getByText('About this chain').click();
  await visitor.says('Genesis (not pinned)');
  assert.equal(await visitor.value('genesis'), `0x${'45'.repeat(32)}`);
  await page.getByText('About this chain').click();
  assert.match(await visitor.value('sign-call'), /pow_register/);
  assert.equal(await visitor.value('sign-coldkey'), ALICE.address);
  assert.equal(await visitor.value('sign-hotkey'), BOB.address);
  assert.match(await visitor.value('sign-fee'), /^0/);
  await visitor.says(/remember it for 15 minutes/);
  await visitor.says('Proof found for block 2');
  await visitor.look('proof');

  await visitor.askWallet();
  const payload = await wallet.toSign();
  const bobHex = '8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48';
  // pow_register, subnet 1, block 2; the key at the end.
  assert.match(payload.method, new RegExp(`^0x0798${'0100'}${'0200000000000000'}[0-9a-f]{80}${bobHex}$`));
  assert.equal(payload.address, ALICE.address);
  assert.equal(payload.genesisHash, `0x${'45'.repeat(32)}`);
  assert.equal(Number(payload.tip), 0);
  assert.equal(Number(payload.nonce), 0);
  assert.equal(Number(payload.blockNumber), 2);
  // Valid from block 2, for 8 blocks: no pool keeps it for longer than it may count.
  assert.equal(payload.era, '0x2200');
  assert.equal(payload.mode ?? 0, 0);
  await visitor.says('Approve the request in the wallet.');
  await visitor.says('The wallet asks you to sign the proof for block 2');
  await visitor.look('signing');

  await wallet.sign();
  await visitor.submitted();
  await visitor.says('The registration is on its way.');
  await visitor.look('submitted');
  assert.equal(await chain.uid(1, BOB), undefined);
  await chain.block();
  await visitor.state('registered');
  await visitor.says('Registered as UID 0.');
  assert.equal(await visitor.value('uid'), '0');
  await visitor.look('registered');
  assert.equal(await chain.uid(1, BOB), 0);
  assert.equal(await chain.owner(BOB), ALICE.address);
  // It cost nothing, since there was nothing to pay with.
  assert.deepEqual(await chain.account(ALICE), { nonce: 1, free: 0n });
  assert.equal(proxy.count(SUBMIT), 1);

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await visitor.button('Copy as text').click();
  await visitor.button('Copied').waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  for (const part of [BOB.address, ALICE.address, 'UID 0', 'subnet 1']) assert.ok(text.includes(part), text);
});

test('the wallet opens by itself, for a hotkey that it holds', async () => {
  const { chain } = here;
  const visitor = await here.visit({ hotkey: undefined });
  await visitor.connect(ALICE, CHARLIE);
  const select = visitor.page.getByRole('combobox', { name: 'Hotkey from the wallet' });
  await select.selectOption(await select.locator('option', { hasText: 'Charlie' }).getAttribute('value'));
  assert.equal(await visitor.page.getByRole('textbox', { name: 'Hotkey address' }).inputValue(), CHARLIE.address);
  await visitor.state('ready');
  await visitor.page.getByRole('checkbox', { name: 'Open the wallet as soon as there is a proof' }).check();
  await visitor.start();
  await visitor.wallet.sign();
  await visitor.submitted();
  await chain.block();
  await visitor.state('registered');
  assert.equal(await chain.owner(CHARLIE), ALICE.address);
});

test('by keyboard alone', async () => {
  const visitor = await here.visit();
  const { page } = visitor;
  /** Tabs to a control, which must then show that it has the focus. */
  const tabTo = async (name) => {
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      if ((await focused.count()) && (await page.getByRole('button', { name }).and(focused).count())) {
        const outline = await focused.evaluate((element) => getComputedStyle(element).outlineStyle);
        assert.notEqual(outline, 'none', `${name} has the focus, which cannot be seen`);
        return;
      }
    }
    assert.fail(`Tab does not lead to ${name}`);
  };
  await visitor.button('Connect polkadot{.js}').waitFor();
  /** Where the focus is: at a heading after what had it is gone. */
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await tabTo('Connect polkadot{.js}');
  await page.keyboard.press('Enter');
  await visitor.wallet.connect([ALICE]);
  await visitor.state('ready');
  assert.equal(await focused(), 'Wallet');
  await tabTo('Start mining');
  await page.keyboard.press('Enter');
  await visitor.state('proof');
  assert.equal(await focused(), 'Stop mining');
  await tabTo('Sign and register');
  await page.keyboard.press('Space');
  await visitor.state('signing');
  assert.equal(await focused(), 'Waiting for the wallet');
  await visitor.wallet.sign();
  await visitor.submitted();
  assert.equal(await focused(), 'Signature');
  await here.chain.block();
  await visitor.state('registered');
  assert.match(await focused(), /^Registered as UID 0\./);
});

test('a refused signature, requested again', async () => {
  const { chain } = here;
  const visitor = await here.visit();
  const { wallet } = visitor;
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await wallet.refuse();
  await visitor.state('proof');
  await visitor.complains('You rejected the request in the wallet.');
  assert.equal(here.proxy.count(SUBMIT), 0);
  // The extension takes one request every three seconds; the page knows.
  await visitor.button(/^Sign and register \(in \d s\)$/).waitFor();
  await visitor.look('signature-refused');
  await visitor.askWallet();
  await wallet.sign();
  await visitor.submitted();
  await chain.block();
  await visitor.state('registered');
  assert.equal(await chain.uid(1, BOB), 0);
});

test('a popup left open for too long', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  const { wallet } = visitor;
  await visitor.mine(ALICE);
  await visitor.askWallet();
  assert.equal(Number((await wallet.toSign()).blockNumber), 2);
  await chain.block(5);
  await visitor.complains(/The proof for block 2, which the wallet shows, is now too old/);
  assert.equal(await visitor.status(), 'Too old to sign: reject the request in the wallet.');
  await visitor.look('popup-too-old');
  // The wallet remembers the password, so the next time is quick.
  await wallet.sign({ remember: true });
  await visitor.state('mining', 'proof');
  await visitor.complains(/The signature came after the time of the proof for block 2 was over, so nothing was sent/);
  assert.equal(proxy.count(SUBMIT), 0);
  await visitor.state('proof');
  await visitor.says('Proof found for block 7');
  await visitor.askWallet();
  assert.equal(Number((await wallet.toSign()).blockNumber), 7);
  await wallet.sign();
  await visitor.submitted();
  await chain.block();
  await visitor.state('registered');
  assert.equal(await chain.get('LastPowRegistrationBlock', [BOB.address]), 7n);
});

test('the page asks the wallet for the freshest proof', async () => {
  const { chain } = here;
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  await visitor.says('Proof found for block 2');
  await chain.block();
  await visitor.says('Proof found for block 3');
  await chain.block();
  await visitor.says('Proof found for block 4');
  assert.match(await visitor.value('offer'), /counts for 5 more blocks/);
});

test('an account that the wallet takes back', async () => {
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  await visitor.wallet.show(visitor.url, [CHARLIE]);
  await visitor.complains(new RegExp(`The wallet no longer shares the coldkey ${ALICE.address}`));
  // A proof is for its coldkey, and useless for another.
  assert.equal(await visitor.button('Sign and register').and(visitor.page.locator(':enabled')).count(), 0);
  await visitor.look('account-changed');
  await visitor.coldkey(CHARLIE);
  await visitor.state('ready');
  await visitor.start();
  await visitor.state('proof');
  await visitor.askWallet();
  assert.equal((await visitor.wallet.toSign()).address, CHARLIE.address);
  await visitor.wallet.sign();
  await visitor.submitted();
  await here.chain.block();
  await visitor.state('registered');
  assert.equal(await here.chain.owner(BOB), CHARLIE.address);
});

test('a reload during the search', async () => {
  const { chain } = here;
  const visitor = await here.visit({ hotkey: undefined, netuid: undefined });
  const { page } = visitor;
  await visitor.connect(ALICE);
  await page.getByRole('radio', { name: /^Subnet 1/ }).check();
  await page.getByRole('textbox', { name: 'Hotkey address' }).fill(DAVE.address);
  await visitor.state('ready');
  await visitor.start();
  await visitor.state('proof');
  // From here on no worker ever answers, so nothing that the page offers later is a new find.
  await page.addInitScript(() => {
    Worker.prototype.postMessage = () => {};
  });
  await page.reload();
  // The wallet knows the page, and the page its choices.
  await visitor.state('ready');
  assert.equal(await page.getByRole('textbox', { name: 'Hotkey address' }).inputValue(), DAVE.address);
  assert.ok(await page.getByRole('radio', { name: /^Subnet 1/ }).isChecked());
  await visitor.start();
  await visitor.state('proof');
  await visitor.says('Proof found for block 2');
  await visitor.askWallet();
  await visitor.wallet.sign();
  await visitor.submitted();
  await chain.block();
  await visitor.state('registered');
  assert.equal(await chain.get('LastPowRegistrationBlock', [DAVE.address]), 2n);
});

test('a second tab waits, and takes over on request', async () => {
  const visitor = await here.visit({ netuid: 3 });
  await visitor.connect(ALICE);
  await visitor.state('ready');
  await visitor.start();
  await visitor.state('mining');
  const other = await here.anotherTab(visitor);
  await other.reconnect();
  await other.state('elsewhere', 'ready');
  if (await other.button('Start mining').isVisible()) await other.start();
  await other.state('elsewhere');
  await other.says('Another tab of this page is mining.');
  await other.look('elsewhere');
  await other.button('Mine here instead').click();
  await other.state('mining');
  await visitor.state('elsewhere', 'ready');
});
