//! Difficulty: a registration raises it, each block lowers it.

#[cfg(any(feature = "pow-register", test))]
use crate::BurnIncreaseMult;
use crate::{BurnHalfLife, Config, Difficulty, MaxDifficulty, MinDifficulty};
use crate::{NetUid, Pallet};

/// One, with 32 fractional bits.
const ONE_Q32: u64 = 1 << 32;

impl<T: Config> Pallet<T> {
    /// The difficulty that a seal must meet: the stored one, within the subnet's bounds.
    pub(crate) fn effective_difficulty(netuid: NetUid) -> u64 {
        let lowest = MinDifficulty::<T>::get(netuid).max(1);
        let highest = MaxDifficulty::<T>::get(netuid).max(lowest);
        Difficulty::<T>::get(netuid).clamp(lowest, highest)
    }

    /// Updates it after a registration by proof of work.
    #[cfg(any(feature = "pow-register", test))]
    pub(crate) fn raise_difficulty(netuid: NetUid) {
        let raised = BurnIncreaseMult::<T>::get(netuid).times(Self::effective_difficulty(netuid));
        Self::set_difficulty(netuid, raised);
    }

    /// Updates it at the start of a block.
    pub(crate) fn decay_difficulty(netuid: NetUid) {
        // Most subnets in most blocks: no arithmetic and no write.
        if Difficulty::<T>::get(netuid) <= MinDifficulty::<T>::get(netuid) {
            return;
        }
        let factor = decay_factor(BurnHalfLife::<T>::get(netuid));
        let decayed = times_q32(Self::effective_difficulty(netuid), factor);
        Self::set_difficulty(netuid, decayed);
    }

    fn set_difficulty(netuid: NetUid, difficulty: u64) {
        Difficulty::<T>::insert(netuid, difficulty);
        let within_bounds = Self::effective_difficulty(netuid);
        if within_bounds != difficulty {
            Difficulty::<T>::insert(netuid, within_bounds);
        }
    }
}

/// The factor by which difficulty falls per block: the largest whose power is at most one half.
pub(crate) fn decay_factor(half_life: u16) -> u64 {
    if half_life == 0 {
        return ONE_Q32;
    }
    let (mut low, mut high) = (0, ONE_Q32);
    while low + 1 < high {
        let middle = low.midpoint(high);
        if power_q32(middle, half_life) <= ONE_Q32 / 2 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// `base` to the power of `exponent`, by squaring.
fn power_q32(mut base: u64, mut exponent: u16) -> u64 {
    let mut power = ONE_Q32;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = times_q32(power, base);
        }
        base = times_q32(base, base);
        exponent >>= 1;
    }
    power
}

fn times_q32(number: u64, factor: u64) -> u64 {
    let product = (u128::from(number) * u128::from(factor)) >> 32;
    u64::try_from(product).unwrap_or(u64::MAX)
}
