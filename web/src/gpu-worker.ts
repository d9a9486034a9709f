/** The GPU's worker. It imports nothing. */

import { serve } from './gpu-thread.js';
import { port } from './port.js';

const own = port();
if (globalThis.navigator?.gpu) {
  serve(own);
  own.post({ loaded: true });
} else {
  own.post({ failed: 'workers in this engine have no WebGPU' });
}
