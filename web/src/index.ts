/**
 * The proof of work that registers a key on a Bittensor subnet, in the browser and in Node.
 *
 * The worker and the WebAssembly modules are files next to this one.
 *
 * @packageDocumentation
 */

import { provide } from './module.js';

// Each URL once and as a literal: that is how bundlers find the files.
provide({
  wasm: (simd) =>
    simd ? new URL('./btpow_bg.wasm', import.meta.url) : new URL('./btpow_scalar_bg.wasm', import.meta.url),
  registration: () => new URL('./btpow_registration_bg.wasm', import.meta.url),
  worker: new URL('./worker.js', import.meta.url),
  workerSource: async () => (await import('./worker-source.js')).default,
  gpu: {
    wasm: new URL('./btpow_gpu_bg.wasm', import.meta.url),
    worker: new URL('./gpu-worker.js', import.meta.url),
    thread: () => import('./gpu-thread.js'),
  },
});

export * from './api.js';
