//! `faucet`: TAO for a legacy proof of the signer's own key. Only local chains have it.

use frame_support::dispatch::DispatchResult;
use frame_support::traits::fungible::Mutate;
use frame_system::ensure_signed;
use frame_system::pallet_prelude::OriginFor;

use crate::legacy::LegacyProof;
use crate::{Config, Event, Pallet, TAO};

/// The difficulty that a proof must meet.
pub(crate) const DIFFICULTY: u64 = 1_000_000;
/// The amount that it gives, in rao.
pub(crate) const AMOUNT: u64 = 1_000 * TAO;

impl<T: Config> Pallet<T> {
    /// The call. As on the real chain, a young proof pays each time it is sent.
    pub(crate) fn do_faucet(origin: OriginFor<T>, proof: &LegacyProof) -> DispatchResult {
        let coldkey = ensure_signed(origin)?;
        Self::check_legacy_proof(&coldkey, proof, DIFFICULTY)?;
        T::Currency::mint_into(&coldkey, AMOUNT)?;
        Self::deposit_event(Event::Faucet(coldkey, AMOUNT));
        Ok(())
    }
}
