/** The worker of the GPU. It imports nothing. */

import { serve } from './gpu-thread.js';
import { port } from './port.js';

const own = port();
if (globalThis.navigator?.gpu) {
  serve(own);
  own.post({ loaded: true });
} else {
  own.post({ failed: 'there is no WebGPU in workers of this engine' });
}
