/** A signed call: what the wallet is asked for, and what is sent. */

import { createV4Tx } from '@polkadot-api/signers-common';
import { compact, u16 } from '@polkadot-api/substrate-bindings';
import { fromHex, toHex } from '@polkadot-api/utils';
import type { Key } from '../keys.ts';
import type { Request } from '../session/types.ts';
import type { Payload } from '../wallet.ts';
import type { Runtime } from './runtime.ts';
import { ChainError } from './types.ts';

/**
 * For how many blocks a signed call counts, its birth included: the shortest period above a proof's window.
 * It is born in the block that asked for the proof. So neither outlives the other by much: a proof that came
 * too late cannot lie in a pool, and where that block is no part of the chain, neither counts.
 */
export const PERIOD = 8;

/** What is signed, and how a signature becomes what is sent. */
export interface Signable {
  readonly payload: Payload;
  /** From the signature with its scheme in front: 65 bytes as 0x-hex. */
  signed(signature: string): Uint8Array;
}

/** Extensions that this page fills; others must be empty. */
type Extra = Record<string, Uint8Array>;

const NONE = new Uint8Array();

/** The bytes of `pow_register` for a request. */
export function callOf(runtime: Runtime, { goal, proof }: Request): Uint8Array {
  return runtime.call('pow_register', {
    netuid: goal.netuid,
    work_block: BigInt(proof.workBlock),
    nonce: proof.nonce,
    work: toHex(proof.seal),
    hotkey: goal.hotkey.address,
  });
}

/** A mortal era of so many blocks, a power of two up to 4,096, from `birth` on. */
export function era(birth: number, period = PERIOD): Uint8Array {
  return u16.enc(Math.log2(period) - 1 + ((birth % period) << 4));
}

/**
 * What an extrinsic carries beside its call, extension by extension.
 *
 * @throws {@link ChainError} when the runtime wants to be told more than this page knows.
 */
export function extraOf(runtime: Runtime, nonce: number, life: Uint8Array): Uint8Array[] {
  // Without a tip, which would cost what a proof saves.
  const values: Extra = {
    CheckMortality: life,
    CheckNonce: compact.enc(nonce),
    ChargeTransactionPayment: compact.enc(0),
    CheckMetadataHash: Uint8Array.of(0),
    CheckSpecVersion: NONE,
    CheckTxVersion: NONE,
    CheckGenesis: NONE,
  };
  return runtime.extensions().map(({ name, empty }) => {
    const value = values[name] ?? (empty ? NONE : undefined);
    if (value) return value;
    const message = `This runtime's transactions have an extension ${name} that btpow does not know. Is there a newer btpow?`;
    throw new ChainError(message, false);
  });
}

/** What is sent, from a signature with its scheme in front: 65 bytes as 0x-hex. */
export function compose(runtime: Runtime, signer: Key, signature: string, extra: Uint8Array[], call: Uint8Array): Uint8Array {
  return createV4Tx(runtime.metadata, fromHex(signer.hex), fromHex(signature), extra, call);
}

/** @throws {@link ChainError} as {@link extraOf}. */
export function signable(runtime: Runtime, genesis: string, request: Request): Signable {
  const { goal, proof, nonce } = request;
  const call = callOf(runtime, request);
  const life = era(proof.workBlock);
  const extra = extraOf(runtime, nonce, life);
  const big = (value: number, bytes: number): string => `0x${value.toString(16).padStart(2 * bytes, '0')}`;
  const payload: Payload = {
    address: goal.coldkey.address,
    blockHash: proof.blockHash,
    blockNumber: big(proof.workBlock, 4),
    era: toHex(life),
    genesisHash: genesis,
    method: toHex(call),
    nonce: big(nonce, 4),
    specVersion: big(runtime.spec, 4),
    tip: big(0, 16),
    transactionVersion: big(runtime.transaction, 4),
    signedExtensions: runtime.extensions().map(({ name }) => name),
    version: 4,
    mode: 0,
    metadataHash: null,
    // What is sent is put together here: a wallet that changed the call would be asked in vain.
    withSignedTransaction: false,
  };
  return { payload, signed: (signature) => compose(runtime, goal.coldkey, signature, extra, call) };
}
