/** A long-lived search over workers. */

import { Crew, type Workers } from './crew.js';
import { BtpowError } from './errors.js';
import { Events } from './events.js';
import { type PreparedGpu, prepareGpu, remember } from './gpu.js';
import type { FromWorker, ToWorker } from './messages.js';
import { type Loaded, consume, load } from './module.js';
import { SEARCH, named } from './names.js';
import { type Plan, checked } from './options.js';
import { WASM_POLICY, forbidsWasm } from './policy.js';
import { type Pool, type Started, startWorkers } from './pool.js';
import type { Challenge, Device, SearchOptions, Solution, SolverEvents, SolverOptions, Statistics } from './types.js';
import { type Unit, counted, deviceFailed, unitsOf } from './unit.js';
import { parsed, u64 } from './values.js';
import { Watchdog } from './watchdog.js';
import { type Engine, type Find, Next } from './wasm.js';

/** Milliseconds between two `progress` events. */
const PROGRESS = 250;

/** A challenge, and its generation in the engine. */
interface Search {
  readonly generation: bigint;
  readonly challenge: Challenge;
  readonly blockNumber: bigint | undefined;
}

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
  readonly #events = new Events();
  readonly #watchdog = new Watchdog();
  /** Chooses how many workers work, unless the caller has. */
  readonly #crew: Crew | undefined;
  /** The present challenge comes last; the earlier ones are for late finds. */
  #searches: Search[] = [];
  #paused = false;
  #ended: BtpowError | undefined;
  #progressed = 0;
  /** The last statistics before a pause. */
  #last: Statistics | undefined;
  /** The devices as they were at the end. */
  #final: Device[] = [];

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

  private constructor(loaded: Loaded, options: SolverOptions, { workers, gpu, free }: Plan, pool: Pool) {
    this.#loaded = loaded;
    this.#options = options;
    this.#pool = pool;
    const gpus = gpu === 'no' ? 0 : 1;
    this.#engine = new loaded.module.Engine(workers, gpus);
    this.#units = unitsOf(workers, gpus);
    if (free) this.#crew = new Crew(this.#crewOf(), workers);
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
    named(options, 'options', SEARCH);
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
    this.#crew?.interrupted();
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
    const search = this.#searches[this.#searches.length - 1];
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
    const present = this.#units.filter(({ absent }) => !absent);
    return present.map(({ index, name, kind, lanes, adapter, parked, error }) => {
      return { name, kind, lanes, adapter, parked, error, ...consume(this.#engine.rates(index, now()), counted) };
    });
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
    return this.#events.on(event, listener);
  }

  /**
   * Ends all workers at once and for good; resolves once they are gone. Further calls do nothing.
   */
  async dispose(): Promise<void> {
    await this.#end(new BtpowError('disposed', 'this solver was disposed of'));
  }

  #tried({ index }: Unit): number {
    return consume(this.#engine.rates(index, now()), ({ noncesTotal }) => noncesTotal);
  }

  /** The workers, as the trial of their number sees them. */
  #crewOf(): Workers {
    const workers = this.#units.filter(({ kind }) => kind === 'wasm');
    return {
      settled: () => workers.every(({ error, busy, parked }) => error || busy !== parked),
      set: (number) => {
        let left = number;
        for (const unit of workers) {
          if (unit.error || this.#ended) continue;
          unit.parked = left <= 0;
          left -= 1;
          this.#engine.park(unit.index, unit.parked);
          this.#step(unit);
        }
      },
    };
  }

  /** Resolves as soon as one device hashes and a named GPU has been found; the others follow. */
  async #start(plan: Plan, gpu: Promise<PreparedGpu> | undefined): Promise<void> {
    const module = { module: this.#loaded.compiled };
    const starts = this.#pool.workers.map((worker, index) => this.#startUnit(this.#units[index] as Unit, worker, module));
    if (gpu) starts.push(this.#startGpu(this.#units[plan.workers] as Unit, gpu, plan));
    try {
      await Promise.all([plan.gpu === 'named' && gpu, one(starts)]);
    } catch (error) {
      await this.dispose();
      if (this.#options.signal?.aborted) throw aborted(this.#options.signal);
      throw error;
    }
    if (this.#ended) throw this.#ended;
  }

  async #startGpu(unit: Unit, preparing: Promise<PreparedGpu>, { workers }: Plan): Promise<void> {
    try {
      const { adapter, software, message, start } = await preparing;
      if (this.#ended) throw this.#ended;
      unit.adapter = adapter;
      if (software && workers > 0) this.#events.emit('warning', softwareGpu(unit));
      await this.#startUnit(unit, start(), message);
      remember(adapter, unit.lanes);
    } catch (error) {
      const { code, message, argument } = error as BtpowError;
      unit.absent = code === 'webgpu-unavailable';
      const details = { cause: error, device: unit.name, ...(argument !== undefined && { argument }) };
      const own = new BtpowError(code, message, details);
      this.#drop(unit, own);
      throw own;
    }
  }

  #startUnit(unit: Unit, starting: Promise<Started>, module: ToWorker): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (error: BtpowError): void => {
        reject(error);
        this.#drop(unit, error);
      };
      const message = (message: FromWorker): void => {
        this.#watchdog.heard(unit);
        if ('lanes' in message) {
          unit.lanes = message.lanes;
          resolve();
          this.#step(unit);
        } else if ('answer' in message) {
          unit.busy = false;
          if (this.#ended) return;
          this.#engine.deliver(unit.index, message.answer);
          this.#step(unit);
          if (unit.kind === 'wasm' && !unit.parked && !this.#ended) this.#crew?.answered(unit.index, this.#tried(unit), performance.now());
        } else if ('failed' in message) {
          fail(failed(unit, message.failed));
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
          this.#watchdog.watch(unit, (seconds) => {
            fail(deviceFailed(unit, `it has not answered for ${seconds} s, so it has ended, or something stopped it`));
          });
        }
      }, fail);
    });
  }

  #stepAll(): void {
    this.#units.forEach((unit) => this.#step(unit));
  }

  /** Gives a free worker its next step. */
  #step(unit: Unit): void {
    const { index } = unit;
    while (unit.lanes && !unit.busy && !unit.error && !this.#ended) {
      const next = this.#engine.step(index, now());
      if (next === Next.Post) {
        unit.busy = true;
        unit.started?.post({ assignment: this.#engine.takeAssignment(index) });
      } else if (next === Next.Found) {
        this.#events.emit('solution', this.#solution(this.#engine.takeFound()));
      } else if (next === Next.Dropped) {
        this.#drop(unit, deviceFailed(unit, this.#engine.fault(index) ?? ''));
      } else {
        break;
      }
    }
    this.#progress();
  }

  #progress(): void {
    if (!this.#events.has('progress') || performance.now() - this.#progressed < PROGRESS) return;
    const { statistics } = this;
    if (!statistics || this.#paused || this.#ended) return;
    this.#progressed = performance.now();
    this.#events.emit('progress', statistics);
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

  #drop(unit: Unit, error: BtpowError): void {
    if (unit.error || this.#ended) return;
    unit.error = error;
    this.#watchdog.forget(unit);
    this.#engine.lose(unit.index);
    void unit.started?.terminate();
    if (unit.kind === 'wasm') this.#crew?.lost();
    if (!unit.absent) this.#events.emit('error', error);
    if (this.#units.every((each) => each.error)) {
      const message = `no device is left; the last was ${unit.name}: ${error.message}`;
      this.#events.emit('error', new BtpowError('no-device', message, { cause: error }));
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
      this.#watchdog.end();
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

/** The error of a worker that says why it cannot work. */
function failed(unit: Unit, reason: string): BtpowError {
  return forbidsWasm(reason) ? new BtpowError('wasm-csp', WASM_POLICY, { device: unit.name }) : deviceFailed(unit, reason);
}

function softwareGpu({ name, adapter }: Unit): BtpowError {
  const message =
    `the only GPU is software (${adapter}), which takes processors from the workers: together they are slower than the ` +
    'workers alone. Leave webgpu out of devices';
  return new BtpowError('software-gpu', message, { argument: 'devices', device: name });
}

/** The first of these that comes; if none does, why the first did not. `Promise.any` is younger than some engines. */
function one<T>(promises: readonly Promise<T>[]): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = promises.length;
    for (const promise of promises) {
      promise.then(resolve, () => {
        left -= 1;
        if (left === 0) promises[0]?.catch(reject);
      });
    }
  });
}

function randomNonce(): bigint {
  const [nonce = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return nonce;
}
