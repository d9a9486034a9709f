/** How long a chain takes for a block, from the blocks whose making the page saw from beginning to end. */

/** Seconds between two blocks until the page has seen some: those of finney. */
export const BLOCK_TIME = 12;

/** Intervals that count; the one in the middle is the block time. */
const INTERVALS = 8;

/** Milliseconds after which the page surely knows that the machine has slept. */
const NOTICED = 10_000;

export class Pace {
  #intervals: number[] = [];
  #last: { readonly number: number; readonly at: number; readonly fresh: boolean } | undefined;
  /** The highest block so far. */
  #highest = -1;

  /** Seconds between two blocks. */
  get seconds(): number {
    const sorted = this.#intervals.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? BLOCK_TIME;
  }

  /** There is a new best block; `now` is the time in milliseconds. */
  block(number: number, now: number): void {
    const last = this.#last;
    if (number === last?.number) return;
    const follows = number === (last?.number ?? Number.NaN) + 1;
    if (last && follows && last.fresh) {
      this.#intervals = [...this.#intervals.slice(1 - INTERVALS), (now - last.at) / 1_000];
    }
    // The first block after a connection, or after some that the page missed, may be of any age; so may those that replace others.
    this.#last = { number, at: now, fresh: follows && number > this.#highest };
    this.#highest = Math.max(this.#highest, number);
  }

  /** Blocks may have come unseen: the machine slept, or the connection was lost. The page may know it later than the block after it. */
  interrupted(now: number): void {
    const last = this.#last;
    if (!last) return;
    if (last.fresh && now - last.at < NOTICED) this.#intervals = this.#intervals.slice(0, -1);
    this.#last = { ...last, fresh: false };
  }

  /** Another chain. */
  reset(): void {
    this.#intervals = [];
    this.#last = undefined;
    this.#highest = -1;
  }
}
