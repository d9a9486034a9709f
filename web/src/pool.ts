/** Starts workers, in browsers and in Node, whatever stands in the way. */

import { BtpowError } from './errors.js';
import type { FromWorker, ToWorker } from './messages.js';
import { type GpuAssets, provided, text } from './module.js';
import { watchPolicy } from './policy.js';
import type { Overrides, WorkerLike } from './types.js';

/** A worker that runs and waits for its module. */
export interface Started {
  post(message: ToWorker): void;
  /** Sets who hears what the worker says, and of its failure, even if it has already failed. */
  attach(listener: Listener): void;
  /** Ends it at once, even during an assignment; resolves once it is gone. */
  terminate(): Promise<void>;
}

/** Hears what a worker says. */
export interface Listener {
  message(message: FromWorker): void;
  /** The worker has ended, or could not read a message. */
  failed(reason: string): void;
}

/** A new worker, which may die before its first word. */
interface Candidate {
  readonly worker: WorkerLike;
  readonly release?: () => void;
}

/** A way to make a worker. */
interface Attempt {
  make(): Candidate | Promise<Candidate>;
  /** Where its script is, once that is known and if it has a place. */
  at?: string;
}

/** How many processors there are. */
export function processors(): number {
  const os = globalThis.process?.getBuiltinModule?.('node:os');
  return globalThis.navigator?.hardwareConcurrency ?? os?.availableParallelism() ?? 1;
}

/** Workers that are starting, or run. */
export interface Pool {
  /** Each rejects with {@link BtpowError} `worker-csp` or `worker-load` when it cannot start. */
  readonly workers: readonly Promise<Started>[];
  /** Ends them all, also those that have not said their first word; resolved when they are gone. */
  end(): Promise<void>;
}

/** Starts workers, all at once: each by its URL, or from a Blob with the same source if that fails. */
export function startWorkers({ worker }: Overrides, count: number): Pool {
  const { worker: url, workerSource } = provided();
  const attempts = byOption(worker) ?? (url ? [byUrl(url)] : []);
  if (typeof worker !== 'function') attempts.push({ make: async () => fromSource(await workerSource()) });
  const starting = new AbortController();
  const workers = Array.from({ length: count }, () => start(attempts, 'worker.js', starting.signal));
  const end = async (): Promise<void> => {
    starting.abort();
    await Promise.all(workers.map((each) => each.then((started) => started.terminate(), () => {})));
  };
  return { workers, end };
}

/**
 * Starts the GPU's worker: by its URL, or in this thread if that fails.
 *
 * @throws {@link BtpowError} as {@link Pool.workers}.
 */
export function startGpuWorker({ gpuWorker }: Overrides, assets: GpuAssets | undefined): Promise<Started> {
  const attempts = byOption(gpuWorker) ?? (assets ? [byUrl(() => assets.worker())] : []);
  if (typeof gpuWorker !== 'function' && assets) attempts.push({ make: () => inThread(assets) });
  return start(attempts, 'gpu-worker.js');
}

function byOption(given: Overrides['worker']): Attempt[] | undefined {
  if (given === undefined) return undefined;
  return [typeof given === 'function' ? { make: () => ({ worker: given() }) } : byUrl(() => given)];
}

function byUrl(url: () => string | URL): Attempt {
  const attempt: Attempt = {
    make: () => {
      const place = url();
      attempt.at = String(place);
      return { worker: fromUrl(place) };
    },
  };
  return attempt;
}

async function start(attempts: Attempt[], file: string, signal?: AbortSignal): Promise<Started> {
  const policy = watchPolicy();
  const reasons: unknown[] = [];
  try {
    for (const attempt of attempts) {
      try {
        return await firstWord(await attempt.make(), signal);
      } catch (error) {
        if (signal?.aborted) throw new BtpowError('disposed', 'this solver was disposed of');
        reasons.push(error);
      }
    }
    const directive = await policy.violated();
    const cause = reasons[0];
    if (directive) {
      const message = `the page's Content-Security-Policy forbids the worker (${directive} refused it): ${remedy(attempts, file)}`;
      throw new BtpowError('worker-csp', message, { cause });
    }
    throw new BtpowError('worker-load', `cannot start a worker: ${reasons.map(text).join('; ')}`, { cause });
  } finally {
    policy.end();
  }
}

/** What makes a policy and a worker agree. */
function remedy(attempts: Attempt[], file: string): string {
  if (attempts.some(({ at }) => at?.startsWith('data:'))) {
    return (
      `a bundler has put btpow's ${file} into a data: URL. Let it stay a file (in Vite, by build.assetsInlineLimit), ` +
      'or add data: to worker-src'
    );
  }
  // Only the CPU's worker has its source in the package, too.
  return `add to worker-src 'self', or the origin of btpow's ${file}${file === 'worker.js' ? ', or blob:' : ''}`;
}

function fromUrl(url: string | URL): WorkerLike {
  // Browsers, Deno and Bun have `Worker`; Node does not.
  if (typeof Worker === 'function') return new Worker(url, { type: 'module', name: 'btpow' });
  return nodeWorker(typeof url === 'string' ? new URL(url) : url, false);
}

function fromSource(source: string): Candidate {
  if (typeof Worker !== 'function') return { worker: nodeWorker(source, true) };
  const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const release = (): void => URL.revokeObjectURL(url);
  try {
    return { worker: new Worker(url, { type: 'module', name: 'btpow' }), release };
  } catch (error) {
    release();
    throw error;
  }
}

function nodeWorker(source: string | URL, evaluated: boolean): WorkerLike {
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  if (!threads) throw new Error('this engine has no workers');
  return new threads.Worker(source, { eval: evaluated, name: 'btpow' });
}

/** Something that looks like a worker, but runs in this thread. */
async function inThread(assets: GpuAssets): Promise<Candidate> {
  const { serve } = await assets.thread();
  const { port1: outside, port2: inside } = new MessageChannel();
  const end = serve({
    post: (message, transfer = []) => inside.postMessage(message, transfer as ArrayBuffer[]),
    listen: (listener) => {
      inside.onmessage = (event: MessageEvent<ToWorker>) => listener(event.data);
    },
  });
  const terminate = (): void => {
    outside.close();
    end();
  };
  inside.postMessage({ loaded: true });
  return { worker: Object.assign(outside, { terminate }) };
}

/** Waits for a worker's first word. */
function firstWord({ worker, release }: Candidate, signal: AbortSignal | undefined): Promise<Started> {
  let ended = false;
  let failure: string | undefined;
  let listener: Listener | undefined;
  const started: Started = {
    post: (message) => worker.postMessage(message),
    attach: (given) => {
      listener = given;
      if (failure !== undefined) given.failed(failure);
    },
    terminate: async () => {
      ended = true;
      await worker.terminate();
    },
  };
  return new Promise((resolve, reject) => {
    // A worker that has not said its first word is nobody's yet: only this ends it.
    const abort = (): void => {
      release?.();
      void started.terminate().then(() => reject(new Error('the solver ended first')));
    };
    signal?.addEventListener('abort', abort, { once: true });
    const fail = (reason: string): void => {
      if (ended) return;
      void started.terminate();
      release?.();
      failure = reason;
      listener?.failed(reason);
      // This does nothing if it had started.
      reject(new Error(reason));
    };
    const hear = (message: FromWorker): void => {
      if (ended) return;
      if ('loaded' in message) {
        release?.();
        signal?.removeEventListener('abort', abort);
        resolve(started);
      } else if (listener) {
        listener.message(message);
      } else {
        fail('failed' in message ? message.failed : 'it answered before it was asked');
      }
    };
    if ('on' in worker) {
      const thread = worker as unknown as import('node:worker_threads').Worker;
      thread.on('message', hear);
      thread.on('error', (error) => fail(text(error)));
      thread.on('messageerror', (error) => fail(text(error)));
      thread.on('exit', () => fail('the worker ended'));
    } else {
      const page = worker as Worker;
      page.onmessage = (event: MessageEvent<FromWorker>) => hear(event.data);
      page.onerror = (event) => {
        event.preventDefault();
        fail(event.message || 'its script could not be loaded or was refused');
      };
      page.onmessageerror = () => fail('a message could not be read');
    }
  });
}
