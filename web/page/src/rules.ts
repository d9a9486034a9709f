/**
 * The chain's rules, as far as a page needs them before it asks the core, which holds the same rules in
 * WebAssembly.
 */

/** How many blocks after its own a proof counts. */
export const WINDOW = 5;

/** In how many blocks to come a proof for a block may still be included; `ahead` of the head never yet. */
export function blocksLeft(workBlock: number, head: number): number | 'ahead' {
  if (workBlock > head) return 'ahead';
  return Math.max(0, WINDOW - (head - workBlock));
}

/** The largest seal that wins. */
export function target(difficulty: bigint): bigint {
  return ((1n << 256n) - 1n) / (difficulty > 0n ? difficulty : 1n);
}

/** The difficulty that counts, bounds applied. */
export function effectiveDifficulty(difficulty: bigint, low: bigint, high: bigint): bigint {
  const floor = low > 1n ? low : 1n;
  const ceiling = high > floor ? high : floor;
  const value = difficulty > 1n ? difficulty : 1n;
  return value < floor ? floor : value > ceiling ? ceiling : value;
}

/** A seal as the chain reads it. */
export function sealValue(seal: Uint8Array): bigint {
  return seal.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** What the chain says of a choice before any proof is made. */
export type Standing =
  | { readonly status: 'open' }
  | { readonly status: 'registered'; readonly uid: number }
  | { readonly status: 'denied'; readonly reason: string; readonly message: string };
