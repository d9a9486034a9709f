//! The largest seal that wins.
//!
//! Targets and seals know each other, because each is defined by the other: a target is a seal's bound, and a
//! solution is a seal that its target admits.

use core::num::NonZeroU64;

use primitive_types::U256;

use super::Difficulty;
use crate::{Order, Protocol, Seal};

/// The largest seal that wins, as a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Target(U256);

impl Difficulty {
    /// The chain's target: `floor((2^256 - 1) / difficulty)`, itself a winning seal.
    ///
    /// It admits the same seals as the chain's own test, which is that `seal × difficulty` fits into 256
    /// bits (subtensor `hash_meets_difficulty`; `bittensor-core` `pow::target`).
    pub fn target(self) -> Target {
        Target(divide(U256::MAX, self.0))
    }

    /// The largest seal that the legacy Python SDK accepts: `seal × difficulty < 2^256 - 1`.
    ///
    /// It is one below [`target`](Self::target) when the difficulty divides 2^256 - 1, and otherwise the
    /// same: on that edge the chain takes a seal that the SDK throws away. (bittensor 10.2.1
    /// `_seal_meets_difficulty`.)
    pub fn sdk_target(self) -> Target {
        Target(divide(U256::MAX - 1, self.0))
    }
}

impl Target {
    /// The largest winning seal as a number.
    pub const fn max(&self) -> U256 {
        self.0
    }

    /// Whether `seal` wins, by all 256 bits.
    pub fn admits(&self, seal: &Seal, protocol: Protocol) -> bool {
        seal.value(protocol) <= self.0
    }

    /// The 32 most significant bits, with which a device compares one word of the seal. A seal
    /// whose word is above them loses; at or below them, all bits decide.
    pub const fn threshold(&self) -> u32 {
        // Truncation would be the loss of a high word; the shift leaves exactly the high word.
        (self.0.0[3] >> 32) as u32
    }

    /// The word of `seal` that a device compares with [`threshold`](Self::threshold).
    pub const fn tested_word(seal: &Seal, order: Order) -> u32 {
        let [a, b, c, d, .., w, x, y, z] = seal.0;
        match order {
            Order::Big => u32::from_be_bytes([a, b, c, d]),
            Order::Little => u32::from_le_bytes([w, x, y, z]),
        }
    }
}

/// `floor(dividend / divisor)`, bit by bit. It runs once per challenge, and takes a twentieth of the code
/// that divides any two numbers of 256 bits.
fn divide(mut dividend: U256, divisor: NonZeroU64) -> U256 {
    let divisor = divisor.get();
    let mut rest = 0_u64;
    for word in dividend.0.iter_mut().rev() {
        let mut quotient = 0;
        for bit in (0..64).rev() {
            let carry = rest >> 63;
            rest = rest << 1 | (*word >> bit & 1);
            quotient <<= 1;
            if carry == 1 || rest >= divisor {
                rest = rest.wrapping_sub(divisor);
                quotient |= 1;
            }
        }
        *word = quotient;
    }
    dividend
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difficulty(seals: u64) -> Difficulty {
        Difficulty::new(seals).expect("not zero")
    }

    /// Against the division of `primitive-types`: the smallest and greatest divisors, powers of two and
    /// their neighbours, and arbitrary others.
    #[test]
    fn targets_are_quotients() {
        let powers = (0..64).map(|bit| 1_u64 << bit);
        let near = powers.flat_map(|power| [power - 1, power, power + 1]);
        let others = (1..1_000_u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (i % 61));
        for divisor in near
            .chain(others)
            .chain([u64::MAX])
            .filter_map(NonZeroU64::new)
        {
            for dividend in [U256::MAX, U256::MAX - 1, U256::MAX >> 77, U256::zero()] {
                assert_eq!(divide(dividend, divisor), dividend / divisor.get());
            }
        }
    }

    /// Source: the chain's protocol (`overflowing_mul`), and bittensor 10.2.1
    /// `_seal_meets_difficulty` with `limit = 2**256 - 1`.
    #[test]
    fn the_chain_and_the_sdk_differ_only_on_the_edge() {
        for seals in [1, 3, 5, 15, 17, 257, 65_537, 4_294_967_297, u64::MAX] {
            // Each divides 2^256 - 1.
            let (chain, sdk) = (
                difficulty(seals).target().max(),
                difficulty(seals).sdk_target(),
            );
            assert_eq!(chain.checked_mul(seals.into()), Some(U256::MAX), "{seals}");
            assert_eq!(sdk.max(), chain - 1, "{seals}");
        }
        for seals in [2, 10, 1_000, 10_000_000, 1 << 32, u64::MAX - 1] {
            let chain = difficulty(seals).target();
            assert_eq!(difficulty(seals).sdk_target(), chain, "{seals}");
            assert!(chain.max().checked_mul(seals.into()).is_some(), "{seals}");
            assert!(
                (chain.max() + 1).checked_mul(seals.into()).is_none(),
                "{seals}"
            );
        }
    }

    #[test]
    fn a_target_admits_itself_and_nothing_above() {
        let target = difficulty(10_000_000).target();
        for protocol in Protocol::ALL {
            let seal_of = |value: U256| match protocol.order() {
                Order::Big => Seal(value.to_big_endian()),
                Order::Little => Seal(value.to_little_endian()),
            };
            assert!(target.admits(&seal_of(target.max()), protocol));
            assert!(!target.admits(&seal_of(target.max() + 1), protocol));
            let word = Target::tested_word(&seal_of(target.max()), protocol.order());
            assert_eq!(word, target.threshold());
        }
    }

    /// Source: `_seal_meets_difficulty` of bittensor SDK v5.3.0's unit tests, in which the seal is
    /// one SHA-256 read big-endian: it meets difficulty 1, but not 10.
    #[test]
    fn sdk_example() {
        let mut seal = [0; 32];
        (seal[0], seal[1], seal[31]) = (0xdf, 0x81, 0x91);
        let legacy = Protocol::Legacy(Order::Big);
        assert!(difficulty(1).sdk_target().admits(&Seal(seal), legacy));
        assert!(!difficulty(10).sdk_target().admits(&Seal(seal), legacy));
    }
}
