//! Measures how fast a card hashes.

use core::time::Duration;
use std::time::Instant;

use btpow_core::{
    Candidates, Challenge, Device, DeviceError, Difficulty, Info, Jobs, Poll, Position, Protocol,
    Round,
};

use crate::CudaQueue;

/// The most rounds that look for the right length.
const SEARCH: u32 = 10;

/// A card at a known search, in rounds that take as long as they should: its queues take turns as under the solver.
#[derive(Debug)]
pub struct Paced<'a> {
    queues: &'a mut [CudaQueue],
    /// Nonces of a round.
    length: u64,
    next: Position,
    found: Candidates,
}

/// What a card did.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// Nonces.
    pub hashes: u64,
    /// The time they took.
    pub took: Duration,
}

impl Work {
    /// Nonces per second.
    pub fn rate(&self) -> f64 {
        self.hashes as f64 / self.took.as_secs_f64().max(1e-9)
    }
}

impl<'a> Paced<'a> {
    /// Finds the length at which a round takes the right time.
    ///
    /// # Errors
    ///
    /// [`DeviceError`].
    pub fn new(queues: &'a mut [CudaQueue], protocol: Protocol) -> Result<Self, DeviceError> {
        let jobs = jobs(protocol);
        for queue in queues.iter_mut() {
            queue.load(&jobs)?;
        }
        let mut paced = Self {
            queues,
            // A card takes this in no time; software acting as one does not take it for ever.
            length: 1 << 14,
            next: Position(0x1234_5678_9abc),
            found: Candidates::new(),
        };
        for _ in 0..SEARCH {
            let begin = Instant::now();
            paced.submit(0)?;
            paced.finish(0)?;
            let took = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
            let Info { round, .. } = paced.queues[0].info();
            let before = paced.length;
            paced.length = longer(before, took, round);
            // The rest is less than what two rounds of one length differ by.
            if paced.length < before + before / 8 {
                break;
            }
        }
        let batch = paced.queues[0].batch();
        paced.length = (paced.length / batch).max(1) * batch;
        Ok(paced)
    }

    /// Hashes for `time`, and until the rounds under way then have ended.
    ///
    /// # Errors
    ///
    /// [`DeviceError`].
    pub fn run(&mut self, time: Duration) -> Result<Work, DeviceError> {
        let begin = Instant::now();
        let mut rounds = 0;
        let all = 0..self.queues.len();
        for place in all.clone() {
            self.submit(place)?;
        }
        while begin.elapsed() < time {
            for place in all.clone() {
                self.finish(place)?;
                self.submit(place)?;
                rounds += 1;
            }
        }
        for place in all {
            self.finish(place)?;
            rounds += 1;
        }
        Ok(Work {
            hashes: rounds * self.length,
            took: begin.elapsed(),
        })
    }

    fn submit(&mut self, place: usize) -> Result<(), DeviceError> {
        let round = Round {
            start: self.next,
            len: self.length,
        };
        self.next = self.next.after(self.length);
        self.queues[place].submit(round)
    }

    fn finish(&mut self, place: usize) -> Result<(), DeviceError> {
        while self.queues[place].poll(&mut self.found)? == Poll::Pending {}
        Ok(())
    }
}

/// The length after one of `length` nonces that took `took` microseconds alone, where a round should take `round`: half,
/// since two queues share the card. At most four times as much, and never less.
fn longer(length: u64, took: u64, round: u64) -> u64 {
    let fitting = length.saturating_mul(round) / took.saturating_mul(2).max(1);
    fitting.clamp(length, length.saturating_mul(4))
}

/// Something to search for, at the difficulty of a busy subnet.
fn jobs(protocol: Protocol) -> Jobs {
    let challenge = match protocol {
        Protocol::Legacy(order) => Some(Challenge::legacy(order, [1; 32], [2; 32])),
        Protocol::V1 => Challenge::v1(1, [1; 32], [2; 32], [3; 32]).ok(),
    };
    let difficulty = Difficulty::new(1 << 40);
    let (challenge, difficulty) = challenge.zip(difficulty.ok()).expect("two constants");
    Jobs::new(&challenge, &difficulty.target())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_grows_until_two_of_them_take_its_time() {
        // Nonces in microseconds, at 3,000 in each.
        let took = |length: u64| length / 3_000;
        let mut length = 1 << 14;
        for _ in 0..SEARCH {
            length = longer(length, took(length), 20_000);
        }
        assert_eq!(took(length), 10_000);
        assert_eq!(longer(100, 1_000_000, 20_000), 100, "a slow card");
        assert_eq!(longer(100, 0, 20_000), 400, "too quick to measure");
    }

    #[test]
    fn a_rate_is_of_the_time_it_took() {
        let work = Work {
            hashes: 3_000,
            took: Duration::from_millis(1_500),
        };
        assert!((work.rate() - 2_000.0).abs() < 1e-9);
    }
}
