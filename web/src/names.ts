/** The names of options: one that does not exist would change nothing, and its writer would never know. */

import { BtpowError } from './errors.js';
import type { Overrides, SearchOptions, SolveOptions, SolverOptions } from './types.js';
import type { HotkeyState } from './rules.js';
import { object } from './values.js';

/** Every name of an interface; the compiler finds one that is missing. */
type Names<Interface> = { readonly [Name in keyof Required<Interface>]: true };

export const OVERRIDES: Names<Overrides> = {
  wasm: true, worker: true, registrationWasm: true, gpuWasm: true, gpuWorker: true,
};
export const SEARCH: Names<SearchOptions> = { blockNumber: true, start: true };
export const SOLVER: Names<SolverOptions> = { ...OVERRIDES, devices: true, workers: true, gpuTuning: true, signal: true };
export const SOLVE: Names<SolveOptions> = { ...SOLVER, ...SEARCH, timeout: true, onProgress: true };
export const HOTKEY: Names<HotkeyState> = { uid: true, owner: true };

/**
 * Checks that every name in an object exists.
 *
 * @param own - The names that this function understands; one of them is suggested.
 * @param others - Those that only other functions understand. They are no misspellings: callers share objects among functions.
 * @throws {@link BtpowError} `invalid-argument`.
 */
export function named(value: unknown, argument: string, own: object, others: object = SOLVE): void {
  const known = Object.keys(own);
  for (const name of Object.keys(object(value, argument))) {
    if (known.includes(name) || Object.keys(others).includes(name)) continue;
    const [nearest = '', far = Infinity] = known
      .map((each) => [each, distance(name, each)] as const)
      .reduce((one, other) => (other[1] < one[1] ? other : one));
    const advice = far <= Math.max(2, name.length / 3) ? `did you mean ${nearest}?` : `there are ${known.join(', ')}`;
    const place = `${argument}.${name}`;
    throw new BtpowError('invalid-argument', `${place} does not exist: ${advice}`, { argument: place });
  }
}

/** How many characters must be inserted, removed or replaced to make one name of the other; letters' case is free. */
function distance(one: string, other: string): number {
  const [from, to] = [one.toLowerCase(), other.toLowerCase()];
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
