/** The worker: a kernel that does assignments, one after the other. It imports nothing. */

import { port } from './port.js';
import { initSync, Kernel, lanes } from './wasm.js';

const { post, listen } = port();
let kernel: Kernel | undefined;
listen((message) => {
  try {
    if ('module' in message) {
      initSync({ module: message.module });
      kernel = new Kernel();
      post({ lanes: lanes() });
    } else {
      if (kernel === undefined) throw new Error('an assignment came before the module');
      const answer = kernel.scan(message.assignment);
      post({ answer }, [answer.buffer]);
    }
  } catch (error) {
    post({ failed: error instanceof Error ? error.message : String(error) });
  }
});
post({ loaded: true });
