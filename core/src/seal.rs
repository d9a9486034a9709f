//! Seals, and solutions: seals that the reference accepted.

use core::{error::Error, fmt};

use primitive_types::U256;

use crate::{Challenge, Order, Protocol, Target};

/// The 32-byte hash of a message: `Keccak256(SHA256(message))`.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Seal(pub [u8; 32]);

impl Seal {
    /// The seal as a number, for the comparison with the target.
    pub fn value(&self, protocol: Protocol) -> U256 {
        match protocol.order() {
            Order::Big => U256::from_big_endian(&self.0),
            Order::Little => U256::from_little_endian(&self.0),
        }
    }
}

/// A nonce whose seal wins, recomputed by the reference: the only kind of proof that btpow submits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Solution {
    nonce: u64,
    seal: Seal,
    value: U256,
}

/// A nonce is not a solution, because its seal is above the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AboveTarget {
    /// The seal of the nonce.
    pub seal: Seal,
    /// How many times too large it is: seal / largest winning seal.
    pub factor: f64,
}

impl Solution {
    /// Recomputes all 256 bits of the seal of `nonce` and compares them with `target`.
    ///
    /// # Errors
    ///
    /// [`AboveTarget`] when the seal is above the target.
    pub fn verify(challenge: &Challenge, target: &Target, nonce: u64) -> Result<Self, AboveTarget> {
        let seal = challenge.seal(nonce);
        let value = seal.value(challenge.protocol());
        if value > target.max() {
            return Err(AboveTarget {
                seal,
                factor: ratio(value, target.max()),
            });
        }
        Ok(Self { nonce, seal, value })
    }

    /// The winning nonce.
    pub const fn nonce(&self) -> u64 {
        self.nonce
    }

    /// Its seal.
    pub const fn seal(&self) -> Seal {
        self.seal
    }

    /// The seal as a number: of two solutions the one with the lower value survives a higher
    /// difficulty.
    pub const fn value(&self) -> U256 {
        self.value
    }
}

/// `a / b` as a float; `b` is not zero.
fn ratio(a: U256, b: U256) -> f64 {
    to_f64(a) / to_f64(b)
}

fn to_f64(value: U256) -> f64 {
    // 2^64 is exact in a float; the precision of the lower limbs does not matter for display.
    value.0.iter().rev().fold(0.0, |sum, &limb| {
        sum * 18_446_744_073_709_551_616.0 + limb as f64
    })
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({self})")
    }
}

impl fmt::Display for AboveTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the seal {} is {:.3} times the largest that wins",
            self.seal, self.factor
        )
    }
}

impl Error for AboveTarget {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Difficulty;

    #[test]
    fn an_error_says_how_far_above_the_target() {
        let challenge = Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1");
        let target = Difficulty::new(1_000).expect("not zero").target();
        let above = Solution::verify(&challenge, &target, 0).expect_err("118 is the first");
        // 0x03f16e22… little-endian against 2^256 / 1000.
        let expected = f64::from(0x03f1_6e22_u32) / 4_294_967_296.0 * 1_000.0;
        assert!((above.factor - expected).abs() < 1e-4, "{}", above.factor);
        let solution = Solution::verify(&challenge, &target, 118).expect("known answer");
        assert_eq!(solution.seal(), challenge.seal(118));
    }
}
