/** The wallets as the page sees them: which it found, which is connected, what that one shares. */

import type { Model } from './model.ts';
import { type Account, NOTHING, type Wallet, connect, wallets } from './wallet.ts';
import { said } from './words.ts';

/** Milliseconds between two looks for wallets that inject themselves late, and how many looks. */
const LOOK = 250;
const LOOKS = 20;
/** Looks after which the page says that it found no wallet. */
const PATIENCE = 4;

export interface Owner {
  changed(): void;
  /** The wallet that the last visit connected to. */
  known(): string | undefined;
  /** Remembers the wallet for the next visit. */
  remember(name: string | undefined): void;
  connected(): void;
  /** The shared accounts have changed; the model has them. */
  accounts(accounts: readonly Account[]): void;
}

export class Wallets {
  readonly #model: Model;
  readonly #owner: Owner;
  #wallet: Wallet | undefined;
  /** Counts attempts to connect: what comes of an earlier one is too late. */
  #attempt = 0;

  constructor(model: Model, owner: Owner) {
    this.#model = model;
    this.#owner = owner;
  }

  get wallet(): Wallet | undefined {
    return this.#wallet;
  }

  /** Looks for wallets, and connects to the last visit's wallet. */
  look(times = LOOKS): void {
    const { wallet } = this.#model;
    const found = wallets();
    const looking = found.length === 0 && times > LOOKS - PATIENCE;
    if (found.join() !== wallet.found.join() || looking !== wallet.looking) {
      this.#model.wallet = { ...wallet, found, looking };
      this.#owner.changed();
    }
    const known = this.#owner.known();
    // Its user allowed this page before, so it asks nobody now.
    if (known !== undefined && wallet.name === undefined && wallet.asked === undefined && found.includes(known)) {
      void this.connect(known);
    } else if (times > 1) {
      setTimeout(() => this.look(times - 1), LOOK);
    }
  }

  async connect(name: string): Promise<void> {
    const model = this.#model;
    this.#attempt += 1;
    const attempt = this.#attempt;
    model.wallet = { ...model.wallet, asked: name, error: undefined };
    this.#owner.changed();
    try {
      const wallet = await connect(name);
      if (attempt !== this.#attempt) return;
      this.#wallet = wallet;
      model.wallet = { ...model.wallet, asked: undefined, name };
      this.#owner.remember(name);
      wallet.watch(({ accounts, others }) => {
        if (this.#wallet !== wallet) return;
        model.wallet = { ...model.wallet, accounts, others };
        this.#owner.accounts(accounts);
      });
      this.#owner.connected();
    } catch (error) {
      if (attempt !== this.#attempt) return;
      model.wallet = { ...model.wallet, asked: undefined, error: said(error) };
    }
    this.#owner.changed();
  }

  /** Waits no longer for a wallet that does not answer. If it answers later, nobody hears it. */
  cancel(): void {
    this.#attempt += 1;
    this.#model.wallet = { ...this.#model.wallet, asked: undefined };
    this.#owner.changed();
  }

  forget(): void {
    this.#attempt += 1;
    this.#wallet = undefined;
    const nobody = { asked: undefined, name: undefined, error: undefined };
    this.#model.wallet = { ...nobody, ...NOTHING, found: wallets(), looking: false };
    this.#owner.remember(undefined);
  }
}
