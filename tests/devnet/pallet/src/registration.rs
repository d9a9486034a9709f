//! Shared by all ways of registering.

use frame_support::ensure;
use frame_system::pallet_prelude::BlockNumberFor;
use sp_runtime::AccountId32;
use sp_runtime::traits::UniqueSaturatedInto;

use crate::{
    AdjustmentInterval, BlockAtRegistration, Config, Error, Event, Keys, MaxAllowedUids,
    MaxRegistrationsPerBlock, NetUid, NetworksAdded, OwnedHotkeys, Owner, Pallet,
    RegistrationsThisBlock, RegistrationsThisInterval, StakingHotkeys, SubnetworkN, Uids,
};

impl<T: Config> Pallet<T> {
    /// What happens before the calls of a block. The transaction pool does not run it, so it sees the counters of the block
    /// before.
    pub(crate) fn begin_block(now: BlockNumberFor<T>) {
        let now: u64 = now.unique_saturated_into();
        for (netuid, exists) in NetworksAdded::<T>::iter() {
            if !exists {
                continue;
            }
            if RegistrationsThisBlock::<T>::get(netuid) > 0 {
                RegistrationsThisBlock::<T>::insert(netuid, 0);
            }
            let interval = u64::from(AdjustmentInterval::<T>::get(netuid));
            if now.is_multiple_of(interval) && RegistrationsThisInterval::<T>::get(netuid) > 0 {
                RegistrationsThisInterval::<T>::insert(netuid, 0);
            }
            if netuid != NetUid::ROOT {
                Self::decay_difficulty(netuid);
            }
        }
    }

    /// The number of the block being made; in the transaction pool, of the block after the head.
    pub(crate) fn now() -> u64 {
        frame_system::Pallet::<T>::block_number().unique_saturated_into()
    }

    /// The hash of a block; none when the chain has forgotten it or does not know it yet.
    pub(crate) fn block_hash(number: u64) -> Option<[u8; 32]> {
        let number: BlockNumberFor<T> = number.unique_saturated_into();
        let hash = frame_system::Pallet::<T>::block_hash(number);
        (!hash.is_zero()).then_some(hash.0)
    }

    pub(crate) fn ensure_subnet(netuid: NetUid) -> Result<(), Error<T>> {
        ensure!(
            netuid != NetUid::ROOT,
            Error::RegistrationNotPermittedOnRootSubnet
        );
        ensure!(NetworksAdded::<T>::get(netuid), Error::SubnetNotExists);
        Ok(())
    }

    pub(crate) fn ensure_not_registered(
        netuid: NetUid,
        hotkey: &AccountId32,
    ) -> Result<(), Error<T>> {
        ensure!(
            !Uids::<T>::contains_key(netuid, hotkey),
            Error::HotKeyAlreadyRegisteredInSubNet
        );
        Ok(())
    }

    pub(crate) fn ensure_room_in_block(netuid: NetUid) -> Result<(), Error<T>> {
        ensure!(
            RegistrationsThisBlock::<T>::get(netuid) < MaxRegistrationsPerBlock::<T>::get(netuid),
            Error::TooManyRegistrationsThisBlock
        );
        Ok(())
    }

    /// Anybody may take a hotkey without an owner.
    pub(crate) fn ensure_owner(
        coldkey: &AccountId32,
        hotkey: &AccountId32,
    ) -> Result<(), Error<T>> {
        ensure!(
            !Owner::<T>::contains_key(hotkey) || Owner::<T>::get(hotkey) == *coldkey,
            Error::NonAssociatedColdKey
        );
        Ok(())
    }

    /// Gives a hotkey that is new to the chain to a coldkey.
    pub(crate) fn create_account_if_non_existent(coldkey: &AccountId32, hotkey: &AccountId32) {
        if Owner::<T>::contains_key(hotkey) {
            return;
        }
        Owner::<T>::insert(hotkey, coldkey);
        OwnedHotkeys::<T>::append(coldkey, hotkey);
        StakingHotkeys::<T>::append(coldkey, hotkey);
    }

    /// Gives the hotkey the next UID, or on a full subnet that of a key that gives way.
    pub(crate) fn register_neuron(netuid: NetUid, hotkey: AccountId32) -> Result<(), Error<T>> {
        let taken = SubnetworkN::<T>::get(netuid);
        let uid = if taken < MaxAllowedUids::<T>::get(netuid) {
            SubnetworkN::<T>::insert(netuid, taken + 1);
            taken
        } else {
            let uid = Self::neuron_to_prune(netuid).ok_or(Error::NoNeuronIdAvailable)?;
            Uids::<T>::remove(netuid, Keys::<T>::get(netuid, uid));
            uid
        };
        Uids::<T>::insert(netuid, &hotkey, uid);
        Keys::<T>::insert(netuid, uid, &hotkey);
        BlockAtRegistration::<T>::insert(netuid, uid, Self::now());
        RegistrationsThisBlock::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
        RegistrationsThisInterval::<T>::mutate(netuid, |count| *count = count.saturating_add(1));
        Self::deposit_event(Event::NeuronRegistered(netuid, uid, hotkey));
        Ok(())
    }
}
