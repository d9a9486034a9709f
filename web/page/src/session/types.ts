/** What a session is told, and what it tells. */

import type { Head, State } from '../chain/types.ts';
import type { Key } from '../keys.ts';

/** What is wanted: a key on a subnet. */
export interface Goal {
  readonly netuid: number;
  readonly hotkey: Key;
  readonly coldkey: Key;
}

/** A nonce that won, and the block that it is for. */
export interface Proof {
  readonly workBlock: number;
  readonly blockHash: string;
  readonly nonce: bigint;
  /** 32 bytes. */
  readonly seal: Uint8Array;
}

/** The proof that is offered for a signature. */
export interface Offer {
  readonly proof: Proof;
  /** In how many blocks to come it may still be included. */
  readonly blocksLeft: number;
}

/** What the wallet is asked to sign. */
export interface Request {
  /** Counts requests: an answer to an earlier one is no answer. */
  readonly id: number;
  readonly goal: Goal;
  readonly proof: Proof;
  /** Of the block at which it is asked for; the proof wins at it. */
  readonly difficulty: bigint;
  /** The coldkey's. */
  readonly nonce: number;
}

/** Why the pool of a node did not take an extrinsic. */
export interface PoolRefusal {
  readonly kind:
    | 'custom'
    | 'outdated'
    | 'bad-signature'
    | 'future'
    | 'payment'
    | 'known'
    | 'occupied'
    | 'banned'
    | 'other';
  /** Finishes the sentence "the pool refused the proof: …". */
  readonly words: string;
}

/** Why a call failed in its block. */
export interface DispatchRefusal {
  /** As in `InvalidWorkBlock`. */
  readonly name: string;
  /** As in `SubtensorModule.InvalidWorkBlock`. */
  readonly words: string;
}

/** What a call did in its block. */
export type Outcome =
  | { readonly kind: 'registered'; readonly uid: number }
  | { readonly kind: 'failed'; readonly refusal: DispatchRefusal }
  | { readonly kind: 'unknown'; readonly reason: string };

/** A block that holds an extrinsic. */
export interface Place {
  readonly hash: string;
  /** When it could be read. */
  readonly number: number | undefined;
}

/** What becomes of what was sent. */
export type Progress =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'in-block'; readonly block: Place; readonly outcome: Outcome }
  | { readonly kind: 'retracted' }
  | { readonly kind: 'finalized'; readonly hash: string }
  | { readonly kind: 'refused'; readonly refusal: PoolRefusal }
  /** The pool let it go: `invalid`, `dropped` or `usurped`. */
  | { readonly kind: 'gone'; readonly how: string }
  /** Nobody tells any more what becomes of it. */
  | { readonly kind: 'lost'; readonly reason: string };

/** The key is on the subnet. */
export interface Result {
  readonly uid: number;
  /** The block that holds the registration, when it was seen. */
  readonly block: Place | undefined;
  /** Whether it was there before anything was sent. */
  readonly already: boolean;
}

/** What came of a signature; `calm` when nothing went wrong. */
export interface Note {
  readonly text: string;
  readonly calm: boolean;
}

/** What the driver has to do. */
export type Action =
  /** Search for this block. */
  | { readonly do: 'search'; readonly head: Head; readonly state: State }
  /** Send that. */
  | { readonly do: 'send'; readonly id: number; readonly extrinsic: Uint8Array }
  /** Ask which blocks have these numbers now, and tell by {@link Session.confirmed}. */
  | { readonly do: 'confirm'; readonly blocks: readonly number[] }
  /** Tell the visitor. */
  | { readonly do: 'say'; readonly text: string }
  /** Tell the visitor what came of the last signature, next to the button. */
  | { readonly do: 'note'; readonly note: Note | undefined }
  | { readonly do: 'registered'; readonly result: Result }
  /** The chain takes nothing from this goal; why, and what to do. */
  | { readonly do: 'denied'; readonly message: string }
  /** Too much was signed, and nothing came of it. */
  | { readonly do: 'exhausted'; readonly message: string };
