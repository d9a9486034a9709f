/** A chain of blocks, made up, and metadata; what tests share. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Head, State } from '../src/chain/types.ts';
import { keyOf } from '../src/keys.ts';
import type { Standing } from '../src/rules.ts';
import { Session } from '../src/session/session.ts';
import type { Action, Goal, Place, PoolRefusal, Progress, Proof } from '../src/session/types.ts';

export const GOAL: Goal = { netuid: 1, hotkey: keyOf(`0x${'0b'.repeat(32)}`), coldkey: keyOf(`0x${'0a'.repeat(32)}`) };

/** Finney's metadata of spec 461, without `pow_register`. */
export const OLDER = new Uint8Array(
  readFileSync(new URL('../../../tests/vectors/subtensor-461/metadata_v14.scale', import.meta.url)),
);

export const DIFFICULTY = 1_000n;

/** The hash of a block; `fork` tells one at the same height apart. */
export function hash(number: number, fork = 0): string {
  return `0x${number.toString(16).padStart(62, '0')}${fork.toString(16).padStart(2, '0')}`;
}

export function head(number: number, fork = 0, parentFork = fork): Head {
  return { number, hash: hash(number, fork), parent: hash(number - 1, parentFork) };
}

interface Facts {
  difficulty?: bigint;
  full?: boolean;
  standing?: Standing;
  nonce?: number;
  lastWork?: number;
}

export function state({ difficulty = DIFFICULTY, full = false, standing = { status: 'open' }, nonce = 0, lastWork }: Facts = {}): State {
  return { subnet: { difficulty, full, standing }, nonce, lastWork };
}

/** A proof whose seal wins up to a difficulty of about 2^256 / `value`, and of {@link DIFFICULTY} by default. */
export function proof(workBlock: number, { fork = 0, value = 1n << 200n, nonce = 7n } = {}): Proof {
  const seal = new Uint8Array(32);
  for (let index = 0; index < 32; index += 1) seal[index] = Number((value >> BigInt(8 * index)) & 0xffn);
  return { workBlock, blockHash: hash(workBlock, fork), nonce, seal };
}

/** What was said. */
export function said(actions: readonly Action[]): string {
  return actions.flatMap((action) => (action.do === 'say' ? [action.text] : [])).join('\n');
}

/** The actions of one kind. */
export function only<K extends Action['do']>(actions: readonly Action[], kind: K): Extract<Action, { do: K }>[] {
  return actions.filter((action): action is Extract<Action, { do: K }> => action.do === kind);
}

export const EXTRINSIC = Uint8Array.of(1, 2, 3);
export const PLACE: Place = { hash: hash(12), number: 12 };
export const REGISTERED = { status: 'registered', uid: 5 } as const;

/** A session at block 10, with a proof for it. */
export function withProof(): Session {
  const session = new Session(GOAL);
  session.block(head(10), state());
  session.find(proof(10));
  return session;
}

/** The same, signed and sent. */
export function sent(): { session: Session; id: number } {
  const session = withProof();
  const request = session.ask();
  assert.ok(request);
  const [send] = only(session.signed(request.id, EXTRINSIC), 'send');
  assert.deepEqual(send?.extrinsic, EXTRINSIC);
  return { session, id: request.id };
}

/** The offer of this moment; the compiler takes a property for one that does not change. */
export function offered(session: Session) {
  return session.offer;
}

export function ends(actions: readonly Action[]): Action | undefined {
  return actions.find((action) => action.do === 'registered' || action.do === 'denied');
}

export function refused(kind: PoolRefusal['kind'], words = 'a reason'): Progress {
  return { kind: 'refused', refusal: { kind, words } };
}
