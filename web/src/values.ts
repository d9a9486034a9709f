/** From what callers give to what the module takes. */

import { fromModule, invalid } from './errors.js';
import { type Module } from './module.js';
import type { Bytes32, Challenge, Key } from './types.js';
import type { Work } from './wasm.js';

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** A bigint from `least` to 2^64 - 1. */
export function u64(value: unknown, argument: string, least = 0n): bigint {
  if (typeof value !== 'bigint' || value < least || value > U64_MAX) {
    throw invalid(argument, `a bigint from ${least} to 2^64 - 1`, value);
  }
  return value;
}

/** A whole number from `least` to `most`. */
export function whole(value: unknown, argument: string, least: number, most: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw invalid(argument, `a whole number from ${least} to ${most}`, value);
  }
  return value;
}

/** An object, for a look at its fields. */
export function object(value: unknown, argument: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw invalid(argument, 'an object', value);
  return value as Record<string, unknown>;
}

/** One of some words. */
export function word<W extends string>(value: unknown, argument: string, words: readonly W[]): W {
  if (!words.includes(value as W)) {
    throw invalid(argument, words.map((each) => `'${each}'`).join(' or '), value);
  }
  return value as W;
}

function hash(module: Module, value: Bytes32, argument: string): Uint8Array {
  if (value instanceof Uint8Array && value.length === 32) return value;
  if (typeof value !== 'string' || !/^0x/i.test(value)) {
    throw invalid(argument, '32 bytes as a Uint8Array, or 0x and 64 hexadecimal digits', value);
  }
  return parsed(() => module.parseHash(value), argument);
}

export function key(module: Module, value: Key, argument: string): Uint8Array {
  if (value instanceof Uint8Array && value.length === 32) return value;
  if (typeof value !== 'string') {
    throw invalid(argument, '32 bytes as a Uint8Array, an SS58 address, or 0x and 64 hexadecimal digits', value);
  }
  return parsed(() => module.parseKey(value), argument);
}

function parsed<T>(parse: () => T, argument: string): T {
  try {
    return parse();
  } catch (error) {
    throw fromModule(error, argument);
  }
}

/** The challenge as the module holds it; the caller frees it. */
export function work(module: Module, challenge: Challenge): Work {
  const fields = object(challenge, 'challenge');
  const protocol = word(fields.protocol, 'challenge.protocol', ['v1', 'legacy']);
  const difficulty = u64(fields.difficulty, 'challenge.difficulty', 1n);
  const blockHash = hash(module, challenge.blockHash, 'challenge.blockHash');
  const hotkey = key(module, challenge.hotkey, 'challenge.hotkey');
  return parsed(() => {
    if (challenge.protocol === 'v1' && protocol === 'v1') {
      const netuid = whole(challenge.netuid, 'challenge.netuid', 1, 65_535);
      const coldkey = key(module, challenge.coldkey, 'challenge.coldkey');
      return module.Work.v1(netuid, blockHash, hotkey, coldkey, difficulty);
    }
    const order = word(fields.order, 'challenge.order', ['big', 'little']);
    return module.Work.legacy(order === 'big', blockHash, hotkey, difficulty);
  }, 'challenge');
}
