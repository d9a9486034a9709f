//! For how long nothing was hashed, by a device or by all, and why.

use core::time::Duration;
use std::time::Instant;

use btpow_registration::session::Pause;

/// Why nothing is hashed, by a device or by all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Reason {
    /// No block has come for so long that a proof may count no longer.
    Chain,
    /// The subnet takes no proof yet.
    Closed,
    /// The difficulty is above `--max-difficulty`.
    Difficulty,
    /// The expected time is above `--max-expected`.
    ExpectedTime,
    /// It is hotter than `--max-temp`.
    Temperature,
    /// It draws more power than `--max-power`.
    Power,
    /// The machine runs on its battery.
    Battery,
    /// Somebody uses the machine.
    Use,
}

/// How often and how long there was a pause for one reason.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tally {
    /// The reason.
    pub reason: Reason,
    /// How often it began.
    pub times: u64,
    /// How long it lasted, all times together.
    pub time: Duration,
}

/// Counts pauses.
#[derive(Clone, Debug, Default)]
pub struct Pauses {
    tallies: Vec<Tally>,
    now: Option<(Reason, Instant)>,
}

impl Reason {
    /// Its name for programs: `expected_time`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chain => "chain",
            Self::Closed => "closed",
            Self::Difficulty => "difficulty",
            Self::ExpectedTime => "expected_time",
            Self::Temperature => "temperature",
            Self::Power => "power",
            Self::Battery => "battery",
            Self::Use => "use",
        }
    }
}

impl From<Pause> for Reason {
    fn from(pause: Pause) -> Self {
        match pause {
            Pause::Closed(_) => Self::Closed,
            Pause::TooHard { .. } => Self::Difficulty,
            Pause::TooLong { .. } => Self::ExpectedTime,
        }
    }
}

impl Pauses {
    /// Nothing is hashed any more for this reason, or something is again. Returns the reason until now where this is
    /// another one.
    pub fn set(&mut self, reason: Option<Reason>, now: Instant) -> Option<Option<Reason>> {
        let before = self.now();
        if before == reason {
            return None;
        }
        self.tallies = self.tallies(now);
        self.now = reason.map(|reason| (reason, now));
        if let Some(reason) = reason {
            self.tally(reason).times += 1;
        }
        Some(before)
    }

    /// Why it pauses now, if it does.
    pub fn now(&self) -> Option<Reason> {
        self.now.map(|(reason, _)| reason)
    }

    /// All pauses up to now, the present one included.
    pub fn tallies(&self, now: Instant) -> Vec<Tally> {
        let mut all = self.clone();
        if let Some((reason, since)) = self.now {
            all.tally(reason).time += now.saturating_duration_since(since);
        }
        all.tallies
    }

    fn tally(&mut self, reason: Reason) -> &mut Tally {
        let known = self.tallies.iter().position(|it| it.reason == reason);
        let place = known.unwrap_or_else(|| {
            self.tallies.push(Tally {
                reason,
                times: 0,
                time: Duration::ZERO,
            });
            self.tallies.len() - 1
        });
        &mut self.tallies[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_counted_by_reason() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut pauses = Pauses::default();
        assert_eq!(pauses.set(None, at(0)), None);
        assert!(pauses.tallies(at(1)).is_empty());
        assert_eq!(pauses.set(Some(Reason::Closed), at(1)), Some(None));
        assert_eq!(pauses.set(Some(Reason::Closed), at(2)), None, "the same");
        let closed = |times, seconds| Tally {
            reason: Reason::Closed,
            times,
            time: Duration::from_secs(seconds),
        };
        assert_eq!(pauses.tallies(at(4)), [closed(1, 3)], "it goes on");
        let before = pauses.set(Some(Reason::Chain), at(5));
        assert_eq!(before, Some(Some(Reason::Closed)));
        pauses.set(None, at(7));
        pauses.set(Some(Reason::Closed), at(10));
        pauses.set(None, at(11));
        let chain = Tally {
            reason: Reason::Chain,
            times: 1,
            time: Duration::from_secs(2),
        };
        assert_eq!(pauses.tallies(at(20)), [closed(2, 5), chain]);
    }
}
