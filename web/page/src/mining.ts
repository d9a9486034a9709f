/** The search: workers and the GPU behind one solver of the package, and what they have done. */

import { type BtpowError, type Device as Unit, type Solver, type SolverOptions, createSolver } from 'btpow';
import type { Head } from './chain/types.ts';
import type { Device } from './model.ts';
import type { Goal, Proof } from './session/types.ts';

/** What may hash. */
export type Devices = NonNullable<SolverOptions['devices']>;

/** Milliseconds of a measurement of this machine; the first ones are spent on starting. */
const MEASURE = 1_500;

/** What a miner tells. */
export interface MinerListener {
  found(proof: Proof): void;
  /** A device was dropped; `last` when none is left. */
  dropped(error: BtpowError, last: boolean): void;
}

export class Miner {
  readonly #solver: Solver;

  /** @throws BtpowError when nothing hashes here. */
  static async create(devices: Devices, listener: MinerListener, signal: AbortSignal): Promise<Miner> {
    const solver = await createSolver({ devices, signal });
    solver.on('solution', ({ nonce, seal, challenge, blockNumber }) => {
      const blockHash = challenge.blockHash as string;
      listener.found({ workBlock: Number(blockNumber), blockHash, nonce, seal });
    });
    solver.on('error', (error) => {
      if (error.code !== 'aborted' && error.code !== 'disposed') listener.dropped(error, error.code === 'no-device');
    });
    return new Miner(solver);
  }

  private constructor(solver: Solver) {
    this.#solver = solver;
  }

  /** Searches for what a block asks of a key. */
  search(goal: Goal, head: Head, difficulty: bigint): void {
    const { netuid, hotkey, coldkey } = goal;
    const challenge = {
      protocol: 'v1' as const,
      netuid,
      blockHash: head.hash,
      hotkey: hotkey.hex,
      coldkey: coldkey.hex,
      difficulty,
    };
    this.#solver.setChallenge(challenge, { blockNumber: BigInt(head.number) });
  }

  /** Hashes per second now, and hashes tried. */
  get rates(): { readonly rate: number; readonly tried: number } {
    const statistics = this.#solver.statistics;
    return { rate: statistics?.hashRate ?? 0, tried: statistics?.noncesTotal ?? 0 };
  }

  /** The workers as one device, and every GPU. */
  get devices(): Device[] {
    const units = this.#solver.devices;
    const workers = units.filter(({ name }) => name.startsWith('wasm'));
    const others = units.filter((unit) => !workers.includes(unit));
    return [...(workers.length > 0 ? [together(workers)] : []), ...others.map(gpu)];
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

function gpu({ name, lanes, hashRate, error }: Unit, index: number): Device {
  return {
    kind: index === 0 ? 'GPU' : `GPU ${index + 1}`,
    detail: lanes || name,
    rate: error ? 0 : hashRate,
    error: error?.message,
  };
}

/** What this machine does, in hashes per second, by hashing a challenge of no chain for a moment. */
export async function measure(devices: Devices): Promise<number> {
  const solver = await createSolver({ devices });
  try {
    const some = `0x${'42'.repeat(32)}`;
    solver.setChallenge({
      protocol: 'v1',
      netuid: 1,
      blockHash: some,
      hotkey: some,
      coldkey: some,
      difficulty: (1n << 64n) - 1n,
    });
    await new Promise((resolve) => setTimeout(resolve, MEASURE));
    return solver.statistics?.hashRate ?? 0;
  } finally {
    await solver.dispose();
  }
}
