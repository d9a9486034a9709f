// `tests/scenarios/page.json`: what happens when a person signs, through the page's module. The crate that decides runs the
// same scenarios natively, and describes their format there.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { toHex } from '@polkadot-api/utils';
import { Runtime } from '../src/chain/runtime.ts';
import type { State } from '../src/chain/types.ts';
import { keyOf } from '../src/keys.ts';
import { Place, Progress, bytes32 } from '../src/registration/module.ts';
import type { Action, End, Event, Setback } from '../src/registration/module.ts';
import { type Proof, type Request, Session } from '../src/registration/session.ts';
import { denial, event as words, exhausted } from '../src/registration/words.ts';
import { GOAL, OLDER, hash, head, open } from './chain.ts';
import { honest } from '../../test/shared/lies.mjs';

/** One step; its fields say what it is. */
interface Step {
  block?: number;
  fork?: number;
  state?: { difficulty?: string; full?: boolean; uid?: number; owner?: 'ours' | 'theirs'; powAllowed?: boolean; nonce?: number };
  runtime?: Kind;
  upgrade?: Kind;
  find?: number;
  restore?: number[];
  confirmed?: [number, number | null][];
  news?: string | Record<string, unknown>;
  sign?: true | number;
  ask?: number | null;
  nonce?: number;
  decline?: true | number;
  late?: boolean;
  offer?: number | null;
  left?: number;
  asked?: number | null;
  submitted?: boolean | null;
  then?: string[];
}

const file = new URL('../../../tests/scenarios/page.json', import.meta.url);
const scenarios: { name: string; steps: Step[] }[] = JSON.parse(readFileSync(file, 'utf8'));

type Kind = 'v1' | 'burns' | 'legacy';
const description = { specName: 'btpow-test', transactionVersion: 1, genesisHash: `0x${'45'.repeat(32)}` };
const RUNTIMES: Record<Kind, Runtime> = {
  v1: await Runtime.read({ ...description, specVersion: 475, metadata: honest.slice(5) }),
  burns: await Runtime.read({ ...description, specVersion: 461, metadata: OLDER }),
  legacy: await Runtime.read({ ...description, specVersion: 393, metadata: OLDER }),
};
const THEIRS = keyOf(`0x${'09'.repeat(32)}`);
const SIGNATURE = Uint8Array.of(1, ...new Uint8Array(64).fill(9));

function state({ difficulty = '1', full = false, uid, owner, powAllowed = true, nonce = 0 }: Step['state'] = {}): State {
  const keys = { ours: GOAL.coldkey, theirs: THEIRS };
  const storage = { powAllowed, difficulty: BigInt(difficulty), registrationsThisBlock: Number(full) };
  const state = open(storage, uid, owner && keys[owner]);
  return { ...state, keys: { ...state.keys, nonce } };
}

function proof(workBlock: number, fork: number | undefined): Proof {
  return { workBlock, blockHash: hash(workBlock, fork), nonce: 0n };
}

function news(given: string | Record<string, unknown>): Progress {
  const place = (): Place => new Place(bytes32(hash(12)), 12);
  const hotkey = bytes32(GOAL.hotkey.hex);
  switch (given) {
    case 'waiting':
      return Progress.waiting();
    case 'retracted':
      return Progress.retracted();
    case 'finalized':
      return Progress.finalized();
    case 'lost':
      return Progress.lost('cut');
  }
  const [[kind, value] = ['', undefined]] = Object.entries(given);
  switch (kind) {
    case 'registered':
      return Progress.registered(place(), value as number, hotkey);
    case 'failed':
      return Progress.failed(place(), 'SubtensorModule', value as string);
    case 'unknown':
      return Progress.unreadable(place(), value as string);
    case 'refused':
      return Progress.refused((value as [number, string])[0], (value as [number, string])[1], '');
    case 'gone':
      return Progress.gone(value as string);
  }
  throw new Error(`no news are called ${kind}`);
}

function setback(given: Setback): string {
  if (given.why === 'refused') return `refused ${given.refusal.kind}`;
  if (given.why === 'gone') return `gone ${given.how}`;
  return given.why === 'signed-in-vain' ? `signed-in-vain ${given.unfit}` : given.why;
}

function event(given: Event): string {
  // Whatever happens, the page has a sentence for it.
  assert.match(words(given), /^[A-Z].*\.$/);
  switch (given.what) {
    case 'reorganised':
    case 'held-back':
      return `${given.what} ${given.block}`;
    case 'difficulty-rose':
      return `${given.what} ${given.difficulty}`;
    case 'submitting':
      return `submitting ${given.workBlock} ${given.blocksLeft}${given.again ? ' again' : ''}`;
    case 'refused':
      return `refused ${given.refusal.kind}`;
    case 'included':
      return `included ${given.uid}`;
    case 'doubtful':
    case 'failed':
      return `${given.what} ${setback(given.setback)}`;
    default:
      return given.what;
  }
}

function end(given: End): string {
  switch (given.how) {
    case 'registered':
      return `registered ${given.uid}${given.already ? ' already' : ''}`;
    case 'denied': {
      assert.match(denial(given.denial), /^[A-Z].*\.$/);
      const { reason } = given.denial;
      // One name for programs: what the chain says now is not what it said before.
      return `denied ${reason === 'upgraded' ? 'chain' : reason}`;
    }
    case 'exhausted':
      assert.match(exhausted(given), /^10 signatures came to nothing\. The last one: [A-Z].*Mining ended/);
      return `exhausted ${given.signatures}`;
  }
}

function line(action: Action): string {
  switch (action.do) {
    case 'confirm':
      return ['confirm', ...action.blocks].join(' ');
    case 'tell':
      return event(action.event);
    case 'end':
      return end(action.end);
    case 'send':
      // What was signed, and the signature.
      assert.match(toHex(action.extrinsic), /^0x[0-9a-f]{4}8400(0a){32}01(09){64}/);
      return 'send';
    default:
      return action.do;
  }
}

class Scene {
  readonly #session = new Session(GOAL);
  readonly #requests = new Map<number, Request>();
  #sent = 0;

  /** What the session does at a step. */
  take(step: Step): Action[] {
    const actions = this.#take(step);
    for (const action of actions) if (action.do === 'send') this.#sent = action.id;
    return actions;
  }

  #take(step: Step): Action[] {
    const session = this.#session;
    if (step.block !== undefined) return session.block(head(step.block, step.fork), state(step.state), RUNTIMES[step.runtime ?? 'v1']);
    if (step.upgrade !== undefined) return session.upgraded(RUNTIMES[step.upgrade]);
    if (step.find !== undefined) return session.find(proof(step.find, step.fork));
    if (step.restore !== undefined) return session.restore(step.restore.map((number) => proof(number, step.fork)));
    if (step.confirmed !== undefined) {
      return session.confirmed(step.confirmed.map(([number, fork]) => [number, fork === null ? undefined : hash(number, fork)]));
    }
    if (step.news !== undefined) return session.progress(this.#sent, news(step.news));
    if (step.sign !== undefined) return session.signed(this.#request(step.sign), SIGNATURE);
    this.#ask(step);
    return [];
  }

  /** A step that the session answers with a value. */
  #ask(step: Step): void {
    const session = this.#session;
    if (step.ask !== undefined) {
      const request = session.ask(RUNTIMES.v1);
      assert.equal(request?.workBlock ?? null, step.ask);
      if (request) this.#requests.set(this.#requests.size + 1, request);
      if (step.nonce !== undefined) assert.equal(Number(request?.payload.nonce), step.nonce);
    } else if (step.decline !== undefined) {
      assert.equal(session.declined(this.#request(step.decline)), step.late !== true);
    } else if (step.offer !== undefined) {
      const expected = step.offer === null ? undefined : { workBlock: step.offer, blocksLeft: step.left };
      assert.deepEqual(session.offer, expected);
    } else if (step.asked !== undefined) {
      assert.equal(session.asked?.blocksLeft ?? null, step.asked);
    } else if (step.submitted !== undefined) {
      const expected = { true: 'submitted', false: 'sending', null: undefined }[String(step.submitted)];
      assert.equal(session.submission, expected);
    } else {
      throw new Error(`no such step: ${JSON.stringify(step)}`);
    }
  }

  #request(id: true | number): Request {
    const request = this.#requests.get(id === true ? this.#requests.size : id);
    assert.ok(request);
    return request;
  }
}

for (const { name, steps } of scenarios) {
  test(name, () => {
    const scene = new Scene();
    steps.forEach((step, index) => {
      const lines = scene.take(step).map(line);
      if (step.then) assert.deepEqual(lines, step.then, `step ${index}: ${JSON.stringify(step)}`);
    });
  });
}

test('there are scenarios', () => assert.ok(scenarios.length > 60));

test('the proofs to keep are those that may still be signed', () => {
  const session = new Session(GOAL);
  session.block(head(10), state(), RUNTIMES.v1);
  session.find(proof(10, 0));
  assert.deepEqual(session.proofs, [proof(10, 0)]);
  const request = session.ask(RUNTIMES.v1);
  assert.ok(request);
  assert.deepEqual(session.proofs, [proof(10, 0)], 'the wallet has not answered');
  session.signed(request, SIGNATURE);
  assert.deepEqual(session.proofs, [], 'after a reload it is not signed again');
});

test('bytes that are not a signature leave the request open', () => {
  const session = new Session(GOAL);
  session.block(head(10), state(), RUNTIMES.v1);
  session.find(proof(10, 0));
  const request = session.ask(RUNTIMES.v1);
  assert.ok(request);
  assert.throws(() => session.signed(request, SIGNATURE.slice(1)), /64 bytes, not 65/);
  assert.throws(() => session.signed(request, Uint8Array.of(2, ...SIGNATURE.slice(1))), /its scheme is 2/);
  assert.equal(session.asked?.workBlock, 10);
});

test('text that is not a hash never reaches the module', () => {
  const session = new Session(GOAL);
  session.block(head(10), state(), RUNTIMES.v1);
  for (const lie of ['', '0x12', '0xABCD', `0x${'g'.repeat(64)}`, `0x${'0'.repeat(66)}`]) {
    assert.throws(() => session.confirmed([[10, lie]]), /32 bytes are expected/, lie);
    assert.throws(() => session.find({ workBlock: 10, blockHash: lie, nonce: 0n }), /32 bytes are expected/, lie);
  }
});
