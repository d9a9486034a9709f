//! Finds the fastest variant and shape for a card.

use core::{fmt, num::NonZeroU32, str::FromStr, time::Duration};
use std::time::Instant;

use btpow_core::{
    Candidates, Challenge, Device, DeviceError, Difficulty, Fault, Info, Jobs, Order, Poll,
    Position, Protocol, Round, self_test::SelfTest,
};

use crate::{
    Card, CudaQueue, Driver, OpenError,
    shape::{Shape, Threads},
    variant::{ALL, Variant},
};

/// How to use a card.
#[derive(Clone, Copy, Debug)]
pub struct Tuning {
    /// The kernels' variant.
    pub variant: &'static Variant,
    /// How many threads run them.
    pub shape: Shape,
}

/// A tuning that was measured.
#[derive(Clone, Copy, Debug)]
pub struct Trial {
    /// The tuning.
    pub tuning: Tuning,
    /// Nonces per second in v1 and in legacy.
    pub rates: [f64; 2],
}

/// Why a tuning could not be measured.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrialError {
    /// The card does not open with it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The card failed at work.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The card computes wrong results with it.
    #[error(transparent)]
    SelfTest(#[from] Fault),
}

impl Tuning {
    /// The tuning for a card that was not tuned.
    pub fn untuned() -> Self {
        Self {
            variant: Variant::untuned(),
            shape: Shape::DEFAULT,
        }
    }

    /// The tunings worth trying on any card: every variant in blocks of some sizes, with as many blocks as fit.
    pub fn candidates() -> impl Iterator<Item = Self> {
        ALL.iter().flat_map(|variant| {
            let sizes = [128, 256, 512].map(Threads::new).into_iter().flatten();
            sizes.map(move |threads| Self {
                variant,
                shape: Shape {
                    threads,
                    blocks: None,
                },
            })
        })
    }

    /// The same with fewer blocks on each multiprocessor.
    pub fn with_fewer_blocks(self) -> impl Iterator<Item = Self> {
        (1..=6).map(move |blocks| {
            let blocks = NonZeroU32::new(blocks);
            let shape = Shape {
                blocks,
                ..self.shape
            };
            Self { shape, ..self }
        })
    }

    /// Proves known answers, then measures both protocols for `time` each.
    ///
    /// # Errors
    ///
    /// [`TrialError`].
    pub fn measure(
        self,
        driver: &Driver,
        card: &Card,
        time: Duration,
    ) -> Result<Trial, TrialError> {
        let mut queues = driver.open(card, self.variant, self.shape)?;
        for queue in &mut queues {
            let (mut test, mut found) = (SelfTest::new(), Candidates::new());
            while test.step(queue, &mut found)? == Poll::Pending {}
        }
        let mut rates = [0.0; 2];
        for (rate, protocol) in rates
            .iter_mut()
            .zip([Protocol::V1, Protocol::Legacy(Order::Little)])
        {
            *rate = measure(&mut queues, protocol, time)?;
        }
        Ok(Trial {
            tuning: self,
            rates,
        })
    }
}

impl Trial {
    /// The number that ranks tunings: both protocols count the same.
    pub fn score(&self) -> f64 {
        self.rates.iter().map(|rate| rate.max(1.0).ln()).sum()
    }
}

/// The rate of a card's queues, which take turns as under the solver.
///
/// # Errors
///
/// [`DeviceError`].
pub fn measure(
    queues: &mut [CudaQueue],
    protocol: Protocol,
    time: Duration,
) -> Result<f64, DeviceError> {
    let jobs = jobs(protocol);
    let mut found = Candidates::new();
    let mut next = Position(0x1234_5678_9abc);
    for queue in queues.iter_mut() {
        queue.load(&jobs)?;
    }
    // A card takes this in no time; software acting as one does not take it for ever.
    let mut length = 1 << 14;
    let mut submit = |queue: &mut CudaQueue, length| {
        let round = Round {
            start: next,
            len: length,
        };
        next = next.after(length);
        queue.submit(round)
    };
    // Finds the length at which a round takes the right time.
    for queue in queues.iter_mut() {
        let Info { round, .. } = queue.info();
        for _ in 0..10 {
            let begin = Instant::now();
            submit(queue, length)?;
            while queue.poll(&mut found)? == Poll::Pending {}
            let took = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
            // Half: the queues share the card.
            if took * 2 > round {
                break;
            }
            length = length.saturating_mul((round / (2 * took.max(1))).clamp(1, 4));
        }
    }
    let batch = queues.first().map_or(1, CudaQueue::batch);
    if length > batch {
        length -= length % batch;
    }
    let begin = Instant::now();
    let mut hashed = 0_u64;
    for queue in queues.iter_mut() {
        submit(queue, length)?;
    }
    while begin.elapsed() < time {
        for queue in queues.iter_mut() {
            while queue.poll(&mut found)? == Poll::Pending {}
            hashed += length;
            submit(queue, length)?;
        }
    }
    for queue in queues.iter_mut() {
        while queue.poll(&mut found)? == Poll::Pending {}
        hashed += length;
    }
    Ok(hashed as f64 / begin.elapsed().as_secs_f64())
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

impl fmt::Display for Tuning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.variant.name, self.shape.threads.get())?;
        self.shape
            .blocks
            .map_or(Ok(()), |blocks| write!(f, "x{blocks}"))
    }
}

/// The text is not a [`Tuning`] of this version.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a tuning of this version")]
pub struct NoTuning;

impl FromStr for Tuning {
    type Err = NoTuning;

    fn from_str(text: &str) -> Result<Self, NoTuning> {
        let (variant, shape) = text.split_once(' ').ok_or(NoTuning)?;
        let (threads, blocks) = match shape.split_once('x') {
            None => (shape, None),
            Some((threads, blocks)) => (threads, Some(blocks.parse().map_err(|_| NoTuning)?)),
        };
        let threads = threads.parse().map_err(|_| NoTuning)?;
        Ok(Self {
            variant: Variant::named(variant).ok_or(NoTuning)?,
            shape: Shape {
                threads: Threads::new(threads).map_err(|_| NoTuning)?,
                blocks,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tuning_is_read_as_it_is_written() {
        for text in ["b 256", "c18-flat 128x5"] {
            let tuning: Tuning = text.parse().expect("a tuning");
            assert_eq!(tuning.to_string(), text);
        }
        for text in ["", "b", "b 100", "b 256x0", "z 256", "b 256x", "b 256 "] {
            assert!(text.parse::<Tuning>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_variant_is_a_candidate() {
        let names: Vec<_> = Tuning::candidates().map(|it| it.variant.name).collect();
        assert!(ALL.iter().all(|variant| names.contains(&variant.name)));
        assert_eq!(Tuning::untuned().with_fewer_blocks().count(), 6);
    }
}
