/** A call with a proof, to be signed. All that is signed and sent is put together by the package, from these values alone. */

import { type PreparedPowRegister, preparePowRegister } from 'btpow';
import { challengeOf } from '../rules.ts';
import type { Request } from '../session/types.ts';
import type { Runtime } from './runtime.ts';

/** @throws BtpowError where the runtime is not as the package knows it, or the nonce does not win. */
export function prepare(runtime: Runtime, { goal, proof, difficulty, nonce }: Request): Promise<PreparedPowRegister> {
  const challenge = challengeOf(goal, proof.blockHash, difficulty);
  const call = { workBlock: BigInt(proof.workBlock), nonce: proof.nonce, accountNonce: nonce };
  return preparePowRegister(runtime.description, challenge, call);
}
