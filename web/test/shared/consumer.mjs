/** Folders in which the package is installed from its tarball, as consumers have it. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './files.mjs';

/** Packs the package once; every folder gets it. */
export function consumers() {
  const work = mkdtempSync(join(tmpdir(), 'btpow-consumers-'));
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', work], { cwd: fileURLToPath(root), stdio: 'pipe' });
  const tarball = join(work, readdirSync(work).find((name) => name.endsWith('.tgz')));
  return {
    tarball,
    /** A folder with the package and these files, which are modules or CommonJS. */
    folder(name, files, type = 'module') {
      const folder = join(work, name);
      mkdirSync(join(folder, 'node_modules/btpow'), { recursive: true });
      execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(folder, 'node_modules/btpow')]);
      for (const [path, text] of Object.entries({ 'package.json': JSON.stringify({ private: true, type }), ...files })) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      return folder;
    },
    /** A folder with nothing in it. */
    empty(name) {
      mkdirSync(join(work, name));
      return join(work, name);
    },
    end: () => rmSync(work, { recursive: true, force: true }),
  };
}
