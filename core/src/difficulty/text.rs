//! A difficulty as people write it.

use core::{fmt, str::FromStr};

use super::{Difficulty, DifficultyError};

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

/// A decimal number under construction. It saturates: a number that does not fit is above `u64` anyway.
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn refuses_what_is_not_a_difficulty() {
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
}
