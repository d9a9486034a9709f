/** Proofs that outlive a reload: as long as a proof counts, it stays offered. */

import { isHash } from './chain/types.ts';
import type { Goal, Proof } from './registration/session.ts';

/** The proofs of a goal as text. */
export function write(genesis: string, goal: Goal, proofs: readonly Proof[]): string | undefined {
  if (proofs.length === 0) return undefined;
  return JSON.stringify({
    for: subject(genesis, goal),
    proofs: proofs.map(({ workBlock, blockHash, nonce }) => ({ workBlock, blockHash, nonce: nonce.toString() })),
  });
}

/** The proofs that were written for the same goal. What is kept is not trusted: the session computes each seal anew. */
export function read(text: string | null, genesis: string, goal: Goal): Proof[] {
  if (text === null) return [];
  try {
    const kept = JSON.parse(text) as { for?: unknown; proofs: { workBlock: unknown; blockHash: unknown; nonce: string }[] };
    if (kept.for !== subject(genesis, goal)) return [];
    return kept.proofs.flatMap(({ workBlock, blockHash, nonce }) =>
      isNumber(workBlock) && isHash(blockHash) ? [{ workBlock, blockHash, nonce: BigInt.asUintN(64, BigInt(nonce)) }] : [],
    );
  } catch {
    // Written by something else: nothing is kept then.
    return [];
  }
}

function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}

function subject(genesis: string, { netuid, hotkey, coldkey }: Goal): string {
  return [genesis, netuid, hotkey.hex, coldkey.hex].join(' ');
}
