/** Proofs that outlive a reload: the page offers a proof for as long as it counts. */

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

/** The proofs that were written for the same goal. The text is not trusted: the session computes each seal again. */
export function read(text: string | null, genesis: string, goal: Goal): Proof[] {
  if (text === null) return [];
  try {
    const kept = JSON.parse(text) as { for?: unknown; proofs: { workBlock: unknown; blockHash: unknown; nonce: string }[] };
    if (kept.for !== subject(genesis, goal)) return [];
    return kept.proofs.flatMap(({ workBlock, blockHash, nonce }) =>
      isNumber(workBlock) && isHash(blockHash) ? [{ workBlock, blockHash, nonce: BigInt.asUintN(64, BigInt(nonce)) }] : [],
    );
  } catch {
    // Something else wrote it, so there are no proofs.
    return [];
  }
}

function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}

function subject(genesis: string, { netuid, hotkey, coldkey }: Goal): string {
  return [genesis, netuid, hotkey.hex, coldkey.hex].join(' ');
}
