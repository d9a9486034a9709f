// What is told to a visitor who looks elsewhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Herald } from '../src/herald.ts';
import { type Model, type Phase, type Row, emptyModel } from '../src/model.ts';
import { readSettings } from '../src/settings.ts';
import './chain.ts';

const told: string[] = [];
const page = { hidden: true };
class Notification {
  static permission = 'granted';
  constructor(_title: string, { body }: { body: string }) {
    told.push(body);
  }
}
Object.assign(globalThis, { document: page, window: { Notification, isSecureContext: true }, Notification });

const SUBNET: Row = { netuid: 1, subnet: { difficulty: 1n, full: false, standing: { status: 'open' } } };

/** What is told of these states, one after the other. */
function news(...states: (Partial<Model> & { phase?: Phase })[]): string[] {
  const herald = new Herald();
  const empty = emptyModel(readSettings('', null), undefined);
  told.length = 0;
  for (const state of states) herald.look({ ...empty, ...state });
  return [...told];
}

test('a proof that waits for a signature, and how it ends', () => {
  assert.deepEqual(news({ phase: 'ready' }, { phase: 'mining' }, { phase: 'proof' }, { phase: 'proof' }), ['Proof found: sign it.']);
  const result = { uid: 7, block: undefined, already: false };
  assert.deepEqual(news({ phase: 'submitted' }, { phase: 'registered', result }), ['Registered as UID 7.']);
  assert.deepEqual(news({ phase: 'mining' }, { phase: 'error' }), ['Mining ended: the reason is below.']);
  // The wallet has opened by itself.
  assert.deepEqual(news({ phase: 'mining' }, { phase: 'signing' }), ['Approve the request in the wallet.']);
  // What the visitor has just chosen is no news.
  assert.deepEqual(news({ phase: 'choose' }, { phase: 'refused' }), []);
  assert.deepEqual(news({ phase: 'proof' }), []);
});

test('a subnet that begins to take proofs', () => {
  const opened = news({ subnets: [] }, { subnets: [] }, { subnets: [SUBNET] }, { subnets: [SUBNET] });
  assert.deepEqual(opened, ['1 subnet takes proof of work now.']);
  // Neither the first list nor that of another chain is news.
  assert.deepEqual(news({}, { subnets: [SUBNET] }), []);
  assert.deepEqual(news({ subnets: [] }, {}, { subnets: [SUBNET] }), []);
});

test('nobody who looks at the page, or wants no notifications, gets one', () => {
  page.hidden = false;
  assert.deepEqual(news({ phase: 'mining' }, { phase: 'proof' }), []);
  page.hidden = true;
  Notification.permission = 'denied';
  assert.deepEqual(news({ phase: 'mining' }, { phase: 'proof' }), []);
  Notification.permission = 'granted';
});

test('notifications are offered only where the browser shows those of a page', () => {
  const offered = (navigator: object): boolean => {
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
    return Herald.mayAsk;
  };
  const desktop = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  Notification.permission = 'default';
  assert.equal(offered({ userAgent: desktop }), true);
  assert.equal(offered({ userAgent: desktop, userAgentData: { mobile: false } }), true);
  assert.equal(offered({ userAgent: desktop, userAgentData: { mobile: true } }), false);
  assert.equal(offered({ userAgent: 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0' }), false);
  Notification.permission = 'granted';
  assert.equal(offered({ userAgent: desktop }), false);
});
