//! The initial state of every chain, as raw storage.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::keys::{
    account_key, item_key, keys_key, owned_hotkeys_key, owner_key, staking_hotkeys_key, subnet_key,
    uids_key,
};
use crate::rpc::hex;
use crate::{ACCOUNTS, FERDIE, Options};

/// The balance of each of [`ACCOUNTS`]: a million TAO, in rao.
pub const FUNDS: u64 = 1_000_000 * 1_000_000_000;

/// Of the chain's own clock.
const SLOT_MS: u64 = 12_000;
const FIRST_SLOT: u64 = 141_666_667; // 2023-11-14: tests must not depend on today's date

/// A subnet of the genesis; subnet 0, where nobody registers, is not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// Its number.
    pub netuid: u16,
    /// Whether a proof of work registers.
    pub pow: bool,
    /// If not that of [`Options::difficulty`].
    pub difficulty: Option<u64>,
    /// How many UIDs it has.
    pub capacity: u16,
    /// Its purpose.
    pub about: &'static str,
}

/// All of them.
pub const SUBNETS: [Subnet; 4] = [
    Subnet {
        netuid: 1,
        pow: true,
        difficulty: None,
        capacity: 256,
        about: "open to proof of work",
    },
    Subnet {
        netuid: 2,
        pow: false,
        difficulty: None,
        capacity: 256,
        about: "closed to proof of work",
    },
    Subnet {
        netuid: 3,
        pow: true,
        difficulty: Some(1_000_000_000_000),
        capacity: 256,
        about: "open, but out of reach",
    },
    Subnet {
        netuid: 4,
        pow: true,
        difficulty: None,
        capacity: 1,
        about: "full: //Ferdie, its owner, has its only UID",
    },
];

impl Subnet {
    /// Its initial difficulty, which is also its minimum.
    #[must_use]
    pub fn difficulty(&self, options: &Options) -> u64 {
        self.difficulty.unwrap_or(options.difficulty)
    }
}

/// A chain specification as chopsticks reads it, without the runtime.
pub(crate) fn chain_spec(options: &Options) -> Value {
    let top: Map<String, Value> = storage(options)
        .iter()
        .map(|(key, value)| (hex(key), hex(value).into()))
        .collect();
    json!({
        "id": "btpow-test",
        "name": "btpow test chain",
        "properties": { "ss58Format": 42, "tokenDecimals": 9, "tokenSymbol": "TAO" },
        "genesis": { "raw": { "top": top } },
    })
}

fn storage(options: &Options) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut storage = BTreeMap::new();
    let mut put = |key: Vec<u8>, value: &[u8]| {
        storage.insert(key, value.to_vec());
    };

    // They must agree: the runtime refuses a block whose slot does not match its time.
    let now = FIRST_SLOT * SLOT_MS;
    put(item_key("Timestamp", "Now"), &now.to_le_bytes());
    put(item_key("Aura", "CurrentSlot"), &FIRST_SLOT.to_le_bytes());

    for account in &ACCOUNTS {
        put(account_key(&account.public), &account_info());
    }
    // Less than the sum of the balances would make every fee fail.
    let issuance = FUNDS * ACCOUNTS.len() as u64;
    put(
        item_key("Balances", "TotalIssuance"),
        &issuance.to_le_bytes(),
    );

    let networks = SUBNETS.len() as u64 + 1; // and the root
    put(
        item_key("SubtensorModule", "TotalNetworks"),
        &networks.to_le_bytes()[..2],
    );
    put(subnet_key("NetworksAdded", 0), &[1]);
    for subnet in &SUBNETS {
        let mut put = |item, value: &[u8]| put(subnet_key(item, subnet.netuid), value);
        put("NetworksAdded", &[1]);
        put("NetworkPowRegistrationAllowed", &[u8::from(subnet.pow)]);
        put("MaxAllowedUids", &subnet.capacity.to_le_bytes());
        put("MaxRegistrationsPerBlock", &1_u16.to_le_bytes());
        let difficulty = subnet.difficulty(options).to_le_bytes();
        put("Difficulty", &difficulty);
        put("MinDifficulty", &difficulty);
    }

    let ferdie = FERDIE.public;
    put(subnet_key("SubnetworkN", 4), &1_u16.to_le_bytes());
    put(uids_key(4, &ferdie), &0_u16.to_le_bytes());
    put(keys_key(4, 0), &ferdie);
    put(owner_key(&ferdie), &ferdie);
    // What keeps it there: it belongs to the subnet's owner.
    put(subnet_key("SubnetOwner", 4), &ferdie);
    let only_ferdie = [&[4], ferdie.as_slice()].concat(); // a list of one: its length is written 1 << 2
    put(owned_hotkeys_key(&ferdie), &only_ferdie);
    put(staking_hotkeys_key(&ferdie), &only_ferdie);

    for (key, value) in &options.storage {
        match value {
            Some(value) => storage.insert(key.clone(), value.clone()),
            None => storage.remove(key),
        };
    }
    storage
}

/// An account with [`FUNDS`] that has sent nothing yet.
fn account_info() -> Vec<u8> {
    let [nonce, consumers, providers, sufficients] = [0_u32, 0, 1, 0].map(u32::to_le_bytes);
    let [free, reserved, frozen] = [FUNDS, 0, 0].map(u64::to_le_bytes);
    // The bit says that the balance follows the pallet's present rules.
    let flags = (1_u128 << 127).to_le_bytes();
    [
        nonce.as_slice(),
        &consumers,
        &providers,
        &sufficients,
        &free,
        &reserved,
        &frozen,
        &flags,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::storage;
    use crate::Options;
    use crate::keys::subnet_key;

    #[test]
    fn options_replace_and_remove() {
        let options = Options {
            difficulty: 7,
            storage: vec![
                (subnet_key("MaxAllowedUids", 1), None),
                (subnet_key("NetworksAdded", 9), Some(vec![1])),
            ],
            ..Options::default()
        };
        let storage = storage(&options);
        assert_eq!(storage[&subnet_key("Difficulty", 1)], 7_u64.to_le_bytes());
        assert_eq!(storage[&subnet_key("NetworksAdded", 9)], [1]);
        assert!(!storage.contains_key(&subnet_key("MaxAllowedUids", 1)));
    }
}
