/** Metadata, honest and not, from `wasm/registration/examples/lies.rs`; makes it now without `BTPOW_LIES`. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function make() {
  const folder = mkdtempSync(join(tmpdir(), 'btpow-lies-'));
  const options = ['run', '--quiet', '--package', 'btpow-wasm-registration', '--example', 'lies', '--', folder];
  execFileSync('cargo', options, { cwd: fileURLToPath(new URL('../../../', import.meta.url)), stdio: 'inherit' });
  return folder;
}

const folder = process.env.BTPOW_LIES ?? make();
const read = (name) => new Uint8Array(readFileSync(join(folder, `${name}.scale`)));

/** The metadata of spec 475, as `Metadata_metadata_at_version` answers it. */
export const honest = read('honest');
/** The same in format 14, as `state_getMetadata` answers it. */
export const honestV14 = read('honest-v14');
/** Every lie about it, by its name. */
export const lies = Object.fromEntries(
  readdirSync(folder)
    .map((file) => basename(file, '.scale'))
    .filter((name) => !name.startsWith('honest'))
    .map((name) => [name, read(name)]),
);
if (Object.keys(lies).length < 40) throw new Error(`there are few lies in ${folder}`);
