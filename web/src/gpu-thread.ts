/** The GPU from the inside: does assignments, in a worker or in the page's thread. */

import { Gpu, initSync } from '../generated/gpu/btpow_gpu.js';
import type { FromWorker, Port } from './messages.js';

/**
 * Serves whoever is at the other end of a port. The function that it returns gives the GPU back, after the present
 * assignment.
 */
export function serve({ post, listen }: Port): () => void {
  let gpu: Gpu | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const answer = async (work: () => Promise<FromWorker>): Promise<void> => {
    try {
      const message = await work();
      post(message, 'answer' in message ? [message.answer.buffer] : []);
    } catch (error) {
      post({ failed: error instanceof Error ? error.message : String(error) });
    }
  };
  listen((message) => {
    last = answer(async () => {
      if ('module' in message) {
        initSync({ module: message.module });
        gpu = await Gpu.open(message.gpu?.tuning, message.gpu?.trial ?? false);
        return { lanes: gpu.tuning };
      }
      if (!gpu) throw new Error('an assignment came before the module');
      return { answer: await gpu.scan(message.assignment) };
    });
  });
  return () => {
    void last.then(() => {
      gpu?.free();
      gpu = undefined;
    });
  };
}
