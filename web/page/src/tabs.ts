/** Only one tab mines: two would share the same processors. */

const LOCK = 'btpow-mining';

/**
 * The machine, which one tab has at a time.
 *
 * Where the browser has no locks (a page without TLS on another machine), or refuses them (as it may where it stores nothing), every tab may mine.
 */
export class Turn {
  readonly #lost: () => void;
  readonly #free: () => void;
  #release: (() => void) | undefined;
  #waiting: AbortController | undefined;

  /** Calls `lost` when another tab takes the machine from this one, and `free` when no tab has it, after this one could not. */
  constructor(lost: () => void, free: () => void) {
    this.#lost = lost;
    this.#free = free;
  }

  /** Takes the machine, even from another tab with `steal`. Whether this tab has it; if not, it waits. */
  async take(steal: boolean): Promise<boolean> {
    if (this.#release) return true;
    this.#waiting?.abort();
    // Whoever asks twice at once is told the second time that a tab has it: this one.
    this.#release = (await claim(steal, this.#lost)) ?? this.#release;
    if (!this.#release) this.wait();
    return this.#release !== undefined;
  }

  give(): void {
    this.#release?.();
    this.#release = undefined;
  }

  /** Waits until no tab has the machine. */
  wait(): void {
    this.#waiting = new AbortController();
    const { signal } = this.#waiting;
    navigator.locks?.request(LOCK, { signal }, () => {}).then(this.#free, () => {});
  }
}

/** Resolves to a function that gives the machine back, or to nothing while another tab has it. */
function claim(steal: boolean, lost: () => void): Promise<(() => void) | undefined> {
  if (!navigator.locks) return Promise.resolve(() => {});
  return new Promise((resolve) => {
    const options = steal ? { steal } : { ifAvailable: true };
    let held = false;
    navigator.locks
      .request(LOCK, options, (lock) => {
        if (!lock) return resolve(undefined);
        held = true;
        return new Promise<void>((release) => resolve(() => release()));
      })
      .catch(() => {
        // It was stolen, or the browser refuses to lock anything.
        if (held) lost();
        else resolve(() => {});
      });
  });
}
