// What the page reads of a chain for every block.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connection } from '../src/chain/connection.ts';
import { Query } from '../src/chain/read.ts';
import { PALLET, Runtime } from '../src/chain/runtime.ts';
import { GOAL, OLDER, hash, head } from './chain.ts';

/** Its items of storage are those that the page reads. */
const DESCRIPTION = { specName: 'node-subtensor', specVersion: 461, transactionVersion: 1, genesisHash: hash(0), metadata: OLDER };

test('a count of hotkeys at its limit is read again, any other once', async () => {
  const runtime = await Runtime.read(DESCRIPTION);
  const key = (entry: string, ...of: unknown[]): string => runtime.item(PALLET, entry, ...of).key;
  const owned = key('OwnedHotkeys', GOAL.coldkey.address);
  const storage = new Map<string, string>(
    [key('NetworksAdded', 1), key('NetworkPowRegistrationAllowed', 1)].map((flag) => [flag, '0x01']),
  );
  let counted = 0;
  const values = async (keys: readonly string[]): Promise<Map<string, string | null>> => {
    if (keys.includes(owned)) counted += 1;
    return new Map(keys.map((key) => [key, storage.get(key) ?? null]));
  };
  const query = new Query(runtime, GOAL);
  const read = async (length: string): Promise<unknown[]> => {
    storage.set(owned, length);
    const { subnet, keys } = await query.read({ values } as unknown as Connection, head(1));
    return [subnet.standing.status, keys.hotkeys, counted];
  };
  // Lengths as SCALE writes them.
  const [full, fewer] = ['0x0104', '0xfd03'];
  assert.deepEqual(await read(full), ['denied', 256, 1]);
  assert.deepEqual(await read(full), ['denied', 256, 2]);
  assert.deepEqual(await read(fewer), ['open', 255, 3]);
  assert.deepEqual(await read(fewer), ['open', 255, 3]);
  // Another reason to refuse costs no reading of a list.
  storage.set(key('NetworkPowRegistrationAllowed', 1), '0x00');
  assert.deepEqual(await read(fewer), ['denied', 255, 3]);
  assert.deepEqual(await read(fewer), ['denied', 255, 3]);
});
