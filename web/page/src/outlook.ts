/** Whether a search is worth its time on this machine, and what would help where it is not. */

import type { Choice } from './chain/network.ts';
import { readEndpoint } from './chain/network.ts';
import type { Key } from './keys.ts';
import type { Row } from './model.ts';

const HOUR = 3_600;
const DAY = 86_400;

/** `hopeless` when a proof takes above a day on average, `long` when above an hour. */
export type Outlook = 'fair' | 'long' | 'hopeless';

/** Seconds until a proof, on average. */
export function expected(difficulty: bigint, rate: number): number {
  return Number(difficulty) / rate;
}

export function outlook(seconds: number): Outlook {
  if (seconds > DAY) return 'hopeless';
  return seconds > HOUR ? 'long' : 'fair';
}

/** The easiest other subnet, if it is easier by enough to matter: `subnets` begins with the easiest. */
export function easier(subnets: readonly Row[] | undefined, netuid: number, rate: number): Row | undefined {
  const [first] = subnets ?? [];
  const helps = first && first.netuid !== netuid && outlook(expected(first.subnet.difficulty, rate)) !== 'hopeless';
  return helps ? first : undefined;
}

/** What a command line needs. */
export interface Choices {
  readonly choice: Choice;
  readonly endpoint: string;
  readonly netuid: number;
  readonly hotkey: Key;
  readonly coldkey: Key;
}

/** The command lines of the native program for the same choices. */
export function commands({ choice, endpoint, netuid, hotkey, coldkey }: Choices): { readonly mine: string; readonly register: string } {
  const network = choice === 'finney' ? '' : ` --network ${choice === 'custom' ? word(endpoint) : choice}`;
  return {
    mine: `btpow mine --netuid ${netuid}${network} --hotkey ${hotkey.address} --coldkey ${coldkey.address}`,
    register: `btpow register --netuid ${netuid}${network} --wallet-name NAME --wallet-hotkey NAME`,
  };
}

/**
 * An endpoint as a word of a command line. Somebody else may have chosen it, and no way of quoting is the same in all shells: one
 * with characters that a shell may read as more than a word is left for the visitor to write.
 */
function word(endpoint: string): string {
  try {
    const url = readEndpoint(endpoint);
    return /^[\w.:/-]+$/.test(url) ? url : 'URL';
  } catch {
    return 'URL';
  }
}
