// Which runtimes and subnets take a proof: the rules of the program, through the package.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { genesisHash, registrationProtocol, standing } from '../dist/index.js';
import { root } from './shared/files.mjs';
import { honest, honestV14, lies } from './shared/lies.mjs';

const ALICE = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
const BOB = '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty';

const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
/** Real metadata from before `pow_register`. */
const older = new Uint8Array(readFileSync(new URL('../tests/vectors/subtensor-461/metadata_v14.scale', root)));

const subtensor = (specVersion, metadata) => ({
  specName: 'node-subtensor', specVersion, transactionVersion: 1, genesisHash: `0x${'45'.repeat(32)}`, metadata,
});

test('the proof that a runtime takes, in every form of its metadata', async () => {
  for (const metadata of [honest, honestV14, hex(honest), hex(honestV14).toUpperCase().replace('0X', '0x')]) {
    assert.deepEqual(await registrationProtocol(subtensor(475, metadata)), { protocol: 'v1' });
  }
  for (const [spec, order] of [
    [277, 'big'],
    [393, 'little'],
  ]) {
    assert.deepEqual(await registrationProtocol(subtensor(spec, older)), { protocol: 'legacy', order });
  }
});

/** Checks that a runtime is refused, with a reason. */
async function refused(runtime, reason, argument = 'runtime') {
  await assert.rejects(registrationProtocol(runtime), (error) => {
    assert.deepEqual([error.code, error.argument], ['refused', argument], error.message);
    assert.match(error.message, reason);
    assert.doesNotMatch(error.message, /[\p{Cc}\p{Cf}]/u);
    return true;
  });
}

test('runtimes that take none are refused, with the reason', async () => {
  await refused(subtensor(425, older), /burns TAO of the signer/);
  await refused(subtensor(280, older), /does not know how runtime 280 reads a seal/);
  await refused({ ...subtensor(475, honest), specName: 'polkadot\u202e' }, /calls itself "polkadot\?"/);
  await refused(subtensor(475, new Uint8Array(9)), /does not begin as metadata does/, 'runtime.metadata');
  await refused(subtensor(475, honest.subarray(0, 9_999)), /damaged/, 'runtime.metadata');
  await refused(subtensor(475, new Uint8Array((4 << 20) + 1)), /larger/, 'runtime.metadata');
});

test('public networks take only v1, whatever version an endpoint reports', async () => {
  for (const network of ['finney', 'test']) {
    const there = { genesisHash: await genesisHash(network) };
    assert.match(there.genesisHash, /^0x[0-9a-f]{64}$/);
    await refused({ ...subtensor(393, older), ...there }, new RegExp(`the chain is ${network} by its genesis`));
    assert.deepEqual(await registrationProtocol({ ...subtensor(475, honest), ...there }), { protocol: 'v1' });
  }
  assert.match(await genesisHash('finney'), /^0x2f0555cc/);
  await assert.rejects(genesisHash('local'), { code: 'invalid-argument', argument: 'network' });
});

/** What the error must say about some of the lies; it must say something about each. */
const WORDS = {
  'pallet-number': /SubtensorModule is pallet 11, not 7/,
  'call-number-of-register': /pow_register is call 6, not 152/,
  'argument-renamed': /an argument "tip" instead of nonce/,
  'argument-contains-itself': /argument netuid of pow_register is no u16/,
  'extension-dropped': /ChargeTransactionPayment is not in its place/,
  'extension-doubled': /ChargeTransactionPayment is there twice/,
  'extensions-reordered': /is not in its place/,
  'extension-unknown': /a transaction extension "TipTheEndpoint"/,
  'era-longer': /CheckMortality has other bytes/,
  'attack-batch': /SubtensorModule is pallet 11/,
  'attack-versions': /burns TAO/,
};

test('every lie is refused, and names what differs', async () => {
  for (const [name, metadata] of Object.entries(lies)) {
    await refused(subtensor(475, metadata), WORDS[name] ?? /runtime 475 is not as btpow knows it: .*newer btpow\?/);
  }
  for (const name of Object.keys(WORDS)) assert.ok(name in lies, name);
});

test('an invalid description is an error that names the argument', async () => {
  const good = subtensor(475, honest);
  for (const [runtime, argument] of [
    [undefined, 'runtime'],
    [{ ...good, specName: 1 }, 'runtime.specName'],
    [{ ...good, specVersion: NaN }, 'runtime.specVersion'],
    [{ ...good, transactionVersion: undefined }, 'runtime.transactionVersion'],
    [{ ...good, genesisHash: new Uint8Array(31) }, 'runtime.genesisHash'],
    [{ ...good, genesisHash: '0x45' }, 'runtime.genesisHash'],
    [{ ...good, metadata: undefined }, 'runtime.metadata'],
    [{ ...good, metadata: 'meta' }, 'runtime.metadata'],
    [{ ...good, metadata: '0x6d6' }, 'runtime.metadata'],
    [{ ...good, metadata: '0x6g' }, 'runtime.metadata'],
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
    const answer = await standing(7, ALICE, { ...open, ...change }, hotkey);
    assert.equal(answer.status, 'denied');
    assert.equal(answer.reason, reason);
    assert.match(answer.message, words);
  }
});

test('an invalid state is an error that names the argument', async () => {
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
