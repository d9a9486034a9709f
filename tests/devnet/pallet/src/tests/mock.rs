//! A chain of three pallets, and the tests' tools for it.

use frame_support::derive_impl;
use frame_support::traits::{ConstU64, Get, Hooks};
use frame_system::pallet_prelude::BlockNumberFor;
use sp_core::H256;
use sp_runtime::traits::IdentityLookup;
use sp_runtime::{AccountId32, BuildStorage};

use crate::seal::Order;
use crate::{
    Difficulty, MinDifficulty, NetUid, NetworkPowRegistrationAllowed, NetworksAdded, Pallet, TAO,
};

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

    #[runtime::pallet_index(7)]
    pub type SubtensorModule = crate;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountData = pallet_balances::AccountData<u64>;
    type AccountId = AccountId32;
    type Block = frame_system::mocking::MockBlock<Self>;
    type Lookup = IdentityLookup<AccountId32>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type Balance = u64;
    type ExistentialDeposit = ConstU64<500>;
}

std::thread_local! {
    static ORDER: core::cell::Cell<Order> = const { core::cell::Cell::new(Order::Little) };
    static BURNS: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

/// The byte order in which this test's chain reads legacy seals: little-endian unless set.
pub struct LegacyOrder;
impl LegacyOrder {
    pub(super) fn set(order: Order) {
        ORDER.set(order);
    }
}
impl Get<Order> for LegacyOrder {
    fn get() -> Order {
        ORDER.get()
    }
}

/// Whether `register` burns on this test's chain: not unless set.
pub struct RegisterBurns;
impl RegisterBurns {
    pub(super) fn set(burns: bool) {
        BURNS.set(burns);
    }
}
impl Get<bool> for RegisterBurns {
    fn get() -> bool {
        BURNS.get()
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type LegacyOrder = LegacyOrder;
    type RegisterBurns = RegisterBurns;
}

pub(super) type Error = crate::Error<Test>;

/// The subnet of most tests: open to proof of work, at difficulty 10.
pub(super) const OPEN: NetUid = NetUid(1);
pub(super) const DIFFICULTY: u64 = 10;

pub(super) fn key(byte: u8) -> AccountId32 {
    AccountId32::new([byte; 32])
}

pub(super) fn coldkey() -> AccountId32 {
    key(0xc0)
}

pub(super) fn hotkey() -> AccountId32 {
    key(0x40)
}

/// The hash of each block of these chains.
pub(super) fn hash_of(block: u64) -> [u8; 32] {
    let mut hash = [0xab; 32];
    hash[..8].copy_from_slice(&block.to_le_bytes());
    hash
}

/// Runs a test in block 100 of a chain on which [`coldkey`] has a thousand TAO.
pub(super) fn in_block_100(test: impl FnOnce()) {
    let mut storage = frame_system::GenesisConfig::<Test>::default()
        .build_storage()
        .unwrap();
    pallet_balances::GenesisConfig::<Test> {
        balances: vec![(coldkey(), 1_000 * TAO)],
        ..Default::default()
    }
    .assimilate_storage(&mut storage)
    .unwrap();
    sp_io::TestExternalities::new(storage).execute_with(|| {
        for netuid in [NetUid::ROOT, OPEN] {
            NetworksAdded::<Test>::insert(netuid, true);
            NetworkPowRegistrationAllowed::<Test>::insert(netuid, true);
            Difficulty::<Test>::insert(netuid, DIFFICULTY);
            MinDifficulty::<Test>::insert(netuid, DIFFICULTY);
        }
        // As if 89 blocks had passed.
        System::set_block_number(89);
        for block in 90..=100 {
            begin_block(block);
        }
        test();
    });
}

/// Begins a block, as the runtime does.
pub(super) fn begin_block(number: BlockNumberFor<Test>) {
    System::reset_events();
    System::initialize(&number, &H256(hash_of(number - 1)), &Default::default());
    Pallet::<Test>::on_initialize(number);
}

/// Asserts that a call failed for this reason.
#[track_caller]
pub(super) fn assert_refused(result: frame_support::dispatch::DispatchResult, error: Error) {
    assert_eq!(result, Err(error.into()));
}

/// The events of this pallet in the block being made.
pub(super) fn events() -> Vec<crate::Event<Test>> {
    System::events()
        .into_iter()
        .filter_map(|record| match record.event {
            RuntimeEvent::SubtensorModule(event) => Some(event),
            _ => None,
        })
        .collect()
}
