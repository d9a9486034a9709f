//! How long dispatches are: long enough that their overhead does not matter, short enough to leave the
//! display alone and to stay far below the seconds after which drivers reset a card.

use btpow_core::Micros;

use crate::plan::LONGEST;

/// What a dispatch should take, in microseconds.
const TARGET: Micros = 20_000;

/// The first dispatch: a tenth of a second on the slowest device known, software in a browser.
const FIRST: u64 = 1 << 14;

/// The shortest that is worth its overhead.
const SHORTEST: u64 = 1 << 10;

/// Sizes dispatches by how long earlier ones took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    len: u64,
    /// A dispatch of twice this length lost the device.
    cap: u64,
}

impl Pace {
    /// Knows nothing yet.
    pub(crate) const fn new() -> Self {
        Self {
            len: FIRST,
            cap: LONGEST,
        }
    }

    /// Makes the next dispatches this long.
    pub(crate) const fn set(&mut self, len: u64) {
        self.len = len;
    }

    /// The length of the next dispatch when `left` nonces are left: parts of equal length, so that the
    /// last one is not short.
    pub(crate) fn next(&self, left: u64) -> u64 {
        left.div_ceil(left.div_ceil(self.len).max(1))
    }

    /// Learns from a dispatch of `len` nonces that took `took`.
    pub(crate) fn record(&mut self, len: u64, took: Micros) {
        let fitting = u128::from(len) * u128::from(TARGET) / u128::from(took.max(1));
        let fitting = u64::try_from(fitting).unwrap_or(u64::MAX);
        // A short dispatch says little about long ones, since most of it is overhead.
        if len < self.len / 2 && fitting < self.len {
            return;
        }
        // A slow one may be an accident of the machine, so halve at most.
        self.len = fitting
            .clamp(self.len / 2, self.len.saturating_mul(4))
            .clamp(SHORTEST.min(self.cap), self.cap);
    }

    /// Limits all later dispatches to half the present length.
    pub(crate) fn halve(&mut self) {
        self.cap = (self.len / 2).max(1);
        self.len = self.cap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dispatches_come_to_take_their_time() {
        let mut pace = Pace::new();
        // 1,000 nonces per microsecond and an overhead of 50 microseconds.
        for _ in 0..20 {
            let len = pace.next(u64::MAX);
            pace.record(len, len / 1_000 + 50);
        }
        let len = pace.next(u64::MAX);
        assert!((19_000_000..20_000_000).contains(&len), "{len}");
        pace.record(len, 1_000_000);
        let half = pace.next(u64::MAX);
        assert!(half.abs_diff(len / 2) <= 1, "{half} after {len}");
    }

    #[test]
    fn a_short_dispatch_shortens_nothing() {
        let mut pace = Pace::new();
        let before = pace.next(u64::MAX);
        pace.record(1, 3_000);
        assert_eq!(pace.next(u64::MAX), before);
    }

    #[test]
    fn a_round_is_cut_into_equal_parts() {
        let pace = Pace::new();
        let mut left = FIRST * 3 + 1;
        let mut parts = Vec::new();
        while left > 0 {
            parts.push(pace.next(left));
            left -= parts[parts.len() - 1];
        }
        assert_eq!(parts, [12_289, 12_288, 12_288, 12_288]);
        assert_eq!(pace.next(1), 1);
    }

    #[test]
    fn half_of_what_failed_is_the_limit() {
        let mut pace = Pace::new();
        pace.halve();
        for _ in 0..5 {
            pace.record(pace.next(u64::MAX), 1);
        }
        assert!(pace.next(u64::MAX) <= FIRST / 2);
    }
}
