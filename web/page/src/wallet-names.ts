/** What wallets are called, by the names under which they inject themselves. */

import { line } from './words.ts';

/** How a wallet shows itself: its own name, and a letter on its colour, since the page loads no picture from anywhere. */
export interface Face {
  readonly title: string;
  readonly letter: string;
  /** The class of its colour in the style. */
  readonly hue: string;
}

const KNOWN: Readonly<Record<string, { readonly title: string; readonly letter: string }>> = {
  'polkadot-js': { title: 'polkadot{.js}', letter: 'P' },
  talisman: { title: 'Talisman', letter: 'T' },
  'subwallet-js': { title: 'SubWallet', letter: 'S' },
  'bittensor-wallet': { title: 'Bittensor Wallet', letter: 'τ' },
};

/** The face of a wallet. One that the page does not know keeps the name that it gave itself. */
export function face(name: string): Face {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known) return { ...known, hue: name };
  const title = line(name, 40);
  return { title, letter: [...title.toUpperCase()][0] ?? '?', hue: 'other' };
}
