/**
 * The WebAssembly module that decides: rules, session and signed bytes are those of the program `btpow`. It is the page's own; the
 * package's module for registrations is not loaded beside it.
 */

import { fromHex } from '@polkadot-api/utils';
import type { SubnetState as Storage } from 'btpow';
import type { Keys } from '../chain/types.ts';
import init, { KeyState, SubnetState } from '../../generated/btpow_session.js';
import { clause } from '../words.ts';

export {
  Head,
  KnownBlock,
  Place,
  Progress,
  Proof,
  Protocol,
  Runtime,
  Session,
  genesisOf,
  judge,
  maxWorkAge,
} from '../../generated/btpow_session.js';
export type {
  Action, Denial, End, Event, Payload, PoolRefusal, Request, Setback, Where,
} from '../../generated/btpow_session.js';

let starting: Promise<unknown> | undefined;

/**
 * Fetches and starts the module at the first call. Nothing of it may be used before.
 *
 * @throws When it cannot be had; the next call tries again.
 */
export async function started(): Promise<void> {
  starting ??= init({ module_or_path: new URL('../../generated/btpow_session_bg.wasm', import.meta.url) });
  try {
    await starting;
  } catch (error) {
    starting = undefined;
    throw new Error(`A part of this page cannot be loaded: ${clause(error)}. Load the page again.`);
  }
}

/**
 * The 32 bytes of a hash or a key.
 *
 * @throws For other text. Whoever read it has checked it; the module itself would panic, and lose memory each time.
 */
export function bytes32(hex: string): Uint8Array {
  if (!/^0x[0-9a-f]{64}$/i.test(hex)) throw new Error('32 bytes are expected here');
  return fromHex(hex);
}

/** What a block says of the keys, for the module. */
export function keyState({ owner, ...keys }: Keys): KeyState {
  return Object.assign(new KeyState(), keys, { owner: owner && bytes32(owner.hex) });
}

/** The storage of a subnet, for the module. */
export function subnetState(storage: Storage): SubnetState {
  return Object.assign(new SubnetState(), storage);
}
