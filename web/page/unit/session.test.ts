// What is decided, without network, clock, wallet or page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from '../src/session/session.ts';
import {
  EXTRINSIC, GOAL, PLACE, REGISTERED, ends, hash, head, offered, only, proof, refused, said, sent, state, withProof,
} from './chain.ts';

test('from a block to a registration', () => {
  const session = new Session(GOAL);
  const [first] = session.block(head(10), state());
  assert.equal(first?.do, 'search');
  assert.equal(offered(session), undefined);
  assert.ok(session.find(proof(10)));
  assert.equal(offered(session)?.blocksLeft, 5);

  const request = session.ask();
  assert.equal(request?.proof.workBlock, 10);
  assert.equal(request?.nonce, 0);
  assert.equal(offered(session), undefined, 'one request at a time');
  assert.equal(session.ask(), undefined);
  assert.equal(only(session.block(head(11), state()), 'search').length, 1, 'mining goes on');
  assert.equal(session.asked?.blocksLeft, 4);

  const actions = session.signed(request?.id ?? 0, EXTRINSIC);
  assert.equal(only(actions, 'send').length, 1);
  assert.equal(session.submission, 'sending');
  session.progress(1, { kind: 'waiting' });
  assert.equal(session.submission, 'submitted');
  assert.match(said(session.progress(1, { kind: 'in-block', block: PLACE, outcome: { kind: 'registered', uid: 5 } })), /UID 5/);
  // Whoever watches the submission knows more than the block.
  assert.equal(ends(session.block(head(12), state({ standing: REGISTERED, nonce: 1 }))), undefined);
  const end = ends(session.progress(1, { kind: 'finalized', hash: hash(12) }));
  assert.deepEqual(end, { do: 'registered', result: { uid: 5, block: PLACE, already: false } });
  assert.deepEqual(session.block(head(13), state()), [], 'nothing happens after the end');
});

test('a key that is registered already', () => {
  const end = ends(new Session(GOAL).block(head(10), state({ standing: REGISTERED })));
  assert.deepEqual(end, { do: 'registered', result: { uid: 5, block: undefined, already: true } });
});

test('the newest proof is offered, and asked for', () => {
  const session = withProof();
  session.block(head(11), state());
  assert.equal(offered(session)?.proof.workBlock, 10);
  session.find(proof(11));
  assert.equal(offered(session)?.proof.workBlock, 11);
  assert.equal(session.ask()?.proof.workBlock, 11);
});

test('a refused signature leaves the proof', () => {
  const session = withProof();
  const request = session.ask();
  const note = { text: 'You rejected it.', calm: true };
  assert.deepEqual(only(session.declined(request?.id ?? 0, note), 'note')[0]?.note, note);
  assert.equal(offered(session)?.proof.workBlock, 10);
  assert.equal(session.ask()?.id, 2);
  assert.deepEqual(session.declined(1, note), []);
  assert.deepEqual(session.signed(1, EXTRINSIC), []);
});

test('what is signed too late is not sent', () => {
  const session = withProof();
  const request = session.ask();
  for (const number of [11, 12, 13, 14, 15]) session.block(head(number), state());
  assert.equal(session.asked?.blocksLeft, 0);
  session.find(proof(15));
  const actions = session.signed(request?.id ?? 0, EXTRINSIC);
  assert.equal(only(actions, 'send').length, 0);
  assert.match(said(actions), /after the time of the proof for block 10 was over, so nothing was sent/);
  assert.equal(offered(session)?.proof.workBlock, 15, 'a newer one is offered');
});

test('a full block holds back what is signed, until there is room', () => {
  const session = withProof();
  session.block(head(11), state({ full: true }));
  const request = session.ask();
  const held = session.signed(request?.id ?? 0, EXTRINSIC);
  assert.equal(only(held, 'send').length, 0);
  assert.match(said(held), /held back, as block 11/);
  assert.equal(session.submission, 'sending');
  assert.equal(only(session.block(head(12), state()), 'send').length, 1);
});

test('what is held back for too long is dropped', () => {
  const session = withProof();
  const request = session.ask();
  session.block(head(11), state({ full: true }));
  session.signed(request?.id ?? 0, EXTRINSIC);
  for (const number of [12, 13, 14]) session.block(head(number), state({ full: true }));
  const actions = session.block(head(15), state());
  assert.equal(only(actions, 'send').length, 0);
  assert.match(said(actions), /nothing was sent/);
});

test('a difficulty that rises above what was signed', () => {
  const session = new Session(GOAL);
  session.block(head(10), state());
  session.find(proof(10, { value: 1n << 244n }));
  const request = session.ask();
  const actions = session.block(head(11), state({ difficulty: 1n << 20n }));
  assert.match(said(actions), /difficulty rose to 1,048,576/);
  const late = session.signed(request?.id ?? 0, EXTRINSIC);
  assert.equal(only(late, 'send').length, 0);
  assert.match(said(late), /rose above the proof that you signed/);
  assert.equal(offered(session), undefined);
  // It falls a little with every block; that proof is not signed again.
  session.block(head(12), state());
  assert.equal(offered(session), undefined);
  session.find(proof(12));
  assert.equal(offered(session)?.proof.workBlock, 12);
});

test('a re-organisation: nothing is offered until it is known which blocks are there', () => {
  const session = withProof();
  const actions = session.block(head(11, 1), state());
  assert.deepEqual(only(actions, 'confirm')[0]?.blocks, [10]);
  assert.match(said(actions), /re-organised/);
  assert.equal(offered(session), undefined);
  session.confirmed([[10, hash(10)]]);
  assert.ok(offered(session), 'its block is still there');
  session.block(head(12, 2), state());
  session.confirmed([[10, hash(10, 1)]]);
  assert.equal(offered(session), undefined, 'its block is another one now');
});

test('what was signed for a block that is gone is not sent', () => {
  const session = withProof();
  const request = session.ask();
  session.block(head(11, 1), state());
  const waiting = session.signed(request?.id ?? 0, EXTRINSIC);
  assert.equal(only(waiting, 'send').length, 0, 'it waits for the answer');
  const actions = session.confirmed([[10, hash(10, 1)]]);
  assert.equal(only(actions, 'send').length, 0);
  assert.match(said(actions), /Block 10, for which you signed, is no longer part of the chain/);
});

test('without an answer about blocks the next block asks again', () => {
  const session = withProof();
  session.block(head(11, 1), state());
  assert.equal(only(session.block(head(12, 1), state()), 'confirm').length, 1);
});

test('proofs of an earlier visit are offered once their blocks are known to be there', () => {
  const session = new Session(GOAL);
  session.block(head(12), state());
  session.find(proof(10));
  const actions = session.recheck();
  assert.deepEqual(only(actions, 'confirm')[0]?.blocks, [10]);
  assert.equal(offered(session), undefined);
  session.confirmed([[10, hash(10)]]);
  assert.equal(offered(session)?.proof.workBlock, 10);
});

test('the chain stops taking proofs', () => {
  const message = 'Subnet 1 takes no proof of work: its owner has not enabled it.';
  const denied = { status: 'denied', reason: 'pow_off', message } as const;
  assert.deepEqual(ends(withProof().block(head(11), state({ standing: denied }))), { do: 'denied', message });
  // A runtime that takes none.
  assert.deepEqual(ends(withProof().block(head(11), state(), 'It burns.')), { do: 'denied', message: 'It burns.' });
  // What was in time, was in time.
  const { session } = sent();
  assert.equal(ends(session.block(head(11), state({ standing: REGISTERED }), 'It burns.'))?.do, 'registered');
});

test('what is under way has its own end, whatever the subnet says meanwhile', () => {
  const { session, id } = sent();
  const denied = { status: 'denied', reason: 'pow_off', message: 'Off.' } as const;
  assert.equal(ends(session.block(head(11), state({ standing: denied }))), undefined);
  const refusal = { name: 'SubNetRegistrationDisabled', words: 'SubtensorModule.SubNetRegistrationDisabled' };
  const actions = session.progress(id, { kind: 'in-block', block: PLACE, outcome: { kind: 'failed', refusal } });
  assert.equal(ends(actions)?.do, 'denied');
});

test('a refusal of the pool is explained by the next block', () => {
  for (const [facts, words] of [
    [{ difficulty: 1n << 100n }, /difficulty rose before/],
    [{}, /The pool refused the proof: a reason/],
  ] as const) {
    const { session, id } = sent();
    assert.match(said(session.progress(id, refused('custom'))), /The next block will tell more/);
    assert.match(said(session.block(head(11), state(facts))), words);
    assert.equal(session.submission, undefined);
  }
});

test('what was refused while a block was full is sent with room', () => {
  const { session, id } = sent();
  session.progress(id, refused('custom'));
  const full = session.block(head(11), state({ full: true }));
  assert.match(said(full), /held back, as block 11 has all the registrations/);
  assert.equal(only(full, 'send').length, 0);
  const again = session.block(head(12), state());
  assert.deepEqual(only(again, 'send')[0], { do: 'send', id, extrinsic: EXTRINSIC });
  // Out of sight as well.
  session.progress(id, { kind: 'lost', reason: 'cut' });
  assert.equal(only(session.block(head(13), state({ full: true })), 'send').length, 0);
  assert.equal(only(session.block(head(14), state()), 'send').length, 1);
});

test('a rival with the same key ends it, whoever tells', () => {
  const standing = { status: 'denied', reason: 'registered_by_other', message: 'Another coldkey has it.' } as const;
  for (const news of [{ kind: 'lost', reason: 'cut' }, refused('known'), refused('custom')] as const) {
    const { session, id } = sent();
    session.progress(id, news);
    assert.deepEqual(ends(session.block(head(11), state({ standing }))), { do: 'denied', message: standing.message });
  }
  // Whoever watches it is waited for, until the window ends.
  const { session } = sent();
  for (const number of [11, 12, 13, 14, 15]) assert.equal(ends(session.block(head(number), state({ standing }))), undefined);
  assert.equal(ends(session.block(head(16), state({ standing })))?.do, 'denied');
});

test('what is sent twice, and refused before the block is seen that has it', () => {
  for (const news of [refused('outdated'), { kind: 'gone', how: 'invalid' }] as const) {
    for (const there of [true, false]) {
      const { session, id } = sent();
      session.progress(id, { kind: 'lost', reason: 'cut' });
      session.block(head(11), state());
      assert.match(said(session.progress(id, news)), /A block may have it already/);
      const actions = session.block(head(12), state({ nonce: 1, ...(there ? { standing: REGISTERED } : {}) }));
      if (there) assert.equal(ends(actions)?.do, 'registered');
      else assert.match(said(actions), /failed in its block/);
    }
  }
});

test('a refusal for a nonce that is behind: the next block brings the right one', () => {
  const { session, id } = sent();
  assert.match(said(session.progress(id, refused('outdated', 'it is outdated'))), /outdated/);
  assert.equal(offered(session), undefined, 'not at this block');
  session.block(head(11), state({ nonce: 1 }));
  session.find(proof(11));
  assert.equal(session.ask()?.nonce, 1);
});

test('an account that would have to pay, and cannot', () => {
  const { session, id } = sent();
  assert.equal(ends(session.progress(id, refused('payment', 'the account cannot pay its fee')))?.do, 'denied');
});

test('out of sight, the chain tells what became of it', () => {
  // It is in a block.
  const one = sent();
  one.session.progress(one.id, { kind: 'lost', reason: 'no connection' });
  assert.equal(ends(one.session.block(head(11), state({ standing: REGISTERED, nonce: 1 })))?.do, 'registered');
  // It is in none: the same is sent once more, which cannot make it two.
  const two = sent();
  two.session.progress(two.id, { kind: 'lost', reason: 'no connection' });
  const again = two.session.block(head(11), state());
  assert.deepEqual(only(again, 'send')[0], { do: 'send', id: two.id, extrinsic: EXTRINSIC });
  assert.equal(only(two.session.progress(two.id, refused('known')), 'send').length, 0);
  assert.equal(ends(two.session.block(head(12), state({ standing: REGISTERED, nonce: 1 })))?.do, 'registered');
  // It failed in its block.
  const three = sent();
  three.session.progress(three.id, { kind: 'lost', reason: 'no connection' });
  assert.match(said(three.session.block(head(11), state({ nonce: 1 }))), /failed in its block/);
  assert.equal(three.session.offer, undefined, 'that proof is used up');
});

test('what is sent twice, and taken between', () => {
  for (const news of [refused('outdated'), refused('custom'), { kind: 'gone', how: 'invalid' }, { kind: 'lost', reason: 'cut' }] as const) {
    const { session, id } = sent();
    session.progress(id, { kind: 'lost', reason: 'cut' });
    session.block(head(10), state());
    // Whoever watches the second one knows more, until there is nothing to be seen.
    assert.equal(ends(session.block(head(11), state({ standing: REGISTERED, nonce: 1 }))), undefined);
    assert.equal(ends(session.progress(id, news))?.do, 'registered', news.kind);
  }
});

test('nobody tells anything: the window ends it', () => {
  const { session } = sent();
  for (const number of [11, 12, 13, 14, 15]) session.block(head(number), state());
  assert.ok(session.submission);
  assert.match(said(session.block(head(16), state())), /No block took the proof in time/);
  assert.equal(session.submission, undefined);
});

test('a block that is replaced takes the registration with it, and the next may bring it back', () => {
  const { session, id } = sent();
  session.progress(id, { kind: 'in-block', block: PLACE, outcome: { kind: 'registered', uid: 5 } });
  assert.match(said(session.progress(id, { kind: 'retracted' })), /replaced/);
  session.progress(id, { kind: 'in-block', block: { hash: hash(13), number: 13 }, outcome: { kind: 'registered', uid: 6 } });
  const end = ends(session.progress(id, { kind: 'finalized', hash: hash(13) }));
  assert.equal(end?.do === 'registered' && end.result.uid, 6);
});

test('errors in a block, by their names', () => {
  for (const [name, words] of [
    ['TooManyRegistrationsThisBlock', /took the block's registration/],
    ['InvalidDifficulty', /difficulty rose before the proof was included/],
    ['InvalidWorkBlock', /came too late/],
    ['InvalidSeal', /SubtensorModule.InvalidSeal/],
  ] as const) {
    const { session, id } = sent();
    const refusal = { name, words: `SubtensorModule.${name}` };
    const actions = session.progress(id, { kind: 'in-block', block: PLACE, outcome: { kind: 'failed', refusal } });
    assert.match(said(actions), words);
    assert.equal(ends(actions), undefined);
    assert.equal(offered(session), undefined, 'not before the next block');
    session.block(head(11), state({ nonce: 1 }));
    assert.equal(offered(session), undefined, 'no second one for its block');
    session.find(proof(11));
    assert.equal(offered(session)?.proof.workBlock, 11, name);
  }
  for (const name of ['NoNeuronIdAvailable', 'NonAssociatedColdKey', 'SubnetNotExists', 'TooManyStakingHotkeys']) {
    const { session, id } = sent();
    const refusal = { name, words: `SubtensorModule.${name}` };
    const actions = session.progress(id, { kind: 'in-block', block: PLACE, outcome: { kind: 'failed', refusal } });
    assert.equal(ends(actions)?.do, 'denied', name);
  }
});

test('the pool lets it go', () => {
  const { session, id } = sent();
  assert.match(said(session.progress(id, { kind: 'gone', how: 'dropped' })), /let the proof go \(dropped\)/);
  assert.equal(session.submission, undefined);
  session.block(head(11), state());
  assert.equal(offered(session), undefined, 'no second one for its block');
  session.find(proof(11));
  assert.ok(offered(session), 'once more');
});
