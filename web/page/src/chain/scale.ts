/**
 * The codecs and hashers that types of Subtensor runtimes are made of. The metadata reader finds them by name in this
 * list instead of in the whole library, of which a bundler could leave nothing out: see `vite.config.ts`.
 */

export {
  AccountId,
  Blake2128,
  Blake2128Concat,
  Blake2256,
  Bytes,
  Identity,
  Option,
  Result,
  Self,
  SizedBytes,
  Storage,
  Struct,
  Tuple,
  Twox128,
  Twox256,
  Twox64Concat,
  Variant,
  Vector,
  _void,
  bool,
  char,
  compactBn,
  compactNumber,
  createCodec,
  enhanceCodec,
  h64,
  i128,
  i16,
  i256,
  i32,
  i64,
  i8,
  str,
  u128,
  u16,
  u256,
  u32,
  u64,
  u8,
} from '@polkadot-api/substrate-bindings';

/** Bits, and Ethereum's keys, which would bring another hash along: nothing that the page reads has any. */
export const BitSeq = undefined;
export const ethAccount = undefined;
