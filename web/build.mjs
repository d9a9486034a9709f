/**
 * Makes the files of the package in `dist/` from what `cargo xtask npm` bound in `generated/`.
 *
 * The worker has no imports, so it can be a file, a Blob or a string.
 */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const generated = join(root, 'generated');

/** The files with public types; the others are private to the package. */
const TYPES = [
  'index', 'inline', 'api', 'errors', 'functions', 'pow-register', 'rules', 'solver', 'types', 'worker', 'gpu-worker',
];

/** What the modules use, which wasm-opt does not know by itself; engines without SIMD have all of it. */
const FEATURES = ['bulk-memory', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int', 'sign-ext'];

/** What some use besides. */
const MORE = { simd: ['simd'], gpu: ['reference-types'] };

function run(script, ...options) {
  execFileSync(process.execPath, [join(root, 'node_modules', script), ...options], { cwd: root, stdio: 'inherit' });
}

/** Optimises one module into a folder. */
function module(kind, stem = 'btpow', folder = dist) {
  const features = [...FEATURES, ...(MORE[kind] ?? [])];
  const output = join(folder, `${stem}${kind === 'scalar' ? '_scalar' : ''}_bg.wasm`);
  const input = join(generated, kind, `${stem}_bg.wasm`);
  run(
    'binaryen/bin/wasm-opt', '-Oz', '--strip-debug', '--strip-producers', '--strip-target-features',
    ...features.map((feature) => `--enable-${feature}`),
    input, '-o', output,
  );
  return readFileSync(output);
}

/** Leaves comments out, which would be half of the package; lines stay, so that what Node prints of an error can be read. */
const withoutComments = {
  name: 'without-comments',
  setup({ onLoad }) {
    onLoad({ filter: /\.[jt]s$/, namespace: 'file' }, async ({ path }) => {
      const options = { loader: extname(path).slice(1), minifyWhitespace: true };
      return { contents: (await transform(readFileSync(path, 'utf8'), options)).code, loader: 'js' };
    });
  },
};

/** Bundles one entry; `sources` are modules that exist only as text. */
function bundle(entry, sources, options) {
  const plugin = {
    name: 'sources',
    setup({ onResolve, onLoad }) {
      // It loads only where there is a GPU that workers cannot use.
      if (entry === 'index') onResolve({ filter: /gpu-thread\.js$/ }, ({ path }) => ({ path, external: true }));
      onResolve({ filter: /-source\.js$/ }, ({ path }) => {
        const name = path.slice(2);
        return name in sources ? { path: name, namespace: 'source' } : { path, external: true };
      });
      onLoad({ filter: /.*/, namespace: 'source' }, ({ path }) => ({ contents: sources[path] }));
    },
  };
  return build({
    absWorkingDir: root,
    entryPoints: [`src/${entry}.ts`],
    outfile: join(dist, `${entry}.js`),
    bundle: true,
    format: 'esm',
    // What knows WebAssembly with BigInt, and not more: see `floor.test.mjs`.
    target: 'es2020',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [plugin, withoutComments],
    ...options,
  });
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
const simd = module('simd');
module('scalar');
const [bound, boundScalar] = ['simd', 'scalar'].map((kind) => readFileSync(join(generated, kind, 'btpow.js'), 'utf8'));
if (bound !== boundScalar) throw new Error('the modules with SIMD and without need different JavaScript');
module('gpu', 'btpow_gpu');
const registration = module('registration', 'btpow_registration');
// This is the page's own, and not part of the package.
const page = join(root, 'page/generated');
mkdirSync(page, { recursive: true });
module('session', 'btpow_session', page);
for (const name of ['btpow_session.js', 'btpow_session.d.ts']) copyFileSync(join(generated, 'session', name), join(page, name));

// Readable as a file, small as a text.
const { outputFiles } = await bundle('worker', {}, { format: 'iife', minify: true, write: false });
const worker = `export default ${JSON.stringify(outputFiles[0].text)};\n`;
await bundle('worker', {}, { format: 'iife' });
await bundle('gpu-worker', {}, { format: 'iife' });
await bundle('gpu-thread', {});
writeFileSync(join(dist, 'worker-source.js'), worker);
const packed = (name, bytes) => `export const ${name} = '${gzipSync(bytes, { level: 9 }).toString('base64')}';\n`;
await bundle('index', {});
await bundle('inline', {
  'worker-source.js': worker,
  'wasm-source.js': packed('simd', simd) + packed('registration', registration),
});

rmSync(join(generated, 'types'), { recursive: true, force: true });
run('typescript/bin/tsc', '-p', '.');
for (const name of TYPES) copyFileSync(join(generated, 'types/src', `${name}.d.ts`), join(dist, `${name}.d.ts`));
for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) copyFileSync(join(root, '..', name), join(root, name));
