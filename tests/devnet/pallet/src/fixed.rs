//! The one fixed-point number of the storage.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::Get;
use scale_info::TypeInfo;

/// 64 bits before the point and 64 after it; encoded and described like `substrate-fixed`'s type of that name.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct U64F64 {
    /// The number times 2^64.
    pub bits: u128,
}

impl U64F64 {
    /// The product with a whole number, rounded down; at most [`u64::MAX`].
    #[must_use]
    pub fn times(self, number: u64) -> u64 {
        let number = u128::from(number);
        let whole = self.bits >> 64;
        let fraction = self.bits & u128::from(u64::MAX);
        // Neither product can overflow: all factors are below 2^64.
        let product = (whole * number).saturating_add((fraction * number) >> 64);
        u64::try_from(product).unwrap_or(u64::MAX)
    }
}

/// 1.26 as on the chain: from a double, which is slightly more.
pub struct DefaultIncreaseMult;

impl Get<U64F64> for DefaultIncreaseMult {
    fn get() -> U64F64 {
        U64F64 {
            bits: 0x1_428f_5c28_f5c2_9000,
        }
    }
}
