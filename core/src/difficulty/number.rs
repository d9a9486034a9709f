//! A difficulty as a number.

use core::{error::Error, fmt, num::NonZeroU64};

/// Expected seals per win; a `u64` on the chain, never zero here.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Difficulty(pub(super) NonZeroU64);

/// Why a text or number is not a difficulty.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DifficultyError {
    /// Above 2^64 - 1, the largest difficulty that the chain can hold.
    AboveU64,
    /// Neither digits, nor digits with K, M, G, B or T, nor of the form `1.5e7`.
    Malformed,
    /// A fraction of a seal, as in `1.5` or `0.0001K`.
    NotWhole,
    /// Zero: every seal would win, and the chain divides by it.
    Zero,
}

impl Difficulty {
    /// A difficulty of `seals` expected seals per win.
    ///
    /// # Errors
    ///
    /// [`DifficultyError::Zero`].
    pub fn new(seals: u64) -> Result<Self, DifficultyError> {
        NonZeroU64::new(seals)
            .map(Self)
            .ok_or(DifficultyError::Zero)
    }

    /// Expected seals per win.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for DifficultyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AboveU64 => "above 18446744073709551615, the largest difficulty the chain holds",
            Self::Malformed => "not a number; write it like 10M, 1e7 or 10000000",
            Self::NotWhole => "not a whole number of seals; write it like 10M, 1e7 or 10000000",
            Self::Zero => "zero; the smallest difficulty is 1",
        })
    }
}

impl Error for DifficultyError {}
