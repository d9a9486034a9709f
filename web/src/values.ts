/** Turns what callers give into what the module takes. */

import { attempt, invalid } from './errors.js';
import { type Module } from './module.js';
import { isA } from './realm.js';
import type { Bytes, Bytes32, Challenge, Key, LegacyChallenge, V1Challenge } from './types.js';
import type { ParsedChallenge } from './wasm.js';

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

/** An object, so that its fields can be read. */
export function object(value: unknown, argument: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw invalid(argument, 'an object', value);
  return value as Record<string, unknown>;
}

/** One of several words. */
export function word<W extends string>(value: unknown, argument: string, words: readonly W[]): W {
  if (!words.includes(value as W)) {
    throw invalid(argument, words.map((each) => `'${each}'`).join(' or '), value);
  }
  return value as W;
}

/** A text. */
export function text(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw invalid(argument, 'a string', value);
  return value;
}

/** Bytes of any length. */
export function bytes(value: Bytes, argument: string): Uint8Array {
  if (isA(value, 'Uint8Array')) return value;
  if (typeof value !== 'string' || value.length % 2 === 1 || !/^0x[0-9a-f]*$/i.test(value)) {
    throw invalid(argument, 'a Uint8Array, or 0x and two hexadecimal digits for each byte', value);
  }
  const read = new Uint8Array(value.length / 2 - 1);
  for (let at = 0; at < read.length; at += 1) {
    read[at] = (nibble(value.charCodeAt(2 * at + 2)) << 4) | nibble(value.charCodeAt(2 * at + 3));
  }
  return read;
}

/** The value of a hexadecimal digit: the low four bits of letters are 1 to 6, and their codes are above those of digits. */
function nibble(code: number): number {
  return (code & 15) + (code > 57 ? 9 : 0);
}

/** Bytes as 0x-hex. */
export function hex(bytes: Uint8Array): `0x${string}` {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

export function hash(module: Module, value: Bytes32, argument: string): Uint8Array {
  if (isA(value, 'Uint8Array') && value.length === 32) return value;
  if (typeof value !== 'string' || !/^0x/i.test(value)) {
    throw invalid(argument, '32 bytes as a Uint8Array, or 0x and 64 hexadecimal digits', value);
  }
  return attempt('invalid-argument', argument, () => module.parseHash(value));
}

export function key(module: Module, value: Key, argument: string): Uint8Array {
  if (isA(value, 'Uint8Array') && value.length === 32) return value;
  if (typeof value !== 'string') {
    throw invalid(argument, '32 bytes as a Uint8Array, an SS58 address, or 0x and 64 hexadecimal digits', value);
  }
  return attempt('invalid-key', argument, () => module.parseKey(value));
}

/** The parts of a v1 challenge, with its keys and its hash as bytes. */
export function v1Parts(module: Module, challenge: V1Challenge) {
  const { protocol, netuid, blockHash, hotkey, coldkey, difficulty } = object(challenge, 'challenge') as unknown as V1Challenge;
  word(protocol, 'challenge.protocol', ['v1']);
  return {
    netuid: whole(netuid, 'challenge.netuid', 1, 65_535),
    blockHash: hash(module, blockHash, 'challenge.blockHash'),
    hotkey: key(module, hotkey, 'challenge.hotkey'),
    coldkey: key(module, coldkey, 'challenge.coldkey'),
    difficulty: u64(difficulty, 'challenge.difficulty', 1n),
  };
}

/** The challenge as the module holds it; the caller frees it. */
export function parsed(module: Module, challenge: Challenge): ParsedChallenge {
  const { protocol } = object(challenge, 'challenge') as unknown as Challenge;
  if (word(protocol, 'challenge.protocol', ['v1', 'legacy']) === 'v1') {
    const { netuid, blockHash, hotkey, coldkey, difficulty } = v1Parts(module, challenge as V1Challenge);
    return attempt('invalid-argument', 'challenge', () => module.ParsedChallenge.v1(netuid, blockHash, hotkey, coldkey, difficulty));
  }
  const { order, blockHash, hotkey, difficulty } = challenge as LegacyChallenge;
  const big = word(order, 'challenge.order', ['big', 'little']) === 'big';
  const hashBytes = hash(module, blockHash, 'challenge.blockHash');
  const hotkeyBytes = key(module, hotkey, 'challenge.hotkey');
  const seals = u64(difficulty, 'challenge.difficulty', 1n);
  return attempt('invalid-argument', 'challenge', () => module.ParsedChallenge.legacy(big, hashBytes, hotkeyBytes, seals));
}
