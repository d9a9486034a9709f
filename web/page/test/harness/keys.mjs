/** Accounts whose secrets everybody knows, storage keys, and values as the chain holds them. */

import { AccountId, Blake2128Concat, Identity, Storage, Vector, u16, u64 } from '@polkadot-api/substrate-bindings';

const { enc: publicKey, dec: address } = AccountId(42);

const account = (name, ss58) => ({ name, uri: `//${name}`, address: ss58 });

export const ALICE = account('Alice', '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
export const BOB = account('Bob', '5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
export const CHARLIE = account('Charlie', '5FLSigC9HGRKVhB9FiEo4Y3koPsNmBmLJbpXg2mp1hXcS59Y');
export const DAVE = account('Dave', '5DAAnrj7VHTznn2AWBemMuyBwZWs6FNFjdyVXUeYum3PTXFy');
export const EVE = account('Eve', '5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw');
/** It has the only UID of subnet 4. */
export const FERDIE = account('Ferdie', '5CiPPseXPECbkjWCa6MnjNokrgYjMqmKndv2rSnekmSK2DjL');

const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
const bytes = (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'));

const subtensor = Storage('SubtensorModule');
const netuid = [u16.enc, Identity];
const key = [publicKey, Blake2128Concat];

/** An item of `SubtensorModule`: how to make its key, and how to read and write its value. */
function item(name, value, ...hashers) {
  const { enc } = subtensor(name, ...hashers.map(([encode, hash]) => [{ enc: encode }, hash]));
  return { key: enc, enc: (decoded) => hex(value.enc(decoded)), dec: (text) => value.dec(bytes(text)) };
}

const bool = { enc: (value) => [Number(value)], dec: ([value]) => value === 1 };
const accountId = { enc: publicKey, dec: address };

export const ITEMS = {
  Difficulty: item('Difficulty', u64, netuid),
  NetworksAdded: item('NetworksAdded', bool, netuid),
  NetworkPowRegistrationAllowed: item('NetworkPowRegistrationAllowed', bool, netuid),
  RegistrationsThisBlock: item('RegistrationsThisBlock', u16, netuid),
  Uids: item('Uids', u16, netuid, key),
  Owner: item('Owner', accountId, key),
  OwnedHotkeys: item('OwnedHotkeys', Vector(AccountId(42)), key),
  LastPowRegistrationBlock: item('LastPowRegistrationBlock', u64, key),
};

/** The key of the balance and the nonce of an account. */
export const accountKey = ({ address }) => Storage('System')('Account', [{ enc: publicKey }, Blake2128Concat]).enc(address);
