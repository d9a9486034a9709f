//! Today's `register`.

use frame_support::assert_ok;
use frame_support::dispatch::DispatchResult;
use sp_runtime::AccountId32;

use super::mock::{
    Balances, Error, OPEN, RegisterBurns, SubtensorModule, Test, assert_refused, coldkey, events,
    hotkey, in_block_100, key,
};
use crate::{
    Burn, Difficulty, Event, MaxAllowedUids, NetUid, NetworkPowRegistrationAllowed,
    NetworkRegistrationAllowed, NetworksAdded, Owner, RegistrationsThisBlock, TAO, Uids,
};

/// A call without any proof.
fn register(signer: AccountId32, netuid: NetUid, hotkey: AccountId32) -> DispatchResult {
    RegisterBurns::set(true);
    frame_support::storage::with_storage_layer(|| {
        SubtensorModule::register(Some(signer).into(), netuid, 0, 0, vec![], hotkey, key(0))
    })
}

#[test]
fn the_signer_pays_and_owns() {
    in_block_100(|| {
        NetworkPowRegistrationAllowed::<Test>::insert(OPEN, false);
        let difficulty = Difficulty::<Test>::get(OPEN);
        assert_ok!(register(coldkey(), OPEN, hotkey()));
        assert_eq!(Balances::free_balance(coldkey()), 1_000 * TAO - 100_000_000);
        assert_eq!(Balances::total_issuance(), 1_000 * TAO - 100_000_000);
        assert_eq!(Uids::<Test>::get(OPEN, hotkey()), Some(0));
        assert_eq!(
            Owner::<Test>::get(hotkey()),
            coldkey(),
            "not the coldkey of the call"
        );
        assert_eq!(RegistrationsThisBlock::<Test>::get(OPEN), 1);
        assert_eq!(Difficulty::<Test>::get(OPEN), difficulty);
        assert_eq!(events(), [Event::NeuronRegistered(OPEN, 0, hotkey())]);
    });
}

/// What makes a legacy `register` dangerous: a hotkey that signs one pays and becomes its own.
#[test]
fn a_hotkey_that_signs_becomes_its_own_coldkey() {
    in_block_100(|| {
        assert_ok!(register(coldkey(), OPEN, coldkey()));
        assert_eq!(Owner::<Test>::get(coldkey()), coldkey());
    });
}

#[test]
fn conditions_have_their_order() {
    in_block_100(|| {
        let send = || register(coldkey(), OPEN, hotkey());
        MaxAllowedUids::<Test>::insert(OPEN, 0);
        assert_refused(send(), Error::NoNeuronIdAvailable);
        Burn::<Test>::insert(OPEN, 1_000 * TAO);
        assert_refused(send(), Error::NotEnoughBalanceToStake);
        Owner::<Test>::insert(hotkey(), key(9));
        assert_refused(send(), Error::NonAssociatedColdKey);
        Uids::<Test>::insert(OPEN, hotkey(), 0);
        assert_refused(send(), Error::HotKeyAlreadyRegisteredInSubNet);
        RegistrationsThisBlock::<Test>::insert(OPEN, 1);
        assert_refused(send(), Error::TooManyRegistrationsThisBlock);
        NetworkRegistrationAllowed::<Test>::insert(OPEN, false);
        assert_refused(send(), Error::SubNetRegistrationDisabled);
        NetworksAdded::<Test>::insert(OPEN, false);
        assert_refused(send(), Error::SubnetNotExists);
        let on_root = register(coldkey(), NetUid::ROOT, hotkey());
        assert_refused(on_root, Error::RegistrationNotPermittedOnRootSubnet);
        assert_eq!(Balances::free_balance(coldkey()), 1_000 * TAO);
    });
}
