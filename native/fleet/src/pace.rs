//! How fast something may come.

use btpow_core::Micros;

/// Lets so many pass at once, and so many in a second.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    burst: f64,
    per_second: f64,
    left: f64,
    at: Micros,
}

impl Pace {
    pub(crate) fn new(burst: u32, per_second: u32, now: Micros) -> Self {
        Self {
            burst: f64::from(burst),
            per_second: f64::from(per_second),
            left: f64::from(burst),
            at: now,
        }
    }

    /// Lets one pass in a minute, and so many at once.
    pub(crate) fn of_a_minute(burst: u32, now: Micros) -> Self {
        Self {
            per_second: 1.0 / 60.0,
            ..Self::new(burst, 0, now)
        }
    }

    /// Whether one more may pass now.
    pub(crate) fn lets_pass(&mut self, now: Micros) -> bool {
        let passed = now.saturating_sub(self.at) as f64 / 1e6;
        self.at = self.at.max(now);
        self.left = (self.left + passed * self.per_second).min(self.burst);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Micros = 1_000_000;

    #[test]
    fn a_burst_passes_and_then_so_many_in_a_second() {
        let mut pace = Pace::new(3, 2, 0);
        let pass = |pace: &mut Pace, now| (0..9).filter(|_| pace.lets_pass(now)).count();
        assert_eq!(pass(&mut pace, 0), 3);
        assert_eq!(pass(&mut pace, 0), 0);
        assert_eq!(pass(&mut pace, SECOND), 2);
        assert_eq!(pass(&mut pace, 100 * SECOND), 3, "no more than a burst");
    }

    #[test]
    fn one_passes_in_a_minute() {
        let mut pace = Pace::of_a_minute(1, 0);
        assert!(pace.lets_pass(0));
        assert!(!pace.lets_pass(59 * SECOND));
        assert!(pace.lets_pass(61 * SECOND));
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut pace = Pace::new(1, 1, SECOND);
        assert!(pace.lets_pass(SECOND));
        assert!(!pace.lets_pass(0));
        assert!(!pace.lets_pass(SECOND));
        assert!(pace.lets_pass(2 * SECOND));
    }
}
