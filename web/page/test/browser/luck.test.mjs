// Bad luck: with the chain, with the network, with the machine.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EASY, HARD } from '../harness/chain.mjs';
import { ALICE, BOB, DAVE } from '../harness/keys.mjs';
import { SUBMIT, fate } from '../harness/proxy.mjs';
import { stage } from '../harness/stage.mjs';

const here = stage();

/** From a proof to a registration; `submission` counts from 1. */
async function finish(visitor, submission = 1) {
  await visitor.state('proof');
  await visitor.askWallet();
  await visitor.wallet.sign();
  await visitor.submitted(submission);
  await here.chain.block();
  await visitor.state('registered');
  assert.equal(await here.chain.uid(1, BOB), 0);
}

test('blocks that are replaced while the wallet is open', async () => {
  const { chain, proxy } = here;
  await chain.block();
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  await visitor.says('Proof found for block 3');
  await visitor.askWallet();
  await chain.setHead(2);
  await chain.block(2);
  await visitor.logs(/Block \d+: the chain was re-organised\. Proofs are checked again\./);
  await visitor.wallet.sign({ remember: true });
  await visitor.complains(/Block 3, for which you signed, is no longer part of the chain, so nothing was sent/);
  assert.equal(proxy.count(SUBMIT), 0);
  await visitor.look('re-organised');
  await finish(visitor);
});

test('a registration whose block is replaced', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  // A node reports this when the block was not the last word; this one finalises at once.
  let finals = 0;
  proxy.onAnswer((text) => {
    if (!text.includes('author_extrinsicUpdate')) return text;
    const message = JSON.parse(text);
    const { finalized } = message.params.result;
    if (finalized && (finals += 1) === 1) message.params.result = { retracted: finalized };
    return JSON.stringify(message);
  });
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await visitor.wallet.sign({ remember: true });
  await visitor.submitted();
  await chain.block();
  await visitor.logs(/In block 3 as UID 0\. Waiting until the block is final\./);
  await visitor.logs('The block that held the registration was replaced. Waiting on.');
  await chain.setHead(2);
  await chain.block(6);
  await visitor.complains(/No block took the proof in time/);
  await finish(visitor, 2);
});

test('proof of work that is switched off during the search', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  await chain.set('NetworkPowRegistrationAllowed', [1], false);
  await chain.block();
  await visitor.state('refused', 'error');
  await visitor.complains(/subnet 1 takes no proof of work: its owner has not enabled it/i);
  await visitor.look('switched-off');
  assert.equal(proxy.count(SUBMIT), 0);
});

test('proof of work that is switched off while the proof is on its way', async () => {
  const { chain } = here;
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await visitor.wallet.sign();
  await visitor.submitted();
  await chain.set('NetworkPowRegistrationAllowed', [1], false);
  await chain.block(2);
  await visitor.state('refused', 'error');
  await visitor.complains(/subnet 1 takes no proof of work/i);
});

test('a difficulty that rises before the signature', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await chain.set('Difficulty', [1], HARD);
  await chain.block();
  await visitor.logs(/The difficulty rose to 99\d,\d{3},\d{3},\d{3},\d{3}/);
  await visitor.wallet.sign({ remember: true });
  await visitor.complains(/The difficulty rose above the proof that you signed, so nothing was sent/);
  await visitor.state('mining');
  assert.equal(proxy.count(SUBMIT), 0);
  await visitor.look('difficulty-rose');
  // The page keeps the proof: it is as good as before when the difficulty falls in time.
  await chain.set('Difficulty', [1], BigInt(EASY));
  await chain.block();
  await finish(visitor);
});

test('a difficulty that rises before the block', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  // A node says only that a transaction is invalid; chopsticks says why.
  proxy.onAnswer((text) => {
    if (!text.includes('author_extrinsicUpdate') || !text.includes('"invalid"')) return text;
    const message = JSON.parse(text);
    message.params.result = 'invalid';
    return JSON.stringify(message);
  });
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await visitor.wallet.sign({ remember: true });
  await visitor.submitted();
  await chain.set('Difficulty', [1], HARD);
  await chain.block();
  await visitor.complains(/The pool let the proof go \(invalid\)/);
  await chain.set('Difficulty', [1], BigInt(EASY));
  await chain.block();
  await finish(visitor, 2);
});

test('a block that has all the registrations that it may have', async () => {
  const { chain, proxy } = here;
  await chain.set('RegistrationsThisBlock', [1], 1);
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await visitor.wallet.sign();
  await visitor.logs(/held back, as block 2 has all the registrations that it may have/);
  assert.equal(proxy.count(SUBMIT), 0);
  await chain.block();
  await visitor.logs(/Submitting the proof for block 2/);
  await visitor.submitted();
  await chain.block();
  await visitor.state('registered');
});

test('somebody else registers the key meanwhile', async () => {
  const { chain } = here;
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  await chain.set('Uids', [1, BOB.address], 7);
  await chain.set('Owner', [BOB.address], DAVE.address);
  await chain.block();
  await visitor.state('refused', 'error');
  await visitor.complains(new RegExp(`registered on subnet 1 as UID 7, but ${DAVE.address} owns it`));
});

test('a cut socket that comes back', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  await visitor.mine(ALICE);
  proxy.close();
  proxy.cut();
  await visitor.page.locator('main[data-connection="lost"]').waitFor();
  await visitor.complains(/The connection is lost; the page is reconnecting/);
  await visitor.look('connection-lost');
  await chain.block();
  proxy.open();
  await visitor.page.locator('main[data-connection="connected"]').waitFor();
  await visitor.says('Proof found for block 3');
  await finish(visitor);
});

test('a socket cut after the submission', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  const sent = [];
  proxy.onRequest((method, params) => {
    if (method !== SUBMIT) return undefined;
    sent.push(params[0]);
    return sent.length === 1 ? fate.passedAndLost : undefined;
  });
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await visitor.wallet.sign();
  await visitor.logs(/Lost sight of the submission/);
  await chain.block();
  await visitor.state('registered');
  assert.equal(await chain.uid(1, BOB), 0);
  // The page sent the same extrinsic each time, and a chain takes it once.
  assert.equal(new Set(sent).size, 1);
  assert.deepEqual(await chain.account(ALICE), { nonce: 1, free: 0n });
});

test('a network that goes silent', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit({}, { clock: true });
  await visitor.mine(ALICE);
  proxy.silence();
  // Silence for three blocks, and then no answer to the page's question.
  await visitor.page.clock.fastForward(40_000);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await visitor.page.clock.fastForward(25_000);
  await visitor.page.locator('main[data-connection="lost"]').waitFor();
  proxy.silence(false);
  await chain.block();
  await visitor.page.locator('main[data-connection="connected"]').waitFor();
  await finish(visitor);
});

test('a pool that refuses', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  let refused = false;
  proxy.onRequest((method) => {
    if (method !== SUBMIT || refused) return undefined;
    refused = true;
    return fate.refused({ code: 1010, message: 'Invalid Transaction', data: 'Transaction is outdated' });
  });
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await visitor.wallet.sign({ remember: true });
  await visitor.complains(/The pool refused the proof: /);
  await visitor.look('pool-refused');
  await chain.block();
  await finish(visitor);
});

test('a pool that says it already has the proof', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit();
  let known = true;
  proxy.onRequest((method) => {
    if (method !== SUBMIT || !known) return undefined;
    return fate.refused({ code: 1013, message: 'Transaction is already imported' });
  });
  await visitor.mine(ALICE);
  await visitor.askWallet();
  await visitor.wallet.sign({ remember: true });
  await visitor.logs(/the pool has it already\. Waiting for a block\./);
  await chain.block(4);
  await visitor.says(/^6$/, visitor.page.locator('[data-value="block"]'));
  await visitor.state('sending');
  await chain.block();
  await visitor.complains(/No block took the proof in time/);
  assert.equal(proxy.count(SUBMIT), 1, 'it is not sent again and again');
  known = false;
  await finish(visitor);
});

test('a laptop that sleeps', async () => {
  const { chain, proxy } = here;
  const visitor = await here.visit({}, { clock: true });
  await visitor.mine(ALICE);
  // The lid is closed for half an hour: nothing arrives and no timer runs; then its sockets are dead.
  proxy.silence();
  await chain.block(12);
  await visitor.page.clock.fastForward('30:00');
  proxy.cut();
  proxy.silence(false);
  await visitor.logs('The connection is back.');
  // The earlier proof is over; the page offers the one for the present block.
  await visitor.says('Proof found for block 14');
  await finish(visitor);
});

test('what the page shows while it mines', async () => {
  const { chain } = here;
  const visitor = await here.visit({ netuid: 3 }, { clock: true });
  const { page } = visitor;
  await visitor.connect(ALICE);
  await visitor.state('ready');
  await visitor.start();
  await visitor.state('mining');
  await visitor.says(/about one try in 1 trillion wins/);
  await page.getByRole('row', { name: /Processor.*simd128.*[1-9][\d.]* .?H\/s/ }).waitFor();
  for (const name of ['rate', 'expected', 'chance', 'block']) {
    assert.notEqual(await visitor.value(name), '–', name);
  }
  // The bar is the chance; a window is only that of a proof.
  assert.ok((await page.getByRole('progressbar', { name: 'Chance so far' }).getAttribute('value')) > 0);
  assert.equal(await page.locator('[data-value="window"]').count(), 0);

  // A chart begins when there is something to see.
  const charts = page.getByRole('region', { name: 'Over time' });
  await page.clock.runFor(20_000);
  assert.equal(await charts.count(), 0);
  await page.clock.runFor(15_000);
  await charts.getByRole('img', { name: /^Rate over the last .* now .*H\/s, at most .*H\/s/ }).waitFor();
  await visitor.says(/^Difficulty: 1,000,000,000,000, unchanged for/, charts);
  assert.equal(await charts.getByRole('img').count(), 1);
  await visitor.look('mining');
  await chain.set('Difficulty', [3], 1_260_000_000_000n);
  await chain.block();
  // The chain lowers it a little at each block.
  await visitor.says(/^1,2[56]\d,\d{3},\d{3},\d{3}$/, page.locator('main'));
  await page.clock.runFor(5_000);
  await charts.getByRole('img', { name: /^Difficulty over the last .*: 1,000,000,000,000 to 1,2[56]\d,\d{3},\d{3},\d{3}$/ }).waitFor();
  await visitor.says('from 1,000,000,000,000, not from 0', charts);
  await visitor.look('mining-harder');
  await visitor.button('Stop mining').click();
  await visitor.state('ready');
});
