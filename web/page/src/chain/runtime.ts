/**
 * A runtime. The page's module decides what may be signed for it; its own metadata says how to read its storage and events.
 */

import { getDynamicBuilder, getLookupFn } from '@polkadot-api/metadata-builders';
import { type UnifiedMetadata, metadata as codec, unifyMetadata } from '@polkadot-api/substrate-bindings';
import { fromHex } from '@polkadot-api/utils';
import type { Runtime as Compared } from '../registration/module.ts';
import { compare } from '../rules.ts';
import { clause, line } from '../words.ts';
import { areReadable } from './nesting.ts';
import type { Rpc } from './rpc.ts';
import { ChainError, type Description, type Version } from './types.ts';

/** The most characters of metadata: the hexadecimal digits of the 4 MiB that the module reads, and what surrounds them. */
const LONGEST_METADATA = (8 << 20) + 1_024;

/** The pallet for everything about registration. */
export const PALLET = 'SubtensorModule';

/** A value in storage: where it is, and how to read it. */
export interface Item<T> {
  readonly key: string;
  /** @throws {@link ChainError} when the bytes are not what the metadata says. */
  read(value: string | null | undefined): T;
}

type Builder = ReturnType<typeof getDynamicBuilder>;

export class Runtime {
  readonly #version: Version;
  /** The runtime as the module sees it. */
  readonly compared: Compared;
  readonly name: string;
  readonly spec: number;
  /** Why the page registers nothing with it; `undefined` if it takes v1 proofs. */
  readonly refusal: string | undefined;
  readonly #metadata: UnifiedMetadata;
  readonly #lookup: ReturnType<typeof getLookupFn>;
  readonly #builder: Builder;
  /** Items of storage, by pallet and name, each built once. */
  readonly #storages = new Map<string, ReturnType<Builder['buildStorage']>>();

  /** The runtime that will execute the block after `at`, of the chain with this genesis. */
  static async fetch(rpc: Rpc, version: Version, genesis: string, at: string): Promise<Runtime> {
    const hex = await rpc.request<unknown>('state_getMetadata', [at], { most: LONGEST_METADATA });
    if (typeof hex !== 'string') throw new ChainError(`${rpc.endpoint}: no metadata`, true);
    return Runtime.read({ ...version, genesisHash: genesis, metadata: fromHex(hex) });
  }

  /** A runtime whose metadata begins with "meta". */
  static async read(description: Description): Promise<Runtime> {
    // The module goes first, since it can face metadata of any kind. The page does not decode what the module cannot read.
    const { compared, refusal } = await compare(description);
    let metadata: UnifiedMetadata;
    try {
      metadata = unifyMetadata(codec.dec(description.metadata));
    } catch (error) {
      throw new ChainError(refusal ?? `The metadata cannot be read: ${clause(error)}. Is this a Subtensor chain?`, false);
    }
    return new Runtime(description, compared, metadata, refusal);
  }

  private constructor(description: Version, compared: Compared, metadata: UnifiedMetadata, refused: string | undefined) {
    this.#version = description;
    this.compared = compared;
    this.name = line(description.specName, 60);
    this.spec = description.specVersion;
    this.refusal = refused;
    // The builder would read constants, whose types nobody has checked.
    const pallets = metadata.pallets.map((pallet) => ({ ...pallet, constants: [] }));
    this.#metadata = { ...metadata, pallets };
    this.#lookup = getLookupFn(this.#metadata);
    this.#builder = getDynamicBuilder(this.#lookup);
  }

  /** Whether a node that reports this version still runs this runtime. */
  is(version: Version): boolean {
    const { specVersion, transactionVersion } = this.#version;
    return version.specVersion === specVersion && version.transactionVersion === transactionVersion;
  }

  /** Whether there is such an item of storage. */
  has(pallet: string, entry: string): boolean {
    return this.#entry(pallet, entry) !== undefined;
  }

  /**
   * An item of storage.
   *
   * @throws {@link ChainError} when the runtime has no such item, or an unreadable one.
   */
  item<T>(pallet: string, entry: string, ...keys: readonly unknown[]): Item<T> {
    const storage = this.#storage(pallet, entry);
    return {
      key: readable(pallet, entry, () => storage.keys.enc(...keys)),
      read: (value) =>
        value === null || value === undefined
          ? (storage.fallback as T)
          : readable(pallet, entry, () => storage.value.dec(value) as T),
    };
  }

  /** The beginning of the keys of a map. */
  prefix(pallet: string, entry: string): string {
    return this.#storage(pallet, entry).keys.enc();
  }

  #entry(pallet: string, entry: string) {
    const found = this.#metadata.pallets.find(({ name }) => name === pallet);
    return found?.storage?.items.find(({ name }) => name === entry);
  }

  #storage(pallet: string, entry: string): ReturnType<Builder['buildStorage']> {
    const name = `${pallet}.${entry}`;
    const known = this.#storages.get(name);
    if (known) return known;
    const found = this.#entry(pallet, entry);
    if (!found) throw new ChainError(`This runtime has no ${name}. Is this a Subtensor chain?`, false);
    const { lookup, pallets } = this.#metadata;
    const { tag, value } = found.type;
    // The builder reads the errors in events by the pallets' own types.
    const errors = pallets.flatMap(({ errors }) => (errors ? [errors.type] : []));
    const types = [...(tag === 'plain' ? [value] : [value.key, value.value]), ...errors];
    const storage = readable(pallet, entry, () => {
      if (!areReadable(lookup, types)) throw new Error('its type has no end');
      return this.#builder.buildStorage(pallet, entry);
    });
    this.#storages.set(name, storage);
    return storage;
  }

  /** The name of an error, by the numbers of its pallet and of itself. */
  errorName(pallet: number, error: number): { pallet: string; name: string } | undefined {
    const found = this.#metadata.pallets.find(({ index }) => index === pallet);
    if (!found?.errors) return undefined;
    const entry = this.#lookup(found.errors.type);
    if (entry.type !== 'enum') return undefined;
    const name = Object.entries(entry.value).find(([, { idx }]) => idx === error)?.[0];
    return name === undefined ? undefined : { pallet: found.name, name };
  }
}

/** @throws {@link ChainError} when `read` fails. */
function readable<T>(pallet: string, entry: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new ChainError(`${pallet}.${entry} cannot be read: ${clause(error)}. Is this a Subtensor chain?`, false);
  }
}
