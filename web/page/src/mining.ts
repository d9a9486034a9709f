/** The search: workers and the GPU behind one solver of the package, and how much they have hashed. */

import { BtpowError, type Device as Unit, type Solver, createSolver } from 'btpow';
import type { Device } from './model.ts';
import { challengeOf } from './rules.ts';
import type { Goal, Proof } from './registration/session.ts';
import { type Devices, knownTuning, setTuning } from './settings.ts';

/** Milliseconds that a measurement of this machine takes, that its devices have to start before it, and between two looks. */
const MEASURE = 3_000;
const STARTING = 8_000;
const LOOK = 250;

/** A block to search for. */
export interface Wanted {
  readonly number: number;
  readonly hash: string;
  readonly difficulty: bigint;
}

/** What a miner reports. */
export interface MinerListener {
  found(proof: Proof): void;
  /** A device was dropped: it failed, or the package's watchdog has not heard of it for too long. `last` when none is left. */
  dropped(error: BtpowError, last: boolean): void;
  /** Something slows the search down. */
  warned(error: BtpowError): void;
}

export class Miner {
  readonly #solver: Solver;

  /** @throws BtpowError when nothing hashes here. */
  static async create(devices: Devices, listener: MinerListener, signal: AbortSignal): Promise<Miner> {
    const solver = await create(devices, signal);
    solver.on('solution', ({ nonce, challenge, blockNumber }) => {
      const blockHash = challenge.blockHash as string;
      listener.found({ workBlock: Number(blockNumber), blockHash, nonce });
    });
    solver.on('error', (error) => {
      if (error.code === 'aborted' || error.code === 'disposed') return;
      const last = error.code === 'no-device';
      // The solver reports the loss of the last device twice: as a loss, and as the last one.
      if (last || solver.devices.some(({ error }) => !error)) listener.dropped(error, last);
    });
    solver.on('warning', (error) => listener.warned(error));
    return new Miner(solver);
  }

  private constructor(solver: Solver) {
    this.#solver = solver;
  }

  /** Searches for a proof for a block. */
  search(goal: Goal, { number, hash, difficulty }: Wanted): void {
    this.#solver.setChallenge(challengeOf(goal, hash, difficulty), { blockNumber: BigInt(number) });
  }

  /** Hashes per second now, and hashes tried. */
  get rates(): { readonly rate: number; readonly tried: number } {
    // The sum of the rates that the page shows beside it.
    const rate = this.#solver.devices.reduce((sum, { hashRate, error }) => (error ? sum : sum + hashRate), 0);
    return { rate, tried: this.#solver.statistics?.noncesTotal ?? 0 };
  }

  /** The workers as one device, and every GPU. */
  get devices(): Device[] {
    const units = this.#solver.devices;
    const workers = units.filter(({ kind }) => kind === 'wasm');
    const gpus = units.filter(({ kind }) => kind === 'webgpu');
    rememberTuning(gpus);
    return [...(workers.length > 0 ? [together(workers)] : []), ...gpus.map(gpu)];
  }

  async end(): Promise<void> {
    await this.#solver.dispose();
  }
}

function together(workers: readonly Unit[]): Device {
  const alive = workers.filter(({ error }) => !error);
  const lanes = [...new Set(alive.map(({ lanes }) => lanes).filter(Boolean))].join(', ');
  const lost = workers.length - alive.length;
  const count = `${alive.length} ${alive.length === 1 ? 'worker' : 'workers'}`;
  return {
    kind: 'Processor',
    detail: `${count}${lanes && `, ${lanes}`}${lost > 0 ? `; ${lost} lost` : ''}`,
    rate: alive.reduce((sum, { hashRate }) => sum + hashRate, 0),
    error: alive.length === 0 ? workers[0]?.error?.message : undefined,
  };
}

function gpu({ adapter, lanes, hashRate, error }: Unit, index: number): Device {
  return {
    kind: index === 0 ? 'GPU' : `GPU ${index + 1}`,
    detail: [adapter, lanes || 'starting'].filter(Boolean).join(', '),
    rate: error ? 0 : hashRate,
    error: error?.message,
  };
}

/**
 * Measures this machine, in hashes per second, by hashing for three seconds for a challenge that no chain asked.
 *
 * @throws When nothing hashes here, or the signal is aborted.
 */
export async function measure(devices: Devices, signal: AbortSignal): Promise<number> {
  const solver = await create(devices, signal);
  try {
    // A GPU that is new to this page spends some seconds finding its fastest kernel.
    for (let waited = 0; waited < STARTING && solver.devices.some(({ lanes, error }) => !lanes && !error); waited += LOOK) {
      await pause(LOOK, signal);
    }
    const some = `0x${'42'.repeat(32)}`;
    solver.setChallenge({
      protocol: 'v1',
      netuid: 1,
      blockHash: some,
      hotkey: some,
      coldkey: some,
      difficulty: (1n << 64n) - 1n,
    });
    await pause(MEASURE, signal);
    rememberTuning(solver.devices.filter(({ kind }) => kind === 'webgpu'));
    return solver.statistics?.hashRate ?? 0;
  } finally {
    await solver.dispose();
  }
}

/** Creates a solver with what an earlier visit learnt about the GPU, which saves some seconds. */
async function create(devices: Devices, signal?: AbortSignal): Promise<Solver> {
  const gpuTuning = knownTuning();
  const options = { devices, ...(signal && { signal }) };
  if (gpuTuning === undefined) return createSolver(options);
  try {
    return await createSolver({ ...options, gpuTuning });
  } catch (error) {
    // The tuning is from another version of the package.
    if (!(error instanceof BtpowError) || error.argument !== 'gpuTuning') throw error;
    return createSolver(options);
  }
}

function rememberTuning(gpus: readonly Unit[]): void {
  const [first] = gpus;
  if (first?.lanes && !first.error && first.lanes !== knownTuning()) setTuning(first.lanes);
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
