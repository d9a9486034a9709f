/** `pow_register`: the call that carries a proof, what a wallet signs for it, and what to send. */

import { attempt } from './errors.js';
import { loadBoth } from './module.js';
import { type RuntimeDescription, compared } from './rules.js';
import type { Bytes, Overrides, V1Challenge } from './types.js';
import { bytes, object, u64, v1Parts, whole } from './values.js';

/** What `pow_register` needs besides the challenge. */
export interface PowRegister {
  /** The number of the block that asked for the proof. */
  readonly workBlock: bigint;
  /** The nonce of the solution. */
  readonly nonce: bigint;
}

/** What signing it needs in addition. */
export interface SignedPowRegister extends PowRegister {
  /** The nonce of the coldkey's next extrinsic, 0 to 2^32 - 1 (`System.Account`). */
  readonly accountNonce: number;
}

/** 0x and hexadecimal digits. */
type Hex = `0x${string}`;

/**
 * What to ask a wallet extension to sign: `SignerPayloadJSON` of polkadot.js, for `signPayload`. Numbers are big-endian.
 */
export interface SignerPayload {
  /** Who signs: the coldkey, as an SS58 address. */
  readonly address: string;
  readonly blockHash: Hex;
  readonly blockNumber: Hex;
  readonly era: Hex;
  readonly genesisHash: Hex;
  readonly method: Hex;
  readonly nonce: Hex;
  readonly specVersion: Hex;
  /** Always zero. */
  readonly tip: Hex;
  readonly transactionVersion: Hex;
  readonly signedExtensions: string[];
  readonly version: 4;
  /** 0: the signature covers no hash of the metadata. */
  readonly mode: 0;
  readonly metadataHash: null;
  /** This package builds the extrinsic itself, so a wallet would change the call in vain. */
  readonly withSignedTransaction: false;
}

/** A call that is ready to sign. */
export interface PreparedPowRegister {
  /** For a wallet extension. */
  readonly payload: SignerPayload;
  /** For your own key: the bytes that it signs, unchanged. */
  readonly message: Uint8Array;
  /** The bytes of the call. */
  readonly call: Uint8Array;
  /**
   * What to send, from a signature as wallets give it: 65 bytes, the first of which is its scheme, 0 for ed25519 or 1 for
   * sr25519. The chain decides whether it is a signature of these bytes, by the coldkey.
   *
   * @throws {@link BtpowError} `invalid-argument` for other bytes.
   */
  extrinsic(signature: Bytes): Uint8Array;
}

/**
 * The bytes of `pow_register` for a solution, for the coldkey to sign: 84 bytes.
 *
 * They are for runtimes that take v1 proofs, which {@link registrationProtocol} says. {@link preparePowRegister} checks
 * that, and gives everything that is signed.
 *
 * @throws {@link BtpowError} `not-a-solution` when the nonce does not win: no call carries such a proof;
 * `invalid-argument`, for a legacy challenge too; `invalid-key`, `wasm-load`, `wasm-csp`.
 */
export async function encodePowRegister(
  challenge: V1Challenge,
  call: PowRegister,
  overrides?: Overrides,
): Promise<Uint8Array> {
  return (await proven(challenge, call, overrides)).encode();
}

/**
 * Prepares `pow_register` for a solution, for the coldkey to sign, for a runtime that agrees with what this package
 * knows. Of the runtime's description only the versions and the genesis become signed bytes. The transaction is valid for
 * eight blocks from the one that asked for the proof, and has no tip.
 *
 * @throws {@link BtpowError} `refused`, with the reason in words: the runtime does not take such a call, or differs from what this
 * package knows; otherwise as {@link encodePowRegister}.
 *
 * @example
 * ```js
 * const { payload, extrinsic } = await preparePowRegister(runtime, challenge, { workBlock, nonce, accountNonce });
 * const { signature } = await wallet.signer.signPayload(payload);
 * await send(extrinsic(signature));
 * ```
 */
export async function preparePowRegister(
  runtime: RuntimeDescription,
  challenge: V1Challenge,
  call: SignedPowRegister,
  overrides?: Overrides,
): Promise<PreparedPowRegister> {
  const { accountNonce } = object(call, 'call') as unknown as SignedPowRegister;
  whole(accountNonce, 'call.accountNonce', 0, 0xffff_ffff);
  const [known, register] = await Promise.all([compared(runtime, overrides), proven(challenge, call, overrides)]);
  const made = attempt('refused', 'runtime', () => known.payload(register, accountNonce));
  return {
    payload: made.signerPayload() as SignerPayload,
    message: made.message(),
    call: made.call(),
    extrinsic(signature) {
      const given = bytes(signature, 'signature');
      return attempt('invalid-argument', 'signature', () => made.extrinsic(given));
    },
  };
}

/** The call for a winning nonce. */
async function proven(challenge: V1Challenge, call: PowRegister, overrides: Overrides | undefined) {
  const fields = object(call, 'call');
  const workBlock = u64(fields.workBlock, 'call.workBlock');
  const nonce = u64(fields.nonce, 'call.nonce');
  const { module, registration } = await loadBoth(overrides);
  const { netuid, blockHash, hotkey, coldkey, difficulty } = v1Parts(module, challenge);
  return attempt(
    'not-a-solution',
    'call.nonce',
    () => new registration.PowRegister(netuid, blockHash, hotkey, coldkey, difficulty, workBlock, nonce),
  );
}
