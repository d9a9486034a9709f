/** Public keys and their addresses. */

import { AccountId } from '@polkadot-api/substrate-bindings';
import { fromHex, toHex } from '@polkadot-api/utils';

/** Bittensor's address format: its addresses begin with 5. */
const NETWORK = 42;

/** A public key. */
export interface Key {
  /** 0x and 64 digits. */
  readonly hex: string;
  /** In the address format of Bittensor. */
  readonly address: string;
}

const codec = AccountId(NETWORK);

/** The key of 32 bytes as 0x-hex. */
export function keyOf(hex: string): Key {
  return { hex: hex.toLowerCase(), address: codec.dec(fromHex(hex)) };
}

/**
 * Reads an address of Bittensor, or 0x and 64 hexadecimal digits.
 *
 * @throws An error that says what is wrong and what is expected.
 */
export function readKey(text: string): Key {
  const trimmed = text.trim();
  if (/^0x[0-9a-f]{64}$/i.test(trimmed)) return keyOf(trimmed);
  if (/\s/.test(trimmed)) {
    throw new Error('This looks like several words. Never enter a phrase here: enter the address, which begins with 5.');
  }
  if (/^0x/i.test(trimmed)) throw new Error('A public key has 64 hexadecimal digits after 0x.');
  let key: Key;
  try {
    key = keyOf(toHex(codec.enc(trimmed)));
  } catch {
    throw new Error('This is not an address: its characters or its checksum are wrong. Copy it again; it begins with 5.');
  }
  if (key.address !== trimmed) {
    throw new Error(`This is an address of another network. On Bittensor the same key is ${key.address}.`);
  }
  return key;
}

/** The key of an address of any network, as wallets give them. */
export function keyOfAny(address: string): Key {
  const hex = address.startsWith('0x') ? address : toHex(codec.enc(address));
  if (!/^0x[0-9a-f]{64}$/i.test(hex)) throw new Error('A public key has 32 bytes.');
  return keyOf(hex);
}
