/** Why nothing hashes, in words for a visitor: the package's own are for whoever builds a page. */

import { BtpowError } from 'btpow';
import { clause } from './words.ts';

const AGAIN = 'a part of this page cannot be loaded; load the page again';
const FORBIDDEN = 'the policy of the host that serves this page forbids it; tell whoever runs the host';

/** An error of the solver, as a part of a sentence. */
export function trouble(error: unknown): string {
  if (!(error instanceof BtpowError)) return clause(error);
  switch (error.code) {
    case 'wasm-load':
    case 'worker-load':
      return AGAIN;
    case 'wasm-csp':
    case 'worker-csp':
      return FORBIDDEN;
    case 'webgpu-unavailable':
      return clause(error).replace(/\. Leave webgpu out of devices$/, '');
    case 'software-gpu':
      return 'the GPU of this browser is software, and slows the processors down; stop, and choose “Processor only”';
    case 'no-device':
      // The last device's own words say why.
      return error.cause === undefined ? clause(error) : trouble(error.cause);
    default:
      return clause(error);
  }
}
