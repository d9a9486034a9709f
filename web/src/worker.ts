/** The worker: a kernel that does orders, one after the other. It imports nothing. */

import { initSync, lanes, scan } from '../generated/simd/btpow.js';
import type { FromWorker, ToWorker } from './messages.js';

/** A browser's worker, or the port of a thread of Node. */
interface Port {
  post(message: FromWorker, transfer?: ArrayBufferLike[]): void;
  listen(listener: (message: ToWorker) => void): void;
}

function port(): Port {
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

const { post, listen } = port();
listen((message) => {
  try {
    if ('module' in message) {
      initSync({ module: message.module });
      post({ lanes: lanes() });
    } else {
      const answer = scan(message.order);
      post({ answer }, [answer.buffer]);
    }
  } catch (error) {
    post({ failed: error instanceof Error ? error.message : String(error) });
  }
});
post({ loaded: true });
