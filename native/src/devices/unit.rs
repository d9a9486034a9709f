//! A device of any kind, and a watch over it.

use core::{fmt, time::Duration};
use std::time::Instant;

use btpow_core::{Candidates, Device, DeviceError, Info, Jobs, Micros, Poll, Round};

/// How many of its rounds a device may take for one, and how long at least: a machine may have other things to do.
const ROUNDS: u32 = 10;
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The longest time between two looks at a device that counts as its own: where there was no look for longer, the whole
/// machine may have been asleep.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// A device of any kind, driven by one thread. One that reports nothing for ten of its rounds, and a minute, fails.
pub struct Unit {
    device: Box<dyn Device + Send>,
    patience: Duration,
    /// When it was looked at last in vain, and for how long it has been silent then.
    silent: Option<(Instant, Duration)>,
}

/// For how long a device with rounds of so many microseconds may report nothing: ten rounds, and `least`.
pub(crate) fn patience(least: Duration, round: Micros) -> Duration {
    least.max(ROUNDS * Duration::from_micros(round))
}

impl Unit {
    /// Hides the kind of `device`.
    pub fn new(device: impl Device + Send + 'static) -> Self {
        Self::watched(device, PATIENCE)
    }

    /// The same with another time instead of a minute.
    pub fn watched(device: impl Device + Send + 'static, patience: Duration) -> Self {
        Self {
            device: Box::new(device),
            patience,
            silent: None,
        }
    }

    /// It has not reported anything by `now`.
    fn wait(&mut self, now: Instant) -> Result<Poll, DeviceError> {
        let (last, before) = self.silent.unwrap_or((now, Duration::ZERO));
        let silence = before + now.saturating_duration_since(last).min(LOOK);
        self.silent = Some((now, silence));
        if silence > patience(self.patience, self.device.info().round) {
            return Err(DeviceError::Silent);
        }
        Ok(Poll::Pending)
    }
}

impl Device for Unit {
    fn info(&self) -> Info<'_> {
        self.device.info()
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        self.device.load(jobs)
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        self.silent = None;
        self.device.submit(round)
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        match self.device.poll(found)? {
            Poll::Done => Ok(Poll::Done),
            Poll::Pending => self.wait(Instant::now()),
        }
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unit({})", self.info().name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device with rounds of some microseconds, none of which ends.
    struct Mute(u64);

    impl Device for Mute {
        fn info(&self) -> Info<'_> {
            Info {
                name: "mute",
                batch: 1,
                round: self.0,
                budget: 1_000,
            }
        }

        fn load(&mut self, _: &Jobs) -> Result<(), DeviceError> {
            Ok(())
        }

        fn submit(&mut self, _: Round) -> Result<(), DeviceError> {
            Ok(())
        }

        fn poll(&mut self, _: &mut Candidates) -> Result<Poll, DeviceError> {
            Ok(Poll::Pending)
        }
    }

    /// How many looks, one every so often, find out that a device is silent.
    fn looks(round: u64, every: Duration) -> u32 {
        let mut unit = Unit::new(Mute(round));
        let begun = Instant::now();
        let mut looks = 0;
        while unit.wait(begun + looks * every) == Ok(Poll::Pending) {
            looks += 1;
        }
        looks
    }

    #[test]
    fn a_silent_device_is_given_up_after_a_minute_or_ten_rounds() {
        let second = Duration::from_secs(1);
        assert_eq!(looks(5_000, second), 61);
        assert_eq!(looks(5_000, second / 2), 121);
        assert_eq!(looks(9_000_000, second), 91, "its rounds are long");
        assert_eq!(looks(5_000, 1_000 * second), 61, "the machine was asleep");
    }

    #[test]
    fn a_new_round_has_its_own_time() {
        let mut unit = Unit::new(Mute(5_000));
        let begun = Instant::now();
        for round in 0..100 {
            unit.submit(Round {
                start: btpow_core::Position(0),
                len: 1,
            })
            .expect("it takes everything");
            for second in 0..50 {
                let now = begun + Duration::from_secs(50 * round + second);
                assert_eq!(unit.wait(now), Ok(Poll::Pending));
            }
        }
    }
}
