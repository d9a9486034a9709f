//! Known answers that a device must give before its first round.
//!
//! A device that misses hits just looks unlucky, so this asks for **every** candidate in a run of
//! positions, for each protocol, across the end of a group and with ragged ends.

use crate::{
    Candidates, Challenge, Device, Difficulty, Fault, Jobs, Order, Poll, Position, Protocol, Round,
};

/// A run of positions and all of its candidates.
struct KnownRun {
    protocol: Protocol,
    /// The first position.
    start: u64,
    /// The candidates' offsets from `start`, ascending.
    hits: &'static [u16],
}

/// Positions in a run, an odd number.
const LEN: u64 = 4_093;

/// Expected seals per candidate.
const DIFFICULTY: u64 = 128;

/// The challenges use block hash 32 × 0x01, hotkey 32 × 0x02, coldkey 32 × 0x03, netuid 1. The
/// answers come from the reference; the test below recomputes them.
static KNOWN: [KnownRun; 3] = [
    KnownRun {
        protocol: Protocol::V1,
        start: (0x0012_3456 << 32) - 2_001,
        hits: &[
            92, 471, 516, 533, 653, 683, 733, 892, 951, 1006, 1026, 1141, 1147, 1435, 2009, 2017,
            2215, 2224, 2380, 2396, 2423, 2487, 2609, 2748, 2784, 2801, 2804, 3199, 3209, 3348,
            3420, 3481, 4030,
        ],
    },
    KnownRun {
        protocol: Protocol::Legacy(Order::Big),
        start: (0x789a << 32) - 1_003,
        hits: &[
            8, 140, 325, 390, 514, 550, 874, 905, 967, 1177, 1239, 1329, 1376, 1380, 1403, 1450,
            1555, 1687, 1793, 1838, 2052, 2090, 2092, 2124, 2219, 2293, 2307, 2442, 2619, 2820,
            3003, 3175, 3312, 3496, 3632, 3690, 3744, 3747, 3782, 3961, 3990, 4071,
        ],
    },
    KnownRun {
        protocol: Protocol::Legacy(Order::Little),
        start: (0xbcde << 32) - 3_005,
        hits: &[
            13, 124, 427, 432, 442, 729, 909, 967, 1021, 1039, 1205, 1279, 1648, 1875, 1910, 2187,
            2508, 2893, 3047, 3340, 3420, 3427, 3739, 3816, 3900, 4025, 4061,
        ],
    },
];

/// A self-test under way.
#[derive(Clone, Debug)]
pub struct SelfTest {
    /// Which known run is next, or in flight.
    run: usize,
    in_flight: bool,
}

impl SelfTest {
    /// A self-test that has not begun.
    pub const fn new() -> Self {
        Self {
            run: 0,
            in_flight: false,
        }
    }

    /// Advances by one submit or one poll; returns [`Poll::Done`] once the device has passed.
    ///
    /// # Errors
    ///
    /// [`Fault::SelfTest`] when an answer is missing or wrong; [`Fault::Device`].
    pub fn step<D: Device + ?Sized>(
        &mut self,
        device: &mut D,
        found: &mut Candidates,
    ) -> Result<Poll, Fault> {
        let Some(known) = KNOWN.get(self.run) else {
            return Ok(Poll::Done);
        };
        if !self.in_flight {
            found.clear();
            device.load(&known.jobs()).map_err(Fault::Device)?;
            let round = Round {
                start: Position(known.start),
                len: LEN,
            };
            device.submit(round).map_err(Fault::Device)?;
            self.in_flight = true;
            return Ok(Poll::Pending);
        }
        if device.poll(found).map_err(Fault::Device)? == Poll::Pending {
            return Ok(Poll::Pending);
        }
        known.compare(found)?;
        (self.run, self.in_flight) = (self.run + 1, false);
        Ok(if self.run == KNOWN.len() {
            Poll::Done
        } else {
            Poll::Pending
        })
    }
}

impl Default for SelfTest {
    fn default() -> Self {
        Self::new()
    }
}

impl KnownRun {
    fn challenge(&self) -> Challenge {
        match self.protocol {
            Protocol::Legacy(order) => Challenge::legacy(order, [1; 32], [2; 32]),
            Protocol::V1 => {
                Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1 is not the root")
            }
        }
    }

    fn jobs(&self) -> Jobs {
        let difficulty = Difficulty::new(DIFFICULTY).expect("128 is not 0");
        Jobs::new(&self.challenge(), &difficulty.target())
    }

    /// Compares the finds, in any sequence, with the answers.
    fn compare(&self, found: &Candidates) -> Result<(), Fault> {
        let reports = |hit: &u16| {
            let position = Position(self.start).after(u64::from(*hit));
            found.positions().contains(&position)
        };
        let right = self.hits.iter().filter(|hit| reports(hit)).count() as u64;
        let missed = self.hits.len() as u64 - right;
        // Everything else that it reported is wrong, even a right answer reported twice.
        let wrong = found.positions().len() as u64 + found.overflow() - right;
        if missed + wrong == 0 {
            Ok(())
        } else {
            Err(Fault::SelfTest { missed, wrong })
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::Target;

    #[test]
    fn the_answers_match_the_reference() {
        let target = Difficulty::new(DIFFICULTY).expect("not zero").target();
        for known in &KNOWN {
            let challenge = known.challenge();
            assert_eq!(challenge.protocol(), known.protocol);
            let hits: Vec<u16> = (0..u16::try_from(LEN).expect("short"))
                .filter(|&offset| {
                    let position = Position(known.start).after(offset.into());
                    let seal = challenge.seal(position.nonce(known.protocol));
                    let word = Target::tested_word(&seal, known.protocol.order());
                    word <= target.threshold()
                })
                .collect();
            assert_eq!(known.hits, hits, "{}", known.protocol);
            assert!(hits.len() < Candidates::CAPACITY);
        }
    }
}
