/**
 * One open endpoint.
 *
 * The page uses only JSON-RPC methods that every node and test chain serves (the "legacy" ones of the Substrate
 * nodes), and asks nothing while nothing changes.
 */

import { Blake2256, compact } from '@polkadot-api/substrate-bindings';
import { fromHex, mergeUint8, toHex } from '@polkadot-api/utils';
import { line, said } from '../words.ts';
import { LONGEST_NEWS, Rpc } from './rpc.ts';
import { Runtime } from './runtime.ts';
import { ChainError, type Head, type Version, isHash } from './types.ts';

/** A header as nodes send it. */
export interface Header {
  readonly parentHash: string;
  readonly number: string;
  readonly stateRoot: string;
  readonly extrinsicsRoot: string;
  readonly digest: { readonly logs: readonly string[] };
}

/**
 * A block, from its header. The hash is computed here, since nodes send only the header.
 *
 * @throws {@link ChainError} when it is not a header.
 */
export function headOf(header: Header): Head {
  try {
    const { parentHash, number, stateRoot, extrinsicsRoot, digest } = header;
    if (![parentHash, stateRoot, extrinsicsRoot].every(isHash)) throw new Error('it has a malformed hash');
    if (!/^0x[0-9a-f]{1,8}$/i.test(number)) throw new Error('its number is malformed');
    const encoded = mergeUint8([
      fromHex(parentHash),
      compact.enc(Number(number)),
      fromHex(stateRoot),
      fromHex(extrinsicsRoot),
      compact.enc(digest.logs.length),
      ...digest.logs.map((log) => fromHex(log)),
    ]);
    return { number: Number(number), hash: toHex(Blake2256(encoded)), parent: parentHash };
  } catch (error) {
    throw new ChainError(`it sent a header that is not valid: ${said(error)}`, true);
  }
}

function isVersion(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffff_ffff;
}

/** An endpoint of the right chain that answers. */
export class Connection {
  readonly rpc: Rpc;
  /** Hash of block 0. */
  readonly genesis: string;
  /** What the chain calls itself. */
  readonly chain: string;

  /**
   * Connects, and checks that it is the right chain.
   *
   * @throws {@link ChainError}
   */
  static async open(endpoint: string, expected: string | undefined): Promise<Connection> {
    const rpc = await Rpc.open(endpoint);
    try {
      const [genesis, chain] = await Promise.all([
        rpc.request<unknown>('chain_getBlockHash', [0]),
        rpc.request<string>('system_chain'),
      ]);
      if (!isHash(genesis)) throw new ChainError(`${rpc.endpoint}: its chain has no genesis`, true);
      if (expected !== undefined && genesis !== expected) {
        throw new ChainError(
          `${rpc.endpoint} is not the chain it should be: its genesis is ${genesis}, not ${expected}. ` +
            'Do not use it.',
          false,
        );
      }
      return new Connection(rpc, genesis, line(String(chain), 60));
    } catch (error) {
      rpc.close();
      throw error;
    }
  }

  private constructor(rpc: Rpc, genesis: string, chain: string) {
    this.rpc = rpc;
    this.genesis = genesis;
    this.chain = chain;
  }

  /** The newest best block. */
  async head(timeout?: number): Promise<Head> {
    const limits = { most: LONGEST_NEWS, ...(timeout !== undefined && { timeout }) };
    return headOf(await this.rpc.request<Header>('chain_getHeader', [], limits));
  }

  async version(at: string): Promise<Version> {
    const version = await this.rpc.request<Version | null>('state_getRuntimeVersion', [at]);
    const { specName, specVersion, transactionVersion } = version ?? {};
    if (typeof specName !== 'string' || !isVersion(specVersion) || !isVersion(transactionVersion)) {
      throw new ChainError(`${this.rpc.endpoint}: its runtime has no version`, true);
    }
    return { specName, specVersion, transactionVersion };
  }

  /** The runtime that will execute the block after `at`. */
  async runtime(at: string): Promise<Runtime> {
    return Runtime.fetch(this.rpc, await this.version(at), this.genesis, at);
  }

  /** The hashes of the blocks that the best chain has at these numbers now. */
  blockHashes(numbers: readonly number[]): Promise<[number, string | undefined][]> {
    return Promise.all(
      numbers.map(async (number): Promise<[number, string | undefined]> => {
        const hash = await this.rpc.request<unknown>('chain_getBlockHash', [number]);
        if (hash !== null && !isHash(hash)) throw new ChainError(`${this.rpc.endpoint}: a block without a hash`, true);
        return [number, hash ?? undefined];
      }),
    );
  }

  /** Values of storage at one block, in one request. */
  async values(keys: readonly string[], at: string): Promise<Map<string, string | null>> {
    const sets = await this.rpc.request<{ changes: [string, string | null][] }[]>('state_queryStorageAt', [keys, at]);
    return new Map(sets.flatMap(({ changes }) => changes));
  }
}

