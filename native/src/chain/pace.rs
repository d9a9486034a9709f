//! How fast a chain can be. An endpoint that tells blocks faster than any chain makes them invents them,
//! or is catching up with its chain: neither is one to mine for.

use core::time::Duration;
use std::time::{Instant, SystemTime};

/// The shortest time between two blocks: of a local chain with fast blocks it is 250 ms.
const BLOCK: Duration = Duration::from_millis(200);

/// How many blocks may come at once: a chain that makes them on demand makes some together.
const BURST: f64 = 32.0;

/// The blocks of a chain, as they were told.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// The highest number that was told, and when.
    highest: Option<(u64, Clock)>,
    /// Blocks that came earlier than they could have been made.
    early: f64,
}

/// A moment by two clocks: the first of them stands still while a machine sleeps, the second one may be set.
#[derive(Clone, Copy, Debug)]
struct Clock {
    steady: Instant,
    wall: SystemTime,
}

impl Pace {
    /// Takes note of a block that is told now. Whether a chain can have made it by now: if not, what
    /// was told before it, and how long ago.
    pub(super) fn note(&mut self, number: u64) -> Result<(), (u64, Duration)> {
        let passed = self.highest.map(|(_, clock)| clock.elapsed());
        self.note_after(number, passed.unwrap_or_default())
    }

    /// The same, so long after the highest that was told.
    fn note_after(&mut self, number: u64, passed: Duration) -> Result<(), (u64, Duration)> {
        if let Some((before, _)) = self.highest {
            if number <= before {
                return Ok(());
            }
            let made = (number - before) as f64;
            let early = self.early + made - passed.div_duration_f64(BLOCK);
            if early > BURST {
                return Err((before, passed));
            }
            self.early = early.max(0.0);
        }
        self.highest = Some((number, Clock::now()));
        Ok(())
    }
}

impl Clock {
    fn now() -> Self {
        Self {
            steady: Instant::now(),
            wall: SystemTime::now(),
        }
    }

    fn elapsed(self) -> Duration {
        let wall = self.wall.elapsed().unwrap_or_default();
        self.steady.elapsed().max(wall)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn ordinary_chains_are_never_too_fast() {
        let mut pace = Pace::default();
        assert_eq!(pace.note_after(u64::MAX - 100_000, Duration::ZERO), Ok(()));
        for (blocks, seconds) in [(1, 12), (0, 12), (1, 0), (5, 60), (300, 3_600), (1, 1)] {
            let (number, _) = pace.highest.expect("it was noted");
            assert_eq!(pace.note_after(number + blocks, seconds * SECOND), Ok(()));
        }
        // Fast blocks, for a long time.
        for _ in 0..10_000 {
            let (number, _) = pace.highest.expect("it was noted");
            let told = pace.note_after(number + 1, Duration::from_millis(250));
            assert_eq!(told, Ok(()));
        }
    }

    #[test]
    fn a_leap_is_refused_and_not_taken_for_told() {
        let mut pace = Pace::default();
        pace.note_after(100, Duration::ZERO).expect("the first");
        let leap = pace.note_after(200, 12 * SECOND);
        assert_eq!(leap, Err((100, 12 * SECOND)));
        // Nor when it is told again at once; but some time later it may be true.
        let again = pace.note_after(200, 13 * SECOND);
        assert_eq!(again, Err((100, 13 * SECOND)));
        assert_eq!(pace.note_after(200, 14 * SECOND), Ok(()));
        assert_eq!(
            pace.note_after(u64::MAX, 14 * SECOND),
            Err((200, 14 * SECOND))
        );
    }

    #[test]
    fn many_small_leaps_are_one_large_one() {
        let mut pace = Pace::default();
        pace.note_after(0, Duration::ZERO).expect("the first");
        let told = (1..100).find(|&number| pace.note_after(number, Duration::ZERO).is_err());
        assert_eq!(told, Some(33));
        // It has to pause for as long as the blocks would have taken.
        assert!(pace.note_after(33, Duration::from_millis(200)).is_ok());
        assert!(pace.note_after(34, Duration::from_millis(199)).is_err());
    }

    #[test]
    fn a_block_of_a_lower_number_is_no_leap() {
        let mut pace = Pace::default();
        pace.note_after(100, Duration::ZERO).expect("the first");
        pace.note_after(90, Duration::ZERO).expect("a fork");
        assert_eq!(pace.highest.map(|it| it.0), Some(100));
        assert!(pace.note_after(101, Duration::ZERO).is_ok());
    }

    #[test]
    fn time_passes_by_either_clock() {
        let now = Clock::now();
        let asleep = Clock {
            wall: now.wall - 100 * SECOND,
            ..now
        };
        assert!(asleep.elapsed() >= 100 * SECOND);
        let set_back = Clock {
            wall: now.wall + 100 * SECOND,
            ..now
        };
        assert!(set_back.elapsed() < 10 * SECOND);
    }
}
