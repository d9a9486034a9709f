/**
 * Decides what to search, what to offer for a signature, what to send and when it is over. It has neither
 * network nor clock nor page: the driver brings blocks, proofs, signatures and news of what was sent, and
 * does what it is told.
 *
 * The rules:
 *
 * - Every best block is searched for at once; proofs for earlier ones count until their window ends.
 * - One signature is asked for at a time, for the newest block that has a proof. Meanwhile the search goes
 *   on. What comes back too late is not sent.
 * - At most one signature comes back for each number of a block, and ten for a search, whatever the endpoint makes of them.
 * - One submission at a time. Nothing is sent while the best block is full: the pool would refuse it.
 * - What became of a submission that is out of sight is read from the chain before anything else is
 *   asked for. Two of one account have the same nonce, so that never both can land.
 */

import type { Head, State } from '../chain/types.ts';
import { WINDOW } from '../rules.ts';
import { grouped, moreBlocks } from '../words.ts';
import { Ledger } from './ledger.ts';
import { afterDispatch, afterPool } from './refusals.ts';
import type { Action, Goal, Note, Offer, Place, Progress, Proof, Request, Result } from './types.ts';

/** Signatures after which it is over. */
const MOST_SIGNATURES = 10;

/** A submission under way. */
interface Flight {
  readonly request: Request;
  readonly extrinsic: Uint8Array;
  /** It was given to the driver; until then it waits for a block with room. */
  sent: boolean;
  /** The pool has it. */
  taken: boolean;
  included: { readonly block: Place; readonly uid: number } | undefined;
  /** Nobody tells any more what becomes of it. */
  lost: boolean;
  /** It was sent before, so that a block may have it already. */
  again: boolean;
  /** The pool has it, or another transaction of the account, so that there is no use in sending it again. */
  pooled: boolean;
  /** The pool refused it with a code that does not say why. The next block may explain. */
  refused: string | undefined;
}

export class Session {
  readonly goal: Goal;
  readonly #ledger = new Ledger();
  #now: { readonly head: Head; readonly state: State } | undefined;
  #asked: Request | undefined;
  #flight: Flight | undefined;
  #requests = 0;
  #submissions = 0;
  /** Blocks were replaced, and it is not yet known which ones are there now. */
  #unsure = false;
  /** Nothing is offered before the head after this one. */
  #notAt: number | undefined;
  /** What became of the last signature that came to nothing. */
  #last = 'Nobody told what became of it.';
  #ended = false;

  constructor(goal: Goal) {
    this.goal = goal;
  }

  /** The proof to be signed now; none while the wallet is asked or a submission is under way. */
  get offer(): Offer | undefined {
    if (!this.#now || this.#asked || this.#flight || this.#unsure || this.#ended) return undefined;
    if (this.#notAt === this.#now.head.number) return undefined;
    return this.#best();
  }

  /** What the wallet was asked to sign, and whether an answer would still be in time. */
  get asked(): { readonly request: Request; readonly blocksLeft: number } | undefined {
    const request = this.#asked;
    return request && { request, blocksLeft: this.#ledger.blocksLeft(request.proof) };
  }

  /** How far it is with what was signed, if something was. */
  get submission(): 'sending' | 'submitted' | undefined {
    return this.#flight && (this.#flight.taken ? 'submitted' : 'sending');
  }

  /** The proofs that may still count, for keeping. */
  get proofs(): Proof[] {
    return this.#ledger.proofs();
  }

  /** There is a new best block; `gone` is why its runtime takes no such proofs any more. */
  block(head: Head, state: State, gone?: string): Action[] {
    const actions: Action[] = [];
    if (this.#ended) return actions;
    const before = this.#now;
    this.#now = { head, state };
    if (gone !== undefined) {
      const { standing } = state.subnet;
      // It was in time.
      if (standing.status === 'registered') this.#registered(standing.uid, actions);
      else this.#deny(gone, actions);
      return actions;
    }
    // First of all: whatever else is to be done, the devices work on the new block.
    actions.push({ do: 'search', head, state });
    if (this.#ledger.block(head)) {
      const text = `Block ${head.number}: the chain was re-organised. Proofs are checked again.`;
      actions.push({ do: 'say', text });
      this.#unsure = true;
    }
    if (this.#unsure) {
      // Asked again with every block until there is an answer.
      const blocks = this.#ledger.workBlocks();
      this.#unsure = blocks.length > 0;
      if (this.#unsure) actions.push({ do: 'confirm', blocks });
    }
    const { difficulty } = state.subnet;
    // It falls a little with every block; only a rise is news, and not when we caused it.
    const ours = state.subnet.standing.status === 'registered';
    if (before && difficulty > before.state.subnet.difficulty && !ours) {
      this.#say(`The difficulty rose to ${grouped(difficulty)}.`, actions);
    }
    this.#settle(head, state, actions);
    this.#proceed(actions);
    // One whose end was for this block to tell.
    if (!this.#flight && this.#ledger.signatures >= MOST_SIGNATURES) this.#exhaust(actions);
    return actions;
  }

  /** The runtime takes no such proofs any more, and nothing else is known. */
  gone(why: string): Action[] {
    const actions: Action[] = [];
    this.#deny(why, actions);
    return actions;
  }

  /** The blocks that were asked for by `confirm`; `undefined` where there is none. */
  confirmed(blocks: readonly (readonly [number, string | undefined])[]): Action[] {
    for (const [number, hash] of blocks) this.#ledger.confirm(number, hash);
    this.#unsure = false;
    const actions: Action[] = [];
    this.#proceed(actions);
    return actions;
  }

  /** Proofs were added from before: whether their blocks are on the best chain has to be asked. */
  recheck(): Action[] {
    const blocks = this.#ledger.workBlocks();
    if (this.#ended || blocks.length === 0) return [];
    this.#unsure = true;
    return [{ do: 'confirm', blocks }];
  }

  /** A nonce won. Whether it is the best of its block. */
  find(proof: Proof): boolean {
    return !this.#ended && this.#ledger.add(proof);
  }

  /** Begins to ask the wallet for the proof that is offered. */
  ask(): Request | undefined {
    const { offer } = this;
    if (!offer || !this.#now) return undefined;
    this.#requests += 1;
    const { nonce, subnet } = this.#now.state;
    this.#asked = { id: this.#requests, goal: this.goal, proof: offer.proof, difficulty: subnet.difficulty, nonce };
    return this.#asked;
  }

  /** The wallet signed. */
  signed(id: number, extrinsic: Uint8Array): Action[] {
    const actions: Action[] = [];
    const request = this.#asked;
    if (this.#ended || request?.id !== id) return actions;
    this.#asked = undefined;
    this.#ledger.sign(request.proof);
    const [nothing, no] = [undefined, false];
    this.#flight = { request, extrinsic, sent: no, taken: no, included: nothing, lost: no, again: no, pooled: no, refused: nothing };
    this.#proceed(actions);
    return actions;
  }

  /** The wallet did not sign; why, and what to do. */
  declined(id: number, note: Note): Action[] {
    if (this.#ended || this.#asked?.id !== id) return [];
    this.#asked = undefined;
    return [
      { do: 'say', text: note.text },
      { do: 'note', note },
    ];
  }

  /** News of a submission. */
  progress(id: number, progress: Progress): Action[] {
    const actions: Action[] = [];
    const flight = this.#flight;
    if (this.#ended || !flight || flight.request.id !== id) return actions;
    const registered = this.#now?.state.subnet.standing.status === 'registered';
    if (registered && ['refused', 'gone', 'lost'].includes(progress.kind)) {
      // The present block has it already: it was sent twice, or is out of sight now.
      flight.lost = true;
      this.#proceed(actions);
      return actions;
    }
    switch (progress.kind) {
      case 'waiting':
        flight.taken = true;
        this.#say('Submitted. Waiting for a block.', actions);
        break;
      case 'in-block':
        this.#included(flight, progress, actions);
        break;
      case 'retracted':
        flight.included = undefined;
        this.#say('The block that held the registration was replaced. Waiting on.', actions);
        break;
      case 'finalized':
        if (flight.included) {
          this.#end(flight.included.uid, flight.included.block, actions);
        } else {
          // The block could not be read; the next one will tell.
          flight.lost = true;
        }
        break;
      case 'refused': {
        const next = afterPool(progress.refusal);
        if (next === 'wait') {
          flight.lost = true;
          flight.pooled = true;
          this.#say(`The pool did not take the proof: ${progress.refusal.words}. Waiting for a block.`, actions);
        } else if (next === 'explain') {
          flight.refused = progress.refusal.words;
          this.#say(`The pool did not take the proof: ${progress.refusal.words}. The next block will tell more.`, actions);
        } else if (next === 'deny') {
          this.#deny(`The chain refused the proof: ${progress.refusal.words}.`, actions);
        } else {
          // The nonce or the runtime is behind by a block. The next one brings the right ones, for a proof of a newer
          // block: this one was signed.
          this.#nothing(flight, `The pool refused the proof: ${progress.refusal.words}.`, actions);
        }
        break;
      }
      case 'gone':
        // The next block tells whether another try is worth it.
        this.#nothing(flight, `The pool let the proof go (${progress.how}).`, actions);
        break;
      case 'lost':
        flight.lost = true;
        this.#say(`Lost sight of the submission (${progress.reason}). The chain will be asked what became of it.`, actions);
        break;
    }
    return actions;
  }

  /** A submission came to nothing, or a block that is not seen yet has it, as it was sent before. */
  #nothing(flight: Flight, what: string, actions: Action[]): void {
    if (flight.again) {
      flight.lost = true;
      this.#last = what;
      this.#say(`${what} A block may have it already: the next one will tell.`, actions);
    } else {
      this.#notAt = this.#now?.head.number;
      this.#fail(what, actions);
    }
  }

  #best(): Offer | undefined {
    if (!this.#now) return undefined;
    const { subnet, lastWork } = this.#now.state;
    const proof = this.#ledger.newest(subnet.difficulty, lastWork);
    return proof && { proof, blocksLeft: this.#ledger.blocksLeft(proof) };
  }

  /** Sends what is signed, holds it back, drops it, or ends: whatever the present block asks for. */
  #proceed(actions: Action[]): void {
    if (!this.#now || this.#ended) return;
    const { head, state } = this.#now;
    const { standing } = state.subnet;
    const flight = this.#flight;
    if (standing.status === 'registered') {
      // Whoever watches the submission knows more, and is waited for.
      if (!flight?.sent || flight.lost) this.#registered(standing.uid, actions);
      return;
    }
    // What is under way has its own end.
    if (flight?.sent) return;
    if (standing.status === 'denied') return this.#deny(standing.message, actions);
    if (!flight || this.#unsure) return;
    const { proof } = flight.request;
    const unfit = this.#ledger.unfit(proof, state.subnet.difficulty, state.lastWork);
    if (unfit) {
      this.#flight = undefined;
      const why = {
        stale: `The signature came after the time of the proof for block ${proof.workBlock} was over`,
        'off-chain': `Block ${proof.workBlock}, for which you signed, is no longer part of the chain`,
        'too-high': 'The difficulty rose above the proof that you signed',
      }[unfit];
      this.#fail(`${why}, so nothing was sent.`, actions);
    } else if (state.subnet.full) {
      const text = `Signed; held back, as block ${head.number} has all the registrations that it may have.`;
      this.#say(text, actions);
      actions.push({ do: 'note', note: { text, calm: true } });
    } else {
      flight.sent = true;
      this.#submissions += 1;
      const left = moreBlocks(this.#ledger.blocksLeft(proof));
      this.#say(`Submitting the proof for block ${proof.workBlock}, which counts for ${left}.`, actions);
      actions.push({ do: 'note', note: undefined });
      actions.push({ do: 'send', id: flight.request.id, extrinsic: flight.extrinsic });
    }
  }

  /** Learns from a block what became of a submission that nobody tells about. */
  #settle(head: Head, state: State, actions: Action[]): void {
    const flight = this.#flight;
    if (!flight?.sent) return;
    const { proof, nonce } = flight.request;
    const used = state.nonce > nonce;
    const unfit = this.#ledger.unfit(proof, state.subnet.difficulty, state.lastWork);
    const { full, standing } = state.subnet;
    if (flight.refused !== undefined) {
      const { refused } = flight;
      flight.refused = undefined;
      if (standing.status !== 'open') this.#flight = undefined;
      else if (unfit === 'stale') this.#fail('The proof came too late.', actions);
      else if (unfit === 'too-high') this.#fail('The difficulty rose before the proof was included.', actions);
      // It is as good as before.
      else if (full) flight.sent = false;
      else this.#fail(`The pool refused the proof: ${refused}.`, actions);
    } else if (flight.lost) {
      // Whether it registered the key is for `proceed` to see. If the nonce was used, it is in a block;
      // if not, sending it once more cannot make it two.
      if (standing.status === 'registered') return;
      if (standing.status === 'denied') {
        // Somebody else was faster, perhaps with this very key: `proceed` says so.
        this.#flight = undefined;
      } else if (used) {
        const which = flight.pooled ? 'Another transaction of the account was taken instead' : 'The submission failed in its block';
        this.#fail(`${which}.`, actions);
      } else if (unfit) {
        this.#fail('The submission did not reach a block in time.', actions);
      } else if (!this.#unsure && !flight.pooled && !full) {
        flight.lost = false;
        flight.again = true;
        this.#say('Submitting the same once more.', actions);
        actions.push({ do: 'send', id: flight.request.id, extrinsic: flight.extrinsic });
      }
    } else if (!flight.included && head.number > proof.workBlock + WINDOW) {
      // A block took it, and nobody told; or none did.
      if (standing.status === 'registered') flight.lost = true;
      else if (standing.status === 'denied') this.#flight = undefined;
      else this.#fail('No block took the proof in time.', actions);
    }
  }

  /** A block holds the submission. */
  #included(flight: Flight, { block, outcome }: Progress & { kind: 'in-block' }, actions: Action[]): void {
    if (outcome.kind === 'registered') {
      flight.taken = true;
      flight.included = { block, uid: outcome.uid };
      const where = block.number === undefined ? 'In a block' : `In block ${block.number}`;
      this.#say(`${where} as UID ${outcome.uid}. Waiting until the block is final.`, actions);
    } else if (outcome.kind === 'unknown') {
      flight.lost = true;
      this.#say(`A block holds the submission, but cannot be read (${outcome.reason}). The next one will tell.`, actions);
    } else {
      this.#flight = undefined;
      this.#notAt = this.#now?.head.number;
      const next = afterDispatch(outcome.refusal, this.goal.netuid);
      if (next.then === 'deny') return this.#deny(next.text, actions);
      if (next.text !== undefined) this.#fail(next.text, actions);
    }
  }

  #registered(uid: number, actions: Action[]): void {
    this.#end(uid, this.#flight?.included?.block, actions);
  }

  #end(uid: number, block: Place | undefined, actions: Action[]): void {
    if (this.#ended) return;
    this.#ended = true;
    const result: Result = { uid, block, already: this.#submissions === 0 };
    actions.push({ do: 'registered', result });
  }

  #deny(message: string, actions: Action[]): void {
    if (this.#ended) return;
    this.#ended = true;
    actions.push({ do: 'denied', message });
  }

  /** A signature or a submission came to nothing. */
  #fail(what: string, actions: Action[]): void {
    this.#flight = undefined;
    this.#last = what;
    if (this.#ledger.signatures >= MOST_SIGNATURES) return this.#exhaust(actions);
    const text = `${what} Mining goes on; sign a newer proof as soon as there is one.`;
    this.#say(text, actions);
    actions.push({ do: 'note', note: { text, calm: false } });
  }

  /** Whatever is the reason, no more is signed. */
  #exhaust(actions: Action[]): void {
    if (this.#ended) return;
    this.#ended = true;
    const message =
      `${MOST_SIGNATURES} signatures came to nothing. The last one: ${this.#last} Mining ended. ` +
      'Use another endpoint, or start again.';
    actions.push({ do: 'exhausted', message });
  }

  #say(text: string, actions: Action[]): void {
    actions.push({ do: 'say', text });
  }
}
