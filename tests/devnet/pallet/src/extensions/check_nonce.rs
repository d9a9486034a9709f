//! `CheckNonce`, which lets an account that does not exist send a call that is free of charge.

use alloc::vec;
use core::fmt;

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::dispatch::{DispatchInfo, Pays};
use frame_support::pallet_prelude::TransactionSource;
use frame_support::weights::Weight;
use frame_system::Config;
use scale_info::TypeInfo;
use sp_runtime::traits::{
    AsSystemOriginSigner, DispatchInfoOf, Dispatchable, One, TransactionExtension, ValidateResult,
    Zero,
};
use sp_runtime::transaction_validity::{
    InvalidTransaction, TransactionValidityError, ValidTransaction,
};
use sp_runtime::{SaturatedConversion, Saturating};

/// FRAME's own `CheckNonce` refuses a signer without a balance, since nobody has paid to store its nonce.
#[derive(Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct CheckNonce<T: Config>(#[codec(compact)] pub T::Nonce);

impl<T: Config> fmt::Debug for CheckNonce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nonce: u64 = self.0.saturated_into();
        f.debug_tuple("CheckNonce").field(&nonce).finish()
    }
}

impl<T: Config> TransactionExtension<T::RuntimeCall> for CheckNonce<T>
where
    T::RuntimeCall: Dispatchable<Info = DispatchInfo>,
    <T::RuntimeCall as Dispatchable>::RuntimeOrigin: AsSystemOriginSigner<T::AccountId> + Clone,
{
    const IDENTIFIER: &'static str = "CheckNonce";
    type Implicit = ();
    /// The signer, if there is one.
    type Val = Option<T::AccountId>;
    type Pre = ();

    fn weight(&self, _: &T::RuntimeCall) -> Weight {
        Weight::zero()
    }

    fn validate(
        &self,
        origin: T::RuntimeOrigin,
        _call: &T::RuntimeCall,
        info: &DispatchInfoOf<T::RuntimeCall>,
        _len: usize,
        (): Self::Implicit,
        _inherited_implication: &impl Encode,
        _source: TransactionSource,
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        let Some(who) = origin.as_system_origin_signer().cloned() else {
            return Ok((ValidTransaction::default(), None, origin));
        };
        let account = frame_system::Account::<T>::get(&who);
        let exists = !account.providers.is_zero() || !account.sufficients.is_zero();
        if info.pays_fee == Pays::Yes && !exists {
            return Err(InvalidTransaction::Payment.into());
        }
        if self.0 < account.nonce {
            return Err(InvalidTransaction::Stale.into());
        }
        let requires = if self.0 > account.nonce {
            vec![(&who, self.0.saturating_sub(One::one())).encode()]
        } else {
            vec![]
        };
        let validity = ValidTransaction {
            provides: vec![(&who, self.0).encode()],
            requires,
            ..ValidTransaction::default()
        };
        Ok((validity, Some(who), origin))
    }

    fn prepare(
        self,
        who: Self::Val,
        _origin: &T::RuntimeOrigin,
        _call: &T::RuntimeCall,
        _info: &DispatchInfoOf<T::RuntimeCall>,
        _len: usize,
    ) -> Result<(), TransactionValidityError> {
        let Some(who) = who else { return Ok(()) };
        frame_system::Account::<T>::mutate(who, |account| {
            if self.0 != account.nonce {
                return Err(InvalidTransaction::Future.into());
            }
            account.nonce.saturating_inc();
            Ok(())
        })
    }
}
