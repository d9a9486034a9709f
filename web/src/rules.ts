/** Who takes a proof: the rules of the crate `btpow-registration`, applied to what a client has read of a chain. */

import { attempt, invalid } from './errors.js';
import { loadBoth } from './module.js';
import { HOTKEY, named } from './names.js';
import type { Bytes, Bytes32, Key, Overrides } from './types.js';
import { bytes, hash, hex, key, object, text, u64, whole } from './values.js';

/**
 * A runtime as an endpoint describes it. The package does not believe it: only the versions and the genesis become part of what is
 * signed, and a runtime that differs from what this package knows is refused.
 */
export interface RuntimeDescription {
  /** Its own name: `node-subtensor` (`specName` of `state_getRuntimeVersion`). */
  readonly specName: string;
  /** Its version, which rises with every upgrade (`specVersion`). */
  readonly specVersion: number;
  /** The version of its extrinsics (`transactionVersion`). */
  readonly transactionVersion: number;
  /** The hash of the chain's block 0 (`chain_getBlockHash`). */
  readonly genesisHash: Bytes32;
  /**
   * Its metadata, in format 14 or 15, as `state_getMetadata` or the API `Metadata_metadata_at_version` answers it. At most
   * 4 MiB.
   */
  readonly metadata: Bytes;
}

/** Which proof registers a key. */
export type RegistrationProtocol =
  | { readonly protocol: 'v1' }
  | {
      readonly protocol: 'legacy';
      /** How the chain reads a seal. */
      readonly order: 'big' | 'little';
    };

/**
 * Which proof a runtime takes, according to its metadata and never by habit.
 *
 * Ask this before you send anything: between two eras Bittensor's `register` call took TAO from the signer
 * and looked at no proof.
 *
 * @throws {@link BtpowError} `refused`, with the reason in words: the runtime takes no proof of work, or
 * differs from what this package knows (`argument` is `runtime`), or its metadata is damaged or absurd (`runtime.metadata`): do
 * not decode that with anything else. `invalid-argument`, `wasm-load`, `wasm-csp`.
 */
export async function registrationProtocol(
  runtime: RuntimeDescription,
  overrides?: Overrides,
): Promise<RegistrationProtocol> {
  const known = await compared(runtime, overrides);
  const { registration } = await loadBoth(overrides);
  const argument = known.isReadable ? 'runtime' : 'runtime.metadata';
  switch (attempt('refused', argument, () => known.registration())) {
    case registration.Protocol.V1:
      return { protocol: 'v1' };
    case registration.Protocol.LegacyBig:
      return { protocol: 'legacy', order: 'big' };
    case registration.Protocol.LegacyLittle:
      return { protocol: 'legacy', order: 'little' };
  }
}

/**
 * Compares a runtime with what this package knows.
 *
 * @internal
 */
export async function compared(runtime: RuntimeDescription, overrides: Overrides | undefined) {
  const given = object(runtime, 'runtime') as unknown as RuntimeDescription;
  const name = text(given.specName, 'runtime.specName');
  const spec = whole(given.specVersion, 'runtime.specVersion', 0, 0xffff_ffff);
  const transaction = whole(given.transactionVersion, 'runtime.transactionVersion', 0, 0xffff_ffff);
  const metadata = bytes(given.metadata, 'runtime.metadata');
  const { module, registration } = await loadBoth(overrides);
  const genesis = hash(module, given.genesisHash, 'runtime.genesisHash');
  return new registration.Runtime(name, spec, transaction, genesis, metadata);
}

/**
 * The hash of block 0 of a public network, as 0x-hex: an endpoint that reports another one is not of that network.
 *
 * @throws {@link BtpowError} `invalid-argument`, `wasm-load`, `wasm-csp`.
 */
export async function genesisHash(network: 'finney' | 'test', overrides?: Overrides): Promise<string> {
  const name = text(network, 'network');
  const { registration } = await loadBoth(overrides);
  const genesis = registration.genesisOf(name);
  if (!genesis) throw invalid('network', "'finney' or 'test'", network);
  return hex(genesis);
}

/** A subnet's storage at one block; the items' names are in brackets. */
export interface SubnetState {
  /** Whether there is such a subnet (`NetworksAdded`). */
  readonly exists: boolean;
  /** Whether its owner lets proofs of work register keys (`NetworkPowRegistrationAllowed`). */
  readonly powAllowed: boolean;
  /** Expected seals per win (`Difficulty`), as stored. */
  readonly difficulty: bigint;
  /** The least difficulty (`MinDifficulty`). */
  readonly minDifficulty: bigint;
  /** The greatest difficulty (`MaxDifficulty`). */
  readonly maxDifficulty: bigint;
  /** Registrations of every kind in the block (`RegistrationsThisBlock`). */
  readonly registrationsThisBlock: number;
  /** How many a block may hold (`MaxRegistrationsPerBlock`). */
  readonly maxRegistrationsPerBlock: number;
  /** Registered keys (`SubnetworkN`). */
  readonly uids: number;
  /** How many keys the subnet holds (`MaxAllowedUids`). */
  readonly maxUids: number;
}

/** What the chain says about a hotkey at the same block. */
export interface HotkeyState {
  /** Its number on the subnet, when it is registered (`Uids`). */
  readonly uid?: number | undefined;
  /** The coldkey that owns it, when one does (`Owner`, whose zeros mean nobody). */
  readonly owner?: Key | undefined;
}

/** Why the subnet would take no proof. */
type Reason = 'no_subnet' | 'pow_off' | 'registered_by_other' | 'no_places' | 'no_registrations' | 'owned_by_other';

/** How a subnet would answer a proof. */
export type Standing = {
  /** Expected seals per win that it asks for now, bounds applied. */
  readonly difficulty: bigint;
  /** Whether it refuses every proof until the next block, because this one has all the registrations that it may have. */
  readonly full: boolean;
} & (
  | {
      /** The subnet would take a proof. */
      readonly status: 'open';
    }
  | {
      /** The hotkey is already registered, and the coldkey owns it. */
      readonly status: 'registered';
      /** Its number on the subnet. */
      readonly uid: number;
    }
  | {
      /** The subnet would take no proof. */
      readonly status: 'denied';
      /** Why, for programs. */
      readonly reason: Reason;
      /** Why, in words. */
      readonly message: string;
    }
);

/**
 * Whether a subnet would take a proof for a hotkey. Checks in the same sequence as the chain.
 *
 * @param netuid - The subnet.
 * @param coldkey - The future owner of the hotkey.
 * @param subnet - What the chain says about the subnet.
 * @param hotkey - What it says about the hotkey; omit it for a new one.
 * @throws {@link BtpowError} `invalid-argument`, `invalid-key`, `wasm-load`, `wasm-csp`.
 */
export async function standing(
  netuid: number,
  coldkey: Key,
  subnet: SubnetState,
  hotkey: HotkeyState = {},
  overrides?: Overrides,
): Promise<Standing> {
  whole(netuid, 'netuid', 0, 65_535);
  const fields = object(subnet, 'subnet');
  const flag = (name: 'exists' | 'powAllowed'): boolean => {
    const value = fields[name];
    if (typeof value !== 'boolean') throw invalid(`subnet.${name}`, 'true or false', value);
    return value;
  };
  const count = (name: keyof SubnetState): number => whole(fields[name], `subnet.${name}`, 0, 65_535);
  const wide = (name: keyof SubnetState): bigint => u64(fields[name], `subnet.${name}`);
  named(hotkey, 'hotkey', HOTKEY, {});
  const { uid, owner } = hotkey;
  if (uid !== undefined) whole(uid, 'hotkey.uid', 0, 65_535);
  const { module, registration } = await loadBoth(overrides);
  const coldkeyBytes = key(module, coldkey, 'coldkey');
  const ownerBytes = owner === undefined ? undefined : key(module, owner, 'hotkey.owner');
  const state = new registration.SubnetState();
  state.exists = flag('exists');
  state.powAllowed = flag('powAllowed');
  state.difficulty = wide('difficulty');
  state.minDifficulty = wide('minDifficulty');
  state.maxDifficulty = wide('maxDifficulty');
  state.registrationsThisBlock = count('registrationsThisBlock');
  state.maxRegistrationsPerBlock = count('maxRegistrationsPerBlock');
  state.uids = count('uids');
  state.maxUids = count('maxUids');
  const verdict = registration.standing(netuid, coldkeyBytes, state, uid, ownerBytes);
  const { difficulty, full, reason, message } = verdict;
  if (reason !== undefined && message !== undefined) {
    return { status: 'denied', reason: reason as Reason, message, difficulty, full };
  }
  if (verdict.uid !== undefined) return { status: 'registered', uid: verdict.uid, difficulty, full };
  return { status: 'open', difficulty, full };
}
