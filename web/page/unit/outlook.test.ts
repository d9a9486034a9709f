// Whether a search is worth its time, and what would help.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Row } from '../src/model.ts';
import { commands, easier, expected, outlook } from '../src/outlook.ts';
import { GOAL } from './chain.ts';

test('an hour warns, a day is hopeless', () => {
  assert.equal(outlook(3_600), 'fair');
  assert.equal(outlook(3_601), 'long');
  assert.equal(outlook(86_400), 'long');
  assert.equal(outlook(86_401), 'hopeless');
  assert.equal(expected(1_000_000n, 2e6), 0.5);
  assert.equal(outlook(expected((1n << 64n) - 1n, 1e6)), 'hopeless');
});

test('an easier subnet is named only if it helps', () => {
  const row = (netuid: number, difficulty: bigint): Row => ({
    netuid,
    subnet: { difficulty, full: false, standing: { status: 'open' } },
  });
  const rows = [row(5, 10_000_000n), row(3, 1_000_000_000_000n)];
  assert.equal(easier(rows, 3, 1e6)?.netuid, 5);
  assert.equal(easier(rows, 5, 1e6), undefined);
  assert.equal(easier(rows, 3, 1), undefined, 'that one is hopeless as well');
  assert.equal(easier([], 3, 1e6), undefined);
  assert.equal(easier(undefined, 3, 1e6), undefined);
});

test('the command lines make the same choices', () => {
  const base = { endpoint: '', netuid: 3, hotkey: GOAL.hotkey, coldkey: GOAL.coldkey };
  const keys = `--hotkey ${GOAL.hotkey.address} --coldkey ${GOAL.coldkey.address}`;
  assert.deepEqual(commands({ ...base, choice: 'finney' }), {
    mine: `btpow mine --netuid 3 ${keys}`,
    register: 'btpow register --netuid 3 --wallet-name NAME --wallet-hotkey NAME',
  });
  assert.equal(commands({ ...base, choice: 'test' }).mine, `btpow mine --netuid 3 --network test ${keys}`);
  const custom = commands({ ...base, choice: 'custom', endpoint: 'ws://127.0.0.1:9944' });
  assert.equal(custom.mine, `btpow mine --netuid 3 --network ws://127.0.0.1:9944/ ${keys}`);
});

test('no endpoint becomes more than a word of the command line', () => {
  const base = { choice: 'custom', netuid: 3, hotkey: GOAL.hotkey, coldkey: GOAL.coldkey } as const;
  for (const endpoint of [
    'wss://node.example/$(reboot)',
    'wss://node.example/;reboot',
    "wss://node.example/'",
    'wss://node.example/?a&reboot',
    'wss://node.example/`reboot`',
    'wss://user:word@node.example/',
    'wss://node.example/%PATH%',
    'not a URL; reboot',
  ]) {
    assert.match(commands({ ...base, endpoint }).mine, /^btpow mine --netuid 3 --network URL --hotkey \w+ --coldkey \w+$/, endpoint);
  }
});
