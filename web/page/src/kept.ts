/** Proofs that outlive a reload: as long as a proof counts, it stays offered. */

import { fromHex, toHex } from '@polkadot-api/utils';
import { seal } from 'btpow';
import { challengeOf } from './rules.ts';
import type { Goal, Proof } from './session/types.ts';

/** The proofs of a goal as text. */
export function write(genesis: string, goal: Goal, proofs: readonly Proof[]): string | undefined {
  if (proofs.length === 0) return undefined;
  return JSON.stringify({
    for: subject(genesis, goal),
    proofs: proofs.map(({ workBlock, blockHash, nonce, seal }) => ({
      workBlock,
      blockHash,
      nonce: nonce.toString(),
      seal: toHex(seal),
    })),
  });
}

/** The proofs that were written for the same goal. Each seal is computed anew: what is kept is not trusted. */
export async function read(text: string | null, genesis: string, goal: Goal): Promise<Proof[]> {
  if (text === null) return [];
  const proofs: Proof[] = [];
  try {
    const kept = JSON.parse(text) as { for?: unknown; proofs: { workBlock: number; blockHash: string; nonce: string; seal: string }[] };
    if (kept.for !== subject(genesis, goal)) return [];
    for (const { workBlock, blockHash, nonce, seal: claimed } of kept.proofs) {
      const made = await seal(challengeOf(goal, blockHash, 1n), BigInt(nonce));
      if (toHex(made) !== claimed || !Number.isSafeInteger(workBlock)) continue;
      proofs.push({ workBlock, blockHash, nonce: BigInt(nonce), seal: fromHex(claimed) });
    }
  } catch {
    // Written by something else: nothing is kept then.
  }
  return proofs;
}

function subject(genesis: string, { netuid, hotkey, coldkey }: Goal): string {
  return [genesis, netuid, hotkey.hex, coldkey.hex].join(' ');
}
