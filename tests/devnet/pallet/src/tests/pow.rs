//! `pow_register`: each condition, in its order, with its error; then the effects.

use frame_support::dispatch::DispatchResult;
use frame_support::{PalletId, assert_ok};
use sp_runtime::AccountId32;
use sp_runtime::traits::AccountIdConversion;

use super::mock::{
    DIFFICULTY, Error, OPEN, Test, assert_refused, begin_block, coldkey, events, hash_of, hotkey,
    in_block_100, key,
};
use crate::pow::{MAX_STAKING_HOTKEYS, SUBNET_ACCOUNTS};
use crate::seal::{self, Order};
use crate::{
    Burn, Difficulty, Event, ImmunityPeriod, Keys, LastPowRegistrationBlock, MaxAllowedUids,
    MaxDifficulty, MaxRegistrationsPerBlock, MinDifficulty, MinNonImmuneUids, NetUid,
    NetworkPowRegistrationAllowed, NetworkRegistrationAllowed, NetworksAdded, OwnedHotkeys, Owner,
    Pallet, RegistrationsThisBlock, StakingHotkeys, SubnetOwner, SubnetworkN, Uids,
};

/// A call's arguments, so that a test can change one of them.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) netuid: NetUid,
    pub(super) work_block: u64,
    pub(super) nonce: u64,
    pub(super) work: [u8; 32],
    pub(super) hotkey: AccountId32,
    pub(super) coldkey: AccountId32,
}

impl Request {
    /// A proof of [`hotkey`] and [`coldkey`] on a block, which just wins at this difficulty.
    pub(super) fn of_block(work_block: u64) -> Self {
        Self::mine(OPEN, work_block, hotkey(), coldkey())
    }

    fn mine(netuid: NetUid, work_block: u64, hotkey: AccountId32, coldkey: AccountId32) -> Self {
        let (nonce, work) = (0..)
            .map(|nonce| {
                let block_hash = hash_of(work_block);
                let seal = seal::pow(netuid, &block_hash, &hotkey, &coldkey, nonce);
                (nonce, seal)
            })
            .find(|(_, seal)| seal::meets(seal, 8 * DIFFICULTY, Order::Little))
            .unwrap();
        Self {
            netuid,
            work_block,
            nonce,
            work,
            hotkey,
            coldkey,
        }
    }

    pub(super) fn send(self) -> DispatchResult {
        frame_support::storage::with_storage_layer(|| {
            Pallet::<Test>::do_pow_register(
                Some(self.coldkey).into(),
                self.netuid,
                self.work_block,
                self.nonce,
                self.work,
                self.hotkey,
            )
        })
    }
}

#[test]
fn a_good_proof_registers() {
    in_block_100(|| {
        let issuance = pallet_balances::TotalIssuance::<Test>::get();
        assert_ok!(Request::of_block(99).send());
        assert_eq!(Uids::<Test>::get(OPEN, hotkey()), Some(0));
        assert_eq!(Keys::<Test>::get(OPEN, 0), hotkey());
        assert_eq!(SubnetworkN::<Test>::get(OPEN), 1);
        assert_eq!(LastPowRegistrationBlock::<Test>::get(hotkey()), Some(99));
        assert_eq!(RegistrationsThisBlock::<Test>::get(OPEN), 1);
        assert_eq!(Owner::<Test>::get(hotkey()), coldkey());
        assert_eq!(OwnedHotkeys::<Test>::get(coldkey()), [hotkey()]);
        assert_eq!(StakingHotkeys::<Test>::get(coldkey()), [hotkey()]);
        assert_eq!(Difficulty::<Test>::get(OPEN), 12, "10 times 1.26");
        assert_eq!(Burn::<Test>::get(OPEN), 100_000_000, "the price stays");
        assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issuance);
        assert_eq!(events(), [Event::NeuronRegistered(OPEN, 0, hotkey())]);
    });
}

#[test]
fn uids_are_given_in_order() {
    in_block_100(|| {
        MaxRegistrationsPerBlock::<Test>::insert(OPEN, 3);
        for (uid, hotkey) in [key(1), key(2), key(3)].into_iter().enumerate() {
            assert_ok!(Request::mine(OPEN, 99, hotkey.clone(), coldkey()).send());
            assert_eq!(Uids::<Test>::get(OPEN, hotkey).map(usize::from), Some(uid));
        }
        assert_eq!(RegistrationsThisBlock::<Test>::get(OPEN), 3);
    });
}

/// From the last condition to the first, each broken on top of the ones after it: the error is that
/// of the earliest. The hotkey's owner is broken first, so that the last two exclude each other.
#[test]
fn conditions_have_their_order() {
    in_block_100(|| {
        let mut request = Request::of_block(99);
        let full = vec![key(9); MAX_STAKING_HOTKEYS];
        OwnedHotkeys::<Test>::insert(coldkey(), &full);
        assert_refused(request.clone().send(), Error::TooManyStakingHotkeys);

        Owner::<Test>::insert(hotkey(), key(9));
        assert_refused(request.clone().send(), Error::NonAssociatedColdKey);

        let subnet_account: AccountId32 = SUBNET_ACCOUNTS.into_sub_account_truncating(1_u16);
        let mut of_subnet = Request::mine(OPEN, 99, subnet_account.clone(), coldkey());
        Owner::<Test>::insert(&subnet_account, key(9));
        assert_refused(of_subnet.clone().send(), Error::CannotUseSystemAccount);

        Difficulty::<Test>::insert(OPEN, u64::MAX / 4);
        assert_refused(of_subnet.clone().send(), Error::InvalidDifficulty);
        assert_refused(request.clone().send(), Error::InvalidDifficulty);

        request.nonce += 1;
        of_subnet.nonce += 1;
        assert_refused(of_subnet.send(), Error::InvalidSeal);
        assert_refused(request.clone().send(), Error::InvalidSeal);

        // Unknown, used, too old or of the future: one error, before that of the seal.
        for work_block in [94, 100] {
            request.work_block = work_block;
            assert_refused(request.clone().send(), Error::InvalidWorkBlock);
        }

        RegistrationsThisBlock::<Test>::insert(OPEN, 1);
        assert_refused(request.clone().send(), Error::TooManyRegistrationsThisBlock);

        MaxAllowedUids::<Test>::insert(OPEN, 0);
        assert_refused(request.clone().send(), Error::NoNeuronIdAvailable);

        Uids::<Test>::insert(OPEN, hotkey(), 0);
        assert_refused(
            request.clone().send(),
            Error::HotKeyAlreadyRegisteredInSubNet,
        );

        NetworkPowRegistrationAllowed::<Test>::insert(OPEN, false);
        assert_refused(request.clone().send(), Error::SubNetRegistrationDisabled);

        NetworksAdded::<Test>::insert(OPEN, false);
        assert_refused(request.clone().send(), Error::SubnetNotExists);

        NetworksAdded::<Test>::insert(NetUid::ROOT, false);
        request.netuid = NetUid::ROOT;
        assert_refused(request.send(), Error::RegistrationNotPermittedOnRootSubnet);
    });
}

#[test]
fn five_blocks_are_not_too_old() {
    for (work_block, is_young) in [
        (94, false),
        (95, true),
        (99, true),
        (100, false),
        (101, false),
    ] {
        in_block_100(|| {
            let result = Request::of_block(work_block).send();
            if is_young {
                assert_ok!(result);
            } else {
                assert_refused(result, Error::InvalidWorkBlock);
            }
        });
    }
}

#[test]
fn a_block_must_be_known() {
    in_block_100(|| {
        frame_system::BlockHash::<Test>::remove(97);
        assert_refused(Request::of_block(97).send(), Error::InvalidWorkBlock);
    });
}

#[test]
fn a_proof_is_good_once() {
    in_block_100(|| {
        let request = Request::of_block(98);
        assert_ok!(request.clone().send());
        begin_block(101);
        assert_refused(
            request.clone().send(),
            Error::HotKeyAlreadyRegisteredInSubNet,
        );

        // After losing its UID, the hotkey needs a newer block than that of its last proof.
        Uids::<Test>::remove(OPEN, hotkey());
        assert_refused(request.send(), Error::InvalidWorkBlock);
        assert_refused(Request::of_block(97).send(), Error::InvalidWorkBlock);
        assert_ok!(Request::of_block(99).send());
    });
}

#[test]
fn a_proof_names_both_keys_and_the_subnet() {
    in_block_100(|| {
        let other = NetUid(2);
        NetworksAdded::<Test>::insert(other, true);
        NetworkPowRegistrationAllowed::<Test>::insert(other, true);
        MinDifficulty::<Test>::insert(other, DIFFICULTY);
        let good = Request::of_block(99);
        for request in [
            Request {
                coldkey: key(7),
                ..good.clone()
            },
            Request {
                hotkey: key(7),
                ..good.clone()
            },
            Request {
                netuid: other,
                ..good.clone()
            },
            Request {
                work_block: 98,
                ..good.clone()
            },
        ] {
            assert_refused(request.send(), Error::InvalidSeal);
        }
        assert_ok!(good.send());
    });
}

#[test]
fn difficulty_is_taken_within_its_bounds() {
    // (stored, lowest, highest, whether a proof of 80 meets it)
    let u64_max = u64::MAX;
    for (stored, lowest, highest, meets) in [
        (1, u64_max, u64_max, false),
        (u64_max, 0, 10, true),
        (0, 0, 0, true),
        (10, 10, 10, true),
    ] {
        in_block_100(|| {
            Difficulty::<Test>::insert(OPEN, stored);
            MinDifficulty::<Test>::insert(OPEN, lowest);
            MaxDifficulty::<Test>::insert(OPEN, highest);
            let result = Request::of_block(99).send();
            if meets {
                assert_ok!(result);
            } else {
                assert_refused(result, Error::InvalidDifficulty);
            }
        });
    }
}

#[test]
fn burning_may_be_switched_off() {
    in_block_100(|| {
        NetworkRegistrationAllowed::<Test>::insert(OPEN, false);
        assert_ok!(Request::of_block(99).send());
    });
}

#[test]
fn a_full_subnet_takes_nobody_in_the_place_of_its_owner() {
    in_block_100(|| {
        MaxAllowedUids::<Test>::insert(OPEN, 1);
        SubnetOwner::<Test>::insert(OPEN, coldkey());
        assert_ok!(Request::of_block(98).send());
        begin_block(101);
        let late = Request::mine(OPEN, 99, key(7), coldkey());
        assert_refused(late.send(), Error::NoNeuronIdAvailable);
        assert_eq!(
            LastPowRegistrationBlock::<Test>::get(key(7)),
            None,
            "nothing stays of it"
        );
        assert!(!Owner::<Test>::contains_key(key(7)));
    });
}

/// While the first key is immune it gives way if none is mature; afterwards only above the number that stays.
#[test]
fn a_full_subnet_replaces_the_oldest_key() {
    for (immunity, stay, replaced) in [(4096, 10, true), (1, 0, true), (1, 1, false)] {
        in_block_100(|| {
            MaxAllowedUids::<Test>::insert(OPEN, 1);
            ImmunityPeriod::<Test>::insert(OPEN, immunity);
            MinNonImmuneUids::<Test>::insert(OPEN, stay);
            assert_ok!(Request::of_block(98).send());
            begin_block(101);
            let late = Request::mine(OPEN, 99, key(7), coldkey());
            if replaced {
                assert_ok!(late.send());
                assert_eq!(Uids::<Test>::get(OPEN, key(7)), Some(0));
                assert_eq!(Uids::<Test>::get(OPEN, hotkey()), None);
                assert_eq!(SubnetworkN::<Test>::get(OPEN), 1);
            } else {
                assert_refused(late.send(), Error::NoNeuronIdAvailable);
            }
        });
    }
}

#[test]
fn an_owned_hotkey_stays_with_its_coldkey() {
    in_block_100(|| {
        Owner::<Test>::insert(hotkey(), coldkey());
        OwnedHotkeys::<Test>::insert(coldkey(), vec![hotkey(); MAX_STAKING_HOTKEYS]);
        assert_ok!(Request::of_block(99).send());
    });
}

#[test]
fn the_counter_starts_again_with_each_block() {
    in_block_100(|| {
        assert_ok!(Request::of_block(99).send());
        let second = Request::mine(OPEN, 99, key(7), coldkey());
        assert_refused(second.clone().send(), Error::TooManyRegistrationsThisBlock);
        begin_block(101);
        assert_ok!(second.send());
    });
}

/// Pallet ids of other pallets make ordinary accounts.
#[test]
fn only_accounts_of_subnets_are_refused() {
    in_block_100(|| {
        let other: AccountId32 = PalletId(*b"py/trsry").into_sub_account_truncating(1_u16);
        assert_ok!(Request::mine(OPEN, 99, other, coldkey()).send());
    });
}
