//! What the transaction pool refuses. Whole transactions are tested through the running chain.

use codec::Encode;
use frame_support::dispatch::{DispatchInfo, Pays};
use frame_support::pallet_prelude::{
    TransactionSource, TransactionValidityError, ValidTransaction,
};
use sp_runtime::AccountId32;
use sp_runtime::traits::{TransactionExtension, TxBaseImplication};
use sp_runtime::transaction_validity::InvalidTransaction;

use super::mock::{
    OPEN, RegisterBurns, RuntimeCall, System, Test, coldkey, hotkey, in_block_100, key,
};
use super::pow::Request;
use crate::extensions::{CheckNonce, SubtensorTransactionExtension};
use crate::{
    Call, ColdkeySwapAnnouncements, ColdkeySwapDisputes, NetUid, Owner, RegistrationsThisInterval,
};

/// One extension's verdict on a call of an account.
fn validate<E: TransactionExtension<RuntimeCall, Implicit = ()>>(
    extension: &E,
    who: AccountId32,
    call: &RuntimeCall,
    info: &DispatchInfo,
) -> Result<ValidTransaction, TransactionValidityError> {
    let source = TransactionSource::External;
    let verdict = extension.validate(
        Some(who).into(),
        call,
        info,
        0,
        (),
        &TxBaseImplication(()),
        source,
    );
    verdict.map(|(validity, _, _)| validity)
}

fn pool(who: AccountId32, call: Call<Test>) -> Result<ValidTransaction, TransactionValidityError> {
    let extension = SubtensorTransactionExtension::<Test>::default();
    validate(&extension, who, &call.into(), &DispatchInfo::default())
}

fn custom(code: u8) -> Result<ValidTransaction, TransactionValidityError> {
    Err(InvalidTransaction::Custom(code).into())
}

impl From<Request> for Call<Test> {
    fn from(request: Request) -> Self {
        Self::pow_register {
            netuid: request.netuid,
            work_block: request.work_block,
            nonce: request.nonce,
            work: request.work,
            hotkey: request.hotkey,
        }
    }
}

#[test]
fn a_good_proof_lives_as_long_as_it_can_be_included() {
    for (work_block, longevity) in [(99, 5), (97, 3), (95, 1)] {
        in_block_100(|| {
            let validity = pool(coldkey(), Request::of_block(work_block).into()).unwrap();
            assert_eq!(validity.longevity, longevity);
            let tag = (b"pow-registration", hotkey(), work_block).encode();
            assert_eq!(validity.provides, [tag]);
        });
    }
}

#[test]
fn a_coldkey_under_a_swap_may_send_nothing() {
    in_block_100(|| {
        let send = || pool(coldkey(), Request::of_block(99).into());
        ColdkeySwapDisputes::<Test>::insert(coldkey(), 90);
        assert!(send().is_ok(), "a dispute about nothing");
        ColdkeySwapAnnouncements::<Test>::insert(coldkey(), (90, sp_core::H256([1; 32])));
        assert_eq!(send(), custom(21));
        ColdkeySwapDisputes::<Test>::remove(coldkey());
        assert_eq!(send(), custom(0));
    });
}

#[test]
fn refusals_have_their_codes() {
    in_block_100(|| {
        assert_eq!(pool(coldkey(), Request::of_block(94).into()), custom(255));
        let good = Request::of_block(99);
        let unknown = Request {
            netuid: NetUid(9),
            ..good.clone()
        };
        assert_eq!(pool(coldkey(), unknown.into()), custom(3));
        Owner::<Test>::insert(hotkey(), key(9));
        assert_eq!(pool(coldkey(), good.into()), custom(25));
    });
}

#[test]
fn of_a_legacy_register_only_the_interval_is_checked() {
    in_block_100(|| {
        let register = || Call::<Test>::register {
            netuid: OPEN,
            block_number: 0,
            nonce: 0,
            work: vec![],
            hotkey: hotkey(),
            coldkey: coldkey(),
        };
        assert!(pool(hotkey(), register()).is_ok());
        RegistrationsThisInterval::<Test>::insert(OPEN, 6);
        assert_eq!(pool(hotkey(), register()), custom(6));
        RegisterBurns::set(true);
        assert!(
            pool(hotkey(), register()).is_ok(),
            "a burning one has no interval"
        );
    });
}

#[test]
fn an_account_that_does_not_exist_sends_what_is_free() {
    in_block_100(|| {
        let call: RuntimeCall = Call::from(Request::of_block(99)).into();
        let check = |who: AccountId32, nonce: u32, pays_fee| {
            let info = DispatchInfo {
                pays_fee,
                ..DispatchInfo::default()
            };
            let extension = CheckNonce::<Test>(nonce);
            let validity = validate(&extension, who.clone(), &call, &info)?;
            let origin = Some(who.clone()).into();
            extension.prepare(Some(who), &origin, &call, &info, 0)?;
            Ok::<_, TransactionValidityError>(validity)
        };
        let nobody = key(0x99);
        assert_eq!(
            check(nobody.clone(), 0, Pays::Yes),
            Err(InvalidTransaction::Payment.into())
        );
        assert!(check(nobody.clone(), 0, Pays::No).is_ok());
        assert_eq!(System::account_nonce(&nobody), 1);
        assert_eq!(
            check(nobody.clone(), 0, Pays::No),
            Err(InvalidTransaction::Stale.into())
        );
        assert_eq!(
            check(nobody, 2, Pays::No),
            Err(InvalidTransaction::Future.into())
        );
        assert!(check(coldkey(), 0, Pays::Yes).is_ok());
    });
}
