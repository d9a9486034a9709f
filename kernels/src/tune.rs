//! How to use a card, and which of the ways to try within a given time.

use alloc::collections::VecDeque;
use core::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

use btpow_core::{Candidates, DeviceError, Fault, Poll, Protocol, self_test::SelfTest};

use crate::{
    Card, Driver, OpenError,
    rate::Paced,
    shape::{Shape, Threads},
    variant::{ALL, Schedule, Variant},
};

/// The shortest time that gives a rate: some rounds.
const SHORTEST: Duration = Duration::from_millis(150);

/// A longer time makes no rate more certain.
const LONGEST: Duration = Duration::from_secs(1);

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
    /// Nonces per second in v1. Legacy is of the past, and its kernels differ little.
    pub rate: f64,
    /// Blocks on each multiprocessor.
    blocks: u32,
}

/// Which tunings of a card to try within a given time.
#[derive(Clone, Debug)]
pub struct Plan {
    limit: Duration,
    left: VecDeque<Tuning>,
    tried: usize,
    /// How many there are, as far as it is known.
    of: usize,
    /// What was measured, the fastest first.
    best: Vec<Trial>,
    /// Whether the fastest with fewer blocks are among them.
    has_fewer: bool,
    /// The longest that a trial took besides measuring, in seconds for each byte of its program.
    opening: f64,
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

    /// The tunings worth trying on any card, every variant in blocks of some sizes, with as many blocks as fit. The first
    /// of each variant come first, and among them those that are fastest on most cards or compile quickly.
    pub fn candidates() -> impl Iterator<Item = Self> {
        let mut variants: Vec<_> = ALL.iter().collect();
        variants.sort_by_key(|it| (it.schedule != Schedule::Block, it.program().len()));
        let sizes = [256, 128, 512].map(Threads::new).into_iter().flatten();
        let all = sizes.flat_map(move |threads| {
            let variants = variants.clone().into_iter();
            variants.map(move |variant| Self {
                variant,
                shape: Shape {
                    threads,
                    blocks: None,
                },
            })
        });
        let untuned = Self::untuned();
        core::iter::once(untuned).chain(all.filter(move |it| *it != untuned))
    }

    /// Proves known answers, then measures v1 for `time`.
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
        let blocks = queues[0].blocks() / card.multiprocessors.max(1);
        let work = Paced::new(&mut queues, Protocol::V1)?.run(time)?;
        Ok(Trial {
            tuning: self,
            rate: work.rate(),
            blocks,
        })
    }
}

impl PartialEq for Tuning {
    fn eq(&self, other: &Self) -> bool {
        self.variant.name == other.variant.name && self.shape == other.shape
    }
}

impl Plan {
    /// A plan for so much time, which begins with what an earlier one found.
    pub fn new(known: Option<Tuning>, limit: Duration) -> Self {
        let mut left: VecDeque<_> = Tuning::candidates()
            .filter(|it| Some(*it) != known)
            .collect();
        known.into_iter().for_each(|it| left.push_front(it));
        Self {
            limit,
            of: left.len(),
            left,
            tried: 0,
            best: Vec::new(),
            has_fewer: false,
            opening: 0.0,
        }
    }

    /// What to try when so much time is over, and for how long to measure it. None when nothing is left to try, or when
    /// the next would not end in time; the first is always tried.
    pub fn next(&mut self, spent: Duration) -> Option<(Tuning, Duration)> {
        self.sort();
        let tuning = *self.left.front()?;
        let opening = self.opening_of(tuning);
        let left = self.limit.saturating_sub(spent);
        if self.tried > 0 && opening + SHORTEST > left {
            return None;
        }
        let share = left / u32::try_from(self.left.len()).unwrap_or(u32::MAX);
        let time = share.saturating_sub(opening).clamp(SHORTEST, LONGEST);
        self.left.pop_front();
        self.tried += 1;
        Some((tuning, time))
    }

    /// Notes how a tuning did, and how long the trial took besides measuring.
    pub fn note(&mut self, tuning: Tuning, trial: Option<Trial>, opening: Duration) {
        let each = opening.as_secs_f64() / tuning.variant.program().len() as f64;
        self.opening = self.opening.max(each);
        self.best.extend(trial);
        self.best.sort_by(|a, b| b.rate.total_cmp(&a.rate));
    }

    /// How many tunings were tried, and of how many.
    pub const fn tried(&self) -> (usize, usize) {
        (self.tried, self.of)
    }

    /// How long a trial takes besides measuring: the driver compiles the program, and a longer one takes longer.
    fn opening_of(&self, tuning: Tuning) -> Duration {
        Duration::from_secs_f64(self.opening * tuning.variant.program().len() as f64)
    }

    /// Puts what promises most first: each variant once, then the other sizes of the fastest variant, then those of the
    /// second; at last fewer blocks of the fastest tuning.
    fn sort(&mut self) {
        let place = |tuning: &Tuning| {
            let same = |it: &Trial| it.tuning.variant.name == tuning.variant.name;
            self.best.iter().position(same)
        };
        let is_first = |it: &Tuning| it.shape.threads == Threads::DEFAULT;
        if self.tried > 0 && !self.left.iter().any(is_first) {
            let left = self.left.make_contiguous();
            // A variant that does not work comes last.
            left.sort_by_key(|it| place(it).unwrap_or(usize::MAX));
        }
        if self.left.is_empty()
            && !self.has_fewer
            && let Some(best) = self.best.first()
        {
            self.has_fewer = true;
            let is_new = |it: &Tuning| !self.best.iter().any(|done| done.tuning == *it);
            self.left.extend(best.with_fewer_blocks().filter(is_new));
            self.of += self.left.len();
        }
    }
}

impl Trial {
    /// The same tuning with fewer blocks on each multiprocessor, the most first.
    fn with_fewer_blocks(self) -> impl Iterator<Item = Tuning> {
        let blocks = (1..self.blocks).rev().filter_map(NonZeroU32::new);
        blocks.map(move |blocks| Tuning {
            shape: Shape {
                blocks: Some(blocks),
                ..self.tuning.shape
            },
            ..self.tuning
        })
    }
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

    /// Runs a plan to its end with these seconds of opening for each; returns what it tried.
    fn tried(
        plan: &mut Plan,
        opening: impl Fn(Tuning) -> f64,
        rate: impl Fn(Tuning) -> f64,
    ) -> (Vec<String>, Duration) {
        let (mut spent, mut names) = (Duration::ZERO, Vec::new());
        while let Some((tuning, time)) = plan.next(spent) {
            let opening = Duration::from_secs_f64(opening(tuning));
            spent += opening + time;
            let trial = Trial {
                tuning,
                rate: rate(tuning),
                blocks: 3,
            };
            let works = trial.rate > 0.0;
            plan.note(tuning, works.then_some(trial), opening);
            names.push(tuning.to_string());
        }
        (names, spent)
    }

    /// 256 threads are the best, then the more the better; of the variants c6.
    fn rate(tuning: Tuning) -> f64 {
        let variant = if tuning.variant.name == "c6" {
            2e9
        } else {
            1e9
        };
        let Shape { threads, blocks } = tuning.shape;
        let few = blocks.map_or(0, |it| 9 - it.get());
        variant - f64::from(threads.get().abs_diff(256) + few)
    }

    #[test]
    fn a_plan_tries_each_variant_once_then_sizes_of_the_fastest_then_fewer_blocks() {
        let mut plan = Plan::new(None, Duration::from_secs(60));
        let (names, spent) = tried(&mut plan, |_| 0.1, rate);
        assert!(spent <= Duration::from_secs(60), "{spent:?}");
        let count = 3 * ALL.len();
        assert_eq!(names.len(), count + 2);
        assert_eq!(plan.tried(), (names.len(), names.len()));
        assert_eq!(names[0], "b-shared 256");
        let mut first: Vec<_> = names[..ALL.len()].to_vec();
        assert!(names[ALL.len() - 1].contains("-flat"), "they compile long");
        first.sort();
        let mut all: Vec<_> = ALL.iter().map(|it| format!("{} 256", it.name)).collect();
        all.sort();
        assert_eq!(first, all);
        assert_eq!(names[ALL.len()..][..2], ["c6 128", "c6 512"]);
        assert_eq!(names[count..], ["c6 256x2", "c6 256x1"]);
    }

    #[test]
    fn a_plan_keeps_its_time_when_opening_takes_long() {
        let long = |it: Tuning| it.variant.program().len() as f64 / 3e5;
        for seconds in [2, 10, 40] {
            let limit = Duration::from_secs(seconds);
            let mut plan = Plan::new(None, limit);
            let (names, spent) = tried(&mut plan, long, rate);
            assert!(spent <= limit, "{spent:?} of {limit:?}");
            assert!(!names.is_empty() && names[0] == "b-shared 256");
            assert_eq!(plan.tried(), (names.len(), 3 * ALL.len()));
        }
        let mut plan = Plan::new(None, Duration::from_millis(10));
        let (names, _) = tried(&mut plan, long, rate);
        assert_eq!(names, ["b-shared 256"], "one is always tried");
    }

    #[test]
    fn a_plan_begins_with_what_is_known_and_tries_it_once() {
        for (known, of) in [("c18-flat 512", 36), ("a 256x2", 37), ("b-shared 256", 36)] {
            let known: Tuning = known.parse().expect("a tuning");
            let mut plan = Plan::new(Some(known), Duration::from_secs(9));
            assert_eq!(plan.tried(), (0, of));
            let (names, _) = tried(&mut plan, |_| 0.1, rate);
            assert_eq!(names[0], known.to_string());
            let again = names.iter().filter(|it| **it == names[0]);
            assert_eq!(again.count(), 1, "{names:?}");
        }
    }

    #[test]
    fn a_variant_that_does_not_work_has_no_size_worth_trying_first() {
        let mut plan = Plan::new(None, Duration::from_secs(60));
        let broken = |it: Tuning| {
            if it.variant.name == "a" {
                0.0
            } else {
                rate(it)
            }
        };
        let (names, _) = tried(&mut plan, |_| 0.0, broken);
        let last: Vec<_> = names[3 * ALL.len() - 2..][..2].iter().collect();
        assert!(last.iter().all(|it| it.starts_with("a ")), "{last:?}");
    }
}
