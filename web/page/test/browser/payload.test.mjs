// What polkadot.js signs for a payload of the package, and the extrinsic it makes from the signature, match the package.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { preparePowRegister } from '../../../dist/index.js';
import { packages } from '../extension/build.mjs';
import { startChain } from '../harness/chain.mjs';
import { ALICE, BOB } from '../harness/keys.mjs';

let chain;
before(async () => {
  chain = await startChain();
});
after(() => chain?.stop());

test('message and extrinsic match polkadot.js', async () => {
  const require = createRequire(join(await packages(), 'package.json'));
  const { Metadata, TypeRegistry } = require('@polkadot/types');
  const [metadata, { specName, specVersion, transactionVersion }, genesisHash] = await Promise.all([
    chain.rpc('state_getMetadata'), chain.rpc('state_getRuntimeVersion'), chain.rpc('chain_getBlockHash', 0),
  ]);
  const registry = new TypeRegistry();
  registry.setMetadata(new Metadata(registry, metadata));
  const runtime = { specName, specVersion, transactionVersion, genesisHash, metadata };
  const challenge = {
    protocol: 'v1', netuid: 300, blockHash: genesisHash, hotkey: BOB.address, coldkey: ALICE.address, difficulty: 1n,
  };
  for (const workBlock of [1n, 7n, 8n, 123_456n]) {
    for (const accountNonce of [0, 63, 64, 70_000, 2 ** 30, 2 ** 32 - 1]) {
      const made = await preparePowRegister(runtime, challenge, { workBlock, nonce: 7n, accountNonce });
      const { payload } = made;
      assert.deepEqual(payload.signedExtensions, registry.signedExtensions);
      // The signature covers a call without its length.
      const signed = registry.createType('ExtrinsicPayload', payload, { version: 4 }).toU8a({ method: true });
      assert.deepEqual([...made.message], [...signed]);
      const method = registry.createType('Call', payload.method);
      assert.equal(`${method.section}.${method.method}`, 'subtensorModule.powRegister');
      for (const [scheme, name] of [['00', 'ed25519'], ['01', 'sr25519']]) {
        const sent = registry.createType('Extrinsic', made.extrinsic(`0x${scheme}${'09'.repeat(64)}`));
        assert.equal(sent.signer.toString(), ALICE.address);
        assert.equal(sent.isSigned && sent.version, 0x84);
        assert.deepEqual([sent.nonce.toNumber(), sent.tip.toNumber()], [accountNonce, 0]);
        const era = sent.era.asMortalEra;
        assert.deepEqual([era.period.toNumber(), era.phase.toNumber()], [8, Number(workBlock % 8n)]);
        assert.equal(sent.method.toHex(), payload.method);
        assert.ok(name in sent.inner.signature.multiSignature.toJSON());
      }
    }
  }
});
