//! Where the storage is, and its defaults, as clients of the real chain expect them.

use codec::Encode;
use frame_support::storage::StoragePrefixedMap as _;

use super::mock::{OPEN, Test, in_block_100};
use super::vectors::unhex;
use crate::*;

/// Asserts the hash of an item's name, and the encoded value for an unknown subnet.
macro_rules! assert_items {
    ($($item:ident $hash:literal $default:literal)*) => {$(
        let prefix = $item::<Test>::final_prefix();
        assert_eq!(hex(&prefix[..16]), "658faa385070e074c85bf6b568cf0555");
        assert_eq!(hex(&prefix[16..]), $hash, stringify!($item));
        assert_eq!(hex(&$item::<Test>::get(NetUid(77)).encode()), $default, stringify!($item));
    )*};
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn items_have_the_keys_and_defaults_of_the_real_chain() {
    in_block_100(|| {
        assert_items! {
            Difficulty "7d15dd66fbf0cbda1d3a651b5e606df2" "8096980000000000"
            MinDifficulty "7d1ef0ad35be38a65d724cebe67a0828" "8096980000000000"
            MaxDifficulty "d9a2e3756c352adba311d5c8e9b1659b" "ffffffffffffff3f"
            NetworksAdded "0e30450fc4d507a846032a7fa65d9a43" "00"
            NetworkPowRegistrationAllowed "d9609d5bbf07471b2a753b5a2576ff70" "00"
            NetworkRegistrationAllowed "d5fe74da02c7b4bbb340fb368eee3e77" "01"
            MaxRegistrationsPerBlock "5c42f45df5bee15784582e489bd453c9" "0100"
            RegistrationsThisBlock "1b3fb8eab74d7b0ba55c892d38ff23cc" "0000"
            MaxAllowedUids "fabe6b131d9fa6e6d6cacbe7586c3b8a" "0001"
            SubnetworkN "a1048e9d244171852dfe8db314dc68ca" "0000"
        }
        assert_eq!(hex(&BurnHalfLife::<Test>::get(OPEN).encode()), "6801");
        assert_eq!(
            hex(&BurnIncreaseMult::<Test>::get(OPEN).encode()),
            "0090c2f5285c8f420100000000000000"
        );
        assert_eq!(hex(&Burn::<Test>::get(OPEN).encode()), "00e1f50500000000");
    });
}

#[test]
fn keys_are_hashed_as_on_the_real_chain() {
    let alice = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
    let alice_hash = "de1e86a9a8c739864cf3cc5ec2bea59f";
    let account = sp_runtime::AccountId32::new(unhex(alice));
    let key = |hex: String| hex[64..].to_owned();
    assert_eq!(key(hex(&Difficulty::<Test>::hashed_key_for(OPEN))), "0100");
    assert_eq!(
        key(hex(&Uids::<Test>::hashed_key_for(OPEN, &account))),
        format!("0100{alice_hash}{alice}")
    );
    assert_eq!(key(hex(&Keys::<Test>::hashed_key_for(OPEN, 3))), "01000300");
    for map in [
        hex(&Owner::<Test>::hashed_key_for(&account)),
        hex(&OwnedHotkeys::<Test>::hashed_key_for(&account)),
        hex(&StakingHotkeys::<Test>::hashed_key_for(&account)),
        hex(&LastPowRegistrationBlock::<Test>::hashed_key_for(&account)),
    ] {
        assert_eq!(key(map), format!("{alice_hash}{alice}"));
    }
}

/// Clients find errors by name, and old ones by number.
#[test]
fn errors_and_events_have_the_numbers_of_the_real_chain() {
    use crate::Error::*;
    let errors: [(Error<Test>, u8); 12] = [
        (NonAssociatedColdKey, 7),
        (TooManyRegistrationsThisBlock, 20),
        (HotKeyAlreadyRegisteredInSubNet, 21),
        (InvalidWorkBlock, 24),
        (InvalidDifficulty, 25),
        (InvalidSeal, 26),
        (SubNetRegistrationDisabled, 37),
        (RegistrationNotPermittedOnRootSubnet, 42),
        (NoNeuronIdAvailable, 48),
        (SubnetNotExists, 76),
        (CannotUseSystemAccount, 141),
        (TooManyStakingHotkeys, 163),
    ];
    for (error, index) in errors {
        assert_eq!(error.encode(), [index]);
    }
    let event = Event::<Test>::NeuronRegistered(OPEN, 2, sp_runtime::AccountId32::new([9; 32]));
    assert_eq!(event.encode()[..5], [7, 1, 0, 2, 0]);
}
