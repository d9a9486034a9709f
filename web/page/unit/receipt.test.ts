// What the visitor can copy.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyModel } from '../src/model.ts';
import { phaseOf } from '../src/phase.ts';
import { link, receipt } from '../src/receipt.ts';
import { readSettings } from '../src/settings.ts';
import { GOAL, hash } from './chain.ts';

const PAGE = 'https://host.example/folder/?netuid=9#there';

function model() {
  return { ...emptyModel(readSettings('?network=test&netuid=1', null), undefined), hotkey: GOAL.hotkey, coldkey: GOAL.coldkey };
}

test('a link makes the same choices', () => {
  const url = link(model(), PAGE);
  assert.equal(url, `https://host.example/folder/?network=test&netuid=1&hotkey=${GOAL.hotkey.address}`);
  const again = readSettings(new URL(url).search, null);
  assert.deepEqual([again.choice, again.netuid, again.hotkey], ['test', 1, GOAL.hotkey.address]);
  const custom = link({ ...model(), choice: 'custom', endpoint: 'ws://127.0.0.1:9944/?a=b&c' }, PAGE);
  assert.equal(readSettings(new URL(custom).search, null).invitation, 'ws://127.0.0.1:9944/?a=b&c');
});

test('a registration in words', () => {
  assert.equal(receipt(model(), PAGE), '', 'before there is one');
  const result = { uid: 5, block: { hash: hash(1_234), number: 1_234 }, already: false };
  const text = receipt({ ...model(), result }, PAGE);
  assert.match(text, /^UID 5 on subnet 1\n/);
  assert.match(text, /\nblock {4}1,234 0x/);
});

test('where the visitor is', () => {
  const fresh = model();
  assert.equal(phaseOf(fresh), 'connect');
  const chain = { name: '', runtime: '', spec: 1, genesis: '', pinned: false, endpoint: '', refusal: undefined };
  const connected = { ...fresh, wallet: { ...fresh.wallet, name: 'wallet' }, chain };
  assert.equal(phaseOf(connected), 'choose');
  const open = { ...connected, standing: { status: 'open' } as const };
  assert.equal(phaseOf(open), 'ready');
  assert.equal(phaseOf({ ...open, coldkey: undefined }), 'choose');
  assert.equal(phaseOf({ ...open, elsewhere: true }), 'elsewhere');
  assert.equal(phaseOf({ ...open, chain: { ...chain, refusal: 'It burns.' } }), 'refused');
  assert.equal(phaseOf({ ...open, standing: { status: 'denied', message: '' } }), 'refused');
  assert.equal(phaseOf({ ...open, failure: { kind: 'error', text: '' } }), 'error');
  const mining = { ...open, running: true };
  assert.equal(phaseOf(mining), 'mining');
  assert.equal(phaseOf({ ...mining, asked: { workBlock: 1, blocksLeft: 5 } }), 'signing');
  assert.equal(phaseOf({ ...mining, submission: 'sending' }), 'sending');
  assert.equal(phaseOf({ ...mining, result: { uid: 1, block: undefined, already: false } }), 'registered');
});
