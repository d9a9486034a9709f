/**
 * The proof of work that registers a key on a Bittensor subnet, in the browser and in Node.
 *
 * The worker and the WebAssembly modules are files next to this one.
 *
 * @packageDocumentation
 */

import { BtpowError } from './errors.js';
import { provide } from './module.js';

/** A file next to this one. Without `import.meta.url` there is no such place, which only a call may complain of, never the import. */
function beside<A extends unknown[]>(find: (...given: A) => URL): (...given: A) => URL {
  return (...given) => {
    try {
      return find(...given);
    } catch (cause) {
      const message =
        'btpow does not find its files: what bundled it removed import.meta.url, as for the formats iife and cjs. ' +
        'Import btpow/inline instead, or give the URLs of the files as options';
      throw new BtpowError('wasm-load', message, { cause });
    }
  };
}

// Each URL once and as a literal: that is how bundlers find the files.
provide({
  wasm: beside((simd: boolean) =>
    simd ? new URL('./btpow_bg.wasm', import.meta.url) : new URL('./btpow_scalar_bg.wasm', import.meta.url),
  ),
  registration: beside(() => new URL('./btpow_registration_bg.wasm', import.meta.url)),
  worker: beside(() => new URL('./worker.js', import.meta.url)),
  workerSource: async () => (await import('./worker-source.js')).default,
  gpu: {
    wasm: beside(() => new URL('./btpow_gpu_bg.wasm', import.meta.url)),
    worker: beside(() => new URL('./gpu-worker.js', import.meta.url)),
    thread: () => import('./gpu-thread.js'),
  },
});

export * from './api.js';
