// How many signatures an endpoint can get, whatever it says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from '../src/session/session.ts';
import type { Action } from '../src/session/types.ts';
import { EXTRINSIC, GOAL, PLACE, REGISTERED, ends, hash, head, offered, only, proof, refused, said, sent, state, withProof } from './chain.ts';

test('what the pool has already, it or another of the account, is waited for', () => {
  for (const kind of ['known', 'occupied'] as const) {
    // It is in a block.
    const one = sent();
    assert.match(said(one.session.progress(one.id, refused(kind))), /a reason\. Waiting for a block/);
    assert.equal(one.session.offer, undefined);
    assert.equal(ends(one.session.block(head(11), state({ standing: REGISTERED, nonce: 1 })))?.do, 'registered');
    // The other one is.
    const two = sent();
    two.session.progress(two.id, refused(kind));
    assert.match(said(two.session.block(head(11), state({ nonce: 1 }))), /Another transaction of the account was taken instead/);
    // Neither, until the window of the proof ends; and it is not sent again meanwhile.
    const three = sent();
    three.session.progress(three.id, refused(kind));
    for (const number of [11, 12, 13, 14]) {
      const actions = three.session.block(head(number), state());
      assert.deepEqual([only(actions, 'send').length, said(actions)], [0, '']);
      assert.equal(three.session.submission, 'sending');
    }
    assert.match(said(three.session.block(head(15), state())), /did not reach a block in time/);
  }
});

/** Signatures until it is over, on a chain that goes on for so many blocks; `then` is what becomes of each. */
function signatures(blocks: number, then: (session: Session, id: number) => unknown): { blocks: number[]; end: Action | undefined } {
  const session = new Session(GOAL);
  const signed: number[] = [];
  for (let number = 10; number < 10 + blocks; number += 1) {
    let actions = session.block(head(number), state());
    session.find(proof(number));
    const request = session.ask();
    if (request) {
      signed.push(request.proof.workBlock);
      actions = [...actions, ...session.signed(request.id, EXTRINSIC)];
      then(session, request.id);
    }
    const end = actions.find(({ do: what }) => what === 'exhausted');
    if (end) return { blocks: signed, end };
  }
  return { blocks: signed, end: undefined };
}

test('ten signatures for a search, whatever the endpoint makes of them', () => {
  for (const then of [
    (session: Session, id: number) => session.progress(id, refused('known')),
    (session: Session, id: number) => session.progress(id, refused('occupied')),
    (session: Session, id: number) => session.progress(id, { kind: 'lost', reason: 'cut' }),
    (session: Session, id: number) => session.progress(id, refused('custom')),
    () => {},
  ]) {
    const { blocks, end } = signatures(500, then);
    assert.equal(blocks.length, 10);
    assert.equal(new Set(blocks).size, 10, 'each for a block of its own');
    assert.ok(end?.do === 'exhausted' && /^10 signatures came to nothing\. The last one: .*Mining ended/.test(end.message));
  }
});

test('the last signature may still be the right one', () => {
  const session = new Session(GOAL);
  for (let number = 10; number < 20; number += 1) {
    session.block(head(number), state());
    session.find(proof(number));
    const request = session.ask();
    assert.ok(request, String(number));
    session.signed(request.id, EXTRINSIC);
    if (number < 19) session.progress(request.id, { kind: 'gone', how: 'invalid' });
  }
  assert.equal(offered(session), undefined);
  assert.equal(ends(session.block(head(20), state({ standing: REGISTERED, nonce: 1 }))), undefined, 'somebody watches it');
  session.progress(10, { kind: 'in-block', block: PLACE, outcome: { kind: 'registered', uid: 5 } });
  assert.equal(ends(session.progress(10, { kind: 'finalized', hash: hash(20) }))?.do, 'registered');
});

test('an error that the next block should explain, and does not, ends the tenth as well', () => {
  const outcome = { kind: 'failed', refusal: { name: 'HotKeyAlreadyRegisteredInSubNet', words: '' } } as const;
  const { blocks, end } = signatures(500, (session, id) => session.progress(id, { kind: 'in-block', block: PLACE, outcome }));
  assert.deepEqual([blocks.length, end?.do], [10, 'exhausted']);
});

test('what the wallet refuses is no signature', () => {
  const session = withProof();
  for (let time = 1; time < 20; time += 1) {
    const request = session.ask();
    assert.ok(request);
    session.declined(request.id, { text: 'No.', calm: true });
  }
  assert.equal(offered(session)?.proof.workBlock, 10);
});
