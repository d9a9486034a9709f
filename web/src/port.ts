/** How a worker talks to whoever started it. */

import type { FromWorker, Port, ToWorker } from './messages.js';

/** The port of the worker that this runs in. */
export function port(): Port {
  const threads = globalThis.process?.getBuiltinModule?.('node:worker_threads');
  const parent = threads?.parentPort;
  if (parent) {
    return {
      post: (message, transfer = []) => parent.postMessage(message, transfer as ArrayBuffer[]),
      listen: (listener) => void parent.on('message', listener),
    };
  }
  const scope = globalThis as unknown as {
    postMessage(message: FromWorker, transfer: ArrayBufferLike[]): void;
    onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  };
  return {
    post: (message, transfer = []) => scope.postMessage(message, transfer),
    listen: (listener) => {
      scope.onmessage = (event) => listener(event.data);
    },
  };
}
