/** A long-lived search over workers. */

import { type ErrorCode, BtpowError } from './errors.js';
import { type PreparedGpu, prepareGpu, remember } from './gpu.js';
import type { FromWorker, ToWorker } from './messages.js';
import { type Loaded, consume, load } from './module.js';
import { type Plan, checked } from './options.js';
import { type Pool, type Started, startWorkers } from './pool.js';
import type {
  Challenge,
  Device,
  DeviceKind,
  Rates,
  SearchOptions,
  Solution,
  SolverEvents,
  SolverOptions,
  Statistics,
} from './types.js';
import { parsed, u64, word } from './values.js';
import { type Engine, type Find, type Rates as Counted, Next } from './wasm.js';

/** Milliseconds between two `progress` events. */
const PROGRESS = 250;

/** A challenge, and its generation in the engine. */
interface Search {
  readonly generation: bigint;
  readonly challenge: Challenge;
  readonly blockNumber: bigint | undefined;
}

/** One device, from before its start to its end. */
interface Unit {
  readonly name: string;
  readonly kind: DeviceKind;
  adapter?: string;
  /** There is no such GPU, and the caller did not name it. */
  absent?: boolean;
  started?: Started;
  lanes: string;
  error?: BtpowError;
  /** Whether it has an assignment. */
  busy: boolean;
}

type Listeners = { [E in keyof SolverEvents]: Set<(event: SolverEvents[E]) => void> };

/** The time in microseconds, as the module takes it. */
function now(): number {
  return performance.now() * 1_000;
}

/**
 * A search that goes on until you dispose of it. You can swap the challenge while it runs.
 *
 * {@link createSolver} makes it. In Node its workers keep the process alive until {@link Solver.dispose}.
 */
export class Solver {
  readonly #loaded: Loaded;
  readonly #engine: Engine;
  readonly #units: Unit[];
  readonly #options: SolverOptions;
  readonly #pool: Pool;
  readonly #listeners: Listeners = { solution: new Set(), progress: new Set(), error: new Set() };
  /** The present challenge comes last; the earlier ones are for late finds. */
  #searches: Search[] = [];
  #paused = false;
  #ended: BtpowError | undefined;
  #progressed = 0;
  /** The last statistics before a pause. */
  #last: Statistics | undefined;
  /** The devices as they were at the end. */
  #final: Device[] = [];
  /** Errors that came before anybody listened: a GPU can fail while the first worker starts. */
  #unheard: BtpowError[] = [];

  /** @internal */
  static async create(options: SolverOptions): Promise<Solver> {
    const plan = checked(options);
    const { signal } = options;
    if (signal?.aborted) throw aborted(signal);
    // All at once: threads start while the module compiles.
    const pool = startWorkers(options, plan.workers);
    const gpu = plan.gpu === 'no' ? undefined : prepareGpu(options, plan.gpu === 'named');
    // Something awaits each of them later.
    for (const each of [...pool.workers, gpu]) each?.catch(() => {});
    let loaded: Loaded;
    try {
      loaded = await load(options);
    } catch (error) {
      void pool.end();
      throw error;
    }
    const solver = new Solver(loaded, options, plan, pool);
    signal?.addEventListener('abort', solver.#abort, { once: true });
    if (signal?.aborted) solver.#abort();
    await solver.#start(plan, gpu);
    return solver;
  }

  private constructor(loaded: Loaded, options: SolverOptions, { workers, gpu }: Plan, pool: Pool) {
    this.#loaded = loaded;
    this.#options = options;
    this.#pool = pool;
    const gpus = gpu === 'no' ? 0 : 1;
    this.#engine = new loaded.module.Engine(workers, gpus);
    const units = (kind: DeviceKind, length: number): Unit[] =>
      Array.from({ length }, (_, index) => ({ name: `${kind}:${index}`, kind, lanes: '', busy: false }));
    // The units stand in the same sequence as the engine's slots.
    this.#units = [...units('wasm', workers), ...units('webgpu', gpus)];
  }

  /**
   * Makes every device search for this challenge within a round: 20 milliseconds for a worker, 40 for a GPU. What the present
   * round finds for the earlier challenge still arrives, with `current` false.
   *
   * @throws {@link BtpowError} `invalid-argument`, `invalid-key`, `disposed`, `aborted`; the earlier search
   * goes on.
   */
  setChallenge(challenge: Challenge, options: SearchOptions = {}): void {
    this.#mustLive();
    const { blockNumber } = options;
    if (blockNumber !== undefined) u64(blockNumber, 'blockNumber');
    const start = options.start === undefined ? randomNonce() : u64(options.start, 'start');
    const generation = consume(parsed(this.#loaded.module, challenge), (parsed) => this.#engine.search(parsed, start, now()));
    // A find can be for the challenge before; nobody waits for older ones.
    this.#searches = [...this.#searches.slice(-3), { generation, challenge, blockNumber }];
    this.#paused = false;
    this.#stepAll();
  }

  /** Stops the search until {@link resume} or the next challenge. Rounds under way still count. */
  pause(): void {
    this.#mustLive();
    if (this.#paused || this.#searches.length === 0) return;
    this.#last = this.statistics;
    this.#paused = true;
    this.#engine.pause();
  }

  /** Continues a paused search where it stopped: it tries no nonce twice. */
  resume(): void {
    this.#mustLive();
    if (!this.#paused) return;
    this.#paused = false;
    this.#engine.resume(now());
    this.#stepAll();
  }

  /** Whether the search is paused. */
  get paused(): boolean {
    return this.#paused;
  }

  /** The lowest solution of the present challenge: the one that survives a higher difficulty. */
  get best(): Solution | undefined {
    if (this.#ended) return undefined;
    const found = this.#engine.best();
    return found && this.#solution(found);
  }

  /** How the search is going; `undefined` before the first challenge. During a pause, how it went before. */
  get statistics(): Statistics | undefined {
    const search = this.#searches.at(-1);
    if (this.#paused || this.#ended || !search) return this.#last;
    const statistics = this.#engine.statistics(now());
    if (!statistics) return undefined;
    return consume(statistics, ({ rates, expectedTime, chance }) => ({
      ...consume(rates, counted),
      difficulty: search.challenge.difficulty,
      blockNumber: search.blockNumber,
      expectedTime,
      // The logarithm gives minus zero before the first round.
      chance: chance + 0,
      devices: this.devices,
    }));
  }

  /** The devices, dropped ones included. */
  get devices(): Device[] {
    if (this.#ended) return this.#final;
    const all = this.#units.map(({ name, kind, lanes, adapter, error }, index) => {
      return { name, kind, lanes, adapter, error, ...consume(this.#engine.rates(index, now()), counted) };
    });
    return all.filter((_, index) => !this.#units[index]?.absent);
  }

  /**
   * Calls `listener` at each event of this kind. The function that it returns ends that.
   *
   * @example
   * ```js
   * const off = solver.on('progress', ({ hashRate }) => console.log(hashRate / 1e6, 'MH/s'));
   * ```
   */
  on<E extends keyof SolverEvents>(event: E, listener: (event: SolverEvents[E]) => void): () => void {
    const listeners = this.#listeners[word(event, 'event', ['solution', 'progress', 'error'] as E[])];
    listeners.add(listener);
    if (event === 'error') for (const error of this.#unheard.splice(0)) queueMicrotask(() => this.#emit('error', error));
    return () => void listeners.delete(listener);
  }

  /**
   * Ends all workers at once and for good; resolves once they are gone. Further calls do nothing.
   */
  async dispose(): Promise<void> {
    await this.#end(new BtpowError('disposed', 'this solver was disposed of'));
  }

  /** Resolves as soon as one device hashes and a named GPU has been found; the others follow. */
  async #start(plan: Plan, gpu: Promise<PreparedGpu> | undefined): Promise<void> {
    const module = { module: this.#loaded.compiled };
    const starts = this.#pool.workers.map((worker, index) => this.#startUnit(index, worker, module));
    if (gpu) starts.push(this.#startGpu(plan.workers, gpu));
    try {
      await Promise.all([plan.gpu === 'named' && gpu, Promise.any(starts)]);
    } catch (error) {
      await this.dispose();
      if (this.#options.signal?.aborted) throw aborted(this.#options.signal);
      throw error instanceof AggregateError ? error.errors[0] : error;
    }
    if (this.#ended) throw this.#ended;
  }

  async #startGpu(index: number, preparing: Promise<PreparedGpu>): Promise<void> {
    const unit = this.#units[index] as Unit;
    try {
      const { adapter, message, start } = await preparing;
      if (this.#ended) throw this.#ended;
      unit.adapter = adapter;
      await this.#startUnit(index, start(), message);
      remember(adapter, unit.lanes);
    } catch (error) {
      const { code, message, argument } = error as BtpowError;
      unit.absent = code === 'webgpu-unavailable';
      const details = { cause: error, device: unit.name, ...(argument !== undefined && { argument }) };
      const own = new BtpowError(code, message, details);
      this.#drop(unit, index, own);
      throw own;
    }
  }

  #startUnit(index: number, starting: Promise<Started>, module: ToWorker): Promise<void> {
    const unit = this.#units[index] as Unit;
    return new Promise((resolve, reject) => {
      const fail = (error: BtpowError): void => {
        reject(error);
        this.#drop(unit, index, error);
      };
      const message = (message: FromWorker): void => {
        if ('lanes' in message) {
          unit.lanes = message.lanes;
          resolve();
          this.#step(unit, index);
        } else if ('answer' in message) {
          unit.busy = false;
          if (this.#ended) return;
          this.#engine.deliver(index, message.answer);
          this.#step(unit, index);
        } else if ('failed' in message) {
          fail(deviceFailed(unit, message.failed));
        }
      };
      const listener = { message, failed: (reason: string) => fail(deviceFailed(unit, reason)) };
      starting.then((started) => {
        unit.started = started;
        if (this.#ended) {
          void started.terminate();
          reject(this.#ended);
        } else {
          started.attach(listener);
          started.post(module);
        }
      }, fail);
    });
  }

  #stepAll(): void {
    this.#units.forEach((unit, index) => this.#step(unit, index));
  }

  /** Gives a free worker its next step. */
  #step(unit: Unit, index: number): void {
    while (unit.lanes && !unit.busy && !unit.error && !this.#ended) {
      const next = this.#engine.step(index, now());
      if (next === Next.Post) {
        unit.busy = true;
        unit.started?.post({ assignment: this.#engine.takeAssignment(index) });
      } else if (next === Next.Found) {
        this.#emit('solution', this.#solution(this.#engine.takeFound()));
      } else if (next === Next.Dropped) {
        this.#drop(unit, index, deviceFailed(unit, this.#engine.fault(index) ?? ''));
      } else {
        break;
      }
    }
    this.#progress();
  }

  #progress(): void {
    if (this.#listeners.progress.size === 0 || performance.now() - this.#progressed < PROGRESS) return;
    const { statistics } = this;
    if (!statistics || this.#paused || this.#ended) return;
    this.#progressed = performance.now();
    this.#emit('progress', statistics);
  }

  /** The solution that a find describes. */
  #solution(find: Find): Solution {
    const { nonce, seal, generation, worker, current } = find;
    find.free();
    const device = this.#units[worker]?.name ?? '';
    const search = this.#searches.find((search) => search.generation === generation);
    // It would be older than all kept challenges, which a round of milliseconds cannot be.
    if (!search) throw new BtpowError('device-failed', 'a solution for a forgotten challenge');
    const { challenge, blockNumber } = search;
    return { nonce, seal, challenge, blockNumber, device, current };
  }

  #drop(unit: Unit, index: number, error: BtpowError): void {
    if (unit.error || this.#ended) return;
    unit.error = error;
    this.#engine.lose(index);
    void unit.started?.terminate();
    if (!unit.absent) this.#emit('error', error);
    if (this.#units.every((each) => each.error)) {
      const message = `no device is left; the last was ${unit.name}: ${error.message}`;
      this.#emit('error', new BtpowError('no-device', message, { cause: error }));
    }
  }

  #emit<E extends keyof SolverEvents>(event: E, value: SolverEvents[E]): void {
    const listeners = [...this.#listeners[event]];
    if (value instanceof BtpowError && listeners.length === 0) this.#unheard.push(value);
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

  #abort = (): void => {
    const { signal } = this.#options;
    if (signal) void this.#end(aborted(signal));
  };

  async #end(why: BtpowError): Promise<void> {
    if (!this.#ended) {
      try {
        this.#last = this.statistics;
        this.#final = this.devices;
        this.#engine.free();
      } catch {
        // An engine that panicked has thrown its reason, and no longer answers.
      }
      this.#ended = why;
      this.#options.signal?.removeEventListener('abort', this.#abort);
    }
    // The pool has the workers; a GPU's is known to its unit alone.
    await Promise.all([this.#pool.end(), ...this.#units.map((unit) => unit.started?.terminate())]);
  }

  #mustLive(): void {
    if (this.#ended) throw this.#ended;
  }
}

/** The error of an aborted signal. */
function aborted(signal: AbortSignal): BtpowError {
  return new BtpowError('aborted', 'the search was aborted', { cause: signal.reason });
}

function deviceFailed(unit: Unit, reason: string): BtpowError {
  const code: ErrorCode = 'device-failed';
  return new BtpowError(code, `${unit.name} was dropped: ${reason}`, { device: unit.name });
}

/** The module's counts, as fields of an object. */
function counted({
  timeSpentTotal, roundsTotal, timeAverage, timeSpent, hashRatePerpetual, hashRate, noncesTotal,
}: Counted): Rates {
  return { timeSpentTotal, roundsTotal, timeAverage, timeSpent, hashRatePerpetual, hashRate, noncesTotal };
}

function randomNonce(): bigint {
  const [nonce = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return nonce;
}
