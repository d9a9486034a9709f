//! Finds the fastest tuning of a card: each gets a few dispatches of a known search.

use core::{fmt, time::Duration};
use std::collections::VecDeque;

use btpow_core::{Challenge, Difficulty, Jobs, Position};
use web_time::Instant;

use crate::{
    Adapter, Tuning,
    flight::Flight,
    gpu::Gpu,
    pace::Pace,
    plan::{Plan, fit},
    shader::Kernel,
    trouble::Trouble,
};

/// The fewest dispatches that count, after those that find the right length.
const MEASURED: u32 = 3;

/// The part of the limit for which dispatches are counted.
const SHARE: u32 = 20;

/// The most dispatches that look for the right length.
const WARM_UP: u32 = 12;

/// Where every dispatch begins.
const START: Position = Position(0);

/// One tuning on trial.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The tuning.
    pub tuning: Tuning,
    /// Its result. A trial skips a tuning that a card cannot run.
    pub outcome: Result<Measured, Trouble>,
}

/// What a trial measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// How long it took to open the card and to compile the kernel.
    pub ready: Duration,
    /// Nonces per second.
    pub rate: f64,
}

/// Tries the known tuning and all variants, then the other workgroup sizes of the fastest. It begins none that would take
/// longer than what is left of `limit` if it took as long as the slowest before it; one is always tried.
pub(crate) async fn run(
    adapter: &Adapter,
    known: Option<Tuning>,
    limit: Duration,
    mut tell: impl FnMut(&Trial),
) -> Result<Tuning, Trouble> {
    let began = Instant::now();
    let mut best: Option<(f64, Tuning)> = None;
    let mut trouble = None;
    let mut left: VecDeque<_> = Tuning::variants().filter(|it| Some(*it) != known).collect();
    known.into_iter().for_each(|it| left.push_front(it));
    let (mut sizes, mut longest) = (true, Duration::ZERO);
    while let Some(tuning) = left.pop_front() {
        let begin = began.elapsed();
        if longest > Duration::ZERO && begin + longest > limit {
            break;
        }
        let outcome = measure(adapter, tuning, limit / SHARE).await;
        longest = longest.max(began.elapsed() - begin);
        let trial = Trial { tuning, outcome };
        tell(&trial);
        match trial.outcome {
            Ok(Measured { rate, .. }) if best.is_none_or(|(fastest, _)| rate > fastest) => {
                best = Some((rate, tuning));
            }
            Ok(_) => {}
            Err(error) => trouble = Some(error),
        }
        if let Some((_, fastest)) = best
            && left.is_empty()
            && sizes
        {
            sizes = false;
            let others = fastest.other_sizes();
            left.extend(others.filter(|it| Some(*it) != known));
        }
    }
    best.map(|(_, tuning)| tuning)
        .ok_or_else(|| trouble.unwrap_or(Trouble::Stalled))
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Ok(Measured { ready, rate }) => write!(
                f,
                "{:<11} {:>7.1} MH/s, ready in {} ms",
                self.tuning.to_string(),
                rate / 1e6,
                ready.as_millis()
            ),
            Err(trouble) => write!(f, "{:<11} {trouble}", self.tuning.to_string()),
        }
    }
}

async fn measure(adapter: &Adapter, tuning: Tuning, time: Duration) -> Result<Measured, Trouble> {
    let began = Instant::now();
    let mut gpu = adapter.gpu(tuning, &[Kernel::Spans]).await?;
    let ready = began.elapsed();
    let challenge = Challenge::v1(1, [1; 32], [2; 32], [3; 32]).map_err(|_| Trouble::Stalled)?;
    // Hits are so rare that their list stays short.
    let difficulty = Difficulty::new(u64::MAX).map_err(|_| Trouble::Stalled)?;
    let jobs = Jobs::new(&challenge, &difficulty.target());
    let mut pace = Pace::new();
    let next = |pace: &Pace| fit(jobs.protocol(), START, pace.next(u64::MAX), u64::MAX);
    for _ in 0..WARM_UP {
        let len = next(&pace);
        let took = dispatch(&mut gpu, &jobs, len, tuning).await?;
        pace.record(len, micros(took));
        if next(&pace) < len * 2 {
            break;
        }
    }
    let len = next(&pace);
    let (mut took, mut count) = (Duration::ZERO, 0);
    while count < MEASURED || took < time {
        took += dispatch(&mut gpu, &jobs, len, tuning).await?;
        count += 1;
    }
    let rate = (u64::from(count) * len) as f64 / took.as_secs_f64().max(1e-9);
    Ok(Measured { ready, rate })
}

/// Runs one dispatch alone; returns how long it took.
async fn dispatch(
    gpu: &mut Gpu,
    jobs: &Jobs,
    len: u64,
    tuning: Tuning,
) -> Result<Duration, Trouble> {
    gpu.enter(jobs, START);
    let plan = Plan::new(jobs, START, len, tuning.workgroup());
    let flight = Flight::launch(gpu, 0, &plan);
    flight.land(gpu).await;
    match (flight.collect(gpu), gpu.health.trouble()) {
        (_, Some(trouble)) => Err(trouble.clone()),
        (Some(Ok(hits)), None) => Ok(hits.landed.duration_since(flight.submitted())),
        (Some(Err(trouble)), None) => Err(trouble),
        (None, None) => Err(Trouble::Stalled),
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
