// The call that carries a proof, and everything that is signed with it. Other decoders read it in the page's tests:
// `page/unit` by the metadata, `page/test/browser` with polkadot.js.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { BtpowError, encodePowRegister, preparePowRegister, registrationProtocol, seal } from '../dist/index.js';
import * as inline from '../dist/inline.js';
import { challenge, root } from './shared/files.mjs';
import { honest, honestV14, lies } from './shared/lies.mjs';

const runtime = {
  specName: 'node-subtensor', specVersion: 475, transactionVersion: 3, genesisHash: new Uint8Array(32).fill(0x45), metadata: honest,
};
const asked = { ...challenge(1n), netuid: 0x0102 };
const call = { workBlock: 0x0a0bn, nonce: 0x1122_3344_5566_7788n, accountNonce: 70 };
const legacy = { protocol: 'legacy', order: 'little', blockHash: asked.blockHash, hotkey: asked.hotkey, difficulty: 1n };
const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
const repeated = (byte, times) => Array.from({ length: times }, () => byte);

/** `pow_register` for `asked` and `call`. */
const CALL = [
  7, 152, 2, 1, 0x0b, 0x0a, 0, 0, 0, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11,
  ...(await seal(asked, call.nonce)), ...asked.hotkey,
];
/** Valid from block 0x0a0b for 8 blocks; nonce 70 in two bytes; no tip; no hash of metadata. */
const EXTRA = [0x32, 0, 0x19, 0x01, 0, 0];

// This goes first, since the module loads once and stays.
test('a registration module that does not load', async () => {
  const cpu = new Uint8Array(readFileSync(new URL('dist/btpow_bg.wasm', root)));
  for (const [registrationWasm, text] of [
    [new URL('nowhere.wasm', root), /cannot read/],
    [cpu, /not from this version/],
  ]) {
    await assert.rejects(encodePowRegister(asked, call, { registrationWasm }), { code: 'wasm-load', message: text });
  }
  const argument = 'registrationWasm';
  await assert.rejects(registrationProtocol(runtime, { registrationWasm: 7 }), { code: 'invalid-argument', argument });
  // The package forgets a failure.
  const registrationWasm = new Response(readFileSync(new URL('dist/btpow_registration_bg.wasm', root)));
  assert.deepEqual([...(await encodePowRegister(asked, call, { registrationWasm }))], CALL);
});

test('the bytes of pow_register', async () => {
  for (const { encodePowRegister } of [await import('../dist/index.js'), inline]) {
    assert.deepEqual([...(await encodePowRegister(asked, call))], CALL);
    await assert.rejects(encodePowRegister({ ...asked, difficulty: 1n << 60n }, call), { code: 'not-a-solution' });
    const argument = 'challenge.protocol';
    await assert.rejects(encodePowRegister(legacy, call), { code: 'invalid-argument', argument });
  }
});

test('what to sign, and what to send', async () => {
  for (const metadata of [honest, honestV14, hex(honest)]) {
    for (const { preparePowRegister } of [await import('../dist/index.js'), inline]) {
      const made = await preparePowRegister({ ...runtime, metadata }, asked, call);
      assert.deepEqual([...made.call], CALL);
      const implicit = [0xdb, 0x01, 0, 0, 3, 0, 0, 0, ...repeated(0x45, 32), ...asked.blockHash, 0];
      assert.deepEqual([...made.message], [...CALL, ...EXTRA, ...implicit]);
      for (const scheme of [0, 1]) {
        const signature = [scheme, ...repeated(9, 64)];
        const body = [0x84, 0, ...asked.coldkey, ...signature, ...EXTRA, ...CALL];
        // The length takes two bytes, as SCALE writes numbers from 64 on.
        const expected = [(body.length << 2 & 0xff) | 1, body.length >> 6, ...body];
        for (const given of [Uint8Array.from(signature), hex(signature)]) {
          assert.deepEqual([...made.extrinsic(given)], expected);
        }
      }
    }
  }
});

test('what to ask a wallet for', async () => {
  const coldkey = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d';
  const { payload, call: made } = await preparePowRegister(runtime, { ...asked, coldkey }, call);
  assert.deepEqual(payload, {
    address: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
    blockHash: hex(asked.blockHash),
    blockNumber: '0x00000a0b',
    era: '0x3200',
    genesisHash: `0x${'45'.repeat(32)}`,
    method: hex(made),
    nonce: '0x00000046',
    specVersion: '0x000001db',
    tip: `0x${'00'.repeat(16)}`,
    transactionVersion: '0x00000003',
    signedExtensions: [
      'CheckNonZeroSender', 'CheckSpecVersion', 'CheckTxVersion', 'CheckGenesis', 'CheckMortality', 'CheckNonce', 'CheckWeight',
      'ChargeTransactionPayment', 'SudoTransactionExtension', 'CheckShieldedTxValidity', 'SubtensorTransactionExtension',
      'DrandPriority', 'CheckMetadataHash',
    ],
    version: 4,
    mode: 0,
    metadataHash: null,
    withSignedTransaction: false,
  });
});

test('a runtime that lies, or takes no such proof, gets nothing to sign', async () => {
  for (const [name, metadata] of Object.entries(lies)) {
    await assert.rejects(preparePowRegister({ ...runtime, metadata }, asked, call), { code: 'refused' }, name);
  }
  const older = new Uint8Array(readFileSync(new URL('../tests/vectors/subtensor-461/metadata_v15.scale', root)));
  for (const [specVersion, reason] of [
    [461, /burns TAO/],
    [393, /no pow_register call/],
  ]) {
    const prepared = preparePowRegister({ ...runtime, specVersion, metadata: older }, asked, call);
    await assert.rejects(prepared, { code: 'refused', message: reason });
  }
});

test('values that are not calls or signatures', async () => {
  const wrong = (change) => preparePowRegister(runtime, asked, { ...call, ...change });
  for (const [prepared, code, argument] of [
    [preparePowRegister(runtime, asked, null), 'invalid-argument', 'call'],
    [wrong({ workBlock: 7 }), 'invalid-argument', 'call.workBlock'],
    [wrong({ nonce: -1n }), 'invalid-argument', 'call.nonce'],
    [wrong({ accountNonce: 7n }), 'invalid-argument', 'call.accountNonce'],
    [wrong({ accountNonce: 2 ** 32 }), 'invalid-argument', 'call.accountNonce'],
    [preparePowRegister(runtime, legacy, call), 'invalid-argument', 'challenge.protocol'],
    [preparePowRegister(runtime, { ...asked, coldkey: '5' }, call), 'invalid-key', 'challenge.coldkey'],
    [preparePowRegister(runtime, { ...asked, difficulty: 1n << 60n }, call), 'not-a-solution', 'call.nonce'],
    [preparePowRegister(null, asked, call), 'invalid-argument', 'runtime'],
  ]) {
    await assert.rejects(prepared, (error) => {
      assert.ok(error instanceof BtpowError, String(error));
      assert.deepEqual([error.code, error.argument], [code, argument], error.message);
      return true;
    });
  }
  const { extrinsic } = await preparePowRegister(runtime, asked, call);
  for (const [signature, words] of [
    [`0x02${'09'.repeat(64)}`, /its scheme is 2, not 0 \(ed25519\) or 1 \(sr25519\)/],
    [new Uint8Array(64), /it has 64 bytes, not 65/],
    ['0x01', /it has 1 byte, not 65/],
    ['01', /hexadecimal digits/],
    [undefined, /must be a Uint8Array/],
  ]) {
    assert.throws(() => extrinsic(signature), { code: 'invalid-argument', argument: 'signature', message: words });
  }
});
