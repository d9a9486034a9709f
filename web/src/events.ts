/** Who listens to a solver. */

import { BtpowError } from './errors.js';
import type { SolverEvents } from './types.js';
import { word } from './values.js';

type Listener<Event> = (event: Event) => void;

/** The listeners of each event. */
export class Events {
  readonly #listeners: { [E in keyof SolverEvents]: Set<Listener<SolverEvents[E]>> } = {
    solution: new Set(),
    progress: new Set(),
    warning: new Set(),
    error: new Set(),
  };
  /** What nobody has heard: a GPU can fail while the first worker starts, when no one can listen yet. */
  #unheard: { readonly event: 'warning' | 'error'; readonly error: BtpowError }[] = [];

  /** Calls `listener` at each event of this kind, until the function that it returns is called. */
  on<E extends keyof SolverEvents>(event: E, listener: Listener<SolverEvents[E]>): () => void {
    const listeners = this.#listeners[word(event, 'event', Object.keys(this.#listeners) as E[])];
    listeners.add(listener);
    const missed = this.#unheard.filter((each) => each.event === event);
    this.#unheard = this.#unheard.filter((each) => each.event !== event);
    for (const { error } of missed) queueMicrotask(() => this.emit(event, error as SolverEvents[E]));
    return () => void listeners.delete(listener);
  }

  /** Whether anybody listens to events of this kind. */
  has(event: keyof SolverEvents): boolean {
    return this.#listeners[event].size > 0;
  }

  /** Tells all who listen. Errors and warnings wait for the first who does. */
  emit<E extends keyof SolverEvents>(event: E, value: SolverEvents[E]): void {
    const listeners = [...this.#listeners[event]];
    if (listeners.length === 0 && (event === 'warning' || event === 'error')) {
      this.#unheard.push({ event, error: value as BtpowError });
    }
    for (const listener of listeners) {
      try {
        listener(value);
      } catch (error) {
        // It is the listener's own fault: report it as such, and let the search go on.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
