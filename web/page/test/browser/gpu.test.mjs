// The page on a GPU: Chromium's own, in software.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALICE, BOB } from '../harness/keys.mjs';
import { stage } from '../harness/stage.mjs';

const here = stage({ browser: { gpu: true } });

const row = (visitor, name) => visitor.page.getByRole('row', { name });

async function finish(visitor) {
  await visitor.askWallet();
  await visitor.wallet.sign();
  await visitor.submitted();
  await here.chain.block();
  await visitor.state('registered');
  assert.equal(await here.chain.uid(1, BOB), 0);
}

test('a key is registered by the GPU alone', async () => {
  const visitor = await here.visit({ devices: 'webgpu' });
  await visitor.mine(ALICE);
  await row(visitor, /GPU.*H\/s/).waitFor();
  assert.equal(await row(visitor, /Processor/).count(), 0);
  await visitor.look('gpu');
  await finish(visitor);
});

test('a lost GPU, while the processors go on', async () => {
  const visitor = await here.visit({ devices: 'wasm,webgpu', netuid: 3 });
  await visitor.connect(ALICE);
  await visitor.state('ready');
  await visitor.start();
  await visitor.logs(/The GPU of this browser is software, and slows the processors down/);
  await row(visitor, /GPU.*[1-9][\d.]* .?H\/s/).waitFor();
  await row(visitor, /Processor.*[1-9][\d.]* .?H\/s/).waitFor();
  // Destroys the GPU from where it works, in a worker or in the page.
  const places = [visitor.page, ...visitor.page.workers()];
  const destroyed = await Promise.all(
    places.map((place) =>
      place.evaluate(() => {
        if (!('GPUDevice' in globalThis)) return;
        const { createCommandEncoder } = GPUDevice.prototype;
        GPUDevice.prototype.createCommandEncoder = function (...options) {
          this.destroy();
          return createCommandEncoder.apply(this, options);
        };
      }),
    ),
  );
  assert.ok(destroyed.length > 1, 'there is no worker');
  await row(visitor, /GPU.*was dropped/).waitFor();
  await row(visitor, /Processor.*[1-9][\d.]* .?H\/s/).waitFor();
  await visitor.logs(/The GPU was lost/);
  await visitor.look('gpu-lost');
  // The page uses a GPU again once it is back.
  await row(visitor, /GPU.*[1-9][\d.]* .?H\/s/).waitFor();
  await visitor.state('mining');
});
