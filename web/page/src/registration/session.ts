/** A session of the module, with hashes and keys as text. What it decides, and why, is in `btpow-registration`. */

import { toHex } from '@polkadot-api/utils';
import type { SignerPayload } from 'btpow';
import type { Runtime } from '../chain/runtime.ts';
import type { Head, State, Subject } from '../chain/types.ts';
import * as module from './module.ts';
import type { Action } from './module.ts';

/** What is wanted: a key on a subnet. */
export type Goal = Subject;

/** A nonce that won, and the block that it is for. */
export interface Proof {
  readonly workBlock: number;
  readonly blockHash: string;
  readonly nonce: bigint;
}

/** The block of a proof that is to be signed, and in how many blocks to come the proof may still be included. */
export interface Offer {
  readonly workBlock: number;
  readonly blocksLeft: number;
}

/** What the wallet is asked to sign. */
export interface Request {
  readonly workBlock: number;
  readonly payload: SignerPayload;
  /** To the session. */
  readonly raw: module.Request;
}

export class Session {
  readonly goal: Goal;
  readonly #raw: module.Session;

  constructor(goal: Goal) {
    this.goal = goal;
    this.#raw = new module.Session(goal.netuid, module.bytes32(goal.hotkey.hex), module.bytes32(goal.coldkey.hex));
  }

  /** The proof to be signed now; none while the wallet is asked or a submission is under way. */
  get offer(): Offer | undefined {
    return offered(this.#raw.offer);
  }

  /** What the wallet was asked to sign, while it has not answered. */
  get asked(): Offer | undefined {
    return offered(this.#raw.asked);
  }

  /** How far it is with what was signed, if something was. */
  get submission(): 'sending' | 'submitted' | undefined {
    const taken = this.#raw.submitted;
    return taken === undefined ? undefined : taken ? 'submitted' : 'sending';
  }

  /** The proofs that may still be signed, for keeping. */
  get proofs(): Proof[] {
    return this.#raw.proofs().map(({ workBlock, blockHash, nonce }) => ({ workBlock, blockHash: toHex(blockHash), nonce }));
  }

  /** There is a new best block, and a runtime that will execute the next one. */
  block({ number, hash, parent }: Head, state: State, runtime: Runtime): Action[] {
    const head = new module.Head(number, module.bytes32(hash), module.bytes32(parent));
    return this.#raw.block(head, module.subnetState(state.storage), module.keyState(state.keys), runtime.compared);
  }

  /** The runtime of the next block, where nothing else could be read at this one. */
  upgraded(runtime: Runtime): Action[] {
    return this.#raw.upgraded(runtime.compared);
  }

  /** The blocks that were asked for by `confirm`; `undefined` where there is none. */
  confirmed(blocks: readonly (readonly [number, string | undefined])[]): Action[] {
    return this.#raw.confirmed(
      blocks.map(([number, hash]) => new module.KnownBlock(number, hash === undefined ? undefined : module.bytes32(hash))),
    );
  }

  /** A nonce won. */
  find({ workBlock, blockHash, nonce }: Proof): Action[] {
    return this.#raw.find(workBlock, module.bytes32(blockHash), nonce);
  }

  /** Proofs of an earlier visit, for the same goal. */
  restore(proofs: readonly Proof[]): Action[] {
    return this.#raw.restore(
      proofs.map(({ workBlock, blockHash, nonce }) => new module.Proof(workBlock, module.bytes32(blockHash), nonce)),
    );
  }

  /** Begins to ask the wallet for the proof that is offered. */
  ask(runtime: Runtime): Request | undefined {
    const raw = this.#raw.ask(runtime.compared);
    return raw && { workBlock: raw.workBlock, payload: raw.payload.signerPayload() as SignerPayload, raw };
  }

  /**
   * The wallet signed: 65 bytes, the first of which is the scheme.
   *
   * @throws For bytes that are no signature.
   */
  signed({ raw }: Request, signature: Uint8Array): Action[] {
    return this.#raw.signed(raw, signature);
  }

  /** The wallet did not sign. Whether that was the present request. */
  declined({ raw }: Request): boolean {
    return this.#raw.declined(raw);
  }

  /** News of a submission. */
  progress(id: number, progress: module.Progress): Action[] {
    return this.#raw.progress(id, progress);
  }
}

function offered(raw: { readonly workBlock: number; readonly blocksLeft: number } | undefined): Offer | undefined {
  return raw && { workBlock: raw.workBlock, blocksLeft: raw.blocksLeft };
}
