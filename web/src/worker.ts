/** The worker: a kernel that does assignments, one after the other. It imports nothing. */

import { port } from './port.js';
import { initSync, lanes, scan } from './wasm.js';

const { post, listen } = port();
listen((message) => {
  try {
    if ('module' in message) {
      initSync({ module: message.module });
      post({ lanes: lanes() });
    } else {
      const answer = scan(message.assignment);
      post({ answer }, [answer.buffer]);
    }
  } catch (error) {
    post({ failed: error instanceof Error ? error.message : String(error) });
  }
});
post({ loaded: true });
