/** A registration under way: does what the session decides, with the miner, the chain and the wallet. */

import { fromHex, toHex } from '@polkadot-api/utils';
import { BtpowError } from 'btpow';
import type { Block } from './chain/follow.ts';
import { submit } from './chain/submit.ts';
import { read, write } from './kept.ts';
import { Miner, type Wanted } from './mining.ts';
import type { Result, Sample, Search } from './model.ts';
import type { Action, End } from './registration/module.ts';
import { type Goal, type Proof, type Request, Session } from './registration/session.ts';
import { type Note, denial, event, exhausted, note } from './registration/words.ts';
import { type Devices, keepProofs, keptProofs } from './settings.ts';
import type { Wallet } from './wallet.ts';
import { face } from './wallet-names.ts';
import { trouble } from './trouble.ts';
import { clause, sentence } from './words.ts';

/** Milliseconds between two readings of the rates. */
const TICK = 500;

/** Points of the chart; when there are more, every second one is dropped. */
const SAMPLES = 240;

/** Milliseconds before lost devices are opened again, and how often that is tried. */
const REOPEN = 2_000;
const REOPENINGS = 3;

/** What a run reports to the page. */
export interface RunListener {
  /** Something that the page shows has changed. */
  changed(): void;
  say(text: string): void;
  note(note: Note | undefined): void;
  ended(how: { readonly result: Result } | { readonly refused: string } | { readonly failed: string }): void;
}

export class Run {
  readonly session: Session;
  readonly #page: RunListener;
  readonly #wallet: Wallet;
  readonly #devices: Devices;
  readonly #abort = new AbortController();
  #miner: Miner | undefined;
  #block: Block | undefined;
  /** What to search for. */
  #wanted: Wanted | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** How often it was asked which blocks are on the best chain. */
  #questions = 0;
  #reopened = 0;
  #reopening = false;
  /** The miner has no device left. */
  #exhausted = false;
  readonly #begin = performance.now();
  /** Hashes of earlier miners, and of the present one at its last reading. */
  #before = 0;
  #tried = 0;
  /** Hashes tried, each divided by the difficulty of its time. */
  #luck = 0;
  #samples: Sample[] = [];
  /** How many readings make a point of the chart. */
  #stride = 1;
  #ticks = 0;
  /** When the page may ask the wallet again, by `performance.now()`. */
  nextAsk = 0;
  /** After a refusal the page asks nobody without a click. */
  eagerly = true;

  constructor(goal: Goal, wallet: Wallet, devices: Devices, page: RunListener) {
    this.session = new Session(goal);
    this.#wallet = wallet;
    this.#devices = devices;
    this.#page = page;
  }

  /** Begins with the present block. */
  async start(block: Block): Promise<void> {
    // Read it before the first block overwrites it.
    const text = keptProofs();
    this.block(block);
    if (this.#abort.signal.aborted) return;
    this.#perform(this.session.restore(read(text, block.connection.genesis, this.session.goal)));
    this.#keep();
    this.#timer = setInterval(() => this.#tick(), TICK);
    await this.#open();
  }

  /** There is a new best block. */
  block(block: Block): void {
    if (this.#abort.signal.aborted) return;
    if (!block.state) return this.#perform(this.session.upgraded(block.runtime));
    this.#block = block;
    this.#perform(this.session.block(block.head, block.state, block.runtime));
    this.#keep();
  }

  /** Asks the wallet to sign the freshest proof. */
  async sign(): Promise<void> {
    const block = this.#block;
    const request = block && performance.now() >= this.nextAsk ? this.session.ask(block.runtime) : undefined;
    if (!request) return;
    // The extension takes one request every three seconds.
    this.nextAsk = performance.now() + 3_000;
    this.#page.note(undefined);
    this.#page.changed();
    this.#page.say(`Asking the wallet to sign the proof for block ${request.workBlock}.`);
    try {
      const signature = await this.#wallet.sign(request.payload);
      // The visitor has stopped it: nothing is sent.
      if (this.#abort.signal.aborted) return;
      this.#perform(this.#signed(request, signature));
    } catch (error) {
      this.eagerly = false;
      if (!this.session.declined(request) || this.#abort.signal.aborted) return;
      const declined = this.#declined(error);
      this.#page.say(declined.text);
      this.#page.note(declined);
      this.#page.changed();
    }
  }

  /** How the search stands. */
  get search(): Search | undefined {
    if (!this.#miner || !this.#block?.state) return undefined;
    const { rate, tried } = this.#miner.rates;
    this.#count(tried);
    return {
      rate,
      expected: rate > 0 ? Number(this.#block.state.subnet.difficulty) / rate : undefined,
      chance: -Math.expm1(-this.#luck),
      tried: this.#before + this.#tried,
      devices: this.#miner.devices,
    };
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Ends it for good. */
  end(): void {
    if (this.#abort.signal.aborted) return;
    clearInterval(this.#timer);
    this.#abort.abort();
    void this.#miner?.end();
  }

  async #open(): Promise<void> {
    const listener = {
      found: (proof: Proof) => this.#found(proof),
      dropped: (error: BtpowError, last: boolean) => this.#dropped(error, last),
      warned: (error: BtpowError) => this.#page.say(sentence(trouble(error))),
    };
    try {
      const miner = await Miner.create(this.#devices, listener, this.#abort.signal);
      if (this.#abort.signal.aborted) return void miner.end();
      const old = this.#miner;
      this.#before += this.#tried;
      this.#tried = 0;
      this.#miner = miner;
      this.#exhausted = false;
      void old?.end();
      this.#mine();
      this.#page.changed();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      // The remaining devices go on.
      if (this.#miner && !this.#exhausted) return this.#page.say(`The GPU did not come back: ${trouble(error)}.`);
      this.end();
      this.#page.ended({ failed: `Nothing can hash here: ${trouble(error)}. Choose something else to mine with.` });
    }
  }

  #mine(): void {
    if (this.#wanted) this.#miner?.search(this.session.goal, this.#wanted);
  }

  #found(proof: Proof): void {
    const offered = this.session.offer;
    const actions = this.session.find(proof);
    this.#keep();
    if (!offered && this.session.offer) this.#page.say(`Proof found for block ${proof.workBlock}.`);
    // Last, since the page may ask the wallet now.
    this.#perform(actions);
  }

  #dropped(error: BtpowError, last: boolean): void {
    if (error.code === 'webgpu-unavailable') return this.#page.say(`No GPU is used: ${trouble(error)}.`);
    this.#exhausted ||= last;
    const gpu = error.device?.startsWith('webgpu') ?? false;
    const reason = trouble(error);
    this.#page.say(last ? `Nothing hashes any more: ${reason}.` : `${gpu ? 'The GPU was lost' : 'A worker was lost; the others go on'}: ${reason}.`);
    // One lost worker is one of many. A lost GPU, or the loss of all workers, is worth another try.
    if (last || gpu) this.#reopen(reason);
    this.#page.changed();
  }

  #reopen(reason: string): void {
    // A second GPU can be lost, or the last worker, before the first are opened again.
    if (this.#reopening) return;
    if (this.#reopened < REOPENINGS) {
      this.#reopened += 1;
      this.#reopening = true;
      this.#page.say('Trying the lost devices again.');
      setTimeout(() => {
        this.#reopening = false;
        if (!this.#abort.signal.aborted) void this.#open();
      }, REOPEN);
    } else if (this.#exhausted) {
      this.end();
      this.#page.ended({ failed: `No device is left to mine with: ${reason}. Start mining again.` });
    }
  }

  /** Does what the session decided. */
  #perform(actions: readonly Action[]): void {
    for (const action of actions) {
      switch (action.do) {
        case 'search':
          this.#wanted = { number: action.blockNumber, hash: toHex(action.blockHash), difficulty: action.difficulty };
          this.#mine();
          break;
        case 'send':
          this.#send(action.id, action.extrinsic);
          break;
        case 'confirm':
          this.#confirm(action.blocks);
          break;
        case 'tell': {
          this.#page.say(event(action.event));
          const shown = note(action.event);
          if (shown !== undefined) this.#page.note(shown ?? undefined);
          break;
        }
        case 'end':
          this.#finish(action.end);
          break;
      }
    }
    this.#page.changed();
  }

  #finish(end: End): void {
    this.end();
    switch (end.how) {
      case 'registered': {
        keepProofs(undefined);
        const { uid, place, already } = end;
        const block = place && { hash: toHex(place.hash), number: place.number };
        return this.#page.ended({ result: { uid, block, already } });
      }
      case 'denied':
        return this.#page.ended({ refused: denial(end.denial) });
      case 'exhausted':
        return this.#page.ended({ failed: exhausted(end) });
    }
  }

  #send(id: number, extrinsic: Uint8Array): void {
    const block = this.#block;
    if (!block) return;
    const { hotkey } = this.session.goal;
    void submit(block.connection, block.runtime, hotkey, extrinsic, (progress) => {
      this.#perform(this.session.progress(id, progress));
    });
  }

  #confirm(blocks: readonly number[]): void {
    this.#questions += 1;
    const question = this.#questions;
    this.#block?.connection.blockHashes(blocks).then(
      (hashes) => {
        // After another re-organisation, the answer to an earlier question says nothing.
        if (question === this.#questions) this.#perform(this.session.confirmed(hashes));
      },
      // Without an answer the next block asks again.
      () => {},
    );
  }

  #keep(): void {
    const block = this.#block;
    if (block && !this.#abort.signal.aborted) {
      keepProofs(write(block.connection.genesis, this.session.goal, this.session.proofs));
    }
  }

  #tick(): void {
    const state = this.#block?.state;
    if (!this.#miner || !state) return;
    const { rate, tried } = this.#miner.rates;
    this.#count(tried);
    this.#ticks += 1;
    if (this.#ticks % this.#stride === 0 && rate > 0) {
      const at = (performance.now() - this.#begin) / 1_000;
      this.#samples = [...this.#samples, { at, rate, difficulty: state.subnet.difficulty }];
      if (this.#samples.length > SAMPLES) {
        this.#samples = this.#samples.filter((_, index) => index % 2 === 1);
        this.#stride *= 2;
      }
    }
    this.#page.changed();
  }

  #count(tried: number): void {
    const difficulty = Number(this.#block?.state?.subnet.difficulty ?? Infinity);
    this.#luck += Math.max(0, tried - this.#tried) / difficulty;
    this.#tried = tried;
  }

  /** @throws {@link NoSignature} */
  #signed(request: Request, signature: string): Action[] {
    if (!/^0x([0-9a-f]{2})*$/i.test(signature)) throw new NoSignature('it is not 0x and hexadecimal digits');
    try {
      return this.session.signed(request, fromHex(signature));
    } catch (error) {
      throw new NoSignature(clause(error));
    }
  }

  /** Why the wallet did not sign, and what to do. */
  #declined(error: unknown): Note {
    const reason = clause(error);
    if (error instanceof NoSignature) {
      return { text: `${face(this.#wallet.name).title} did not answer with a signature: ${reason}. Mining goes on.`, calm: false };
    }
    if (/cancel|reject|denied|declin/i.test(reason)) {
      const text = 'You rejected the request in the wallet. Mining goes on; sign whenever you are ready.';
      return { text, calm: true };
    }
    if (/rate limit/i.test(reason)) {
      return { text: 'The wallet takes one request every three seconds. Sign again.', calm: true };
    }
    const text = `${face(this.#wallet.name).title} did not sign: ${reason}. Mining goes on; sign again, or stop and use another wallet.`;
    return { text, calm: false };
  }
}

/** The wallet's answer is not a signature. */
class NoSignature extends Error {}
