//! Registration as Bittensor's chain does it, for a test chain.
//!
//! It is written from the description of the protocol, with hashes from `sp-io`, and shares no line with `btpow-core`, so
//! that a mistake there does not cancel out here. Names, indices, hashers, types and defaults are those of the real
//! pallet, since clients find everything by them.
//!
//! - [`seal`]: what is hashed, and when a seal wins.
//! - `pow`, `legacy`, `burning`, `faucet`: the calls, one module each.
//! - `registration`: what they share; `pruning`: who gives way; `difficulty`: how it moves.
//! - [`extensions`]: the checks of the transaction pool.
//!
//! The feature `pow-register` puts that call into the metadata, and changes nothing else.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod burning;
mod difficulty;
pub mod extensions;
mod faucet;
mod fixed;
mod legacy;
mod netuid;
#[cfg(any(feature = "pow-register", test))]
mod pow;
mod pruning;
mod registration;
pub mod seal;
#[cfg(test)]
mod tests;

pub use fixed::U64F64;
pub use netuid::NetUid;
pub use pallet::*;

/// 10^9 rao are one TAO.
pub const TAO: u64 = 1_000_000_000;

#[frame_support::pallet]
pub mod pallet {
    use alloc::vec::Vec;

    use frame_support::pallet_prelude::*;
    use frame_support::traits::{ConstBool, ConstU16, ConstU64, fungible};
    use frame_system::pallet_prelude::*;
    use sp_core::H256;
    use sp_runtime::AccountId32;

    use crate::fixed::{DefaultIncreaseMult, U64F64};
    use crate::legacy::LegacyProof;
    use crate::netuid::NetUid;
    use crate::seal::Order;

    #[pallet::pallet]
    #[pallet::without_storage_info]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config:
        frame_system::Config<AccountId = AccountId32, Hash = H256, RuntimeEvent: From<Event<Self>>>
    {
        /// The currency that registering burns and the faucet mints.
        type Currency: fungible::Mutate<Self::AccountId, Balance = u64>;
        /// The byte order of legacy seals: big-endian up to spec 277, little-endian since 283.
        type LegacyOrder: Get<Order>;
        /// Whether `register` burns the signer's TAO, as since spec 395, or takes a legacy proof.
        type RegisterBurns: Get<bool>;
    }

    #[pallet::storage]
    pub type TotalNetworks<T> = StorageValue<_, u16, ValueQuery>;
    #[pallet::storage]
    pub type NetworksAdded<T> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;
    #[pallet::storage]
    pub type NetworkRegistrationAllowed<T> =
        StorageMap<_, Identity, NetUid, bool, ValueQuery, ConstBool<true>>;
    /// Its default was true before spec 475.
    #[pallet::storage]
    pub type NetworkPowRegistrationAllowed<T> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;
    #[pallet::storage]
    pub type SubnetworkN<T> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;
    #[pallet::storage]
    pub type MaxAllowedUids<T> = StorageMap<_, Identity, NetUid, u16, ValueQuery, ConstU16<256>>;

    #[pallet::storage]
    pub type MaxRegistrationsPerBlock<T> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, ConstU16<1>>;
    #[pallet::storage]
    pub type RegistrationsThisBlock<T> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;
    #[pallet::storage]
    pub type AdjustmentInterval<T> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, ConstU16<100>>;
    #[pallet::storage]
    pub type TargetRegistrationsPerInterval<T> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, ConstU16<2>>;
    #[pallet::storage]
    pub type RegistrationsThisInterval<T> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    #[pallet::storage]
    pub type Difficulty<T> = StorageMap<_, Identity, NetUid, u64, ValueQuery, ConstU64<10_000_000>>;
    #[pallet::storage]
    pub type MinDifficulty<T> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, ConstU64<10_000_000>>;
    #[pallet::storage]
    pub type MaxDifficulty<T> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, ConstU64<{ u64::MAX / 4 }>>;
    /// The price of a burn registration, in rao. Here it does not move.
    #[pallet::storage]
    pub type Burn<T> = StorageMap<_, Identity, NetUid, u64, ValueQuery, ConstU64<100_000_000>>;
    /// The number of blocks in which difficulty falls by half.
    #[pallet::storage]
    pub type BurnHalfLife<T> = StorageMap<_, Identity, NetUid, u16, ValueQuery, ConstU16<360>>;
    /// The factor by which a registration raises difficulty.
    #[pallet::storage]
    pub type BurnIncreaseMult<T> =
        StorageMap<_, Identity, NetUid, U64F64, ValueQuery, DefaultIncreaseMult>;

    #[pallet::storage]
    pub type Uids<T> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, AccountId32, u16, OptionQuery>;
    #[pallet::storage]
    pub type Keys<T> =
        StorageDoubleMap<_, Identity, NetUid, Identity, u16, AccountId32, ValueQuery, NoAccount>;
    #[pallet::storage]
    pub type BlockAtRegistration<T> =
        StorageDoubleMap<_, Identity, NetUid, Identity, u16, u64, ValueQuery>;
    /// For how many blocks a new key does not give way to others.
    #[pallet::storage]
    pub type ImmunityPeriod<T> = StorageMap<_, Identity, NetUid, u16, ValueQuery, ConstU16<4096>>;
    /// How many keys that are neither immune nor the owner's stay.
    #[pallet::storage]
    pub type MinNonImmuneUids<T> = StorageMap<_, Identity, NetUid, u16, ValueQuery, ConstU16<10>>;
    #[pallet::storage]
    pub type SubnetOwner<T> = StorageMap<_, Identity, NetUid, AccountId32, ValueQuery, NoAccount>;
    #[pallet::storage]
    pub type SubnetOwnerHotkey<T> =
        StorageMap<_, Identity, NetUid, AccountId32, ValueQuery, NoAccount>;
    /// How many keys of the owner never give way.
    #[pallet::storage]
    pub type ImmuneOwnerUidsLimit<T> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, ConstU16<1>>;
    #[pallet::storage]
    pub type LastPowRegistrationBlock<T> =
        StorageMap<_, Blake2_128Concat, AccountId32, u64, OptionQuery>;
    /// The coldkey of a hotkey.
    #[pallet::storage]
    pub type Owner<T> =
        StorageMap<_, Blake2_128Concat, AccountId32, AccountId32, ValueQuery, NoAccount>;
    #[pallet::storage]
    pub type OwnedHotkeys<T> =
        StorageMap<_, Blake2_128Concat, AccountId32, Vec<AccountId32>, ValueQuery>;
    #[pallet::storage]
    pub type StakingHotkeys<T> =
        StorageMap<_, Blake2_128Concat, AccountId32, Vec<AccountId32>, ValueQuery>;
    /// Coldkeys that another key is to take the place of: when, and the hash of that key.
    #[pallet::storage]
    pub type ColdkeySwapAnnouncements<T: Config> =
        StorageMap<_, Twox64Concat, AccountId32, (BlockNumberFor<T>, T::Hash), OptionQuery>;
    #[pallet::storage]
    pub type ColdkeySwapDisputes<T: Config> =
        StorageMap<_, Twox64Concat, AccountId32, BlockNumberFor<T>, OptionQuery>;
    /// Used legacy proofs. Written but never read, as on the real chain.
    #[pallet::storage]
    pub type UsedWork<T> = StorageMap<_, Identity, Vec<u8>, u64, ValueQuery>;

    /// What stands for a subnet's currency. The official client reads it when it connects.
    #[pallet::storage]
    pub type TokenSymbol<T> = StorageMap<_, Identity, NetUid, Vec<u8>, ValueQuery, Tau>;

    /// The symbol of TAO.
    pub struct Tau;
    impl Get<Vec<u8>> for Tau {
        fn get() -> Vec<u8> {
            "τ".into()
        }
    }

    /// The account that stands for none.
    pub struct NoAccount;
    impl Get<AccountId32> for NoAccount {
        fn get() -> AccountId32 {
            AccountId32::new([0; 32])
        }
    }

    /// With the indices of spec 461. Clients must still decode by name, since the indices have moved.
    #[pallet::error]
    pub enum Error<T> {
        /// The hotkey belongs to another coldkey.
        #[codec(index = 7)]
        NonAssociatedColdKey,
        /// The signer cannot pay the burn.
        #[codec(index = 12)]
        NotEnoughBalanceToStake,
        /// The block is full for this subnet.
        #[codec(index = 20)]
        TooManyRegistrationsThisBlock,
        /// The hotkey has a UID already.
        #[codec(index = 21)]
        HotKeyAlreadyRegisteredInSubNet,
        /// The proof is of a block that is too old, unknown, or used before.
        #[codec(index = 24)]
        InvalidWorkBlock,
        /// The seal does not meet the difficulty.
        #[codec(index = 25)]
        InvalidDifficulty,
        /// The seal is not that of the nonce.
        #[codec(index = 26)]
        InvalidSeal,
        /// This way of registering is switched off.
        #[codec(index = 37)]
        SubNetRegistrationDisabled,
        /// The interval is full for this subnet.
        #[codec(index = 38)]
        TooManyRegistrationsThisInterval,
        /// A legacy registration is signed by the hotkey.
        #[codec(index = 39)]
        TransactorAccountShouldBeHotKey,
        /// Nobody registers on subnet 0.
        #[codec(index = 42)]
        RegistrationNotPermittedOnRootSubnet,
        /// No UID is free.
        #[codec(index = 48)]
        NoNeuronIdAvailable,
        /// There is no such subnet.
        #[codec(index = 76)]
        SubnetNotExists,
        /// The hotkey is the account of a subnet.
        #[codec(index = 141)]
        CannotUseSystemAccount,
        /// The coldkey has the most hotkeys allowed.
        #[codec(index = 163)]
        TooManyStakingHotkeys,
    }

    #[pallet::event]
    #[pallet::generate_deposit(pub(crate) fn deposit_event)]
    pub enum Event<T: Config> {
        /// A hotkey got a UID: subnet, UID, hotkey.
        #[codec(index = 7)]
        NeuronRegistered(NetUid, u16, T::AccountId),
        /// The faucet gave to a coldkey, in rao.
        #[codec(index = 57)]
        Faucet(T::AccountId, u64),
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        fn on_initialize(now: BlockNumberFor<T>) -> Weight {
            Self::begin_block(now);
            Weight::zero()
        }
    }

    /// The weight of every call: blocks of this chain are never full.
    const WEIGHT: Weight = Weight::from_parts(100_000_000, 0);

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Registers by a legacy proof of work or by burning, as [`Config::RegisterBurns`] says.
        #[pallet::call_index(6)]
        #[pallet::weight(WEIGHT)]
        pub fn register(
            origin: OriginFor<T>,
            netuid: NetUid,
            block_number: u64,
            nonce: u64,
            work: Vec<u8>,
            hotkey: T::AccountId,
            coldkey: T::AccountId,
        ) -> DispatchResult {
            if T::RegisterBurns::get() {
                Self::do_burn_register(origin, netuid, hotkey)
            } else {
                let proof = LegacyProof {
                    block_number,
                    nonce,
                    work,
                };
                Self::do_legacy_register(origin, netuid, &proof, hotkey, coldkey)
            }
        }

        /// Gives TAO for a legacy proof of work on the signer's own key.
        #[pallet::call_index(60)]
        #[pallet::weight((WEIGHT, DispatchClass::Normal, Pays::No))]
        pub fn faucet(
            origin: OriginFor<T>,
            block_number: u64,
            nonce: u64,
            work: Vec<u8>,
        ) -> DispatchResult {
            let proof = LegacyProof {
                block_number,
                nonce,
                work,
            };
            Self::do_faucet(origin, &proof)
        }

        /// Registers by a proof of work, free of charge.
        #[cfg(feature = "pow-register")]
        #[pallet::call_index(152)]
        #[pallet::weight((WEIGHT, DispatchClass::Normal, Pays::No))]
        pub fn pow_register(
            origin: OriginFor<T>,
            netuid: NetUid,
            work_block: u64,
            nonce: u64,
            work: [u8; 32],
            hotkey: T::AccountId,
        ) -> DispatchResult {
            Self::do_pow_register(origin, netuid, work_block, nonce, work, hotkey)
        }
    }
}
