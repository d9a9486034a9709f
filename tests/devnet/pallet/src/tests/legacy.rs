//! The legacy `register`.

use frame_support::assert_ok;
use frame_support::dispatch::DispatchResult;
use sp_runtime::AccountId32;

use super::mock::{
    DIFFICULTY, Error, LegacyOrder, OPEN, SubtensorModule, Test, assert_refused, begin_block,
    coldkey, events, hash_of, hotkey, in_block_100, key,
};
use crate::seal::{self, Order};
use crate::{
    Difficulty, Event, MaxAllowedUids, MaxRegistrationsPerBlock, NetUid,
    NetworkPowRegistrationAllowed, NetworksAdded, Owner, RegistrationsThisBlock,
    RegistrationsThisInterval, Uids, UsedWork,
};

#[derive(Clone)]
struct Request {
    signer: AccountId32,
    netuid: NetUid,
    block: u64,
    nonce: u64,
    work: Vec<u8>,
    hotkey: AccountId32,
}

impl Request {
    /// A proof that wins in this order but not in the other.
    fn of_block(block: u64, order: Order) -> Self {
        Self::mine(block, order, hotkey())
    }

    fn mine(block: u64, order: Order, hotkey: AccountId32) -> Self {
        let other = match order {
            Order::Little => Order::Big,
            Order::Big => Order::Little,
        };
        let (nonce, work) = (0..)
            .map(|nonce| (nonce, seal::legacy(&hash_of(block), &hotkey, nonce)))
            .find(|(_, work)| {
                seal::meets(work, DIFFICULTY, order) && !seal::meets(work, DIFFICULTY, other)
            })
            .unwrap();
        Self {
            signer: hotkey.clone(),
            netuid: OPEN,
            block,
            nonce,
            work: work.to_vec(),
            hotkey,
        }
    }

    fn send(self) -> DispatchResult {
        frame_support::storage::with_storage_layer(|| {
            SubtensorModule::register(
                Some(self.signer).into(),
                self.netuid,
                self.block,
                self.nonce,
                self.work,
                self.hotkey,
                coldkey(),
            )
        })
    }
}

#[test]
fn a_good_proof_registers_in_its_order_alone() {
    for (order, other) in [(Order::Little, Order::Big), (Order::Big, Order::Little)] {
        in_block_100(|| {
            LegacyOrder::set(order);
            assert_refused(
                Request::of_block(99, other).send(),
                Error::InvalidDifficulty,
            );
            let request = Request::of_block(99, order);
            let work = request.work.clone();
            assert_ok!(request.send());
            assert_eq!(Uids::<Test>::get(OPEN, hotkey()), Some(0));
            assert_eq!(Owner::<Test>::get(hotkey()), coldkey());
            assert_eq!(UsedWork::<Test>::get(work), 100);
            assert_eq!(RegistrationsThisBlock::<Test>::get(OPEN), 1);
            assert_eq!(RegistrationsThisInterval::<Test>::get(OPEN), 1);
            assert_eq!(
                Difficulty::<Test>::get(OPEN),
                DIFFICULTY,
                "moves by interval only"
            );
            assert_eq!(events(), [Event::NeuronRegistered(OPEN, 0, hotkey())]);
        });
    }
}

/// As in the tests of `pow_register`: broken from the last to the first.
#[test]
fn conditions_have_their_order() {
    in_block_100(|| {
        let mut request = Request::of_block(99, Order::Little);
        MaxAllowedUids::<Test>::insert(OPEN, 0);
        assert_refused(request.clone().send(), Error::NoNeuronIdAvailable);

        Owner::<Test>::insert(hotkey(), key(9));
        assert_refused(request.clone().send(), Error::NonAssociatedColdKey);

        request.nonce += 1;
        assert_refused(request.clone().send(), Error::InvalidSeal);

        Difficulty::<Test>::insert(OPEN, u64::MAX);
        assert_refused(request.clone().send(), Error::InvalidDifficulty);

        request.block = 97;
        assert_refused(request.clone().send(), Error::InvalidWorkBlock);

        Uids::<Test>::insert(OPEN, hotkey(), 0);
        assert_refused(
            request.clone().send(),
            Error::HotKeyAlreadyRegisteredInSubNet,
        );

        RegistrationsThisInterval::<Test>::insert(OPEN, 6);
        assert_refused(
            request.clone().send(),
            Error::TooManyRegistrationsThisInterval,
        );

        RegistrationsThisBlock::<Test>::insert(OPEN, 1);
        assert_refused(request.clone().send(), Error::TooManyRegistrationsThisBlock);

        NetworkPowRegistrationAllowed::<Test>::insert(OPEN, false);
        assert_refused(request.clone().send(), Error::SubNetRegistrationDisabled);

        NetworksAdded::<Test>::insert(OPEN, false);
        assert_refused(request.clone().send(), Error::SubnetNotExists);

        request.netuid = NetUid::ROOT;
        assert_refused(
            request.clone().send(),
            Error::RegistrationNotPermittedOnRootSubnet,
        );

        request.signer = coldkey();
        assert_refused(request.send(), Error::TransactorAccountShouldBeHotKey);
    });
}

#[test]
fn two_blocks_are_not_too_old() {
    for (block, is_young) in [(97, false), (98, true), (99, true), (101, false)] {
        in_block_100(|| {
            let result = Request::of_block(block, Order::Little).send();
            if is_young {
                assert_ok!(result);
            } else {
                assert_refused(result, Error::InvalidWorkBlock);
            }
        });
    }
}

#[test]
fn work_has_32_bytes() {
    in_block_100(|| {
        let mut request = Request::of_block(99, Order::Little);
        request.work.push(0);
        assert_refused(request.clone().send(), Error::InvalidSeal);
        request.work.clear();
        assert_refused(request.send(), Error::InvalidSeal);
    });
}

#[test]
fn an_interval_takes_three_times_its_target() {
    in_block_100(|| {
        MaxRegistrationsPerBlock::<Test>::insert(OPEN, 10);
        for byte in 1..=6 {
            assert_ok!(Request::mine(99, Order::Little, key(byte)).send());
        }
        let late = Request::mine(99, Order::Little, key(7));
        assert_refused(late.send(), Error::TooManyRegistrationsThisInterval);
        for block in 101..=199 {
            begin_block(block);
        }
        assert_eq!(RegistrationsThisInterval::<Test>::get(OPEN), 6);
        begin_block(200);
        assert_eq!(RegistrationsThisInterval::<Test>::get(OPEN), 0);
        assert_ok!(Request::mine(199, Order::Little, key(7)).send());
    });
}
