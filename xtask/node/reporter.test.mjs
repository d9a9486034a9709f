import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const REPORTER = fileURLToPath(new URL('reporter.mjs', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'btpow-reporter-'));
after(() => rmSync(folder, { recursive: true }));

/** The report of a test file, and how Node ends. */
function report(text) {
  const file = join(folder, 'some.test.mjs');
  writeFileSync(file, text);
  const { NODE_OPTIONS, NODE_TEST_CONTEXT, ...env } = process.env;
  const options = ['--test', `--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout', file];
  const { status, stdout } = spawnSync(process.execPath, options, { env, encoding: 'utf8' });
  return { status, lines: stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line)) };
}

test('tests are named by where they stand, and what holds others is not counted', () => {
  const { status, lines } = report(`
    import { describe, it, test } from 'node:test';
    test('alone', () => {});
    describe('suite', () => { it('within', () => {}); });
    test('parent', async (t) => { await t.test('child', () => {}); });`);
  assert.equal(status, 0);
  assert.deepEqual(lines, [
    { result: 'passed', name: 'some.test.mjs: alone' },
    { result: 'passed', name: 'some.test.mjs: suite > within' },
    { result: 'passed', name: 'some.test.mjs: parent > child' },
    { result: 'passed', name: 'some.test.mjs: parent' },
  ]);
});

test('a failure is reported where it happens, once', () => {
  const { status, lines } = report(`
    import { before, describe, it, test } from 'node:test';
    describe('suite', () => { it('within', () => { throw new Error('no'); }); });
    describe('never', () => { before(() => { throw new Error('no'); }); it('begun', () => {}); });
    test('late', { timeout: 1 }, ({ signal }) => new Promise(() => {
      const alive = setInterval(() => {}, 1000);
      signal.addEventListener('abort', () => clearInterval(alive));
    }));`);
  assert.notEqual(status, 0);
  const failed = lines.filter(({ result }) => result === 'failed').map(({ name }) => name);
  assert.deepEqual(failed, [
    'some.test.mjs: suite > within',
    'some.test.mjs: never > begun',
    'some.test.mjs: never',
    'some.test.mjs: late',
  ]);
  assert.equal(lines.length, failed.length);
});

test('what does not run says why', () => {
  const { status, lines } = report(`
    import { test } from 'node:test';
    test('card', { skip: 'needs a card' }, () => {});
    test('found', (t) => t.skip('found none'));
    test('mute', { skip: true }, () => {});
    test('planned', { todo: 'later' }, () => { throw new Error('no'); });`);
  assert.equal(status, 0);
  assert.deepEqual(lines, [
    { result: 'skipped', why: 'needs a card', name: 'some.test.mjs: card' },
    { result: 'skipped', why: 'found none', name: 'some.test.mjs: found' },
    { result: 'skipped', why: '', name: 'some.test.mjs: mute' },
    { result: 'skipped', why: 'later', name: 'some.test.mjs: planned' },
  ]);
});

test('a file that breaks, and one without a test, are failures', () => {
  assert.deepEqual(report('throw new Error("no");').lines, [{ result: 'failed', name: 'some.test.mjs' }]);
  assert.deepEqual(report('').lines, [{ result: 'failed', why: 'no test ran', name: 'some.test.mjs' }]);
});

test('what tests print is no report', () => {
  const printed = JSON.stringify({ result: 'failed', name: 'printed' });
  const { lines } = report(`
    import { test } from 'node:test';
    test('loud', () => console.log('${printed}'));`);
  assert.deepEqual(lines, [{ result: 'passed', name: 'some.test.mjs: loud' }]);
});
