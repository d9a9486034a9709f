/** Everything that the page reads at one block, in one request: the subnet, the key that registers, the account that signs. */

import { compact } from '@polkadot-api/substrate-bindings';
import { fromHex } from '@polkadot-api/utils';
import type { SubnetState } from 'btpow';
import { type Key, keyOf, keyOfAny } from '../keys.ts';
import { judge } from '../rules.ts';
import type { Connection } from './connection.ts';
import { type Item, PALLET, type Runtime } from './runtime.ts';
import { ChainError, type Head, type Keys, NEW, type State, type Subject, type Subnet } from './types.ts';

/** Keys to ask a node for at once: the most that nodes allow. */
const PAGE = 1_000;

/** Subnets to read at once. */
const TOGETHER = 64;

/** The largest numbers of two bytes and of four. */
const MOST_OF_16_BITS = 0xffff;
const MOST_OF_32_BITS = 0xffff_ffff;

/** The most bytes of a length. */
const LONGEST_LENGTH = 5;

/** The key that the chain gives where there is no owner. */
const NOBODY = `0x${'00'.repeat(32)}`;

const NOT_A_NUMBER = 'A number in storage is not valid. Is this a Subtensor chain?';

type Values = Map<string, string | null>;

/** The items of a subnet. */
class SubnetItems {
  readonly #exists: Item<boolean>;
  readonly #powAllowed: Item<boolean>;
  readonly #numbers: Record<'difficulty' | 'minDifficulty' | 'maxDifficulty', Item<bigint>>;
  readonly #counts: Record<'registrationsThisBlock' | 'maxRegistrationsPerBlock' | 'uids' | 'maxUids', Item<number>>;

  constructor(runtime: Runtime, netuid: number) {
    const item = <T>(entry: string): Item<T> => runtime.item<T>(PALLET, entry, netuid);
    this.#exists = item('NetworksAdded');
    this.#powAllowed = item('NetworkPowRegistrationAllowed');
    this.#numbers = {
      difficulty: item('Difficulty'),
      minDifficulty: item('MinDifficulty'),
      maxDifficulty: item('MaxDifficulty'),
    };
    this.#counts = {
      registrationsThisBlock: item('RegistrationsThisBlock'),
      maxRegistrationsPerBlock: item('MaxRegistrationsPerBlock'),
      uids: item('SubnetworkN'),
      maxUids: item('MaxAllowedUids'),
    };
  }

  get keys(): string[] {
    const items = [this.#exists, this.#powAllowed, ...Object.values(this.#numbers), ...Object.values(this.#counts)];
    return items.map(({ key }) => key);
  }

  read(values: Values): SubnetState {
    const get = <T>(item: Item<T>): T => item.read(values.get(item.key));
    const count = (item: Item<number>): number => whole(get(item), MOST_OF_16_BITS);
    return {
      exists: flag(get(this.#exists)),
      powAllowed: flag(get(this.#powAllowed)),
      difficulty: wide(get(this.#numbers.difficulty)),
      minDifficulty: wide(get(this.#numbers.minDifficulty)),
      maxDifficulty: wide(get(this.#numbers.maxDifficulty)),
      registrationsThisBlock: count(this.#counts.registrationsThisBlock),
      maxRegistrationsPerBlock: count(this.#counts.maxRegistrationsPerBlock),
      uids: count(this.#counts.uids),
      maxUids: count(this.#counts.maxUids),
    };
  }
}

/** The question about a subject for every block, made once per runtime. */
export class Query {
  readonly #subject: Subject;
  readonly #subnet: SubnetItems;
  readonly #uid: Item<number | undefined>;
  readonly #owner: Item<string | undefined>;
  readonly #lastWork: Item<bigint | undefined> | undefined;
  readonly #account: Item<{ nonce: number }>;
  /** The announcement of the coldkey's swap, and the dispute about it. That they are there is all that matters. */
  readonly #swap: Record<'announced' | 'disputed', Item<unknown> | undefined>;
  /** The lists of the coldkey's hotkeys, of which only the length matters, and that length once it was read. */
  readonly #lists: readonly Item<unknown>[];
  #hotkeys: Promise<number | undefined> | undefined;

  constructor(runtime: Runtime, subject: Subject) {
    const { netuid, hotkey, coldkey } = subject;
    this.#subject = subject;
    this.#subnet = new SubnetItems(runtime, netuid);
    this.#uid = runtime.item(PALLET, 'Uids', netuid, hotkey.address);
    this.#owner = runtime.item(PALLET, 'Owner', hotkey.address);
    const maybe = <T>(entry: string, key: Key): Item<T> | undefined =>
      runtime.has(PALLET, entry) ? runtime.item<T>(PALLET, entry, key.address) : undefined;
    this.#lastWork = maybe('LastPowRegistrationBlock', hotkey);
    this.#account = runtime.item('System', 'Account', coldkey.address);
    this.#lists = ['OwnedHotkeys', 'StakingHotkeys'].flatMap((entry) => maybe(entry, coldkey) ?? []);
    this.#swap = {
      announced: maybe('ColdkeySwapAnnouncements', coldkey),
      disputed: maybe('ColdkeySwapDisputes', coldkey),
    };
  }

  async read(connection: Connection, at: Head): Promise<State> {
    const items = [this.#uid, this.#owner, this.#account, this.#lastWork, this.#swap.announced, this.#swap.disputed];
    const places = items.flatMap((item) => (item ? [item.key] : []));
    const [values, hotkeys] = await Promise.all([
      connection.values([...this.#subnet.keys, ...places], at.hash),
      this.#countHotkeys(connection, at),
    ]);
    const get = <T>(item: Item<T>): T => item.read(values.get(item.key));
    const isSet = (item: Item<unknown> | undefined): boolean => typeof (item && values.get(item.key)) === 'string';
    const storage = this.#subnet.read(values);
    const owner = ownerOf(get(this.#owner));
    const stored = get(this.#uid);
    const uid = stored === undefined ? undefined : whole(stored, MOST_OF_16_BITS);
    const lastWork = this.#lastWork && get(this.#lastWork);
    const keys: Keys = {
      uid,
      owner,
      lastWork: lastWork === undefined ? undefined : wide(lastWork),
      nonce: whole(get(this.#account).nonce, MOST_OF_32_BITS),
      swapAnnounced: isSet(this.#swap.announced),
      swapDisputed: isSet(this.#swap.disputed),
      hotkeys,
    };
    const subnet = judge(this.#subject, storage, keys);
    // A count that alone stands in the way may have fallen since it was read.
    if (isDenied(subnet) && !isDenied(judge(this.#subject, storage, { ...keys, hotkeys: undefined }))) this.#hotkeys = undefined;
    return { subnet, storage, keys };
  }

  /** How many hotkeys the coldkey has. Some lists are long, so they are read once, while they deny nothing; what cannot be read does not count. */
  #countHotkeys(connection: Connection, at: Head): Promise<number | undefined> {
    this.#hotkeys ??= countHotkeys(connection, at, this.#lists).catch(() => {
      // The next block asks again.
      this.#hotkeys = undefined;
      return undefined;
    });
    return this.#hotkeys;
  }
}

function isDenied({ standing }: Subnet): boolean {
  return standing.status === 'denied';
}

async function countHotkeys(connection: Connection, at: Head, lists: readonly Item<unknown>[]): Promise<number | undefined> {
  if (lists.length === 0) return undefined;
  const values = await connection.values(lists.map(({ key }) => key), at.hash);
  return Math.max(...lists.map(({ key }) => lengthOf(values.get(key))));
}

/** A list begins with its length. */
function lengthOf(list: string | null | undefined): number {
  return list ? whole(Number(compact.dec(list.slice(0, 2 + 2 * LONGEST_LENGTH))), MOST_OF_32_BITS) : 0;
}

function ownerOf(address: string | undefined): Key | undefined {
  if (address === undefined) return undefined;
  try {
    const key = keyOfAny(address);
    return key.hex === NOBODY ? undefined : key;
  } catch {
    throw new ChainError('An owner in storage is not a key. Is this a Subtensor chain?', false);
  }
}

/** An endpoint's metadata decides the types of numbers, so the page checks that each is the kind it expects. */
function whole(value: unknown, most: number): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most) return value as number;
  throw new ChainError(NOT_A_NUMBER, false);
}

function wide(value: unknown): bigint {
  if (typeof value === 'bigint' && BigInt.asUintN(64, value) === value) return value;
  throw new ChainError(NOT_A_NUMBER, false);
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new ChainError('A flag in storage is not valid. Is this a Subtensor chain?', false);
}

/** The subnets that take proofs of work, the easiest first. */
export async function openSubnets(
  connection: Connection,
  runtime: Runtime,
  at: Head,
): Promise<{ netuid: number; subnet: Subnet }[]> {
  const netuids = await allNetuids(connection, runtime, at);
  const subnets: { netuid: number; subnet: Subnet }[] = [];
  for (let begin = 0; begin < netuids.length; begin += TOGETHER) {
    const items = netuids.slice(begin, begin + TOGETHER).map((netuid) => ({ netuid, of: new SubnetItems(runtime, netuid) }));
    const values = await connection.values(items.flatMap(({ of }) => of.keys), at.hash);
    for (const { netuid, of } of items) {
      // Any keys would do, since there are none yet: only the subnet's own answer counts.
      const subnet = judge({ netuid, hotkey: keyOf(NOBODY), coldkey: keyOf(NOBODY) }, of.read(values), NEW);
      if (netuid !== 0 && subnet.standing.status === 'open') subnets.push({ netuid, subnet });
    }
  }
  return subnets.sort((a, b) => Number(a.subnet.difficulty - b.subnet.difficulty) || a.netuid - b.netuid);
}

/** The numbers of all subnets that were ever added. */
async function allNetuids(connection: Connection, runtime: Runtime, at: Head): Promise<number[]> {
  const prefix = runtime.prefix(PALLET, 'NetworksAdded');
  const netuids: number[] = [];
  let last: string | null = null;
  for (;;) {
    const page: string[] = await connection.rpc.request('state_getKeysPaged', [prefix, PAGE, last, at.hash]);
    for (const key of page) {
      // Whatever the hasher, a map's key ends with the number itself.
      const [low, high] = fromHex(key).slice(-2);
      netuids.push((low ?? 0) | ((high ?? 0) << 8));
    }
    last = page.at(-1) ?? null;
    if (page.length < PAGE) return netuids;
  }
}
