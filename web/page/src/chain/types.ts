/** What the chain says. Hashes are 0x-hex. */

import type { SubnetState } from 'btpow';
import type { Key } from '../keys.ts';

/** A block that was the best when the node announced it. */
export interface Head {
  readonly number: number;
  readonly hash: string;
  readonly parent: string;
}

/** What the chain says about a choice before there is any proof. */
export type Standing =
  | { readonly status: 'open' }
  | { readonly status: 'registered'; readonly uid: number }
  | { readonly status: 'denied'; readonly message: string };

/** A version as `state_getRuntimeVersion` answers it. */
export interface Version {
  readonly specName: string;
  readonly specVersion: number;
  readonly transactionVersion: number;
}

/** A runtime as its endpoint describes it. */
export type Description = Version & { readonly genesisHash: string; readonly metadata: Uint8Array };

/** What a subnet says, and what that means for a key. */
export interface Subnet {
  /** The difficulty that it asks now, bounds applied. */
  readonly difficulty: bigint;
  /** Whether the subnet refuses every proof until the next block, since this one has all the registrations that it may have. */
  readonly full: boolean;
  /** Whether the subnet would take a proof. */
  readonly standing: Standing;
}

/** Everything that the page reads at one block. */
export interface State {
  readonly subnet: Subnet;
  /** The subnet as it is stored. */
  readonly storage: SubnetState;
  readonly keys: Keys;
}

/** What a block says of the two keys. */
export interface Keys {
  /** The hotkey's number on the subnet, when it is registered. */
  readonly uid: number | undefined;
  /** The coldkey that owns the hotkey, when one does. */
  readonly owner: Key | undefined;
  /** The block of the last proof that registered the hotkey, anywhere. */
  readonly lastWork: bigint | undefined;
  /** The nonce of the coldkey's next extrinsic. */
  readonly nonce: number;
  /** Whether another key is to take the coldkey's place. */
  readonly swapAnnounced: boolean;
  /** Whether that is disputed. */
  readonly swapDisputed: boolean;
  /** How many hotkeys the coldkey has, where the page read that. */
  readonly hotkeys: number | undefined;
}

/** Keys of which no block knows anything. */
export const NEW: Keys = {
  uid: undefined,
  owner: undefined,
  lastWork: undefined,
  nonce: 0,
  swapAnnounced: false,
  swapDisputed: false,
  hotkeys: undefined,
};

/** What the page asks about. */
export interface Subject {
  readonly netuid: number;
  readonly hotkey: Key;
  readonly coldkey: Key;
}

/** Whether something from an endpoint is the hash of a block. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value);
}

/** Why the page could not ask the chain. Messages are one line, for people. */
export class ChainError extends Error {
  /** Whether another try, perhaps at another endpoint, may succeed. */
  readonly transient: boolean;

  constructor(message: string, transient: boolean) {
    super(message);
    this.name = 'ChainError';
    this.transient = transient;
  }
}
