/**
 * The proofs that may still count.
 *
 * Of every block the lowest seal is kept until the block's window is over, also while its block is not on the
 * best chain. What was signed is not offered again: the session keeps it for as long as it may be sent.
 */

import type { Head } from '../chain/types.ts';
import { admits, blocksLeft, sealValue } from '../rules.ts';
import type { Proof } from './types.ts';

/** How many blocks back it is known which of them are on the best chain. More than any window. */
const MEMORY = 16;

interface Work {
  readonly proof: Proof;
  readonly value: bigint;
}

/** Why a proof cannot be sent now. */
export type Unfit = 'stale' | 'off-chain' | 'too-high';

export class Ledger {
  #works: Work[] = [];
  /** Numbers of the blocks for which something was signed. */
  readonly #signed = new Set<number>();
  /** The best chain, as far as it is known. */
  readonly #chain = new Map<number, string>();
  #head = 0;

  /**
   * Takes note of a best block. Returns whether blocks before it were replaced: then the caller asks which
   * blocks are there now, and tells by {@link confirm}.
   */
  block(head: Head): boolean {
    const parent = this.#chain.get(head.number - 1);
    const same = this.#chain.get(head.number);
    const replaced =
      (parent !== undefined && parent !== head.parent) ||
      (same !== undefined && same !== head.hash) ||
      [...this.#chain.keys()].some((number) => number > head.number);
    if (head.number > 0) this.#chain.set(head.number - 1, head.parent);
    this.#chain.set(head.number, head.hash);
    for (const number of this.#chain.keys()) {
      if (number > head.number || number + MEMORY <= head.number) this.#chain.delete(number);
    }
    this.#head = head.number;
    // Ahead of the head is only what a re-organisation left behind; it may come back.
    this.#works = this.#works.filter(({ proof }) => blocksLeft(proof.workBlock, head.number) !== 0);
    return replaced;
  }

  /** Numbers of the blocks that there are proofs for. */
  workBlocks(): number[] {
    return [...new Set(this.#works.map(({ proof }) => proof.workBlock))].sort((a, b) => a - b);
  }

  /** The proofs that may still be signed, for keeping. */
  proofs(): Proof[] {
    return this.#works.map(({ proof }) => proof).filter(({ workBlock }) => !this.#signed.has(workBlock));
  }

  /** How many proofs were signed. */
  get signatures(): number {
    return this.#signed.size;
  }

  /** Takes note that a proof was signed: no second one for a block of that number ever is. */
  sign({ workBlock }: Proof): void {
    this.#signed.add(workBlock);
  }

  /** Takes note of the block that is on the best chain at a number, if one is. */
  confirm(number: number, hash: string | undefined): void {
    if (hash) this.#chain.set(number, hash);
    else this.#chain.delete(number);
  }

  /** Keeps a proof if it is the lowest of its block; whether it is. */
  add(proof: Proof): boolean {
    if (blocksLeft(proof.workBlock, this.#head) === 0) return false;
    const value = sealValue(proof.seal);
    const known = this.#works.find((work) => work.proof.blockHash === proof.blockHash);
    if (known && known.value <= value) return false;
    this.#works = this.#works.filter((work) => work !== known);
    this.#works.push({ proof, value });
    return true;
  }

  /** Why a proof cannot be sent now; nothing when it can. */
  unfit(proof: Proof, difficulty: bigint, after: number | undefined): Unfit | undefined {
    const left = blocksLeft(proof.workBlock, this.#head);
    if (left === 0 || (after !== undefined && proof.workBlock <= after)) return 'stale';
    if (left === 'ahead' || this.#chain.get(proof.workBlock) !== proof.blockHash) return 'off-chain';
    if (!admits(proof.seal, difficulty)) return 'too-high';
    return undefined;
  }

  /**
   * The proof of the newest block that the next one may take, of that block's the lowest: a signature
   * takes its time. It is on the best chain, for a block after `after`, low enough, and none for a block of its number
   * was signed.
   */
  newest(difficulty: bigint, after: number | undefined): Proof | undefined {
    const fitting = this.proofs().filter((proof) => !this.unfit(proof, difficulty, after));
    return fitting.sort((a, b) => b.workBlock - a.workBlock)[0];
  }

  /** In how many blocks to come a proof may still be included. */
  blocksLeft(proof: Proof): number {
    const left = blocksLeft(proof.workBlock, this.#head);
    return left === 'ahead' ? 0 : left;
  }
}
