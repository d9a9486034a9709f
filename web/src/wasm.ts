/** What is used of the module of the CPU. That with SIMD and that without are bound alike. */

export {
  Engine,
  type Find,
  Next,
  type Rates,
  Work,
  blocksLeft,
  expectedSeconds,
  initSync,
  lanes,
  parseHash,
  parseKey,
  scan,
} from '../generated/simd/btpow.js';
