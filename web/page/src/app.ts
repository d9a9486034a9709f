/** What the visitor does, and what comes of it: the choices, and the mining that follows from them. */

import { Chain } from './watch.ts';
import { type Key, keyOf, readKey } from './keys.ts';
import type { Choice } from './chain/network.ts';
import type { Block } from './chain/follow.ts';
import { Gauge } from './gauge.ts';
import { Herald } from './herald.ts';
import { type Model, type Result, emptyModel } from './model.ts';
import { phaseOf } from './phase.ts';
import { Wallets } from './wallets.ts';
import type { Goal } from './registration/session.ts';
import { type Devices, type Settings, knownRate, saveSettings } from './settings.ts';
import { Shift } from './shift.ts';
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
  readonly #shift: Shift;
  #entries = 0;

  constructor(settings: Settings, render: (app: App) => void) {
    this.#settings = settings;
    this.#render = () => render(this);
    this.model = emptyModel(settings, knownRate(settings.devices));
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
    this.#shift = new Shift(this.model, settings, {
      changed: () => this.changed(),
      say: (text) => this.#say(text),
      goal: () => this.#goal(),
      wallet: () => this.#wallets.wallet,
      block: () => this.#chain.block,
      begins: () => this.#gauge.stop(),
    });
    if (settings.hotkey) this.setHotkey(settings.hotkey);
  }

  /** Looks for wallets, asks the chain what it takes, and continues where the last visit ended. */
  begin(): void {
    const { model } = this;
    this.#wallets.look();
    const hasEndpoint = model.choice !== 'custom' || model.endpoint !== '';
    if (model.invitation === undefined && hasEndpoint) this.connectChain();
    // Asking for a GPU holds the page for some milliseconds: after the first picture.
    setTimeout(() => void this.#gauge.findGpu());
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
  start(steal = false): Promise<void> {
    return this.#shift.start(steal);
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
    this.#shift.end();
    this.#say('Mining stopped.');
  }

  sign(): void {
    this.#shift.sign();
  }

  setEager(eager: boolean): void {
    this.model.eager = eager;
    if (eager) this.#shift.eagerly();
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
        this.#shift.fail(`The wallet no longer shares the coldkey ${gone}. Share it again, or choose another one, and start again.`);
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
    if (model.running) this.#shift.block(block);
    else if (model.standing?.status === 'registered') {
      const result: Result = { uid: model.standing.uid, block: undefined, already: true };
      model.result ??= result;
    }
    this.changed();
  }

  /** The page can no longer follow the chain. */
  #unfollowed(): void {
    if (this.model.running) this.#shift.fail(`${this.model.linkError} Mining ended because the page lost the chain. Connect again.`);
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
