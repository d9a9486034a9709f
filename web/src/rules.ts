/** Who takes a proof: the core's rules over what a client has read of a chain. */

import { fromModule, invalid } from './errors.js';
import { load } from './module.js';
import type { Key, Overrides } from './types.js';
import { key, object, u64, whole } from './values.js';
import { type FieldKind, TYPES } from './wasm.js';

/** An argument of a call, as the metadata describes it. */
export interface CallArgument {
  /** Its name, as in `netuid`. */
  readonly name: string;
  /**
   * Its type: `u16`, `u64`, `Vec<u8>`, `[u8; 32]`, `AccountId32`, or any other. A type that wraps
   * another one, as `NetUid(u16)` does, is what it wraps.
   */
  readonly type: 'u16' | 'u64' | 'bytes' | 'bytes32' | 'account' | 'other';
}

/** A runtime as a chain describes it. */
export interface RuntimeDescription {
  /** What it calls itself: `node-subtensor`. */
  readonly specName: string;
  /** Its version, which rises with every upgrade. */
  readonly specVersion: number;
  /** The calls of the pallet `SubtensorModule` by name, at least `pow_register` and `register` where there are such. */
  readonly calls: Readonly<Record<string, readonly CallArgument[] | undefined>>;
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
 * @throws {@link BtpowError} `refused`, with the reason in words: the runtime takes no proof of work, or
 * nobody knows how it reads one; `invalid-argument`, `wasm-load`, `wasm-csp`.
 */
export async function registrationProtocol(
  runtime: RuntimeDescription,
  overrides?: Overrides,
): Promise<RegistrationProtocol> {
  const given = object(runtime, 'runtime');
  const name = text(given.specName, 'runtime.specName');
  const spec = whole(given.specVersion, 'runtime.specVersion', 0, 0xffff_ffff);
  const calls = Object.entries(object(given.calls, 'runtime.calls'));
  const { module } = await load(overrides);
  const fields: [kind: FieldKind, name: string][] = [];
  for (const [call, list] of calls) {
    if (list === undefined) continue;
    const path = `runtime.calls.${call}`;
    if (!Array.isArray(list)) throw invalid(path, 'a list of arguments', list);
    fields.push(['call', call]);
    list.forEach((each, index) => {
      const argument = object(each, `${path}[${index}]`);
      const kind = text(argument.type, `${path}[${index}].type`);
      const known = TYPES.find((type) => type === kind) ?? 'other';
      fields.push([known, text(argument.name, `${path}[${index}].name`)]);
    });
  }
  try {
    const protocol = module.registration(name, spec, fields);
    return protocol === 'v1' ? { protocol } : { protocol: 'legacy', order: protocol };
  } catch (error) {
    throw fromModule(error, 'runtime');
  }
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
      readonly reason:
        | 'no_subnet'
        | 'pow_off'
        | 'registered_by_other'
        | 'no_places'
        | 'no_registrations'
        | 'owned_by_other';
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
  const { module } = await load(overrides);
  const coldkeyBytes = key(module, coldkey, 'coldkey');
  const ownerBytes = owner === undefined ? undefined : key(module, owner, 'hotkey.owner');
  // Each is looked at before the module is asked.
  const numbers = [
    netuid,
    flag('exists'),
    flag('powAllowed'),
    wide('difficulty'),
    wide('minDifficulty'),
    wide('maxDifficulty'),
    count('registrationsThisBlock'),
    count('maxRegistrationsPerBlock'),
    count('uids'),
    count('maxUids'),
    uid ?? -1,
  ] as const;
  try {
    const { told, difficulty, full } = module.standing(coldkeyBytes, ownerBytes, ...numbers);
    if (told === 'open') return { status: 'open', difficulty, full };
    if (told === 'registered') return { status: 'registered', uid: uid as number, difficulty, full };
    const colon = told.indexOf(': ');
    const reason = told.slice(0, colon) as Extract<Standing, { status: 'denied' }>['reason'];
    return { status: 'denied', reason, message: told.slice(colon + 2), difficulty, full };
  } catch (error) {
    throw fromModule(error, 'subnet');
  }
}

function text(value: unknown, argument: string): string {
  if (typeof value !== 'string') throw invalid(argument, 'a string', value);
  return value;
}
