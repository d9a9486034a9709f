/** Who takes a proof: the rules of the crate `btpow-registration` over what a client has read of a chain. */

import { attempt, invalid } from './errors.js';
import { loadBoth } from './module.js';
import type { Bytes, Bytes32, Key, Overrides } from './types.js';
import { bytes, hash, hex, key, object, text, u64, whole } from './values.js';

/**
 * A runtime as an endpoint describes it. It is not believed: nothing of it but the versions and the genesis becomes part of what is
 * signed, and where it differs from what this package knows, it is refused.
 */
export interface RuntimeDescription {
  /** What it calls itself: `node-subtensor` (`specName` of `state_getRuntimeVersion`). */
  readonly specName: string;
  /** Its version, which rises with every upgrade (`specVersion`). */
  readonly specVersion: number;
  /** The version of its extrinsics (`transactionVersion`). */
  readonly transactionVersion: number;
  /** The hash of the chain's block 0 (`chain_getBlockHash`). */
  readonly genesisHash: Bytes32;
  /**
   * Its metadata, in format 14 or 15, as `state_getMetadata` answers it, or the API `Metadata_metadata_at_version`. 4 MiB at
   * most.
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
 * Which proof a runtime takes, by its metadata and never by habit.
 *
 * Ask it before anything is sent: between two eras Bittensor's `register` call took TAO from the signer
 * and looked at no proof.
 *
 * @throws {@link BtpowError} `refused`, with the reason in words: the runtime takes no proof of work, or is
 * not as this package knows it (`argument` is `runtime`), or its metadata is damaged or absurd (`runtime.metadata`); do not
 * decode that with anything else. `invalid-argument`, `wasm-load`, `wasm-csp`.
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
 * A runtime, compared with what this package knows.
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
 * The hash of block 0 of a public network, as 0x-hex: an endpoint that tells another one is not of that network.
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

/** The storage of a subnet at one block; names of the items in brackets. */
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
  /** Keys that are registered (`SubnetworkN`). */
  readonly uids: number;
  /** How many keys the subnet holds (`MaxAllowedUids`). */
  readonly maxUids: number;
}

/** What the chain says of a hotkey at the same block. */
export interface HotkeyState {
  /** Its number on the subnet, when it is registered (`Uids`). */
  readonly uid?: number | undefined;
  /** The coldkey that owns it, when one does (`Owner`, whose zeros mean nobody). */
  readonly owner?: Key | undefined;
}

/** Why no proof would be taken. */
type Reason = 'no_subnet' | 'pow_off' | 'registered_by_other' | 'no_places' | 'no_registrations' | 'owned_by_other';

/** What a subnet would say to a proof. */
export type Standing = {
  /** Expected seals per win that it asks now, bounds applied. */
  readonly difficulty: bigint;
  /** Whether every proof is refused until the next block, as this one has all the registrations that it may have. */
  readonly full: boolean;
} & (
  | {
      /** A proof would be taken. */
      readonly status: 'open';
    }
  | {
      /** The hotkey is registered already, and the coldkey owns it. */
      readonly status: 'registered';
      /** Its number on the subnet. */
      readonly uid: number;
    }
  | {
      /** No proof would be taken. */
      readonly status: 'denied';
      /** Why, for programs. */
      readonly reason: Reason;
      /** Why, in words. */
      readonly message: string;
    }
);

/**
 * Whether a subnet would take a proof for a hotkey, in the order in which the chain checks.
 *
 * @param netuid - The subnet.
 * @param coldkey - Who is to own the hotkey.
 * @param subnet - What the chain says of the subnet.
 * @param hotkey - What it says of the hotkey; nothing, for one that is new.
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
  const { uid, owner } = object(hotkey, 'hotkey') as HotkeyState;
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
  const told = registration.standing(netuid, coldkeyBytes, state, uid, ownerBytes);
  const { difficulty, full, reason, message } = told;
  if (reason !== undefined && message !== undefined) {
    return { status: 'denied', reason: reason as Reason, message, difficulty, full };
  }
  if (told.uid !== undefined) return { status: 'registered', uid: told.uid, difficulty, full };
  return { status: 'open', difficulty, full };
}
