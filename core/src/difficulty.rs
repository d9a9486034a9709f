//! Difficulties, targets, and which seals win.

use core::{error::Error, fmt, num::NonZeroU64, str::FromStr};

use primitive_types::U256;

use crate::{Order, Protocol, Seal};

/// Expected seals per win; a `u64` on the chain, never zero here.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Difficulty(NonZeroU64);

/// Why a text or number is not a difficulty.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DifficultyError {
    /// Above 2^64 - 1, the largest that the chain can hold.
    AboveU64,
    /// Neither digits, nor digits with K, M, G, B or T, nor of the form `1.5e7`.
    Malformed,
    /// A fraction of a seal, as in `1.5` or `0.0001K`.
    NotWhole,
    /// Zero: every seal would win, and the chain divides by it.
    Zero,
}

/// The largest seal that wins, as a number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Target(U256);

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

    /// The chain's target: `floor((2^256 - 1) / difficulty)`, itself a winning seal.
    ///
    /// It is the same set of seals as the chain's own test, that `seal × difficulty` fits into 256
    /// bits (subtensor `hash_meets_difficulty`; `bittensor-core` `pow::target`).
    pub fn target(self) -> Target {
        Target(divide(U256::MAX, self.0))
    }

    /// The largest seal that the legacy Python SDK accepts: `seal × difficulty < 2^256 - 1`.
    ///
    /// One below [`target`](Self::target) when the difficulty divides 2^256 - 1, else the same:
    /// on that edge the chain takes a seal that the SDK throws away. (bittensor 10.2.1
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

    /// Whether `seal` wins, all 256 bits compared.
    pub fn admits(&self, seal: &Seal, protocol: Protocol) -> bool {
        seal.value(protocol) <= self.0
    }

    /// The 32 most significant bits: what a device compares one word of the seal with. A seal
    /// whose word is above it loses; at or below it, all bits decide.
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

/// The difficulty that the chain applies to a subnet: its own, kept between its bounds, each of
/// which may be unset on the chain (`None`).
///
/// The lower bound is at least 1 and wins over an upper bound below it. Source: PyPI `bittensor`
/// 11.3.0 `effective_difficulty`, "Match chain bounds". An unset upper bound does not bind, so that
/// nothing is ever mined for less than the chain might ask.
pub fn effective_difficulty(
    difficulty: Option<u64>,
    minimum: Option<u64>,
    maximum: Option<u64>,
) -> Difficulty {
    let low = NonZeroU64::new(minimum.unwrap_or(0)).unwrap_or(NonZeroU64::MIN);
    let high = NonZeroU64::new(maximum.unwrap_or(u64::MAX))
        .unwrap_or(NonZeroU64::MIN)
        .max(low);
    let asked = NonZeroU64::new(difficulty.unwrap_or(1)).unwrap_or(NonZeroU64::MIN);
    Difficulty(asked.clamp(low, high))
}

impl FromStr for Difficulty {
    type Err = DifficultyError;

    /// Reads `10000000`, `10_000_000`, `10M`, `1.5G` or `1e7`; K, M, G (or B) and T are powers of
    /// 1,000, in either case. The arithmetic is exact.
    fn from_str(text: &str) -> Result<Self, DifficultyError> {
        let (number, exponent) = split_exponent(text)?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() || (number.contains('.') && fraction.is_empty()) {
            return Err(DifficultyError::Malformed);
        }
        let mut digits = Digits::default();
        digits.push_all(whole)?;
        digits.push_all(fraction)?;
        let fraction_len = fraction.bytes().filter(u8::is_ascii_digit).count();
        digits.scaled(i64::from(exponent) - fraction_len as i64)
    }
}

/// The number before a suffix (`M`, `e7`) and the power of ten that the suffix stands for.
fn split_exponent(text: &str) -> Result<(&str, u32), DifficultyError> {
    if let Some((number, exponent)) = text.split_once(['e', 'E']) {
        let digits = exponent.strip_prefix('+').unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DifficultyError::Malformed);
        }
        return Ok((
            number,
            digits.parse().map_err(|_| DifficultyError::AboveU64)?,
        ));
    }
    let power = match text.bytes().last().map(|byte| byte.to_ascii_uppercase()) {
        Some(b'K') => 3,
        Some(b'M') => 6,
        Some(b'G' | b'B') => 9,
        Some(b'T') => 12,
        _ => return Ok((text, 0)),
    };
    Ok((&text[..text.len() - 1], power))
}

/// A decimal number under construction. Saturates: what does not fit is above `u64` anyway.
#[derive(Default)]
struct Digits(u128);

impl Digits {
    fn push_all(&mut self, text: &str) -> Result<(), DifficultyError> {
        for byte in text.bytes() {
            match byte {
                b'0'..=b'9' => {
                    let digit = u128::from(byte - b'0');
                    self.0 = self.0.saturating_mul(10).saturating_add(digit);
                }
                b'_' | b',' => {}
                _ => return Err(DifficultyError::Malformed),
            }
        }
        if text.bytes().any(|byte| byte.is_ascii_digit()) || text.is_empty() {
            Ok(())
        } else {
            Err(DifficultyError::Malformed)
        }
    }

    /// The difficulty `self × 10^power`.
    fn scaled(self, power: i64) -> Result<Difficulty, DifficultyError> {
        let mut value = self.0;
        for _ in 0..power.unsigned_abs().min(64) {
            if power < 0 {
                if !value.is_multiple_of(10) {
                    return Err(DifficultyError::NotWhole);
                }
                value /= 10;
            } else {
                value = value.saturating_mul(10);
            }
        }
        Difficulty::new(u64::try_from(value).map_err(|_| DifficultyError::AboveU64)?)
    }
}

impl fmt::Display for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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

/// `floor(dividend / divisor)`, bit by bit: once per challenge, and a twentieth of the code that
/// divides any two numbers of 256 bits.
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

    /// By the division of `primitive-types`: the smallest and greatest divisors, powers of two and
    /// their neighbours, and any others.
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

    #[test]
    fn reads_what_people_write() {
        for (text, seals) in [
            ("1", 1),
            ("10000000", 10_000_000),
            ("10_000_000", 10_000_000),
            ("10,000,000", 10_000_000),
            ("10M", 10_000_000),
            ("10m", 10_000_000),
            ("1e7", 10_000_000),
            ("1E+7", 10_000_000),
            ("1.5e7", 15_000_000),
            ("2.5K", 2_500),
            ("0.5G", 500_000_000),
            ("1B", 1_000_000_000),
            ("3T", 3_000_000_000_000),
            ("1.50", 0),
            ("18446744073709551615", u64::MAX),
            ("18446744073.709551615G", u64::MAX),
        ] {
            let read: Result<Difficulty, _> = text.parse();
            if seals == 0 {
                assert_eq!(read, Err(DifficultyError::NotWhole), "{text}");
            } else {
                assert_eq!(read.map(Difficulty::get), Ok(seals), "{text}");
            }
        }
    }

    #[test]
    fn refuses_what_is_no_difficulty() {
        use DifficultyError::{AboveU64, Malformed, NotWhole, Zero};
        for (text, error) in [
            ("0", Zero),
            ("0.0", Zero),
            ("0M", Zero),
            ("18446744073709551616", AboveU64),
            ("1e20", AboveU64),
            ("1e99999999999", AboveU64),
            ("99999999999999999999999999999999999999999999999", AboveU64),
            ("20000000T", AboveU64),
            ("1.2345K", NotWhole),
            ("", Malformed),
            ("M", Malformed),
            (".5M", Malformed),
            ("5.", Malformed),
            ("_", Malformed),
            ("-1", Malformed),
            ("+1", Malformed),
            ("1e", Malformed),
            ("1e-3", Malformed),
            ("1e7M", Malformed),
            ("1 M", Malformed),
            ("ten", Malformed),
            ("0x10", Malformed),
            ("1.2.3", Malformed),
            ("1µ", Malformed),
        ] {
            assert_eq!(text.parse::<Difficulty>(), Err(error), "{text}");
        }
    }

    /// Source: protocol of the chain (`overflowing_mul`), and bittensor 10.2.1
    /// `_seal_meets_difficulty` with `limit = 2**256 - 1`.
    #[test]
    fn the_chain_and_the_sdk_part_on_the_edge_alone() {
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
    /// one SHA-256 read big-endian: difficulty 1 is met, 10 is not.
    #[test]
    fn sdk_example() {
        let mut seal = [0; 32];
        (seal[0], seal[1], seal[31]) = (0xdf, 0x81, 0x91);
        let legacy = Protocol::Legacy(Order::Big);
        assert!(difficulty(1).sdk_target().admits(&Seal(seal), legacy));
        assert!(!difficulty(10).sdk_target().admits(&Seal(seal), legacy));
    }
}
