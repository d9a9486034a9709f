/** Starting workers, in browsers and in Node, whatever stands in the way. */

import { BtpowError } from './errors.js';
import type { FromWorker, ToWorker } from './messages.js';
import { provided, text } from './module.js';
import { watchPolicy } from './policy.js';
import type { Overrides, WorkerLike } from './types.js';

/** A worker that runs. */
export interface Started {
  post(message: ToWorker): void;
  /** Ends it at once, also in the midst of an order; resolved when it is gone. */
  terminate(): Promise<void>;
}

/** Who is told what a worker says. */
export interface Listener {
  message(message: FromWorker): void;
  /** It has ended, or could not read a message. */
  failed(reason: string): void;
}

/** A worker that was made, and may die before its first word. */
interface Candidate {
  readonly worker: WorkerLike;
  readonly release?: () => void;
}

/** How many processors there are to use. */
export function processors(): number {
  const os = globalThis.process?.getBuiltinModule?.('node:os');
  return globalThis.navigator?.hardwareConcurrency ?? os?.availableParallelism() ?? 1;
}

/**
 * Starts one worker: by its URL, else from a Blob with the same source.
 *
 * @throws {@link BtpowError} `worker-csp` or `worker-load` when neither starts.
 */
export async function startWorker(overrides: Overrides, listener: Listener): Promise<Started> {
  const given = overrides.worker;
  const policy = watchPolicy();
  const reasons: unknown[] = [];
  const attempts: (() => Candidate | Promise<Candidate>)[] = [];
  if (typeof given === 'function') {
    attempts.push(() => ({ worker: given() }));
  } else {
    const url = given ?? provided().worker;
    if (url) attempts.push(() => ({ worker: fromUrl(url) }));
    attempts.push(async () => fromSource(await provided().workerSource()));
  }
  try {
    for (const attempt of attempts) {
      try {
        return await firstWord(await attempt(), listener);
      } catch (error) {
        reasons.push(error);
      }
    }
    const directive = await policy.violated();
    const cause = reasons[0];
    if (directive) {
      const message =
        "the page's Content-Security-Policy forbids the worker: add to worker-src 'self', or the origin of " +
        `btpow's worker.js, or blob: (it was ${directive} that refused)`;
      throw new BtpowError('worker-csp', message, { cause });
    }
    throw new BtpowError('worker-load', `no worker can be started: ${reasons.map(text).join('; ')}`, { cause });
  } finally {
    policy.end();
  }
}

function fromUrl(url: string | URL): WorkerLike {
  // Browsers, Deno and Bun have `Worker`, Node has not.
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

/** Waits for a worker's first word, and hands all later ones to the listener. */
function firstWord({ worker, release }: Candidate, listener: Listener): Promise<Started> {
  let ended = false;
  const started: Started = {
    post: (message) => worker.postMessage(message),
    terminate: async () => {
      ended = true;
      await worker.terminate();
    },
  };
  return new Promise((resolve, reject) => {
    let running = false;
    const fail = (reason: string): void => {
      if (ended) return;
      void started.terminate();
      release?.();
      if (running) listener.failed(reason);
      else reject(new Error(reason));
    };
    const hear = (message: FromWorker): void => {
      if (ended) return;
      if ('loaded' in message) {
        running = true;
        release?.();
        resolve(started);
      } else {
        listener.message(message);
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
