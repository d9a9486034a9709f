//! Today's `register`: the signer pays, and the proof is ignored. It is here so that tests can see that our programs never
//! call it.

use frame_support::dispatch::DispatchResult;
use frame_support::ensure;
use frame_support::traits::fungible::Mutate;
use frame_support::traits::tokens::{Fortitude, Precision, Preservation};
use frame_system::ensure_signed;
use frame_system::pallet_prelude::OriginFor;
use sp_runtime::AccountId32;

use crate::{Burn, Config, Error, NetUid, NetworkRegistrationAllowed, Pallet};

impl<T: Config> Pallet<T> {
    /// The call.
    pub(crate) fn do_burn_register(
        origin: OriginFor<T>,
        netuid: NetUid,
        hotkey: AccountId32,
    ) -> DispatchResult {
        let coldkey = ensure_signed(origin)?;
        Self::ensure_subnet(netuid)?;
        ensure!(
            NetworkRegistrationAllowed::<T>::get(netuid),
            Error::<T>::SubNetRegistrationDisabled
        );
        Self::ensure_room_in_block(netuid)?;
        Self::ensure_not_registered(netuid, &hotkey)?;
        Self::ensure_owner(&coldkey, &hotkey)?;
        T::Currency::burn_from(
            &coldkey,
            Burn::<T>::get(netuid),
            Preservation::Preserve,
            Precision::Exact,
            Fortitude::Polite,
        )
        .map_err(|_| Error::<T>::NotEnoughBalanceToStake)?;
        Self::create_account_if_non_existent(&coldkey, &hotkey);
        Self::register_neuron(netuid, hotkey)?;
        Ok(())
    }
}
