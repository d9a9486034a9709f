/**
 * The package in the hands of tools that need no browser: the rows of the README's table. Their versions are those of `test/bundlers`, or
 * of the package's own tools. `test/browser/consumers.test.mjs` has the others.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { consumers } from './shared/consumer.mjs';
import { root } from './shared/files.mjs';
import { script } from './shared/solves.mjs';

const pinned = createRequire(new URL('bundlers/package.json', import.meta.url));
const { rollup } = pinned('rollup');
const nodeResolve = pinned('@rollup/plugin-node-resolve').default;

let made;
before(() => {
  made = consumers();
});
after(() => made?.end());

/** What a program prints as its outcome. */
const PRINTED = 'console.log(JSON.stringify(globalThis.outcome));';
/** The consumer's script, for module systems that have no `await` outside of functions. */
const wrapped = (specifier) => {
  const [, imports, body] = /^\s*(import .*?;)(.*)$/s.exec(script(specifier));
  return `${imports}\n(async () => {${body}\n${PRINTED}\n})();`;
};
const run = (folder, program, ...options) =>
  JSON.parse(execFileSync(program, options, { cwd: folder, encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] }));
const WON = { won: true };

/** The import went well, and the call says what to import instead. */
function namesInline({ code, message }) {
  assert.equal(code, 'wasm-load', message);
  assert.match(message, /btpow\/inline/);
}

for (const format of ['iife', 'cjs']) {
  test(`esbuild to ${format}`, async () => {
    const folder = made.folder(`esbuild-${format}`, { 'main.js': wrapped('btpow'), 'inside.js': wrapped('btpow/inline') }, 'commonjs');
    await esbuild.build({
      absWorkingDir: folder, entryPoints: ['main.js', 'inside.js'], outdir: 'out', bundle: true, format, logLevel: 'error',
      // It says that there is no import.meta.
      logOverride: { 'empty-import-meta': 'silent' },
    });
    namesInline(run(folder, process.execPath, 'out/main.js'));
    assert.deepEqual(run(folder, process.execPath, 'out/inside.js'), WON);
  });
}

for (const format of ['es', 'cjs', 'iife']) {
  test(`Rollup to ${format}`, async () => {
    const files = { 'main.js': wrapped('btpow'), 'inside.js': wrapped('btpow/inline') };
    const folder = made.folder(`rollup-${format}`, files, format === 'es' ? 'module' : 'commonjs');
    for (const name of Object.keys(files)) {
      const bundle = await rollup({ input: join(folder, name), plugins: [nodeResolve()] });
      await bundle.write({ file: join(folder, 'out', name), format, inlineDynamicImports: true });
      await bundle.close();
    }
    namesInline(run(folder, process.execPath, 'out/main.js'));
    assert.deepEqual(run(folder, process.execPath, 'out/inside.js'), WON);
  });
}

test('TypeScript, compiled to CommonJS', () => {
  const folder = made.folder('typescript', {
    'main.ts': `
import { type Solution, genesisHash, solve, verify } from 'btpow';
import btpow = require('btpow');
const challenge = { protocol: 'v1', netuid: 1, blockHash: new Uint8Array(32), hotkey: new Uint8Array(32),
  coldkey: new Uint8Array(32), difficulty: 20000n } as const;
void (async () => {
  const solution: Solution = await solve(challenge, { workers: 2 });
  const won = (await verify(challenge, solution.nonce)) && (await genesisHash('finney')).startsWith('0x2f0555');
  console.log(JSON.stringify({ won: won && btpow.solve === solve }));
})();`,
  }, 'commonjs');
  const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', root));
  const options = ['--module', 'nodenext', '--target', 'es2022', '--types', '', '--lib', 'es2022,dom', '--strict', 'main.ts'];
  execFileSync(process.execPath, [tsc, ...options], { cwd: folder, stdio: 'pipe' });
  assert.deepEqual(run(folder, process.execPath, 'main.js'), WON);
});

test('Jest', () => {
  const folder = made.folder('jest', {
    'solve.test.js': `
import { genesisHash, solve, verify } from 'btpow';
test('a search', async () => {
  ${/const challenge = .*?;/s.exec(script('btpow'))[0]}
  const { nonce } = await solve(challenge, { workers: 2 });
  expect(await verify(challenge, nonce)).toBe(true);
  expect(await genesisHash('finney')).toMatch(/^0x2f0555/);
});`,
  });
  const jest = pinned.resolve('jest/bin/jest');
  const report = run(folder, process.execPath, '--experimental-vm-modules', jest, '--json', '--rootDir', folder);
  assert.deepEqual([report.success, report.numPassedTests], [true, 1], JSON.stringify(report));
});

test('Bun, and one executable file of it', () => {
  const folder = made.folder('bun', { 'main.js': wrapped('btpow'), 'inside.js': wrapped('btpow/inline') });
  const bun = join(pinned.resolve(`@oven/bun-${process.platform}-${process.arch}/package.json`), '../bin/bun');
  assert.deepEqual(run(folder, bun, 'main.js'), WON);
  execFileSync(bun, ['build', '--compile', 'inside.js', '--outfile', 'inside'], { cwd: folder, stdio: 'pipe' });
  assert.deepEqual(run(join(folder, '..'), join(folder, 'inside')), WON);
});
