// A reporter for Node's test runner, for `cargo xtask test`: a line of JSON for each test that ended.
//
//   { "result": "passed" | "failed" | "skipped", "name": "file: suite > test", "why": "…" }
//
// It says what to count, and what to name at the end. Another reporter shows people what happens.

import { basename } from 'node:path';

export default async function* report(events) {
  // The running tests, outermost first: a test is announced before those inside it.
  const names = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      names.length = data.nesting;
      names.push(data.name);
    } else if (type === 'test:pass' || type === 'test:fail') {
      const ended = outcome(type === 'test:pass', data);
      const path = [...names.slice(0, data.nesting), data.name];
      if (ended) yield `${JSON.stringify({ ...ended, name: name(data.file, path) })}\n`;
    }
  }
}

/** The result of a test; nothing for one that only contains others. */
function outcome(passed, { name, file, skip, todo, details }) {
  const notRun = skip ?? todo;
  if (notRun !== undefined && notRun !== false) {
    return { result: 'skipped', why: typeof notRun === 'string' ? notRun : '' };
  }
  if (!passed) {
    return details.error?.failureType === 'subtestsFailed' ? undefined : { result: 'failed' };
  }
  // Node passes a file without tests.
  if (isFile(name, file)) return { result: 'failed', why: 'no test ran' };
  return details.type === 'suite' ? undefined : { result: 'passed' };
}

const isFile = (name, file) => basename(name) === basename(file);

const name = (file, path) =>
  isFile(path[0], file) ? basename(file) : `${basename(file)}: ${path.join(' > ')}`;
