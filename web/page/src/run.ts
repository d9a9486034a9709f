/** A registration under way: carries out what the session decides, with the miner, the chain and the wallet. */

import { BtpowError } from 'btpow';
import { prepare } from './chain/extrinsic.ts';
import type { Block } from './chain/follow.ts';
import { submit } from './chain/submit.ts';
import { read, write } from './kept.ts';
import { type Devices, Miner } from './mining.ts';
import type { Sample, Search } from './model.ts';
import { Session } from './session/session.ts';
import type { Action, Goal, Note, Progress, Proof, Result } from './session/types.ts';
import { keepProofs, keptProofs } from './settings.ts';
import type { Wallet } from './wallet.ts';
import { said } from './words.ts';

/** Milliseconds between two readings of the rates. */
const TICK = 500;

/** Points of the chart; when there are more, every second one goes. */
const SAMPLES = 240;

/** Milliseconds after which lost devices are opened again, and how often. */
const REOPEN = 2_000;
const REOPENINGS = 3;

/** What a run tells the page. */
export interface Progresses {
  /** Something that is shown has changed. */
  changed(): void;
  say(text: string): void;
  note(note: Note | undefined): void;
  ended(how: { readonly result: Result } | { readonly refused: string } | { readonly failed: string }): void;
}

export class Run {
  readonly session: Session;
  readonly #page: Progresses;
  readonly #wallet: Wallet;
  readonly #devices: Devices;
  readonly #abort = new AbortController();
  #miner: Miner | undefined;
  #block: Block | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #reopened = 0;
  #reopening = false;
  /** The miner has no device left. */
  #exhausted = false;
  readonly #begin = performance.now();
  /** Hashes of miners that are gone, and of this one when it was last looked at. */
  #before = 0;
  #tried = 0;
  /** Hashes tried, each divided by the difficulty at its time. */
  #luck = 0;
  #samples: Sample[] = [];
  /** How many readings make a point of the chart. */
  #stride = 1;
  #ticks = 0;
  /** When the wallet may be asked again, of `performance.now()`. */
  nextAsk = 0;
  /** After a refusal nobody is asked without a click. */
  eagerly = true;

  constructor(goal: Goal, wallet: Wallet, devices: Devices, page: Progresses) {
    this.session = new Session(goal);
    this.#wallet = wallet;
    this.#devices = devices;
    this.#page = page;
  }

  /** Begins with the present block. */
  async start(block: Block): Promise<void> {
    // Before the first block writes what is kept anew.
    const text = keptProofs();
    this.block(block);
    const kept = await read(text, block.connection.genesis, this.session.goal);
    for (const proof of kept) this.session.find(proof);
    if (kept.length > 0) this.#perform(this.session.recheck());
    this.#timer = setInterval(() => this.#tick(), TICK);
    await this.#open();
  }

  /** There is a new best block. */
  block(block: Block): void {
    if (this.#abort.signal.aborted) return;
    const { refusal } = block.runtime;
    const gone = refusal === undefined ? undefined : `The runtime was upgraded. ${refusal}`;
    if (!block.state) {
      if (gone !== undefined) this.#perform(this.session.gone(gone));
      return;
    }
    this.#block = block;
    this.#perform(this.session.block(block.head, block.state, gone));
    this.#keep();
  }

  /** Asks the wallet to sign the freshest proof. */
  async sign(): Promise<void> {
    const block = this.#block;
    const request = block && performance.now() >= this.nextAsk ? this.session.ask() : undefined;
    if (!block || !request) return;
    // The extension takes one request in three seconds.
    this.nextAsk = performance.now() + 3_000;
    this.#page.note(undefined);
    this.#page.changed();
    this.#page.say(`The wallet is asked to sign the proof for block ${request.proof.workBlock}.`);
    try {
      const { payload, extrinsic } = await prepare(block.runtime, request);
      const signature = await this.#wallet.sign(payload);
      this.#perform(this.session.signed(request.id, extrinsic(signature)));
    } catch (error) {
      this.eagerly = false;
      this.#perform(this.session.declined(request.id, this.#declined(error)));
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
      // What is left of the devices before goes on.
      if (this.#miner && !this.#exhausted) return this.#page.say(`The GPU does not come back: ${reason(error)}.`);
      this.end();
      this.#page.ended({ failed: `Nothing can hash here: ${reason(error)}. Choose something else to mine with.` });
    }
  }

  #mine(): void {
    const { head, state } = this.#block ?? {};
    if (head && state) this.#miner?.search(this.session.goal, head, state.subnet.difficulty);
  }

  #found(proof: Proof): void {
    const offered = this.session.offer;
    if (!this.session.find(proof)) return;
    this.#keep();
    if (!offered && this.session.offer) this.#page.say(`Proof found for block ${proof.workBlock}.`);
    this.#page.changed();
  }

  #dropped(error: BtpowError, last: boolean): void {
    if (error.code === 'webgpu-unavailable') return this.#page.say(`No GPU is used: ${reason(error)}.`);
    this.#exhausted ||= last;
    const gpu = error.device?.startsWith('webgpu') ?? false;
    if (!last) this.#page.say(gpu ? 'The GPU was lost.' : 'A worker was lost; the others go on.');
    // A lost worker is one of many; a lost GPU, or all workers, are worth another try.
    if (last || gpu) this.#reopen(error);
    this.#page.changed();
  }

  #reopen(error: BtpowError): void {
    // The loss of the last device is told twice: as a loss, and as the last one.
    if (this.#reopening) return;
    if (this.#reopened < REOPENINGS) {
      this.#reopened += 1;
      this.#reopening = true;
      this.#page.say('What was lost is tried again.');
      setTimeout(() => {
        this.#reopening = false;
        if (!this.#abort.signal.aborted) void this.#open();
      }, REOPEN);
    } else if (this.#exhausted) {
      this.end();
      this.#page.ended({ failed: `No device is left to mine with: ${reason(error)}. Start mining again.` });
    }
  }

  /** Does what the session decided. */
  #perform(actions: readonly Action[]): void {
    for (const action of actions) {
      switch (action.do) {
        case 'search':
          this.#mine();
          break;
        case 'send':
          this.#send(action.id, action.extrinsic);
          break;
        case 'confirm':
          this.#confirm(action.blocks);
          break;
        case 'say':
          this.#page.say(action.text);
          break;
        case 'note':
          this.#page.note(action.note);
          break;
        case 'registered':
          this.end();
          keepProofs(undefined);
          this.#page.ended({ result: action.result });
          break;
        case 'denied':
          this.end();
          this.#page.ended({ refused: action.message });
          break;
        case 'exhausted':
          this.end();
          this.#page.ended({ failed: action.message });
          break;
      }
    }
    this.#page.changed();
  }

  #send(id: number, extrinsic: Uint8Array): void {
    const block = this.#block;
    if (!block) return;
    void submit(block.connection, block.runtime, extrinsic, (progress: Progress) => {
      this.#perform(this.session.progress(id, progress));
    });
  }

  #confirm(blocks: readonly number[]): void {
    // Without an answer the next block asks again.
    this.#block?.connection.blockHashes(blocks).then(
      (hashes) => this.#perform(this.session.confirmed(hashes)),
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

  /** Why the wallet did not sign, and what to do. */
  #declined(error: unknown): Note {
    const reason = said(error);
    if (error instanceof BtpowError) {
      // Of the package: what it makes of a signature, or why there is none to be asked for.
      const what = error.argument === 'signature' ? `${this.#wallet.name} answered something that is no signature` : 'Nothing can be signed';
      return { text: `${what}: ${reason}. Mining goes on.`, calm: false };
    }
    if (/cancel|reject|denied|declin/i.test(reason)) {
      const text = 'You rejected the request in the wallet. Mining goes on; sign whenever you are ready.';
      return { text, calm: true };
    }
    if (/rate limit/i.test(reason)) {
      return { text: 'The wallet takes one request in three seconds. Sign again.', calm: true };
    }
    const text = `${this.#wallet.name} did not sign: ${reason}. Mining goes on; sign again, or stop and use another wallet.`;
    return { text, calm: false };
  }
}

/** What an error says, without its advice to programmers. */
function reason(error: unknown): string {
  return said(error).replace(/\. Leave webgpu out of devices$/, '');
}
