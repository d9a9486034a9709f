//! The runtime of the test chain: FRAME's own pallets around `pallet-subtensor-test`.
//!
//! It is called `btpow-test`, so that nobody mistakes it for the real chain. Pallet indices, extensions and versions are
//! those of the real chain. A feature chooses the variant: see `version`.

#![no_std]
#![expect(
    missing_docs,
    reason = "FRAME's macros make public items without documentation"
)]

extern crate alloc;

mod api;
mod config;
mod version;

use alloc::vec::Vec;

use pallet_subtensor_test::extensions;
use sp_runtime::traits::BlakeTwo256;
use sp_runtime::{AccountId32, MultiAddress, MultiSignature, generic};

type Header = generic::Header<u32, BlakeTwo256>;

type TxExtension = extensions::TxExtension<Runtime>;
type UncheckedExtrinsic = generic::UncheckedExtrinsic<
    MultiAddress<AccountId32, ()>,
    RuntimeCall,
    MultiSignature,
    TxExtension,
>;
type Block = generic::Block<Header, UncheckedExtrinsic>;
type Executive = frame_executive::Executive<
    Runtime,
    Block,
    frame_system::ChainContext<Runtime>,
    Runtime,
    AllPalletsWithSystem,
>;

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
    pub struct Runtime;

    #[runtime::pallet_index(0)]
    pub type System = frame_system;

    #[runtime::pallet_index(2)]
    pub type Timestamp = pallet_timestamp;

    #[runtime::pallet_index(3)]
    pub type Aura = pallet_aura;

    #[runtime::pallet_index(5)]
    pub type Balances = pallet_balances;

    #[runtime::pallet_index(6)]
    pub type TransactionPayment = pallet_transaction_payment;

    #[runtime::pallet_index(7)]
    pub type SubtensorModule = pallet_subtensor_test;
}
