import { readFileSync } from 'node:fs';

/** Where the package is. */
export const root = new URL('../../', import.meta.url);

/** The files of tests/vectors that hold seals. */
export const vectors = Object.fromEntries(
  ['seal_v1', 'seal_legacy', 'first_solution', 'group_hits'].map((name) => {
    const all = JSON.parse(readFileSync(new URL(`../tests/vectors/${name}.json`, root), 'utf8'));
    if (all.length === 0) throw new Error(`${name}.json is empty`);
    return [name, all];
  }),
);

/** A v1 challenge of these bytes. */
export function challenge(difficulty, seed = 1) {
  return {
    protocol: 'v1',
    netuid: 1,
    blockHash: new Uint8Array(32).fill(seed),
    hotkey: new Uint8Array(32).fill(2),
    coldkey: new Uint8Array(32).fill(3),
    difficulty,
  };
}

/** So difficult that no search ever succeeds. */
export const NEVER = 1n << 63n;
