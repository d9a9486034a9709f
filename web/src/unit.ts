/** The devices of a solver, as it keeps them. */

import { BtpowError } from './errors.js';
import type { Started } from './pool.js';
import type { DeviceKind, Rates } from './types.js';
import type { Rates as Counted } from './wasm.js';

/** One device, from before its start to its end. */
export interface Unit {
  readonly name: string;
  readonly kind: DeviceKind;
  /** Its slot in the engine. */
  readonly index: number;
  adapter?: string;
  /** There is no such GPU, and the caller did not name it. */
  absent?: boolean;
  started?: Started;
  lanes: string;
  error?: BtpowError;
  /** Whether it owes an answer. */
  busy: boolean;
  /** Whether it gets no work for now. */
  parked: boolean;
}

/** The units of as many workers and GPUs, in the sequence of the engine's slots. */
export function unitsOf(workers: number, gpus: number): Unit[] {
  return Array.from({ length: workers + gpus }, (_, index) => {
    const kind: DeviceKind = index < workers ? 'wasm' : 'webgpu';
    const number = index < workers ? index : index - workers;
    return { name: `${kind}:${number}`, kind, index, lanes: '', busy: false, parked: false };
  });
}

/** The error of a unit that gets no more work. */
export function deviceFailed({ name }: Unit, reason: string): BtpowError {
  return new BtpowError('device-failed', `${name} was dropped: ${reason}`, { device: name });
}

/** The module's counts, as fields of an object. */
export function counted({
  timeSpentTotal, roundsTotal, timeAverage, timeSpent, hashRatePerpetual, hashRate, noncesTotal,
}: Counted): Rates {
  return { timeSpentTotal, roundsTotal, timeAverage, timeSpent, hashRatePerpetual, hashRate, noncesTotal };
}
