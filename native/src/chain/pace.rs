//! How fast a chain can be. An endpoint that announces blocks faster than any chain makes them invents them,
//! or is catching up with its chain: neither is worth mining for.

use core::time::Duration;
use std::time::{Instant, SystemTime};

/// The shortest time between two blocks. A local chain with fast blocks takes 250 ms.
const BLOCK: Duration = Duration::from_millis(200);

/// How many blocks may come at once. A chain that makes them on demand may make several together.
const BURST: f64 = 32.0;

/// The blocks of a chain, as one endpoint announced them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    /// The highest number so far.
    highest: Option<u64>,
    /// When the last credible block was announced.
    last: Option<Clock>,
    /// How many blocks came before a chain could have made them.
    early: f64,
}

/// A moment by two clocks: the first stands still while a machine sleeps, the second can be set.
#[derive(Clone, Copy, Debug)]
struct Clock {
    steady: Instant,
    wall: SystemTime,
}

impl Pace {
    /// Notes a block that is announced now. If no chain can have made it yet, returns the highest number
    /// before it, and how long ago the last block was announced.
    pub(super) fn note(&mut self, number: u64) -> Result<(), (u64, Duration)> {
        let passed = self.last.map(Clock::elapsed);
        self.note_after(number, passed.unwrap_or_default())
    }

    /// The same, when `passed` has gone by since the last block.
    fn note_after(&mut self, number: u64, passed: Duration) -> Result<(), (u64, Duration)> {
        let highest = *self.highest.get_or_insert(number);
        // A block that replaces another takes its time as well.
        let made = number.saturating_sub(highest).max(1) as f64;
        let early = self.early + made - passed.div_duration_f64(BLOCK);
        if self.last.is_some() && early > BURST {
            return Err((highest, passed));
        }
        self.early = early.max(0.0);
        self.highest = Some(highest.max(number));
        self.last = Some(Clock::now());
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
            let number = pace.highest.expect("it was noted");
            assert_eq!(pace.note_after(number + blocks, seconds * SECOND), Ok(()));
        }
        // Fast blocks, for a long time.
        for _ in 0..10_000 {
            let number = pace.highest.expect("it was noted");
            let noted = pace.note_after(number + 1, Duration::from_millis(250));
            assert_eq!(noted, Ok(()));
        }
    }

    #[test]
    fn a_leap_is_refused_and_not_noted() {
        let mut pace = Pace::default();
        pace.note_after(100, Duration::ZERO).expect("the first");
        let leap = pace.note_after(200, 12 * SECOND);
        assert_eq!(leap, Err((100, 12 * SECOND)));
        // Announced again at once, it is still refused; some time later it may be true.
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
        let refused = (1..100).find(|&number| pace.note_after(number, Duration::ZERO).is_err());
        assert_eq!(refused, Some(32));
        // The endpoint must pause for as long as the blocks would have taken.
        assert!(pace.note_after(32, Duration::from_millis(200)).is_ok());
        assert!(pace.note_after(33, Duration::from_millis(199)).is_err());
    }

    #[test]
    fn a_block_of_a_lower_number_is_no_leap_but_takes_its_time() {
        let mut pace = Pace::default();
        pace.note_after(100, Duration::ZERO).expect("the first");
        pace.note_after(90, Duration::ZERO).expect("a fork");
        assert_eq!(pace.highest, Some(100));
        assert!(pace.note_after(101, Duration::ZERO).is_ok());
        // Whatever their numbers, there are more than a chain makes.
        for number in [90, 101] {
            let mut blocks = core::iter::repeat_n(number, 100);
            let refused =
                blocks.position(|number| pace.note_after(number, Duration::ZERO).is_err());
            assert!(refused.is_some_and(|place| place < 33), "{refused:?}");
            pace.early = 0.0;
        }
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
