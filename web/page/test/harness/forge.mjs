/** Metadata that lies: a chain's own, changed by `tests/forgery`. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const clone = fileURLToPath(new URL('../../../../', import.meta.url));
const [program, ...first] = process.env.BTPOW_FORGE
  ? [process.env.BTPOW_FORGE]
  : ['cargo', 'run', '--quiet', '--package', 'btpow-forgery', '--example', 'forge', '--'];

const run = (options, given) =>
  execFileSync(program, [...first, ...options], { cwd: clone, encoding: 'utf8', input: given, maxBuffer: 2 ** 27 });

/** The names of the lies. */
export const lies = run(['--list']).trim().split('\n');

/** Metadata as `state_getMetadata` answers it, with a lie in it. */
export function forge(name, metadata) {
  // `tests/forgery` takes it as the runtime's API answers it: an option, and the length in four bytes.
  const length = Buffer.alloc(4);
  length.writeUInt32LE((((metadata.length - 2) / 2) << 2) | 2);
  const answer = run([name], `0x01${length.toString('hex')}${metadata.slice(2)}`).trim();
  return `0x${answer.slice(12)}`;
}
