// What the visitor types, what the page remembers, and what the address says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { network, readEndpoint, shown } from '../src/chain/network.ts';
import { readKey } from '../src/keys.ts';
import { readSettings } from '../src/settings.ts';
import './chain.ts';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const HEX = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d';

test('keys', () => {
  assert.deepEqual(readKey(` ${ALICE} `), { hex: HEX, address: ALICE });
  assert.deepEqual(readKey(HEX.toUpperCase().replace('0X', '0x')), { hex: HEX, address: ALICE });
  for (const [text, words] of [
    ['5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ', /checksum/],
    ['15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5', /another network.*5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY/],
    ['bottom drive obey lake curtain smoke basket hold race lonely fit walk', /Never enter a phrase/],
    ['0x1234', /64 hexadecimal digits/],
    ['alice', /not an address/],
  ] as const) {
    assert.throws(() => readKey(text), words);
  }
});

test('endpoints', () => {
  assert.equal(readEndpoint('wss://node.example:9944'), 'wss://node.example:9944/');
  assert.equal(readEndpoint(' ws://127.0.0.1:9944 '), 'ws://127.0.0.1:9944/');
  for (const [text, words] of [
    ['', /Give the URL/],
    ['node', /is not a URL/],
    ['http://127.0.0.1:9944', /http:\/\/ is not a WebSocket/],
    ['ws://node.example:9944', /Use wss/],
  ] as const) {
    assert.throws(() => readEndpoint(text), words);
  }
  assert.equal(shown('wss://user:pass@node.example:9944/token?key=1'), 'wss://node.example:9944');
});

test('networks, and those whose genesis is known', async () => {
  const finney = await network('finney', '');
  assert.equal(finney.endpoints.length, 3);
  assert.match(finney.genesis ?? '', /^0x2f0555/);
  assert.match((await network('test', '')).genesis ?? '', /^0x8f9cf8/);
  const custom = await network('custom', 'ws://localhost:1');
  assert.deepEqual(custom, { name: 'this chain', endpoints: ['ws://localhost:1/'], genesis: undefined });
  assert.equal((await network('local', '')).genesis, undefined);
});

test('the address wins over memory, and nonsense counts for nothing', () => {
  const stored = JSON.stringify({ choice: 'test', netuid: 7, hotkey: ALICE, eager: true, wallet: 'polkadot-js', endpoint: 3 });
  const kept = readSettings('', stored);
  assert.deepEqual([kept.choice, kept.netuid, kept.hotkey, kept.eager, kept.wallet, kept.endpoint], ['test', 7, ALICE, true, 'polkadot-js', '']);
  const given = readSettings('?network=test&netuid=2&devices=webgpu', stored);
  assert.deepEqual([given.choice, given.netuid, given.devices], ['test', 2, ['webgpu']]);
  assert.equal(readSettings('?network=local', stored).choice, 'local');
  for (const broken of [null, '{', '[]', 'null', '{"netuid":"x","choice":"nowhere"}']) {
    const settings = readSettings('?netuid=-1&devices=abacus', broken);
    assert.deepEqual([settings.choice, settings.netuid, settings.devices], ['finney', undefined, 'auto']);
  }
  assert.equal(readSettings('', null).choice, 'finney', 'the first answer is about the main network');
});

test('an endpoint in the address is an invitation until it is a choice', () => {
  const endpoint = 'wss://node.example:9944/way?key=1';
  const search = `?${new URLSearchParams({ endpoint, network: 'test' })}`;
  for (const stored of [null, '{"choice":"test","endpoint":"wss://other.example"}', `{"choice":"finney","endpoint":"${endpoint}"}`]) {
    const { invitation, choice } = readSettings(search, stored);
    assert.deepEqual([invitation, choice], [endpoint, stored ? JSON.parse(stored).choice : 'finney']);
  }
  const agreed = readSettings(search, JSON.stringify({ choice: 'custom', endpoint }));
  assert.deepEqual([agreed.invitation, agreed.choice, agreed.endpoint], [undefined, 'custom', endpoint]);
  // The page asks again about another one.
  const other = readSettings('?endpoint=wss://other.example', JSON.stringify({ choice: 'custom', endpoint }));
  assert.deepEqual([other.invitation, other.endpoint], ['wss://other.example', endpoint]);
  // Nothing connects to what is not an endpoint.
  const none = readSettings('?endpoint=http://node.example', null);
  assert.deepEqual([none.invitation, none.choice, none.endpoint], [undefined, 'custom', 'http://node.example']);
  assert.equal(readSettings('?endpoint=', null).choice, 'finney');
});
