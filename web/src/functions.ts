import { BtpowError, invalid } from './errors.js';
import { consume, load } from './module.js';
import { SOLVE, named } from './names.js';
import { checked } from './options.js';
import { Solver } from './solver.js';
import type { Challenge, Overrides, Solution, SolveOptions, SolverOptions } from './types.js';
import { parsed, u64, word } from './values.js';

/**
 * Finds a nonce whose seal wins, on all processors, and on the GPU where there is one.
 *
 * @param challenge - What the block asks.
 * @param options - How to search.
 * @returns The first solution found.
 * @throws {@link BtpowError} `invalid-argument`, `invalid-key`; `aborted`, within 50 milliseconds of the
 * signal; `timeout`; `wasm-load`, `wasm-csp`, `worker-load`, `worker-csp` when the search cannot start;
 * `no-device` when the last device failed; `webgpu-unavailable`.
 *
 * @example
 * ```js
 * const solution = await solve({
 *   protocol: 'v1',
 *   netuid: 1,
 *   blockHash: '0x0101010101010101010101010101010101010101010101010101010101010101',
 *   hotkey: '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY',
 *   coldkey: '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty',
 *   difficulty: 100_000n,
 * });
 * console.log(solution.nonce);
 * ```
 */
export async function solve(challenge: Challenge, options: SolveOptions = {}): Promise<Solution> {
  named(options, 'options', SOLVE);
  checked(options);
  const { timeout, onProgress, blockNumber, start } = options;
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) {
    throw invalid('timeout', 'a number of milliseconds above 0', timeout);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalid('onProgress', 'a function', onProgress);
  }
  let resolvers: { resolve(solution: Solution): void; reject(error: unknown): void } | undefined;
  const outcome = new Promise<Solution>((resolve, reject) => {
    resolvers = { resolve, reject };
  });
  // It may reject before anyone waits for it.
  outcome.catch(() => {});
  const late = (): void => resolvers?.reject(new BtpowError('timeout', `no solution within ${timeout} ms`));
  // Timers hold only 31 bits.
  const timer = timeout === undefined ? undefined : setTimeout(late, Math.min(timeout, 0x7fff_ffff));
  const { signal } = options;
  const abort = (): void =>
    resolvers?.reject(new BtpowError('aborted', 'the search was aborted', { cause: signal?.reason }));
  const creating = Solver.create(options);
  let solver: Solver | undefined;
  try {
    signal?.addEventListener('abort', abort, { once: true });
    solver = await Promise.race([creating, outcome as Promise<never>]);
    solver.on('solution', (solution) => resolvers?.resolve(solution));
    solver.on('error', (error) => {
      if (error.code === 'no-device') resolvers?.reject(error);
    });
    if (onProgress) solver.on('progress', onProgress);
    const search = { ...(blockNumber !== undefined && { blockNumber }), ...(start !== undefined && { start }) };
    solver.setChallenge(challenge, search);
    return await outcome;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    if (solver) await solver.dispose();
    // The solver is still starting; end it as soon as it has.
    else creating.then((late) => late.dispose(), () => {});
  }
}

/**
 * Starts devices that search for whatever {@link Solver.setChallenge} says.
 *
 * @returns The solver, as soon as one device is ready; the others follow.
 * @throws {@link BtpowError} as {@link solve}.
 *
 * @example
 * ```js
 * const solver = await createSolver({ workers: 2 });
 * solver.on('solution', ({ nonce }) => console.log(nonce));
 * solver.setChallenge(challenge, { blockNumber: 7_000_000n });
 * // at the next block: solver.setChallenge(next), at the end: await solver.dispose()
 * ```
 */
export async function createSolver(options: SolverOptions = {}): Promise<Solver> {
  return Solver.create(options);
}

/**
 * The seal of a nonce, 32 bytes, computed by the readable definition.
 *
 * @throws {@link BtpowError} `invalid-argument`, `invalid-key`, `wasm-load`, `wasm-csp`.
 */
export async function seal(challenge: Challenge, nonce: bigint, overrides?: Overrides): Promise<Uint8Array> {
  const { module } = await load(overrides);
  u64(nonce, 'nonce');
  return consume(parsed(module, challenge), (parsed) => parsed.seal(nonce));
}

/**
 * Whether a nonce wins, as the chain decides it: by all 256 bits of its seal.
 *
 * @throws {@link BtpowError} `invalid-argument`, `invalid-key`, `wasm-load`, `wasm-csp`.
 */
export async function verify(challenge: Challenge, nonce: bigint, overrides?: Overrides): Promise<boolean> {
  const { module } = await load(overrides);
  u64(nonce, 'nonce');
  return consume(parsed(module, challenge), (parsed) => parsed.admits(nonce));
}

/**
 * Seconds until the first win, on average. Earlier tries do not shorten it.
 *
 * @param difficulty - Expected seals per win.
 * @param rate - Hashes per second.
 * @returns `undefined` at a rate of zero.
 * @throws {@link BtpowError} `invalid-argument`, `wasm-load`, `wasm-csp`.
 */
export async function expectedSeconds(
  difficulty: bigint,
  rate: number,
  overrides?: Overrides,
): Promise<number | undefined> {
  u64(difficulty, 'difficulty', 1n);
  if (typeof rate !== 'number' || !(rate >= 0)) throw invalid('rate', 'a number of at least 0', rate);
  const { module } = await load(overrides);
  return module.expectedSeconds(difficulty, rate);
}

/** How long a proof still counts. */
export interface Freshness {
  /**
   * `fresh`: the next block may include it. `stale`: no later block may. `ahead`: the chain at this head
   * does not have the proof's block, because of a re-organisation or because the head is old.
   */
  readonly state: 'ahead' | 'fresh' | 'stale';
  /** How many blocks, the next one among them, may include it. */
  readonly blocksLeft: number;
}

/**
 * How long a proof for block `workBlock` still counts, by the chain's own rule, when `head` is the newest.
 *
 * @throws {@link BtpowError} `invalid-argument`, `wasm-load`, `wasm-csp`.
 */
export async function freshness(
  protocol: 'v1' | 'legacy',
  workBlock: bigint,
  head: bigint,
  overrides?: Overrides,
): Promise<Freshness> {
  const v1 = word(protocol, 'protocol', ['v1', 'legacy']) === 'v1';
  const { module } = await load(overrides);
  const left = module.blocksLeft(v1, u64(workBlock, 'workBlock'), u64(head, 'head'));
  if (left === undefined) return { state: 'ahead', blocksLeft: 0 };
  return { state: left > 0 ? 'fresh' : 'stale', blocksLeft: left };
}

/**
 * Whether no later block may include a proof for block `workBlock` when `head` is the newest.
 *
 * @throws {@link BtpowError} `invalid-argument`, `wasm-load`, `wasm-csp`.
 *
 * @example
 * ```js
 * await isStale('v1', 100n, 104n); // false: block 105 may still include it
 * await isStale('v1', 100n, 105n); // true
 * ```
 */
export async function isStale(
  protocol: 'v1' | 'legacy',
  workBlock: bigint,
  head: bigint,
  overrides?: Overrides,
): Promise<boolean> {
  return (await freshness(protocol, workBlock, head, overrides)).state === 'stale';
}
