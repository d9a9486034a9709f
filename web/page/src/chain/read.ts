/** All that is read at one block, in one request: the subnet, the key that registers, the account that signs. */

import { fromHex } from '@polkadot-api/utils';
import type { SubnetState } from 'btpow';
import { type Key, keyOf, keyOfAny } from '../keys.ts';
import { judge } from '../rules.ts';
import type { Connection } from './connection.ts';
import { type Item, PALLET, type Runtime } from './runtime.ts';
import type { Head, State, Subject, Subnet } from './types.ts';

/** Keys that a node is asked for at once, the most that nodes allow. */
const PAGE = 1_000;

/** Subnets whose values are asked for at once. */
const TOGETHER = 64;

/** Nobody, where the chain has no owner. */
const NOBODY = `0x${'00'.repeat(32)}`;

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
    return {
      exists: get(this.#exists),
      powAllowed: get(this.#powAllowed),
      difficulty: get(this.#numbers.difficulty),
      minDifficulty: get(this.#numbers.minDifficulty),
      maxDifficulty: get(this.#numbers.maxDifficulty),
      registrationsThisBlock: get(this.#counts.registrationsThisBlock),
      maxRegistrationsPerBlock: get(this.#counts.maxRegistrationsPerBlock),
      uids: get(this.#counts.uids),
      maxUids: get(this.#counts.maxUids),
    };
  }
}

/** What is asked of every block about a subject, made once per runtime. */
export class Query {
  readonly #subject: Subject;
  readonly #subnet: SubnetItems;
  readonly #uid: Item<number | undefined>;
  readonly #owner: Item<string | undefined>;
  readonly #lastWork: Item<bigint | undefined> | undefined;
  readonly #account: Item<{ nonce: number }>;

  constructor(runtime: Runtime, subject: Subject) {
    const { netuid, hotkey, coldkey } = subject;
    this.#subject = subject;
    this.#subnet = new SubnetItems(runtime, netuid);
    this.#uid = runtime.item(PALLET, 'Uids', netuid, hotkey.address);
    this.#owner = runtime.item(PALLET, 'Owner', hotkey.address);
    const lastWork = 'LastPowRegistrationBlock';
    this.#lastWork = runtime.has(PALLET, lastWork) ? runtime.item(PALLET, lastWork, hotkey.address) : undefined;
    this.#account = runtime.item('System', 'Account', coldkey.address);
  }

  async read(connection: Connection, at: Head): Promise<State> {
    const items = [this.#uid, this.#owner, this.#account, ...(this.#lastWork ? [this.#lastWork] : [])];
    const values = await connection.values([...this.#subnet.keys, ...items.map(({ key }) => key)], at.hash);
    const get = <T>(item: Item<T>): T => item.read(values.get(item.key));
    const owner = get(this.#owner);
    const uid = get(this.#uid);
    const lastWork = this.#lastWork && get(this.#lastWork);
    const { netuid, coldkey } = this.#subject;
    const subnet = await judge(netuid, coldkey, this.#subnet.read(values), {
      ...(uid !== undefined && { uid }),
      ...ownerOf(owner),
    });
    return {
      subnet,
      lastWork: lastWork === undefined ? undefined : Number(lastWork),
      nonce: get(this.#account).nonce,
    };
  }
}

function ownerOf(address: string | undefined): { owner?: string } {
  const key: Key | undefined = address === undefined ? undefined : keyOfAny(address);
  return key && key.hex !== NOBODY ? { owner: key.hex } : {};
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
      // Whoever is to own a key that nobody has: only the subnet's own answer counts.
      const subnet = await judge(netuid, keyOf(NOBODY), of.read(values));
      if (netuid !== 0 && subnet.standing.status === 'open') subnets.push({ netuid, subnet });
    }
  }
  return subnets.sort((a, b) => Number(a.subnet.difficulty - b.subnet.difficulty) || a.netuid - b.netuid);
}

/** The numbers under which a subnet was ever added. */
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
