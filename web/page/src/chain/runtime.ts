/** A runtime: its metadata, its version, and what follows from them. Everything is read by its own metadata. */

import { getDynamicBuilder, getLookupFn, type LookupEntry } from '@polkadot-api/metadata-builders';
import { type UnifiedMetadata, decAnyMetadata, unifyMetadata } from '@polkadot-api/substrate-bindings';
import { fromHex } from '@polkadot-api/utils';
import type { CallArgument } from 'btpow';
import { refusal } from '../rules.ts';
import { line, said } from '../words.ts';
import type { Rpc } from './rpc.ts';
import { ChainError } from './types.ts';

/** The pallet of everything that concerns registration. */
export const PALLET = 'SubtensorModule';

/** As `state_getRuntimeVersion` answers. */
export interface Version {
  readonly specName: string;
  readonly specVersion: number;
  readonly transactionVersion: number;
}

/** A value in storage: where it is and how it is read. */
export interface Item<T> {
  readonly key: string;
  /** @throws {@link ChainError} when the bytes are not what the metadata says. */
  read(value: string | null | undefined): T;
}

export class Runtime {
  readonly name: string;
  readonly spec: number;
  readonly transaction: number;
  readonly metadata: UnifiedMetadata;
  /** Why a page registers nothing with it; nothing where it takes v1 proofs. */
  readonly refusal: string | undefined;
  readonly #lookup: ReturnType<typeof getLookupFn>;
  readonly #builder: ReturnType<typeof getDynamicBuilder>;

  /** The runtime that will execute the block after `at`. */
  static async fetch(rpc: Rpc, version: Version, at: string): Promise<Runtime> {
    const hex = await rpc.request<string>('state_getMetadata', [at]);
    return Runtime.read(version, fromHex(hex));
  }

  /** A runtime of this version with this metadata. */
  static async read(version: Version, bytes: Uint8Array): Promise<Runtime> {
    let metadata: UnifiedMetadata;
    try {
      metadata = unifyMetadata(decAnyMetadata(bytes));
    } catch (error) {
      throw new ChainError(`The metadata cannot be read: ${said(error)}. Is this a Subtensor chain?`, false);
    }
    const lookup = getLookupFn(metadata);
    const calls = describe(metadata, lookup);
    const { specName, specVersion } = version;
    return new Runtime(version, metadata, lookup, await refusal({ specName, specVersion, calls }));
  }

  private constructor(
    version: Version,
    metadata: UnifiedMetadata,
    lookup: ReturnType<typeof getLookupFn>,
    refusal: string | undefined,
  ) {
    this.name = line(version.specName, 60);
    this.spec = version.specVersion;
    this.transaction = version.transactionVersion;
    this.metadata = metadata;
    this.refusal = refusal;
    this.#lookup = lookup;
    this.#builder = getDynamicBuilder(lookup);
  }

  /** Whether a node that tells this version still runs this runtime. */
  is(version: Version): boolean {
    return version.specVersion === this.spec && version.transactionVersion === this.transaction;
  }

  /** Whether there is such an item of storage. */
  has(pallet: string, entry: string): boolean {
    const found = this.metadata.pallets.find(({ name }) => name === pallet);
    return found?.storage?.items.some(({ name }) => name === entry) ?? false;
  }

  /**
   * An item of storage.
   *
   * @throws {@link ChainError} when the runtime has none.
   */
  item<T>(pallet: string, entry: string, ...keys: readonly unknown[]): Item<T> {
    if (!this.has(pallet, entry)) {
      throw new ChainError(`This runtime has no ${pallet}.${entry}. Is this a Subtensor chain?`, false);
    }
    const storage = this.#builder.buildStorage(pallet, entry);
    return {
      key: storage.keys.enc(...keys),
      read(value) {
        if (value === null || value === undefined) return storage.fallback as T;
        try {
          return storage.value.dec(value) as T;
        } catch (error) {
          throw new ChainError(`${pallet}.${entry} cannot be read: ${said(error)}. Is this a Subtensor chain?`, false);
        }
      },
    };
  }

  /** The beginning of the keys of a map. */
  prefix(pallet: string, entry: string): string {
    if (!this.has(pallet, entry)) {
      throw new ChainError(`This runtime has no ${pallet}.${entry}. Is this a Subtensor chain?`, false);
    }
    return this.#builder.buildStorage(pallet, entry).keys.enc();
  }

  /** The bytes of a call: pallet, call, arguments. */
  call(name: string, values: Record<string, unknown>): Uint8Array {
    const { location, codec } = this.#builder.buildCall(PALLET, name);
    const encoded = codec.enc(values);
    return Uint8Array.of(...location, ...encoded);
  }

  /** The name of an error, by the numbers of its pallet and of itself. */
  errorName(pallet: number, error: number): { pallet: string; name: string } | undefined {
    const found = this.metadata.pallets.find(({ index }) => index === pallet);
    if (!found?.errors) return undefined;
    const entry = this.#lookup(found.errors.type);
    if (entry.type !== 'enum') return undefined;
    const name = Object.entries(entry.value).find(([, { idx }]) => idx === error)?.[0];
    return name === undefined ? undefined : { pallet: found.name, name };
  }

  /** The extensions of an extrinsic, in their order; `empty` when neither its values nor what it signs has bytes. */
  extensions(): { readonly name: string; readonly empty: boolean }[] {
    const [extensions] = Object.values(this.metadata.extrinsic.signedExtensions);
    const empty = (id: number): boolean => this.#lookup(id).type === 'void';
    return (extensions ?? []).map(({ identifier, type, additionalSigned }) => ({
      name: identifier,
      empty: empty(type) && empty(additionalSigned),
    }));
  }
}

/** The pallet's calls, as the rules want them. */
function describe(metadata: UnifiedMetadata, lookup: ReturnType<typeof getLookupFn>): Record<string, CallArgument[]> {
  const calls = metadata.pallets.find(({ name }) => name === PALLET)?.calls;
  if (!calls) return {};
  const entry = lookup(calls.type);
  if (entry.type !== 'enum') return {};
  const described: Record<string, CallArgument[]> = {};
  for (const name of ['pow_register', 'register', 'faucet']) {
    const call = entry.value[name];
    if (!call) continue;
    const fields = call.type === 'struct' ? Object.entries(call.value) : call.type === 'void' ? [] : [['', undefined] as const];
    described[name] = fields.map(([name, type]) => ({ name, type: type ? kind(type) : 'other' }));
  }
  return described;
}

/** What kind of argument a type is. */
function kind(type: LookupEntry): CallArgument['type'] {
  const isByte = (type: LookupEntry): boolean => type.type === 'primitive' && type.value === 'u8';
  switch (type.type) {
    case 'primitive':
      return type.value === 'u16' || type.value === 'u64' ? type.value : 'other';
    case 'AccountId32':
      return 'account';
    case 'sequence':
      return isByte(type.value) ? 'bytes' : 'other';
    case 'array':
      return type.len === 32 && isByte(type.value) ? 'bytes32' : 'other';
    case 'struct': {
      // A type that wraps another one is what it wraps.
      const [only, ...others] = Object.values(type.value);
      return only && others.length === 0 ? kind(only) : 'other';
    }
    default:
      return 'other';
  }
}
