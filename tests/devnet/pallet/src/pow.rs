//! `pow_register`: the coldkey signs, and the proof names both keys and the subnet.

use frame_support::PalletId;
use frame_support::dispatch::DispatchResult;
use frame_support::ensure;
use frame_system::ensure_signed;
use frame_system::pallet_prelude::OriginFor;
use sp_runtime::AccountId32;
use sp_runtime::traits::AccountIdConversion;

use crate::seal::{self, Order};
use crate::{
    Config, Error, LastPowRegistrationBlock, MaxAllowedUids, NetUid, NetworkPowRegistrationAllowed,
    OwnedHotkeys, Owner, Pallet, StakingHotkeys,
};

/// How many blocks after its own a proof can still be included.
pub(crate) const MAX_AGE: u64 = 5;

/// How many hotkeys a coldkey may have, or stake to.
pub(crate) const MAX_STAKING_HOTKEYS: usize = 256;

/// The id from which the accounts of subnets are derived.
pub(crate) const SUBNET_ACCOUNTS: PalletId = PalletId(*b"subtensr");

/// A proof as it comes with the call.
pub(crate) struct Proof<'a> {
    pub(crate) netuid: NetUid,
    pub(crate) work_block: u64,
    pub(crate) nonce: u64,
    pub(crate) work: &'a [u8; 32],
    pub(crate) hotkey: &'a AccountId32,
}

impl<T: Config> Pallet<T> {
    /// All conditions, in the order of the real chain; the transaction pool checks the same.
    pub(crate) fn check_pow_registration(
        coldkey: &AccountId32,
        proof: &Proof<'_>,
    ) -> Result<(), Error<T>> {
        let Proof {
            netuid,
            work_block,
            nonce,
            work,
            hotkey,
        } = *proof;
        Self::ensure_subnet(netuid)?;
        ensure!(
            NetworkPowRegistrationAllowed::<T>::get(netuid),
            Error::SubNetRegistrationDisabled
        );
        Self::ensure_not_registered(netuid, hotkey)?;
        ensure!(
            MaxAllowedUids::<T>::get(netuid) != 0,
            Error::NoNeuronIdAvailable
        );
        Self::ensure_room_in_block(netuid)?;

        let now = Self::now();
        ensure!(
            work_block < now && now - work_block <= MAX_AGE,
            Error::InvalidWorkBlock
        );
        ensure!(
            LastPowRegistrationBlock::<T>::get(hotkey).is_none_or(|last| work_block > last),
            Error::InvalidWorkBlock
        );
        let block_hash = Self::block_hash(work_block).ok_or(Error::InvalidWorkBlock)?;
        ensure!(
            *work == seal::pow(netuid, &block_hash, hotkey, coldkey, nonce),
            Error::InvalidSeal
        );
        ensure!(
            seal::meets(work, Self::effective_difficulty(netuid), Order::Little),
            Error::InvalidDifficulty
        );

        let subnet_account = PalletId::try_from_sub_account::<u16>(hotkey);
        ensure!(
            subnet_account.is_none_or(|(pallet, _)| pallet != SUBNET_ACCOUNTS),
            Error::CannotUseSystemAccount
        );
        Self::ensure_owner(coldkey, hotkey)?;
        if !Owner::<T>::contains_key(hotkey) {
            let owned = OwnedHotkeys::<T>::decode_len(coldkey).unwrap_or(0);
            let staking = StakingHotkeys::<T>::decode_len(coldkey).unwrap_or(0);
            ensure!(
                owned.max(staking) < MAX_STAKING_HOTKEYS,
                Error::TooManyStakingHotkeys
            );
        }
        Ok(())
    }

    /// The call.
    pub(crate) fn do_pow_register(
        origin: OriginFor<T>,
        netuid: NetUid,
        work_block: u64,
        nonce: u64,
        work: [u8; 32],
        hotkey: AccountId32,
    ) -> DispatchResult {
        let coldkey = ensure_signed(origin)?;
        Self::check_pow_registration(
            &coldkey,
            &Proof {
                netuid,
                work_block,
                nonce,
                work: &work,
                hotkey: &hotkey,
            },
        )?;
        Self::create_account_if_non_existent(&coldkey, &hotkey);
        LastPowRegistrationBlock::<T>::insert(&hotkey, work_block);
        Self::register_neuron(netuid, hotkey)?;
        Self::raise_difficulty(netuid);
        Ok(())
    }
}
