// What the page says to a visitor, by what it knows.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtpowError } from 'btpow';
import type { App } from '../src/app.ts';
import { type Model, type Row, emptyModel } from '../src/model.ts';
import { phaseOf } from '../src/phase.ts';
import { readSettings } from '../src/settings.ts';
import { trouble } from '../src/trouble.ts';
import { NetworkCard } from '../src/ui/network.tsx';
import { SignatureCard } from '../src/ui/signature.tsx';
import { answer, awaited, missing, summary } from '../src/ui/summary.ts';
import { face } from '../src/wallet-names.ts';
import { shared } from '../src/wallet.ts';
import { GOAL } from './chain.ts';

const EASY: Row = { netuid: 1, subnet: { difficulty: 10_000_000n, full: false, standing: { status: 'open' } } };
const HARD: Row = { netuid: 3, subnet: { ...EASY.subnet, difficulty: 10n ** 15n } };
const CHAIN = { name: 'Bittensor', runtime: 'node-subtensor', spec: 475, genesis: '0x', pinned: true, endpoint: 'wss://x', refusal: undefined };

function model(change: Partial<Model>): Model {
  const whole = { ...emptyModel(readSettings('', null), undefined), ...change };
  return { ...whole, phase: phaseOf(whole) };
}

const WALLET = { found: [], looking: false, asked: undefined, name: 'talisman', accounts: [{ key: GOAL.coldkey, name: 'Mine' }], others: [], error: undefined };

test('whether proof of work is possible leads', () => {
  assert.equal(answer(model({})), undefined);
  assert.equal(answer(model({ subnets: [] })), 'No subnet takes proof of work today.');
  assert.equal(answer(model({ subnets: [EASY] })), '1 subnet takes proof of work now.');
  assert.equal(answer(model({ subnets: [EASY], rate: 1e6 })), '1 subnet takes proof of work now; a proof needs about 10 s here.');
  assert.equal(answer(model({ subnets: [EASY, HARD], rate: 1e6 })), '2 subnets take proof of work now; the easiest needs about 10 s here.');

  assert.equal(summary(model({ link: 'connecting' })), 'Asking which subnets take proof of work: Finney, the main network.');
  assert.equal(summary(model({ chain: CHAIN, subnets: [] })), 'No subnet takes proof of work today.');
  assert.equal(summary(model({ chain: CHAIN, subnets: [EASY] })), '1 subnet takes proof of work now. Connect a wallet to begin.');
  // With a wallet, nobody is told to choose one of none.
  const none = model({ chain: CHAIN, subnets: [], wallet: WALLET, coldkey: GOAL.coldkey });
  assert.equal(none.phase, 'choose');
  assert.equal(summary(none), 'No subnet takes proof of work today.');
  assert.deepEqual(missing(none), ['Wait for a subnet that takes proof of work.', 'Enter the hotkey.']);
});

test('hopeless is not called ready', () => {
  const ready = { chain: CHAIN, wallet: WALLET, coldkey: GOAL.coldkey, hotkey: GOAL.hotkey, netuid: 1, standing: { status: 'open' } } as const;
  assert.equal(summary(model({ ...ready, subnet: EASY.subnet, rate: 1e6 })), 'Ready: start mining.');
  assert.equal(summary(model({ ...ready, subnet: EASY.subnet })), 'Ready: start mining.');
  assert.equal(summary(model({ ...ready, subnet: HARD.subnet, rate: 1e6 })), 'A proof would take about 32 years on this machine.');
  // The search that ended was for another choice.
  const search = { rate: 1e6, expected: 10, chance: 0, tried: 0, devices: [] };
  assert.equal(summary(model({ ...ready, subnet: HARD.subnet, rate: 1e6, search })), 'A proof would take about 32 years on this machine.');
  assert.equal(summary(model({ ...ready, subnet: EASY.subnet, rate: 1e6, search: { ...search, expected: 1e9 } })), 'Ready: start mining.');
  assert.equal(awaited(model({ ...ready, running: true, subnet: HARD.subnet, rate: 1e6, search })), 10);
});

test('a chain that nobody compared is called so where it is signed for', () => {
  const drawn = (card: typeof SignatureCard | typeof NetworkCard, chain: Model['chain'], running: boolean): string => {
    const state = { chain, running, coldkey: GOAL.coldkey, hotkey: GOAL.hotkey, netuid: 1, standing: { status: 'open' } } as const;
    return JSON.stringify(card({ app: { model: model(state) } as App }), (name, value) => (name === 'app' ? undefined : value));
  };
  const says = /, as wss:\/\/x says \(not pinned\)/;
  for (const running of [false, true]) {
    assert.match(drawn(SignatureCard, { ...CHAIN, pinned: false }, running), says);
    assert.doesNotMatch(drawn(SignatureCard, CHAIN, running), /not pinned/);
  }
  assert.match(drawn(NetworkCard, { ...CHAIN, pinned: false }, true), says);
  assert.doesNotMatch(drawn(NetworkCard, CHAIN, true), /not pinned/);
});

test('the bar does not ask for what the box forbids', () => {
  const asked = { running: true, asked: { workBlock: 2, blocksLeft: 3 } };
  assert.equal(summary(model(asked)), 'Approve the request in the wallet.');
  assert.equal(summary(model({ running: true, asked: { workBlock: 2, blocksLeft: 0 } })), 'Too old to sign: reject the request in the wallet.');
});

test('wallets have their own names', () => {
  assert.equal(face('polkadot-js').title, 'polkadot{.js}');
  assert.equal(face('subwallet-js').title, 'SubWallet');
  assert.deepEqual(face('nova wallet'), { title: 'nova wallet', letter: 'N', hue: 'other' });
  assert.deepEqual(face('\u202eevil'), { title: 'evil', letter: 'E', hue: 'other' });
  assert.equal(face('').letter, '?');
  for (const name of ['constructor', '__proto__', 'toString']) assert.equal(face(name).title, name);
});

test('accounts that can be no coldkeys are told by their kinds', () => {
  const { address } = GOAL.coldkey;
  const ether = `0x${'ab'.repeat(20)}`;
  assert.deepEqual(shared([{ address, name: 'Mine' }, { address: ether }]), {
    accounts: [{ key: GOAL.coldkey, name: 'Mine' }],
    others: ['ethereum'],
  });
  const others = shared([
    { address: ether, type: 'ethereum' },
    { address, type: 'ecdsa' },
    { address, type: 'ecdsa' },
    { address: 'nonsense' },
    { address, type: '\u202enew' },
  ]);
  assert.deepEqual(others, { accounts: [], others: ['ecdsa', 'ethereum', 'new', 'unknown'] });
  assert.deepEqual(shared([{ address, type: 'ed25519' }, { address, type: 'sr25519' }]).others, []);
});

test('what is for whoever builds a page reaches no visitor', () => {
  for (const [error, words] of [
    [new BtpowError('wasm-load', 'cannot fetch x: status 404. With Vite in development, add btpow to optimizeDeps.exclude'), /^a part of this page cannot be loaded/],
    [new BtpowError('worker-load', 'give its URL as `worker`'), /^a part of this page cannot be loaded/],
    [new BtpowError('wasm-csp', "add 'wasm-unsafe-eval' to script-src"), /^the policy of the host/],
    [new BtpowError('webgpu-unavailable', 'this engine has no WebGPU. Leave webgpu out of devices'), /^this engine has no WebGPU$/],
    [new BtpowError('device-failed', 'wasm:0 was dropped: it ended.'), /^wasm:0 was dropped: it ended$/],
    [undefined, /^no reason was given$/],
  ] as const) {
    assert.match(trouble(error), words);
  }
});
