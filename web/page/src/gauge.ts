/** What this machine can do: its rate, so that the page can say times before it mines, and whether there is a GPU. */

import { measure } from './mining.ts';
import type { Model } from './model.ts';
import { type Settings, setRate } from './settings.ts';
import { trouble } from './trouble.ts';

export class Gauge {
  readonly #model: Model;
  readonly #settings: Settings;
  readonly #changed: () => void;
  #abort: AbortController | undefined;

  constructor(model: Model, settings: Settings, changed: () => void) {
    this.#model = model;
    this.#settings = settings;
    this.#changed = changed;
  }

  /** Measures the rate. Mining measures it better, so not meanwhile. */
  async measure(): Promise<void> {
    const model = this.#model;
    if (this.#abort || model.running) return;
    const abort = new AbortController();
    this.#abort = abort;
    model.measuring = true;
    model.measureError = undefined;
    this.#changed();
    const { devices } = this.#settings;
    try {
      const rate = await measure(devices, abort.signal);
      setRate(devices, rate);
      if (abort.signal.aborted || devices !== this.#settings.devices) return;
      if (rate > 0) model.rate = rate;
      else model.measureError = 'No device was ready in time: measure again.';
    } catch (error) {
      if (!abort.signal.aborted) model.measureError = `Nothing can hash here: ${trouble(error)}.`;
    } finally {
      if (this.#abort === abort) this.stop();
      this.#changed();
    }
  }

  /** Ends a measurement: mining begins, or something else is to be measured. */
  stop(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#model.measuring = false;
  }

  /** Asks the browser for a GPU, since it may know WebGPU and have none. */
  async findGpu(): Promise<void> {
    try {
      this.#model.gpu = Boolean(await navigator.gpu?.requestAdapter());
    } catch {
      // As good as none.
    }
    this.#changed();
  }
}
