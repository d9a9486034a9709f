/** Mining as the visitor sees it, from Start to its end: the run, the machine's turn, and what the model shows of both. */

import type { Block } from './chain/follow.ts';
import type { Failure, Model, Result } from './model.ts';
import { canStart } from './phase.ts';
import type { Goal } from './registration/session.ts';
import { Run } from './run.ts';
import { type Settings, setRate } from './settings.ts';
import { Turn } from './tabs.ts';
import type { Wallet } from './wallet.ts';

/** What a shift works with, and whom it tells. */
export interface Foreman {
  changed(): void;
  say(text: string): void;
  /** What to register, once the choice is complete. */
  goal(): Goal | undefined;
  wallet(): Wallet | undefined;
  /** The present block, if its answers are about the present choice. */
  block(): Block | undefined;
  /** Mining begins: nothing else may use the machine. */
  begins(): void;
}

export class Shift {
  readonly #model: Model;
  readonly #settings: Settings;
  readonly #foreman: Foreman;
  readonly #turn: Turn;
  #run: Run | undefined;

  constructor(model: Model, settings: Settings, foreman: Foreman) {
    this.#model = model;
    this.#settings = settings;
    this.#foreman = foreman;
    this.#turn = new Turn(
      () => this.#stolen(),
      () => {
        model.elsewhere = false;
        foreman.changed();
      },
    );
  }

  /** Begins to mine, even if another tab does with `steal`. */
  async start(steal: boolean): Promise<void> {
    const model = this.#model;
    const foreman = this.#foreman;
    const goal = foreman.goal();
    const wallet = foreman.wallet();
    const block = foreman.block();
    if (!goal || !wallet || !block || !canStart(model)) return;
    const isOurs = await this.#turn.take(steal);
    // The button may be pressed twice.
    if (model.running) return;
    model.elsewhere = !isOurs;
    if (model.elsewhere) return foreman.changed();
    foreman.begins();
    model.running = true;
    model.failure = undefined;
    model.samples = [];
    model.search = undefined;
    model.signatureNote = undefined;
    foreman.say(`Mining for subnet ${goal.netuid}.`);
    const run = new Run(goal, wallet, this.#settings.devices, {
      changed: () => this.#progress(run),
      say: (text) => foreman.say(text),
      note: (note) => {
        model.signatureNote = note;
        foreman.changed();
      },
      ended: (how) => this.#ended(run, how),
    });
    this.#run = run;
    foreman.changed();
    await run.start(block);
  }

  /** There is a new best block. */
  block(block: Block): void {
    this.#run?.block(block);
  }

  /** Asks the wallet to sign the freshest proof. */
  sign(): void {
    this.eagerly();
    void this.#run?.sign();
  }

  /** The visitor wants the wallet asked as soon as there is a proof, also after a refusal. */
  eagerly(): void {
    if (this.#run) this.#run.eagerly = true;
  }

  /** Ends it, and keeps what it learnt about the machine. */
  end(): void {
    const model = this.#model;
    if (model.rate) setRate(this.#settings.devices, model.rate);
    this.#run?.end();
    this.#run = undefined;
    this.#turn.give();
    model.running = false;
    model.offer = undefined;
    model.asked = undefined;
    model.submission = undefined;
    model.signatureNote = undefined;
    this.#foreman.changed();
  }

  /** Ends it for a reason, which the page shows. */
  fail(text: string, kind: Failure['kind'] = 'error'): void {
    this.end();
    this.#model.failure = { kind, text };
    this.#foreman.say(text);
  }

  #progress(run: Run): void {
    if (this.#run !== run) return;
    const model = this.#model;
    const { session } = run;
    model.search = run.search;
    model.samples = run.samples;
    model.offer = session.offer;
    model.asked = session.asked;
    model.submission = session.submission;
    model.nextAsk = run.nextAsk;
    if (model.search && model.search.rate > 0) model.rate = model.search.rate;
    if (model.eager && run.eagerly && model.offer && performance.now() >= run.nextAsk) void run.sign();
    this.#foreman.changed();
  }

  #ended(run: Run, how: { result: Result } | { refused: string } | { failed: string }): void {
    if (this.#run !== run) return;
    if ('refused' in how) return this.fail(how.refused, 'refused');
    if ('failed' in how) return this.fail(how.failed);
    this.end();
    this.#model.result = how.result;
    this.#foreman.say(`Registered as UID ${how.result.uid}.`);
  }

  /** Another tab has taken over. */
  #stolen(): void {
    if (!this.#model.running) return;
    this.end();
    this.#model.elsewhere = true;
    this.#foreman.say('Another tab has taken over the mining.');
    this.#turn.wait();
  }
}
