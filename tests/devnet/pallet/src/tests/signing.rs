//! Cuts what `btpow` signs, as an honest chain's runtime does.
//!
//! A signature covers call, extensions and what they imply as one run of bytes. Whoever has it may send any call and any
//! extensions whose bytes make the same run. So these tests try every way to cut the bytes, in a runtime that has FRAME's
//! own decoders and the calls of a theft.

use btpow_core::{Protocol, PublicKey, Seal};
use btpow_registration::{Call as Signed, Identity, Payload, Proof, Runtime};
use codec::{DecodeAll, Encode};
use frame_support::dispatch::GetDispatchInfo;
use frame_support::traits::{ConstU8, ConstU32, ConstU64};
use frame_support::weights::{ConstantMultiplier, FixedFee};
use frame_support::{derive_impl, parameter_types};
use pallet_transaction_payment::FungibleAdapter;
use sp_core::H256;
use sp_runtime::traits::{AccountIdLookup, TransactionExtension};
use sp_runtime::{AccountId32, BuildStorage, MultiAddress, MultiSignature, generic};
use sp_version::RuntimeVersion;

use super::mock::{LegacyOrder, RegisterBurns, coldkey, hotkey};
use crate::extensions;

type TxExtension = extensions::TxExtension<Test>;
type UncheckedExtrinsic = generic::UncheckedExtrinsic<
    MultiAddress<AccountId32, ()>,
    RuntimeCall,
    MultiSignature,
    TxExtension,
>;
type Header = generic::Header<u32, sp_runtime::traits::BlakeTwo256>;
type Block = generic::Block<Header, UncheckedExtrinsic>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;

    #[runtime::pallet_index(5)]
    pub type Balances = pallet_balances;

    #[runtime::pallet_index(6)]
    pub type TransactionPayment = pallet_transaction_payment;

    #[runtime::pallet_index(7)]
    pub type SubtensorModule = crate;

    #[runtime::pallet_index(11)]
    pub type Utility = pallet_utility;
}

const SPEC: u32 = 475;

parameter_types! {
    pub Version: RuntimeVersion = RuntimeVersion {
        spec_version: SPEC,
        transaction_version: 1,
        ..Default::default()
    };
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Test {
    type AccountData = pallet_balances::AccountData<u64>;
    type AccountId = AccountId32;
    type Block = Block;
    type BlockHashCount = ConstU32<2400>;
    type Lookup = AccountIdLookup<AccountId32, ()>;
    type Nonce = u32;
    type Version = Version;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = u64;
    type ExistentialDeposit = ConstU64<500>;
}

impl pallet_transaction_payment::Config for Test {
    type FeeMultiplierUpdate = ();
    type LengthToFee = ConstantMultiplier<u64, ConstU64<0>>;
    type OnChargeTransaction = FungibleAdapter<Balances, ()>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type WeightToFee = FixedFee<1_000, u64>;
}

impl pallet_utility::Config for Test {
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
}

impl crate::Config for Test {
    type Currency = Balances;
    type LegacyOrder = LegacyOrder;
    type RegisterBurns = RegisterBurns;
}

const GENESIS: [u8; 32] = [0x45; 32];

/// The block that asks.
const WORK_BLOCK: u32 = 93;

/// The hash of each block.
fn hash_of(block: u32) -> [u8; 32] {
    let mut hash = [0xab; 32];
    hash[..4].copy_from_slice(&block.to_le_bytes());
    if block == 0 { GENESIS } else { hash }
}

/// Runs a test in a block in which a proof for [`WORK_BLOCK`] still counts.
fn on_chain(test: impl FnOnce()) {
    let storage = frame_system::GenesisConfig::<Test>::default();
    let storage = storage.build_storage().unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        for block in [0, WORK_BLOCK] {
            frame_system::BlockHash::<Test>::insert(block, H256(hash_of(block)));
        }
        System::set_block_number(WORK_BLOCK + 3);
        test();
    });
}

/// Every combination of call and extensions whose bytes, with what they imply, are these.
fn cuts(signed: &[u8]) -> Vec<(RuntimeCall, Vec<u8>)> {
    let mut cuts = Vec::new();
    for end in 0..=signed.len() {
        let (call, rest) = signed.split_at(end);
        let Ok(call) = RuntimeCall::decode_all(&mut &*call) else {
            continue;
        };
        for end in 0..=rest.len() {
            let (extra, implicit) = rest.split_at(end);
            let Ok(extension) = TxExtension::decode_all(&mut &*extra) else {
                continue;
            };
            let implied = extension.implicit().map(|implied| implied.encode());
            if implied.is_ok_and(|implied| implied == implicit) {
                cuts.push((call.clone(), extra.to_vec()));
            }
        }
    }
    cuts
}

/// What `btpow` signs for this proof, with metadata that FRAME made for this runtime.
fn payload(netuid: u16, nonce: u64, seal: [u8; 32], account_nonce: u32) -> Payload {
    let identity = Identity {
        name: "btpow-test",
        spec_version: SPEC,
        transaction_version: 1,
        genesis: GENESIS,
    };
    let runtime = Runtime::compare(identity, &Test::metadata().encode());
    assert_eq!(runtime.registration(), Ok(Protocol::V1));
    assert_eq!(runtime.extensions().len(), 13);
    let call = Signed::PowRegister {
        netuid,
        proof: Proof {
            work_block: WORK_BLOCK.into(),
            nonce,
            seal: Seal(seal),
        },
        hotkey: PublicKey(hotkey().into()),
    };
    let payload = runtime.payload(call, hash_of(WORK_BLOCK), account_nonce);
    payload.expect("the runtime agrees")
}

/// The extensions' bytes: era, nonce, then a zero byte each for tip and mode.
fn extra(account_nonce: u32) -> Vec<u8> {
    let era = generic::Era::mortal(8, WORK_BLOCK.into());
    (era, codec::Compact(account_nonce), [0_u8; 2]).encode()
}

/// Bytes that look like calls, where a liar can choose them.
fn seals() -> [[u8; 32]; 4] {
    let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_all {
        dest: MultiAddress::Id(coldkey()),
        keep_alive: false,
    });
    let mut call_like = [0; 32];
    call_like[..31].copy_from_slice(&transfer.encode()[..31]);
    [[0; 32], [0xff; 32], [7; 32], call_like]
}

#[test]
fn what_is_signed_has_one_reading() {
    on_chain(|| {
        for seal in seals() {
            for netuid in [1, 7, 0x0b07, u16::MAX] {
                for nonce in [0, u64::MAX, 0x0b00_0b00_0b00_0b00] {
                    for account_nonce in [0, 63, 64, 0x4000, u32::MAX] {
                        let payload = payload(netuid, nonce, seal, account_nonce);
                        let expected = RuntimeCall::SubtensorModule(crate::Call::pow_register {
                            netuid: crate::NetUid(netuid),
                            work_block: WORK_BLOCK.into(),
                            nonce,
                            work: seal,
                            hotkey: hotkey(),
                        });
                        let found = cuts(&payload.message());
                        assert_eq!(found, [(expected, extra(account_nonce))]);
                    }
                }
            }
        }
    });
}

/// The chain accepts such an extrinsic as signed by its signer and by nobody else.
#[test]
fn what_is_sent_is_signed() {
    use sp_core::{Pair, sr25519};
    use sp_runtime::traits::Checkable;

    on_chain(|| {
        let pair = sr25519::Pair::from_seed(&[7; 32]);
        let payload = payload(1, 2, [3; 32], 4);
        let signature = btpow_registration::Signature {
            scheme: btpow_registration::Scheme::Sr25519,
            bytes: pair.sign(&payload.message()).0,
        };
        let lookup = frame_system::ChainContext::<Test>::default();
        for (signer, good) in [(pair.public().0, true), ([9; 32], false)] {
            let bytes = payload.extrinsic(PublicKey(signer), signature);
            let extrinsic = UncheckedExtrinsic::decode_all(&mut &bytes[..]).expect("an extrinsic");
            assert_eq!(extrinsic.encode(), bytes[..]);
            let checked = extrinsic.check(&lookup);
            assert_eq!(checked.is_ok(), good);
            let Ok(checked) = checked else { continue };
            let info = checked.function.get_dispatch_info();
            assert_eq!(info.pays_fee, frame_support::dispatch::Pays::No);
        }
    });
}

/// `cuts` finds a theft if there is one: the bytes of the attack that was possible when numbers and order came from
/// metadata.
#[test]
fn a_theft_would_be_found() {
    on_chain(|| {
        let theft = RuntimeCall::Utility(pallet_utility::Call::batch {
            calls: vec![RuntimeCall::Balances(pallet_balances::Call::transfer_all {
                dest: MultiAddress::Id(hotkey()),
                keep_alive: false,
            })],
        });
        let payload = payload(1, 2, [3; 32], 4);
        let message = payload.message();
        let mut signed = theft.encode();
        signed.extend(&message[payload.call().encode().len()..]);
        assert_eq!(cuts(&signed), [(theft, extra(4))]);
    });
}
