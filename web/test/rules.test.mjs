// Which runtimes and subnets take a proof: the rules of the core, through the package.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { registrationProtocol, standing } from '../dist/index.js';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';

const as = (type) => (name) => ({ name, type });
const [u16, u64, bytes, bytes32, account] = ['u16', 'u64', 'bytes', 'bytes32', 'account'].map(as);

const pow_register = [u16('netuid'), u64('work_block'), u64('nonce'), bytes32('work'), account('hotkey')];
const register = [
  u16('netuid'),
  u64('block_number'),
  u64('nonce'),
  bytes('work'),
  account('hotkey'),
  account('coldkey'),
];
const subtensor = (specVersion, calls) => ({ specName: 'node-subtensor', specVersion, calls });

test('the proof that a runtime takes', async () => {
  assert.deepEqual(await registrationProtocol(subtensor(475, { pow_register, register })), { protocol: 'v1' });
  for (const [spec, order] of [
    [277, 'big'],
    [393, 'little'],
  ]) {
    const expected = { protocol: 'legacy', order };
    assert.deepEqual(await registrationProtocol(subtensor(spec, { register, pow_register: undefined })), expected);
  }
});

test('runtimes that take none are refused, with the reason', async () => {
  const renamed = pow_register.with(1, u64('block'));
  for (const [runtime, reason] of [
    [subtensor(425, { register }), /burns TAO of the signer/],
    [subtensor(280, { register }), /no era/],
    [subtensor(475, {}), /no pow_register call/],
    [subtensor(475, { pow_register: renamed }), /other arguments/],
    [subtensor(475, { pow_register: pow_register.slice(0, 4) }), /other arguments/],
    [{ ...subtensor(475, { pow_register }), specName: 'polkadot' }, /no Subtensor/],
  ]) {
    await assert.rejects(registrationProtocol(runtime), (error) => {
      assert.equal(error.code, 'refused');
      assert.match(error.message, reason);
      return true;
    });
  }
});

test('a description that is none is an invalid argument, which is named', async () => {
  for (const [runtime, argument] of [
    [undefined, 'runtime'],
    [{ ...subtensor(1, {}), specName: 1 }, 'runtime.specName'],
    [subtensor(NaN, {}), 'runtime.specVersion'],
    [subtensor(1, { register: 'all' }), 'runtime.calls.register'],
    [subtensor(1, { register: [{ name: 'netuid' }] }), 'runtime.calls.register[0].type'],
  ]) {
    await assert.rejects(registrationProtocol(runtime), { code: 'invalid-argument', argument });
  }
});

const open = {
  exists: true,
  powAllowed: true,
  difficulty: 10n,
  minDifficulty: 1_000n,
  maxDifficulty: 2_000n,
  registrationsThisBlock: 0,
  maxRegistrationsPerBlock: 1,
  uids: 3,
  maxUids: 256,
};

test('what a subnet says', async () => {
  const difficulty = 1_000n;
  assert.deepEqual(await standing(1, ALICE, open), { status: 'open', difficulty, full: false });
  const full = { ...open, registrationsThisBlock: 1 };
  assert.deepEqual(await standing(1, ALICE, full), { status: 'open', difficulty, full: true });
  const ours = { uid: 0, owner: ALICE };
  assert.deepEqual(await standing(1, ALICE, open, ours), { status: 'registered', uid: 0, difficulty, full: false });
  for (const [change, hotkey, reason, words] of [
    [{ exists: false }, {}, 'no_subnet', /subnet 7 does not exist/],
    [{ powAllowed: false }, {}, 'pow_off', /not enabled/],
    [{}, { uid: 4, owner: BOB }, 'registered_by_other', new RegExp(`UID 4, but ${BOB} owns it`)],
    [{ maxUids: 0 }, {}, 'no_places', /no place/],
    [{ maxRegistrationsPerBlock: 0 }, {}, 'no_registrations', /no registrations/],
    [{}, { owner: BOB }, 'owned_by_other', new RegExp(`belongs to the coldkey ${BOB}`)],
  ]) {
    const told = await standing(7, ALICE, { ...open, ...change }, hotkey);
    assert.equal(told.status, 'denied');
    assert.equal(told.reason, reason);
    assert.match(told.message, words);
  }
});

test('a state that is none is an error that names the argument', async () => {
  for (const [netuid, coldkey, change, hotkey, code, argument] of [
    [-1, ALICE, {}, {}, 'invalid-argument', 'netuid'],
    [1, '5Grw', {}, {}, 'invalid-key', 'coldkey'],
    [1, ALICE, { exists: 1 }, {}, 'invalid-argument', 'subnet.exists'],
    [1, ALICE, { difficulty: 10 }, {}, 'invalid-argument', 'subnet.difficulty'],
    [1, ALICE, { maxUids: 70_000 }, {}, 'invalid-argument', 'subnet.maxUids'],
    [1, ALICE, {}, { uid: 1.5 }, 'invalid-argument', 'hotkey.uid'],
    [1, ALICE, {}, { owner: 'nobody' }, 'invalid-key', 'hotkey.owner'],
  ]) {
    await assert.rejects(standing(netuid, coldkey, { ...open, ...change }, hotkey), { code, argument });
  }
});
