/**
 * The same as `btpow`, with the worker and the WebAssembly modules inside: for pages that can serve one
 * file only. A Content-Security-Policy must allow workers from `blob:`. Only the module with SIMD is in it;
 * engines without, from before 2023, need `btpow` or the `wasm` option. The module of the GPU is not in it: for that
 * give its URL and that of its worker as `gpuWasm` and `gpuWorker`, or import `btpow`.
 *
 * @packageDocumentation
 */

import { BtpowError } from './errors.js';
import { provide } from './module.js';
import { registration, simd } from './wasm-source.js';
import source from './worker-source.js';

/** A module out of its text. */
function unpacked(text: string): Response {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip')));
}

provide({
  wasm: (hasSimd) => {
    if (!hasSimd) {
      throw new BtpowError('wasm-load', 'this engine has no WebAssembly SIMD: import btpow instead of btpow/inline');
    }
    return unpacked(simd);
  },
  registration: () => unpacked(registration),
  worker: undefined,
  workerSource: async () => source,
  gpu: undefined,
});

export * from './api.js';
