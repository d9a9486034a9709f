/**
 * The chain's rules. Those that decide whether a proof is taken come from the package, which holds them in
 * WebAssembly; those that are asked many times per block are here, and a test holds them to the package.
 */

import {
  BtpowError,
  type HotkeyState,
  type RuntimeDescription,
  type SubnetState,
  type Standing as Told,
  type V1Challenge,
  registrationProtocol,
  standing as ask,
} from 'btpow';
import { ChainError, type Subnet } from './chain/types.ts';
import type { Key } from './keys.ts';
import type { Goal } from './session/types.ts';
import { line } from './words.ts';

/** What the chain says of a choice before any proof is made. */
export type Standing =
  | { readonly status: 'open' }
  | { readonly status: 'registered'; readonly uid: number }
  | { readonly status: 'denied'; readonly reason: string; readonly message: string };

/**
 * Why a page registers nothing with a runtime; nothing where it takes v1 proofs.
 *
 * @throws {@link ChainError} when its metadata is nothing that a library should decode.
 */
export async function refusal(runtime: RuntimeDescription): Promise<string | undefined> {
  try {
    const { protocol } = await registrationProtocol(runtime);
    if (protocol === 'v1') return undefined;
    return (
      `Runtime ${runtime.specVersion} takes legacy proofs, which the hotkey itself must sign. Only development chains ` +
      'still do. Use the program there: btpow register --network URL --netuid N.'
    );
  } catch (error) {
    if (!(error instanceof BtpowError) || error.code !== 'refused') throw error;
    // The package says which argument is meant; here there is only one.
    const reason = error.message.replace(/^runtime(\.metadata)?: /, '');
    const name = `${line(runtime.specName, 60)} ${runtime.specVersion}`;
    const text = `Nothing can be registered with ${name}: ${reason}. Choose another network.`;
    if (error.argument === 'runtime.metadata') throw new ChainError(text, false);
    return text;
  }
}

/** What a block asks of the keys of a goal. */
export function challengeOf({ netuid, hotkey, coldkey }: Goal, blockHash: string, difficulty: bigint): V1Challenge {
  return { protocol: 'v1', netuid, blockHash, hotkey: hotkey.hex, coldkey: coldkey.hex, difficulty };
}

/** What a subnet would say to a proof. */
export async function judge(
  netuid: number,
  coldkey: Key,
  subnet: SubnetState,
  hotkey: HotkeyState = {},
): Promise<Subnet> {
  const told = await ask(netuid, coldkey.hex, subnet, hotkey);
  return { difficulty: told.difficulty, full: told.full, standing: inWords(told) };
}

/** Reasons that say nothing yet of what to do. */
const ELSEWHERE = ['no_subnet', 'pow_off'];

function inWords(told: Told): Standing {
  if (told.status === 'open') return { status: 'open' };
  if (told.status === 'registered') return { status: 'registered', uid: told.uid };
  const { reason, message } = told;
  const text = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return { status: 'denied', reason, message: ELSEWHERE.includes(reason) ? `${text} Choose another subnet.` : text };
}

/** How many blocks after its own a proof counts. */
export const WINDOW = 5;

/** In how many blocks to come a proof for a block may still be included; `ahead` while the block is not reached. */
export function blocksLeft(workBlock: number, head: number): number | 'ahead' {
  if (workBlock > head) return 'ahead';
  return Math.max(0, WINDOW - (head - workBlock));
}

/** Whether a seal wins. */
export function admits(seal: Uint8Array, difficulty: bigint): boolean {
  return sealValue(seal) <= ((1n << 256n) - 1n) / (difficulty > 0n ? difficulty : 1n);
}

/** A seal as the chain reads it. */
export function sealValue(seal: Uint8Array): bigint {
  return seal.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
