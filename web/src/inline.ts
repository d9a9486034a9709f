/**
 * The same as `btpow`, with the worker and the WebAssembly modules inside: for pages that can serve only one
 * file. A Content-Security-Policy must allow workers from `blob:`. It contains only the module with SIMD;
 * engines without, from before 2023, need `btpow` or the `wasm` option. It does not contain the GPU's module: for the GPU,
 * give the URLs of its module and its worker as `gpuWasm` and `gpuWorker`, or import `btpow`.
 *
 * @packageDocumentation
 */

import { BtpowError } from './errors.js';
import { provide } from './module.js';
import { registration, simd } from './wasm-source.js';
import source from './worker-source.js';

/** Unpacks a module from its text. */
function unpacked(text: string): Response {
  if (typeof DecompressionStream !== 'function') {
    throw new BtpowError('wasm-load', 'this engine has no DecompressionStream: import btpow instead of btpow/inline');
  }
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
  workerSource: async () => source,
  gpu: undefined,
});

export * from './api.js';
