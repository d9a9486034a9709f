//! Storage keys, computed from names alone, as clients do.

use blake2::digest::consts::U16;
use blake2::{Blake2b, Digest as _};
use twox_hash::XxHash64;

/// The pallet with the registrations.
const SUBTENSOR: &str = "SubtensorModule";

/// The key of a value, and the prefix of a map.
#[must_use]
pub fn item_key(pallet: &str, item: &str) -> Vec<u8> {
    [twox_128(pallet), twox_128(item)].concat()
}

/// A subnet's entry of one of the maps by subnet: `Difficulty`, `NetworksAdded`, ….
#[must_use]
pub fn subnet_key(item: &str, netuid: u16) -> Vec<u8> {
    with(item_key(SUBTENSOR, item), &netuid.to_le_bytes())
}

/// The key of a hotkey's UID on a subnet.
#[must_use]
pub fn uids_key(netuid: u16, hotkey: &[u8; 32]) -> Vec<u8> {
    with(subnet_key("Uids", netuid), &hashed(hotkey))
}

/// The key of the hotkey with a UID on a subnet.
#[must_use]
pub fn keys_key(netuid: u16, uid: u16) -> Vec<u8> {
    with(subnet_key("Keys", netuid), &uid.to_le_bytes())
}

/// The key of the coldkey that owns a hotkey.
#[must_use]
pub fn owner_key(hotkey: &[u8; 32]) -> Vec<u8> {
    account_map_key("Owner", hotkey)
}

/// The key of the hotkeys that a coldkey owns.
#[must_use]
pub fn owned_hotkeys_key(coldkey: &[u8; 32]) -> Vec<u8> {
    account_map_key("OwnedHotkeys", coldkey)
}

/// The key of the hotkeys to which a coldkey stakes.
#[must_use]
pub fn staking_hotkeys_key(coldkey: &[u8; 32]) -> Vec<u8> {
    account_map_key("StakingHotkeys", coldkey)
}

/// The key of the block whose proof last registered a hotkey.
#[must_use]
pub fn last_pow_registration_block_key(hotkey: &[u8; 32]) -> Vec<u8> {
    account_map_key("LastPowRegistrationBlock", hotkey)
}

/// The key of the announcement that another key takes a coldkey's place.
#[must_use]
pub fn swap_announcement_key(coldkey: &[u8; 32]) -> Vec<u8> {
    swap_key("ColdkeySwapAnnouncements", coldkey)
}

/// The key of the dispute about that.
#[must_use]
pub fn swap_dispute_key(coldkey: &[u8; 32]) -> Vec<u8> {
    swap_key("ColdkeySwapDisputes", coldkey)
}

/// The key of an account's nonce and balance.
#[must_use]
pub fn account_key(account: &[u8; 32]) -> Vec<u8> {
    with(item_key("System", "Account"), &hashed(account))
}

fn account_map_key(item: &str, account: &[u8; 32]) -> Vec<u8> {
    with(item_key(SUBTENSOR, item), &hashed(account))
}

/// `Twox64Concat`.
fn swap_key(item: &str, coldkey: &[u8; 32]) -> Vec<u8> {
    let hash = XxHash64::oneshot(0, coldkey).to_le_bytes();
    let key = with(hash.to_vec(), coldkey);
    with(item_key(SUBTENSOR, item), &key)
}

fn with(mut prefix: Vec<u8>, suffix: &[u8]) -> Vec<u8> {
    prefix.extend(suffix);
    prefix
}

/// `Blake2_128Concat`.
fn hashed(account: &[u8; 32]) -> Vec<u8> {
    with(Blake2b::<U16>::digest(account).to_vec(), account)
}

fn twox_128(name: &str) -> [u8; 16] {
    let mut hash = [0; 16];
    for (seed, half) in (0..).zip(hash.chunks_exact_mut(8)) {
        half.copy_from_slice(&XxHash64::oneshot(seed, name.as_bytes()).to_le_bytes());
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::{
        account_map_key, last_pow_registration_block_key, owner_key, subnet_key, uids_key,
    };
    use crate::ALICE;
    use crate::rpc::hex;

    const PREFIX: &str = "0x658faa385070e074c85bf6b568cf0555";
    const ALICE_HASH: &str = "de1e86a9a8c739864cf3cc5ec2bea59f";

    /// The real chain's keys, read from its metadata by another library.
    #[test]
    fn keys_are_those_of_the_real_chain() {
        let items = [
            ("Difficulty", "7d15dd66fbf0cbda1d3a651b5e606df2"),
            ("MinDifficulty", "7d1ef0ad35be38a65d724cebe67a0828"),
            ("MaxDifficulty", "d9a2e3756c352adba311d5c8e9b1659b"),
            ("NetworksAdded", "0e30450fc4d507a846032a7fa65d9a43"),
            (
                "NetworkPowRegistrationAllowed",
                "d9609d5bbf07471b2a753b5a2576ff70",
            ),
            (
                "NetworkRegistrationAllowed",
                "d5fe74da02c7b4bbb340fb368eee3e77",
            ),
            (
                "MaxRegistrationsPerBlock",
                "5c42f45df5bee15784582e489bd453c9",
            ),
            ("RegistrationsThisBlock", "1b3fb8eab74d7b0ba55c892d38ff23cc"),
            ("MaxAllowedUids", "fabe6b131d9fa6e6d6cacbe7586c3b8a"),
            ("SubnetworkN", "a1048e9d244171852dfe8db314dc68ca"),
        ];
        for (item, hash) in items {
            assert_eq!(
                hex(&subnet_key(item, 1)),
                format!("{PREFIX}{hash}0100"),
                "{item}"
            );
        }
        let alice = hex(&ALICE.public);
        let alice = alice.trim_start_matches("0x");
        assert_eq!(
            hex(&uids_key(1, &ALICE.public)),
            format!("{PREFIX}aab1b4e78e1ea8305462ee53b3686dc80100{ALICE_HASH}{alice}")
        );
        assert_eq!(
            hex(&last_pow_registration_block_key(&ALICE.public)),
            format!("{PREFIX}ad6c39453d2135ac5a9e70c48a143d62{ALICE_HASH}{alice}")
        );
        assert_eq!(
            hex(&owner_key(&ALICE.public)),
            format!("{PREFIX}eca6b7a1fdc9f689184ecb4f359c0518{ALICE_HASH}{alice}")
        );
        assert_eq!(
            account_map_key("Owner", &ALICE.public),
            owner_key(&ALICE.public)
        );
    }
}
