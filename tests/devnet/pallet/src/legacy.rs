//! The old `register`: the hotkey signs, and the proof names it but no subnet.

use alloc::vec::Vec;

use frame_support::dispatch::DispatchResult;
use frame_support::ensure;
use frame_support::traits::Get;
use frame_system::ensure_signed;
use frame_system::pallet_prelude::OriginFor;
use sp_runtime::AccountId32;

use crate::seal;
use crate::{
    Config, Difficulty, Error, NetUid, NetworkPowRegistrationAllowed, Pallet,
    RegistrationsThisInterval, TargetRegistrationsPerInterval, UsedWork,
};

/// A proof as it comes with the call.
pub(crate) struct LegacyProof {
    pub(crate) block_number: u64,
    pub(crate) nonce: u64,
    pub(crate) work: Vec<u8>,
}

impl<T: Config> Pallet<T> {
    /// Whether the interval has room, for up to three times its target. The pool of that time checked nothing else.
    pub(crate) fn ensure_room_in_interval(netuid: NetUid) -> Result<(), Error<T>> {
        let target = TargetRegistrationsPerInterval::<T>::get(netuid);
        ensure!(
            RegistrationsThisInterval::<T>::get(netuid) < target.saturating_mul(3),
            Error::TooManyRegistrationsThisInterval
        );
        Ok(())
    }

    /// A proof's seal, if it is young enough, meets the difficulty and belongs to the nonce.
    pub(crate) fn check_legacy_proof(
        key: &AccountId32,
        proof: &LegacyProof,
        difficulty: u64,
    ) -> Result<(), Error<T>> {
        let block_number = proof.block_number;
        let now = Self::now();
        ensure!(
            block_number <= now && now - block_number < 3,
            Error::InvalidWorkBlock
        );
        // The real chain panics unless the work has 32 bytes.
        let work: [u8; 32] = proof
            .work
            .as_slice()
            .try_into()
            .map_err(|_| Error::InvalidSeal)?;
        ensure!(
            seal::meets(&work, difficulty, T::LegacyOrder::get()),
            Error::InvalidDifficulty
        );
        // The block being made has no hash yet; the real chain uses zeros.
        let block_hash = Self::block_hash(block_number).unwrap_or_default();
        ensure!(
            work == seal::legacy(&block_hash, key, proof.nonce),
            Error::InvalidSeal
        );
        UsedWork::<T>::insert(&proof.work, now);
        Ok(())
    }

    /// The call.
    pub(crate) fn do_legacy_register(
        origin: OriginFor<T>,
        netuid: NetUid,
        proof: &LegacyProof,
        hotkey: AccountId32,
        coldkey: AccountId32,
    ) -> DispatchResult {
        let signer = ensure_signed(origin)?;
        ensure!(
            signer == hotkey,
            Error::<T>::TransactorAccountShouldBeHotKey
        );
        Self::ensure_subnet(netuid)?;
        ensure!(
            NetworkPowRegistrationAllowed::<T>::get(netuid),
            Error::<T>::SubNetRegistrationDisabled
        );
        Self::ensure_room_in_block(netuid)?;
        Self::ensure_room_in_interval(netuid)?;
        Self::ensure_not_registered(netuid, &hotkey)?;
        Self::check_legacy_proof(&hotkey, proof, Difficulty::<T>::get(netuid))?;
        Self::create_account_if_non_existent(&coldkey, &hotkey);
        Self::ensure_owner(&coldkey, &hotkey)?;
        Self::register_neuron(netuid, hotkey)?;
        Ok(())
    }
}
