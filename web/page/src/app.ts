/** What the visitor does, and what comes of it: the choices, and the run that follows from them. */

import { Chain } from './watch.ts';
import { type Key, keyOf, readKey } from './keys.ts';
import type { Choice } from './chain/network.ts';
import type { Block } from './chain/follow.ts';
import { Gauge } from './gauge.ts';
import { Herald } from './herald.ts';
import { type Failure, type Model, type Result, emptyModel } from './model.ts';
import { canStart, phaseOf } from './phase.ts';
import { Wallets } from './wallets.ts';
import { Run } from './run.ts';
import type { Goal } from './registration/session.ts';
import { type Devices, type Settings, knownRate, saveSettings, setRate } from './settings.ts';
import { Turn } from './tabs.ts';
import type { Account } from './wallet.ts';
import { said } from './words.ts';

/** Lines of the log that are kept. */
const LOG = 200;

export class App {
  readonly model: Model;
  readonly #settings: Settings;
  readonly #chain: Chain;
  readonly #wallets: Wallets;
  readonly #gauge: Gauge;
  readonly #render: () => void;
  #rendering = false;
  #run: Run | undefined;
  readonly #turn: Turn;
  #entries = 0;

  constructor(settings: Settings, render: (app: App) => void) {
    this.#settings = settings;
    this.#render = () => render(this);
    this.model = emptyModel(settings, knownRate(settings.devices));
    this.#turn = new Turn(
      () => this.#stolen(),
      () => {
        this.model.elsewhere = false;
        this.changed();
      },
    );
    this.#gauge = new Gauge(this.model, settings, () => this.changed());
    this.#chain = new Chain(this.model, {
      changed: () => this.changed(),
      say: (text) => this.#say(text),
      block: (block) => this.#block(block),
      connected: () => this.#measure(),
      failed: () => this.#unfollowed(),
    });
    this.#wallets = new Wallets(this.model, {
      changed: () => this.changed(),
      // A link from somebody else must wake nobody's wallet.
      known: () => (this.model.invitation === undefined ? settings.wallet : undefined),
      remember: (name) => {
        settings.wallet = name;
        this.#save();
      },
      connected: () => this.#measure(),
      accounts: (accounts) => this.#accounts(accounts),
    });
    if (settings.hotkey) this.setHotkey(settings.hotkey);
  }

  /** Looks for wallets, asks the chain what it takes, and continues where the last visit ended. */
  begin(): void {
    const { model } = this;
    this.#wallets.look();
    const hasEndpoint = model.choice !== 'custom' || model.endpoint !== '';
    if (model.invitation === undefined && hasEndpoint) this.connectChain();
    void this.#gauge.findGpu();
    this.changed();
  }

  /** The machine may have slept, or is online again. */
  wake(): void {
    this.#chain.wake();
  }

  // Wallet

  lookForWallets(): void {
    this.#wallets.look(1);
  }

  connectWallet(name: string): void {
    void this.#wallets.connect(name);
  }

  cancelWallet(): void {
    this.#wallets.cancel();
  }

  forgetWallet(): void {
    this.#wallets.forget();
    this.#coldkey(undefined);
  }

  chooseColdkey(hex: string): void {
    this.#coldkey(hex === '' ? undefined : keyOf(hex));
  }

  // Chain

  chooseNetwork(choice: Choice): void {
    this.model.choice = choice;
    this.#chain.leave();
    this.#newChoice();
    if (choice !== 'custom' || this.model.endpoint !== '') this.connectChain();
  }

  /** The visitor has said whether to connect to the link's endpoint: now it is a choice like any other. */
  answer(wanted: boolean): void {
    const { model } = this;
    if (wanted) model.endpoint = model.invitation ?? '';
    model.invitation = undefined;
    this.chooseNetwork(wanted ? 'custom' : 'finney');
    this.#wallets.look();
  }

  setEndpoint(text: string): void {
    this.model.endpoint = text;
    this.changed();
  }

  connectChain(): void {
    this.#newChoice();
    void this.#chain.connect();
  }

  listSubnets(): void {
    this.#chain.list();
  }

  chooseSubnet(netuid: number): void {
    this.model.netuid = Number.isInteger(netuid) && netuid >= 0 && netuid <= 65_535 ? netuid : undefined;
    this.#newChoice();
  }

  // Hotkey

  setHotkey(text: string): void {
    const { model } = this;
    model.hotkey = undefined;
    model.hotkeyError = undefined;
    model.hotkeyText = text;
    if (text.trim() !== '') {
      try {
        model.hotkey = readKey(text);
        // The same text however the visitor wrote it.
        model.hotkeyText = model.hotkey.address;
      } catch (error) {
        model.hotkeyError = said(error);
      }
    }
    this.#newChoice();
  }

  // Mining

  /** Begins to mine, even if another tab does with `steal`. */
  async start(steal = false): Promise<void> {
    const { model } = this;
    const goal = this.#goal();
    const { wallet } = this.#wallets;
    const block = this.#chain.block;
    if (!goal || !wallet || !block || !canStart(model)) return;
    const isOurs = await this.#turn.take(steal);
    // The button may be pressed twice.
    if (model.running) return;
    model.elsewhere = !isOurs;
    if (model.elsewhere) return this.changed();
    this.#gauge.stop();
    model.running = true;
    model.failure = undefined;
    model.samples = [];
    model.search = undefined;
    model.signatureNote = undefined;
    this.#say(`Mining for subnet ${goal.netuid}.`);
    const run = new Run(goal, wallet, this.#settings.devices, {
      changed: () => this.#progress(run),
      say: (text) => this.#say(text),
      note: (note) => {
        model.signatureNote = note;
        this.changed();
      },
      ended: (how) => this.#ended(run, how),
    });
    this.#run = run;
    this.changed();
    await run.start(block);
  }

  chooseDevices(devices: Devices): void {
    const { model } = this;
    this.#settings.devices = devices;
    model.devices = String(devices);
    model.rate = knownRate(devices);
    model.measureError = undefined;
    model.failure = undefined;
    this.#gauge.stop();
    this.#save();
    this.#measure();
  }

  /** The visitor wants to know how fast this machine is. */
  measure(): void {
    void this.#gauge.measure();
  }

  /** The visitor wants to hear of news while looking elsewhere. */
  async askToNotify(): Promise<void> {
    await Herald.ask();
    this.changed();
  }

  stop(): void {
    this.#leave();
    this.#say('Mining stopped.');
  }

  sign(): void {
    if (!this.#run) return;
    this.#run.eagerly = true;
    void this.#run.sign();
  }

  setEager(eager: boolean): void {
    this.model.eager = eager;
    if (eager && this.#run) this.#run.eagerly = true;
    this.#save();
  }

  /** Registers another key with the same wallet. */
  again(): void {
    this.model.samples = [];
    this.setHotkey('');
  }

  /** Shows the model once this turn is over. */
  changed(): void {
    const { model } = this;
    model.phase = phaseOf(model);
    if (this.#rendering) return;
    this.#rendering = true;
    queueMicrotask(() => {
      this.#rendering = false;
      this.#render();
    });
  }

  // News from others

  #accounts(accounts: readonly Account[]): void {
    const { model } = this;
    const has = (key: Key | undefined): boolean => accounts.some((account) => account.key.hex === key?.hex);
    if (model.coldkey && !has(model.coldkey)) {
      const gone = model.coldkey.address;
      if (model.running) {
        this.#leave();
        this.#fail(`The wallet no longer shares the coldkey ${gone}. Share it again, or choose another one, and start again.`);
      }
      model.coldkey = undefined;
      this.#ask();
    }
    if (!model.coldkey) {
      const known = accounts.find(({ key }) => key.hex === this.#settings.coldkey);
      const only = accounts.length === 1 ? accounts[0] : undefined;
      const coldkey = (known ?? only)?.key;
      if (coldkey && !model.failure) {
        model.coldkey = coldkey;
        this.#ask();
      }
    }
    this.changed();
  }

  #block(block: Block): void {
    const { model } = this;
    if (this.#run) this.#run.block(block);
    else if (model.standing?.status === 'registered') {
      const result: Result = { uid: model.standing.uid, block: undefined, already: true };
      model.result ??= result;
    }
    this.changed();
  }

  #progress(run: Run): void {
    if (this.#run !== run) return;
    const { model } = this;
    const { session } = run;
    model.search = run.search;
    model.samples = run.samples;
    model.offer = session.offer;
    model.asked = session.asked;
    model.submission = session.submission;
    model.nextAsk = run.nextAsk;
    if (model.search && model.search.rate > 0) model.rate = model.search.rate;
    if (model.eager && run.eagerly && model.offer && performance.now() >= run.nextAsk) void run.sign();
    this.changed();
  }

  #ended(run: Run, how: { result: Result } | { refused: string } | { failed: string }): void {
    if (this.#run !== run) return;
    this.#leave();
    const { model } = this;
    if ('result' in how) {
      model.result = how.result;
      this.#say(`Registered as UID ${how.result.uid}.`);
    } else if ('refused' in how) {
      this.#fail(how.refused, 'refused');
    } else {
      this.#fail(how.failed);
    }
    this.changed();
  }

  /** The page can no longer follow the chain. */
  #unfollowed(): void {
    if (!this.#run) return;
    this.#leave();
    this.#fail(`${this.model.linkError} Mining ended because the page lost the chain. Connect again.`);
  }

  /** Shows why mining ended. */
  #fail(text: string, kind: Failure['kind'] = 'error'): void {
    this.model.failure = { kind, text };
    this.#say(text);
  }

  /** Another tab has taken over. */
  #stolen(): void {
    if (!this.model.running) return;
    this.#leave();
    this.model.elsewhere = true;
    this.#say('Another tab has taken over the mining.');
    this.#turn.wait();
  }

  #leave(): void {
    const { model } = this;
    if (model.rate) setRate(this.#settings.devices, model.rate);
    this.#run?.end();
    this.#run = undefined;
    this.#turn.give();
    model.running = false;
    model.offer = undefined;
    model.asked = undefined;
    model.submission = undefined;
    model.signatureNote = undefined;
    this.changed();
  }

  #goal(): Goal | undefined {
    const { netuid, hotkey, coldkey } = this.model;
    return netuid !== undefined && hotkey && coldkey ? { netuid, hotkey, coldkey } : undefined;
  }

  #coldkey(key: Key | undefined): void {
    this.model.coldkey = key;
    this.#newChoice();
  }

  /** The visitor chose something: what the chain said about the earlier choice no longer holds. */
  #newChoice(): void {
    this.model.result = undefined;
    this.model.failure = undefined;
    this.#ask();
    this.#save();
  }

  #ask(): void {
    this.#chain.ask(this.#goal());
  }

  #save(): void {
    const { model } = this;
    const settings = this.#settings;
    // Do not remember a link before the visitor accepts it.
    if (model.invitation !== undefined) return this.changed();
    settings.choice = model.choice;
    settings.endpoint = model.endpoint;
    settings.netuid = model.netuid;
    settings.hotkey = model.hotkey?.address ?? '';
    settings.coldkey = model.coldkey?.hex ?? settings.coldkey;
    settings.eager = model.eager;
    saveSettings(settings);
    this.changed();
  }

  /** Measures this machine once there is a chain and a wallet: whoever comes so far wants to mine. */
  #measure(): void {
    if (this.model.chain && this.#wallets.wallet && this.model.rate === undefined) void this.#gauge.measure();
  }

  #say(text: string): void {
    const { model } = this;
    this.#entries += 1;
    model.log = [...model.log.slice(1 - LOG), { id: this.#entries, at: new Date(), text }];
    this.changed();
  }
}
