//! The pallets' configuration: finney's parameters wherever a client can see them.

use frame_support::derive_impl;
use frame_support::traits::{ConstBool, ConstU8, ConstU32, ConstU64, Get};
use frame_support::weights::{ConstantMultiplier, FixedFee};
use pallet_subtensor_test::seal::Order;
use pallet_transaction_payment::FungibleAdapter;
use sp_consensus_aura::sr25519::AuthorityId as AuraId;
use sp_runtime::AccountId32;
use sp_runtime::traits::AccountIdLookup;
use sp_version::RuntimeVersion;

use crate::{Aura, Balances, Block, PalletInfo, Runtime, RuntimeCall, RuntimeEvent};
use crate::{RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin, RuntimeTask, System, version};

/// Milliseconds per block by the chain's own clock; blocks may really come faster.
pub(crate) const SLOT: u64 = 12_000;

/// How many block hashes the chain remembers.
const BLOCK_HASH_COUNT: u32 = 2400;

/// The fee of a transaction that pays: 0.00014 TAO, in rao. It is flat, so that tests can predict the balance.
const FEE: u32 = 140_000;

/// Gives the version to the pallets.
pub struct Version;
impl Get<RuntimeVersion> for Version {
    fn get() -> RuntimeVersion {
        version::VERSION
    }
}

/// Gives the order of legacy seals to the pallet.
pub struct LegacyOrder;
impl Get<Order> for LegacyOrder {
    fn get() -> Order {
        version::LEGACY_ORDER
    }
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type AccountData = pallet_balances::AccountData<u64>;
    type AccountId = AccountId32;
    type Block = Block;
    type BlockHashCount = ConstU32<BLOCK_HASH_COUNT>;
    type Lookup = AccountIdLookup<AccountId32, ()>;
    type Nonce = u32;
    type SS58Prefix = frame_support::traits::ConstU16<42>;
    type Version = Version;
}

impl pallet_timestamp::Config for Runtime {
    type MinimumPeriod = ConstU64<{ SLOT / 2 }>;
    type Moment = u64;
    type OnTimestampSet = Aura;
    type WeightInfo = ();
}

impl pallet_aura::Config for Runtime {
    type AllowMultipleBlocksPerSlot = ConstBool<false>;
    type AuthorityId = AuraId;
    type DisabledValidators = ();
    type MaxAuthorities = ConstU32<1>;
    type SlotDuration = ConstU64<SLOT>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
    type AccountStore = System;
    type Balance = u64;
    type ExistentialDeposit = ConstU64<500>;
}

impl pallet_transaction_payment::Config for Runtime {
    type FeeMultiplierUpdate = ();
    type LengthToFee = ConstantMultiplier<u64, ConstU64<0>>;
    type OnChargeTransaction = FungibleAdapter<Balances, ()>;
    type OperationalFeeMultiplier = ConstU8<5>;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type WeightToFee = FixedFee<{ FEE }, u64>;
}

impl pallet_subtensor_test::Config for Runtime {
    type Currency = Balances;
    type LegacyOrder = LegacyOrder;
    type RegisterBurns = ConstBool<{ !cfg!(feature = "legacy-register") }>;
}
