/** What the package uses of the CPU's module. The builds with and without SIMD have the same bindings. */

export {
  Engine,
  type Find,
  Kernel,
  Next,
  ParsedChallenge,
  type Rates,
  blocksLeft,
  expectedSeconds,
  initSync,
  lanes,
  parseHash,
  parseKey,
} from '../generated/simd/btpow.js';
