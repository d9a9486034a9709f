//! `SubtensorTransactionExtension`: what the transaction pool of the real chain refuses.

use core::fmt;
use core::marker::PhantomData;

use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::pallet_prelude::TransactionSource;
use frame_support::traits::{Get, IsSubType};
use scale_info::TypeInfo;
use sp_runtime::traits::{
    AsSystemOriginSigner, DispatchInfoOf, Dispatchable, TransactionExtension, ValidateResult,
};
use sp_runtime::transaction_validity::{InvalidTransaction, ValidTransaction};
use sp_runtime::{AccountId32, impl_tx_ext_default};

use crate::{Call, ColdkeySwapAnnouncements, ColdkeySwapDisputes, Config, Error, Pallet};

/// Codes of `InvalidTransaction::Custom`.
mod code {
    pub(super) const COLDKEY_IN_SWAP_SCHEDULE: u8 = 0;
    pub(super) const SUBNET_NOT_EXISTS: u8 = 3;
    pub(super) const RATE_LIMIT_EXCEEDED: u8 = 6;
    pub(super) const COLDKEY_SWAP_DISPUTED: u8 = 21;
    pub(super) const NON_ASSOCIATED_COLDKEY: u8 = 25;
    /// Everything without a code of its own.
    pub(super) const BAD_REQUEST: u8 = 255;
}

/// Checks a directly submitted `pow_register` in full, before it costs a place in a block. Like the real chain, it checks
/// only the interval for a legacy `register`, and nothing for other calls. A coldkey whose swap is announced may send none of
/// them; the calls that swap it are not part of this chain.
#[derive(Clone, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
#[scale_info(skip_type_params(T))]
pub struct SubtensorTransactionExtension<T>(PhantomData<T>);

impl<T> Default for SubtensorTransactionExtension<T> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T> fmt::Debug for SubtensorTransactionExtension<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubtensorTransactionExtension")
    }
}

impl<T: Config + Send + Sync> TransactionExtension<T::RuntimeCall>
    for SubtensorTransactionExtension<T>
where
    T::RuntimeCall: Dispatchable + IsSubType<Call<T>>,
    <T::RuntimeCall as Dispatchable>::RuntimeOrigin: AsSystemOriginSigner<T::AccountId> + Clone,
{
    const IDENTIFIER: &'static str = "SubtensorTransactionExtension";
    type Implicit = ();
    type Val = ();
    type Pre = ();

    fn validate(
        &self,
        origin: <T::RuntimeCall as Dispatchable>::RuntimeOrigin,
        call: &T::RuntimeCall,
        _info: &DispatchInfoOf<T::RuntimeCall>,
        _len: usize,
        (): Self::Implicit,
        _inherited_implication: &impl Encode,
        _source: TransactionSource,
    ) -> ValidateResult<Self::Val, T::RuntimeCall> {
        let (Some(who), Some(call)) = (origin.as_system_origin_signer(), call.is_sub_type()) else {
            return Ok((ValidTransaction::default(), (), origin));
        };
        if ColdkeySwapAnnouncements::<T>::contains_key(who) {
            let disputed = ColdkeySwapDisputes::<T>::contains_key(who);
            let code = if disputed {
                code::COLDKEY_SWAP_DISPUTED
            } else {
                code::COLDKEY_IN_SWAP_SCHEDULE
            };
            return Err(InvalidTransaction::Custom(code).into());
        }
        let validity = validate_call::<T>(who, call)
            .map_err(|error| InvalidTransaction::Custom(custom_code(&error)))?;
        Ok((validity, (), origin))
    }

    impl_tx_ext_default!(T::RuntimeCall; weight prepare);
}

#[cfg_attr(
    not(feature = "pow-register"),
    expect(unused_variables, reason = "other calls are alike for all signers")
)]
fn validate_call<T: Config>(
    who: &AccountId32,
    call: &Call<T>,
) -> Result<ValidTransaction, Error<T>> {
    match call {
        #[cfg(feature = "pow-register")]
        Call::pow_register {
            netuid,
            work_block,
            nonce,
            work,
            hotkey,
        } => {
            let proof = crate::pow::Proof {
                netuid: *netuid,
                work_block: *work_block,
                nonce: *nonce,
                work,
                hotkey,
            };
            Pallet::<T>::check_pow_registration(who, &proof)?;
            let age = Pallet::<T>::now() - work_block;
            Ok(ValidTransaction {
                // A second proof of one block for one hotkey does not replace the first.
                provides: alloc::vec![(b"pow-registration", hotkey, work_block).encode()],
                longevity: crate::pow::MAX_AGE - age + 1,
                ..ValidTransaction::default()
            })
        }
        Call::register { netuid, .. } if !T::RegisterBurns::get() => {
            Pallet::<T>::ensure_room_in_interval(*netuid)?;
            Ok(ValidTransaction::default())
        }
        _ => Ok(ValidTransaction::default()),
    }
}

fn custom_code<T>(error: &Error<T>) -> u8 {
    match error {
        Error::SubnetNotExists => code::SUBNET_NOT_EXISTS,
        Error::NonAssociatedColdKey => code::NON_ASSOCIATED_COLDKEY,
        Error::TooManyRegistrationsThisInterval => code::RATE_LIMIT_EXCEEDED,
        _ => code::BAD_REQUEST,
    }
}
