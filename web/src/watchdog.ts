/** Notices a device that owes an answer and gives none: browsers do not tell when a worker ends, and nobody tells when one hangs. */

import type { Unit } from './unit.js';

/** Milliseconds between two looks. */
const LOOK = 1_000;

/** How many looks a device may stay silent: a GPU's driver compiles its kernel at the first round. */
const PATIENCE = { wasm: 10, webgpu: 30 };

/**
 * Counts looks, not time: while a page sleeps, its workers sleep, too, and one that wakes up is not late. Where a browser slows the
 * timers of a hidden page, the watchdog becomes slower, never stricter.
 */
export class Watchdog {
  readonly #watched = new Map<Unit, { silent: number; readonly overdue: (seconds: number) => void }>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Begins to watch a unit; `overdue` is called when it owes something for longer than that many seconds. */
  watch(unit: Unit, overdue: (seconds: number) => void): void {
    this.#watched.set(unit, { silent: 0, overdue });
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#look(), LOOK);
    // In Node the workers keep the process alive, and this need not.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** The unit has said something. */
  heard(unit: Unit): void {
    const state = this.#watched.get(unit);
    if (state) state.silent = 0;
  }

  /** Watches it no longer. */
  forget(unit: Unit): void {
    this.#watched.delete(unit);
  }

  /** Watches nobody any more. */
  end(): void {
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  #look(): void {
    for (const [unit, state] of [...this.#watched]) {
      // A GPU that opens tries several kernels, however long that takes; nothing waits for it.
      const owes = unit.busy || (unit.kind === 'wasm' && unit.lanes === '');
      state.silent = owes ? state.silent + 1 : 0;
      const patience = PATIENCE[unit.kind];
      if (state.silent > patience) state.overdue((patience * LOOK) / 1_000);
    }
  }
}
