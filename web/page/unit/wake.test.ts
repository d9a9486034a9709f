// What happens when the machine is online again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { App } from '../src/app.ts';
import { type Settings, readSettings } from '../src/settings.ts';
import './chain.ts';

const opened: string[] = [];

/** A socket to a host that nobody reaches. */
class Unreachable {
  onclose: ((event: { code: number; reason: string }) => void) | null = null;

  constructor(endpoint: string) {
    opened.push(endpoint);
    queueMicrotask(() => this.onclose?.({ code: 1006, reason: '' }));
  }

  close(): void {}
}

Object.assign(globalThis, { WebSocket: Unreachable });

/** The sockets that the page opens at first, and those after it wakes. */
async function tries(settings: Settings): Promise<string[][]> {
  let failed = (): void => {};
  const failure = (): Promise<void> => new Promise((resolve) => (failed = resolve));
  const app = new App(settings, ({ model }) => {
    if (model.link === 'none' && model.linkError !== undefined) failed();
  });
  const first = failure();
  app.connectChain();
  await first;
  const before = opened.splice(0);
  app.model.failure = { kind: 'error', text: 'The chain was lost.' };
  const second = failure();
  app.wake();
  // What cannot be begun at once is not begun at all.
  if (app.model.link === 'connecting') await second;
  assert.equal(app.model.failure?.text, 'The chain was lost.', 'the visitor still learns why mining ended');
  return [before, opened.splice(0)];
}

test('a network that could not be reached is tried again', async () => {
  const socket = ['ws://127.0.0.1:9944'];
  assert.deepEqual(await tries(readSettings('?network=local', null)), [socket, socket]);
});

test('an endpoint that the visitor gave waits for the visitor', async () => {
  const settings = readSettings('', JSON.stringify({ choice: 'custom', endpoint: 'ws://127.0.0.1:9945/' }));
  assert.deepEqual(await tries(settings), [['ws://127.0.0.1:9945/'], []]);
});
