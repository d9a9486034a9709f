//! Chance and waiting time for a rate and a difficulty.
//!
//! Each nonce wins with chance `1 / difficulty` whatever was tried before, so waiting does not
//! shorten the expected time that is left.

use crate::Difficulty;

/// Seconds until the first win, on average, at `rate` hashes per second; `None` at rate zero.
pub fn expected_seconds(difficulty: Difficulty, rate: f64) -> Option<f64> {
    (rate > 0.0).then(|| difficulty.get() as f64 / rate)
}

/// The chance, 0 to 1, that `nonces` tries include a win.
pub fn chance(difficulty: Difficulty, nonces: u64) -> f64 {
    certainty(log_miss(difficulty, nonces))
}

/// The logarithm of the chance that none of `nonces` tries wins. Such logarithms add up, across
/// difficulties too.
pub(crate) fn log_miss(difficulty: Difficulty, nonces: u64) -> f64 {
    if nonces == 0 {
        return 0.0; // at difficulty 1 too, whose logarithm is infinite
    }
    nonces as f64 * libm::log1p(-1.0 / difficulty.get() as f64)
}

/// The chance of at least one win, given the logarithm of the chance of none.
pub(crate) fn certainty(log_miss: f64) -> f64 {
    -libm::expm1(log_miss)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9 * b.abs().max(1e-9)
    }

    #[test]
    fn known_chances() {
        let ten_million = Difficulty::new(10_000_000).expect("not zero");
        assert!(close(chance(ten_million, 0), 0.0));
        // 1 - (1 - 1e-7)^1e7, just above 1 - 1/e.
        assert!(close(chance(ten_million, 10_000_000), 0.632_120_577_222_2));
        assert!(close(
            chance(Difficulty::new(2).expect("not zero"), 3),
            0.875
        ));
        let hardest = Difficulty::new(u64::MAX).expect("not zero");
        assert!(close(chance(hardest, 1), 1.0 / u64::MAX as f64));
        let easiest = Difficulty::new(1).expect("not zero");
        assert!(close(chance(easiest, 0), 0.0));
        assert!(close(chance(easiest, 1), 1.0));
    }

    #[test]
    fn known_times() {
        let ten_million = Difficulty::new(10_000_000).expect("not zero");
        assert_eq!(expected_seconds(ten_million, 20e6), Some(0.5));
        assert_eq!(expected_seconds(ten_million, 0.0), None);
    }
}
