/** What the chain says. Hashes are 0x-hex. */

import type { SubnetState } from 'btpow';
import type { Key } from '../keys.ts';
import type { Standing } from '../rules.ts';

/** A block that was the best when it was told. */
export interface Head {
  readonly number: number;
  readonly hash: string;
  readonly parent: string;
}

/** What a subnet says, and what follows from it for a key. */
export interface Subnet {
  /** The difficulty that it asks now, bounds applied. */
  readonly difficulty: bigint;
  /** Whether every proof is refused until the next block, as this one has all the registrations that it may have. */
  readonly full: boolean;
  /** Whether a proof would be taken. */
  readonly standing: Standing;
}

/** All that is read at one block. */
export interface State {
  readonly subnet: Subnet;
  /** The subnet as it is stored. */
  readonly storage: SubnetState;
  /** The hotkey's number on the subnet, when it is registered. */
  readonly uid: number | undefined;
  /** The coldkey that owns the hotkey, when one does. */
  readonly owner: Key | undefined;
  /** The block of the last proof that registered the hotkey, anywhere. */
  readonly lastWork: bigint | undefined;
  /** The nonce of the coldkey's next extrinsic. */
  readonly nonce: number;
}

/** What is asked about. */
export interface Subject {
  readonly netuid: number;
  readonly hotkey: Key;
  readonly coldkey: Key;
}

/** Whether something that an endpoint tells is the hash of a block. */
export function isHash(told: unknown): told is string {
  return typeof told === 'string' && /^0x[0-9a-f]{64}$/.test(told);
}

/** Why the chain could not be asked. Messages are one line, for people. */
export class ChainError extends Error {
  /** Whether another try, perhaps at another endpoint, may succeed. */
  readonly transient: boolean;

  constructor(message: string, transient: boolean) {
    super(message);
    this.name = 'ChainError';
    this.transient = transient;
  }
}
