/** A solver's options, checked before anything starts. */

import { invalid } from './errors.js';
import { SOLVER, named } from './names.js';
import { processors } from './pool.js';
import { isA } from './realm.js';
import type { SolverOptions } from './types.js';
import { whole, word } from './values.js';

/** What to start. */
export interface Plan {
  /** How many WebAssembly workers. */
  readonly workers: number;
  /** Whether the caller leaves it to the package how many of them work. */
  readonly free: boolean;
  /** Whether to use a GPU: not at all, if there is one, or in any case. */
  readonly gpu: 'no' | 'auto' | 'named';
}

/**
 * What the options ask for.
 *
 * @throws {@link BtpowError} `invalid-argument`.
 */
export function checked(options: SolverOptions): Plan {
  named(options, 'options', SOLVER);
  const { devices = 'auto', workers, signal, gpuTuning } = options;
  const kinds: readonly unknown[] = Array.isArray(devices) ? devices : [devices];
  if (kinds.length === 0) throw invalid('devices', "'auto' or a list of devices", devices);
  const known = Array.isArray(devices) ? ['wasm', 'webgpu'] : ['auto', 'wasm', 'webgpu'];
  for (const kind of kinds) word(kind, 'devices', known);
  if (signal !== undefined && !isA(signal, 'AbortSignal')) {
    throw invalid('signal', 'an AbortSignal', signal);
  }
  if (gpuTuning !== undefined && !/^(flat|rolled)[23]x(32|64|128|256)$/.test(String(gpuTuning))) {
    throw invalid('gpuTuning', "a tuning of this version, as in 'flat3x64'", gpuTuning);
  }
  const number = workers === undefined ? processors() : whole(workers, 'workers', 1, 1_024);
  const hashes = kinds.includes('auto') || kinds.includes('wasm');
  return {
    free: hashes && workers === undefined,
    workers: hashes ? number : 0,
    gpu: kinds.includes('webgpu') ? 'named' : kinds.includes('auto') ? 'auto' : 'no',
  };
}
