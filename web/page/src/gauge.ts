/** The rate of this machine, so that the page can estimate times before it mines. */

import { measure } from './mining.ts';
import type { Model } from './model.ts';
import { type Settings, setRate } from './settings.ts';

export class Gauge {
  readonly #model: Model;
  readonly #settings: Settings;
  readonly #changed: () => void;
  #busy = false;

  constructor(model: Model, settings: Settings, changed: () => void) {
    this.#model = model;
    this.#settings = settings;
    this.#changed = changed;
  }

  /** Measures the rate, unless it is known, or mining will measure it better. */
  async measure(): Promise<void> {
    const model = this.#model;
    if (model.rate !== undefined || this.#busy || model.running) return;
    this.#busy = true;
    const { devices } = this.#settings;
    try {
      const rate = await measure(devices);
      setRate(devices, rate);
      // The rate from mining itself is better.
      if (devices === this.#settings.devices && rate > 0) model.rate ??= rate;
    } catch {
      // Mining will say why.
    } finally {
      this.#busy = false;
      this.#changed();
    }
  }
}
