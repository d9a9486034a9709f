import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { root } from './files.mjs';

/** A private file of the package, from its source: each call gives a copy with a state of its own. */
export async function source(name) {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`src/${name}.ts`, root))], bundle: true, format: 'esm', write: false, logLevel: 'error',
  });
  return import(`data:text/javascript;base64,${Buffer.from(`${outputFiles[0].text}\n// ${Math.random()}`).toString('base64')}`);
}
