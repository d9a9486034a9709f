/** What the chain says. Hashes are 0x-hex. */

import type { Key } from '../keys.ts';

/** A block that was the best when it was told. */
export interface Head {
  readonly number: number;
  readonly hash: string;
  readonly parent: string;
}

/** What a subnet says. */
export interface Subnet {
  readonly exists: boolean;
  readonly powAllowed: boolean;
  /** The difficulty that it asks now, bounds applied. */
  readonly difficulty: bigint;
  /** Registrations in this block, of every kind, and how many a block may hold. */
  readonly registrations: number;
  readonly maxRegistrations: number;
  /** Keys that are registered, and how many the subnet holds. */
  readonly uids: number;
  readonly maxUids: number;
}

/** What a subnet says of a hotkey. */
export interface Hotkey {
  /** Its number on the subnet, when it is registered. */
  readonly uid: number | undefined;
  /** The coldkey that owns it, when one does. */
  readonly owner: Key | undefined;
  /** The block of the last proof that registered it, anywhere. */
  readonly lastWork: number | undefined;
}

/** All that is read at one block. */
export interface State {
  readonly subnet: Subnet;
  readonly hotkey: Hotkey;
  /** The nonce of the coldkey's next extrinsic. */
  readonly nonce: number;
}

/** What is asked about. */
export interface Subject {
  readonly netuid: number;
  readonly hotkey: Key;
  readonly coldkey: Key;
}

/** Whether the pool refuses every proof until the next block: it judges by the counter of this one. */
export function isFull(subnet: Subnet): boolean {
  return subnet.registrations >= subnet.maxRegistrations;
}
