/** The chain's rules, which the page's module has, applied to what the page read of a chain. */

import type { SubnetState as Storage, V1Challenge } from 'btpow';
import { ChainError, type Description, type Keys, type Subject, type Subnet } from './chain/types.ts';
import { Protocol, Runtime, bytes32, judge as rules, keyState, maxWorkAge, started, subnetState } from './registration/module.ts';
import { obstacle } from './registration/words.ts';
import { clause, line } from './words.ts';

/** A runtime that was compared with what is compiled in. */
export interface Compared {
  readonly compared: Runtime;
  /** Why the page registers nothing with it; `undefined` if it takes v1 proofs. */
  readonly refusal: string | undefined;
}

/**
 * Compares a runtime with what is compiled in.
 *
 * @throws {@link ChainError} when no library should decode its metadata.
 */
export async function compare(runtime: Description): Promise<Compared> {
  await started();
  const { specName, specVersion, transactionVersion, genesisHash, metadata } = runtime;
  const compared = new Runtime(specName, specVersion, transactionVersion, bytes32(genesisHash), metadata);
  const refusal = refusalOf(compared, `${line(specName, 60)} ${specVersion}`);
  if (refusal !== undefined && !compared.isReadable) throw new ChainError(refusal, false);
  return { compared, refusal };
}

function refusalOf(compared: Runtime, name: string): string | undefined {
  try {
    if (compared.registration() === Protocol.V1) return undefined;
  } catch (error) {
    return `Nothing can be registered with ${name}: ${clause(error)}. Choose another network.`;
  }
  return (
    `${name} takes legacy proofs, which the hotkey itself must sign. Only development chains still do. ` +
    'Use the program there: btpow register --network URL --netuid N.'
  );
}

/** What a block asks of a goal's keys. */
export function challengeOf({ netuid, hotkey, coldkey }: Subject, blockHash: string, difficulty: bigint): V1Challenge {
  return { protocol: 'v1', netuid, blockHash, hotkey: hotkey.hex, coldkey: coldkey.hex, difficulty };
}

/** How a subnet would answer a proof for the keys. */
export function judge({ netuid, hotkey, coldkey }: Subject, storage: Storage, keys: Keys): Subnet {
  const [of, by] = [hotkey, coldkey].map(({ hex }) => bytes32(hex)) as [Uint8Array, Uint8Array];
  const verdict = rules(netuid, of, by, subnetState(storage), keyState(keys));
  const { difficulty, full, reason, message } = verdict;
  if (reason !== undefined && message !== undefined) {
    return { difficulty, full, standing: { status: 'denied', message: obstacle(reason, message) } };
  }
  if (verdict.uid !== undefined) return { difficulty, full, standing: { status: 'registered', uid: verdict.uid } };
  return { difficulty, full, standing: { status: 'open' } };
}

/** For how many blocks after its own a proof counts. */
export function window(): number {
  return maxWorkAge();
}
