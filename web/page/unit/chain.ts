/** Invented blocks, and metadata, for several tests. Starts the page's module from its file. */

import { readFileSync } from 'node:fs';
import type { SubnetState } from 'btpow';
import { initSync } from '../generated/btpow_session.js';
import { type Head, NEW, type State } from '../src/chain/types.ts';
import { type Key, keyOf } from '../src/keys.ts';
import type { Goal } from '../src/registration/session.ts';
import { judge } from '../src/rules.ts';

initSync({ module: readFileSync(new URL('../generated/btpow_session_bg.wasm', import.meta.url)) });

export const GOAL: Goal = { netuid: 1, hotkey: keyOf(`0x${'0b'.repeat(32)}`), coldkey: keyOf(`0x${'0a'.repeat(32)}`) };

/** Finney's metadata of spec 461, without `pow_register`. */
export const OLDER = new Uint8Array(
  readFileSync(new URL('../../../tests/vectors/subtensor-461/metadata_v14.scale', import.meta.url)),
);

/** The hash of a block; `fork` tells one at the same height apart. */
export function hash(number: number, fork = 0): string {
  return `0x${number.toString(16).padStart(62, '0')}${fork.toString(16).padStart(2, '0')}`;
}

export function head(number: number, fork = 0): Head {
  return { number, hash: hash(number, fork), parent: hash(number - 1, fork) };
}

/** What a block says about a subnet that takes every proof, with the given changes. */
export function open(change: Partial<SubnetState> = {}, uid?: number, owner?: Key): State {
  const storage = {
    exists: true,
    powAllowed: true,
    difficulty: 1n,
    minDifficulty: 1n,
    maxDifficulty: (1n << 64n) - 1n,
    registrationsThisBlock: 0,
    maxRegistrationsPerBlock: 1,
    uids: 0,
    maxUids: 256,
    ...change,
  };
  const keys = { ...NEW, uid, owner };
  return { subnet: judge(GOAL, storage, keys), storage, keys };
}
