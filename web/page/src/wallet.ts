/**
 * The wallet: an extension that holds the keys and signs. This is the only file that talks to it.
 *
 * The page lists all wallets that inject themselves the way polkadot{.js} does; none is hard-coded.
 */

import type { SignerPayload } from 'btpow';
import { type Key, keyOfAny } from './keys.ts';
import { face } from './wallet-names.ts';
import { clause, line } from './words.ts';

/** The name by which wallets show this page. */
const PAGE = 'btpow';

/** One account that a wallet shares. */
export interface Account {
  readonly key: Key;
  /** The wallet's name for it. */
  readonly name: string;
}

/** The accounts that a wallet shares. */
export interface Shared {
  /** Those that can be coldkeys. */
  readonly accounts: readonly Account[];
  /** The kinds of the others, such as `ethereum`: no chain of Bittensor knows their signatures. */
  readonly others: readonly string[];
}

export const NOTHING: Shared = { accounts: [], others: [] };

export interface InjectedAccount {
  readonly address: string;
  readonly name?: string;
  readonly type?: string;
}

interface Injected {
  readonly accounts: {
    get(): Promise<readonly InjectedAccount[]>;
    subscribe(listener: (accounts: readonly InjectedAccount[]) => void): unknown;
  };
  readonly signer: { signPayload?(payload: SignerPayload): Promise<{ readonly signature: string }> };
}

interface Provider {
  enable?(page: string): Promise<Injected>;
  connect?(page: string): Promise<Injected>;
}

declare global {
  interface Window {
    injectedWeb3?: Record<string, Provider | undefined>;
  }
}

/** A connected wallet. */
export interface Wallet {
  readonly name: string;
  /** Calls `listener` now and whenever the shared accounts change. */
  watch(listener: (shared: Shared) => void): void;
  /** What the wallet answers; it should be the signature with its scheme in front: 65 bytes as 0x-hex. */
  sign(payload: SignerPayload): Promise<string>;
}

/** The names of the wallets found so far. Wallets inject themselves when they are ready. */
export function wallets(): string[] {
  return Object.keys(window.injectedWeb3 ?? {}).map((name) => line(name, 40)).sort();
}

/**
 * Connects; the wallet asks its user.
 *
 * @throws An error that says what is wrong and what to do.
 */
export async function connect(name: string): Promise<Wallet> {
  const provider = window.injectedWeb3?.[name];
  const { title } = face(name);
  if (!provider) throw new Error(`${title} is gone. Is the extension switched on?`);
  let injected: Injected;
  try {
    const enable = provider.enable ?? provider.connect;
    if (!enable) throw new Error('it offers no connection');
    injected = await enable.call(provider, PAGE);
  } catch (error) {
    throw new Error(`${title} did not connect: ${clause(error)}. Allow this page in the wallet, then connect again.`);
  }
  return {
    name,
    watch(listener) {
      const tell = (accounts: readonly InjectedAccount[]): void => listener(shared(accounts));
      void injected.accounts.get().then(tell, () => listener(NOTHING));
      injected.accounts.subscribe(tell);
    },
    async sign(payload) {
      if (!injected.signer.signPayload) throw new Error(`${title} cannot sign transactions. Use another wallet.`);
      return (await injected.signer.signPayload(payload)).signature;
    },
  };
}

/** The kinds of accounts that the page has sign: their signatures have 64 bytes, and the public key is the account. */
const KINDS = [undefined, 'sr25519', 'ed25519'];

/** Tells the accounts whose keys the chain can check as coldkeys from others. */
export function shared(all: readonly InjectedAccount[]): Shared {
  const accounts: Account[] = [];
  const others = new Set<string>();
  for (const { address, name, type } of all) {
    try {
      if (!KINDS.includes(type)) throw new Error('no coldkey');
      accounts.push({ key: keyOfAny(address), name: line(name ?? 'Account', 40) });
    } catch {
      // An address that begins with 0x is of an Ethereum wallet, whatever the kind says.
      others.add(String(address).startsWith('0x') ? 'ethereum' : line(String(type ?? 'unknown'), 20));
    }
  }
  return { accounts, others: [...others].sort() };
}
