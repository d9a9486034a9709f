//! The device: it cuts rounds into dispatches, and keeps a few in flight at any time.

use core::{fmt, pin::Pin, task};
use std::{collections::VecDeque, sync::Arc};

use btpow_core::{Candidates, Device, DeviceError, Info, Jobs, Micros, Poll, Round};
use web_time::Instant;

use crate::{
    Adapter, Tuning,
    flight::{Flight, Hits},
    gpu::{DEPTH, Gpu},
    pace::Pace,
    plan::{Plan, fit},
    shader::Kernel,
    trouble::Trouble,
};

/// Nonces of the first round. All rounds are a multiple of it: whole workgroups of any size.
const BATCH: u64 = 1 << 14;

/// Duration of a round, in microseconds: three dispatches. Between two rounds the card waits for
/// the host, in a browser for some milliseconds.
const ROUND: Micros = if cfg!(target_arch = "wasm32") {
    120_000
} else {
    60_000
};

/// The longest that a poll blocks; in a browser it never does.
const BUDGET: Micros = if cfg!(target_arch = "wasm32") {
    1_000
} else {
    20_000
};

/// A dispatch that has not come back after this long never will: it is some hundred times what the
/// slowest takes.
const STALL: Micros = 30_000_000;

/// Rounds after which a reopened device counts as sound again: about a minute.
const SOUND: u64 = 1_000;

/// How to open a device.
#[derive(Clone)]
pub struct Options {
    /// The name that users see, as in `wgpu:0`.
    pub name: String,
    /// How to compile the kernel.
    pub tuning: Tuning,
    /// Called whenever there is trouble: first when the device is reopened, then when it is given
    /// up.
    pub notify: Arc<dyn Fn(&Trouble) + Send + Sync>,
}

/// A card through wgpu.
#[derive(Debug)]
pub struct WgpuDevice {
    adapter: Adapter,
    options: Options,
    gpu: State,
    pace: Pace,
    jobs: Option<Jobs>,
    progress: Option<Progress>,
    /// Rounds since the device was last reopened; `None` if it never was.
    since_recovery: Option<u64>,
}

/// The state of the device itself.
enum State {
    Open(Box<Gpu>),
    /// It was lost and is being reopened.
    Opening(Opening),
    /// It was given up.
    Lost(Trouble),
}

/// A future that may move to another thread, where there are threads.
#[cfg(not(target_arch = "wasm32"))]
type Opening = Pin<Box<dyn Future<Output = Result<Gpu, Trouble>> + Send>>;
#[cfg(target_arch = "wasm32")]
type Opening = Pin<Box<dyn Future<Output = Result<Gpu, Trouble>>>>;

/// A round under way.
#[derive(Debug)]
struct Progress {
    round: Round,
    /// Nonces that the card has got so far.
    given: u64,
    /// Dispatches in flight, the oldest first.
    flights: VecDeque<Leg>,
    /// When the last dispatch came back.
    landed: Option<Instant>,
}

/// A part of a round in flight.
#[derive(Debug)]
struct Leg {
    flight: Flight,
    /// Its first nonce, counted from the start of the round.
    offset: u64,
    len: u64,
}

impl Options {
    /// The options without a listener for trouble.
    pub fn new(name: impl Into<String>, tuning: Tuning) -> Self {
        Self {
            name: name.into(),
            tuning,
            notify: Arc::new(|_| {}),
        }
    }
}

impl WgpuDevice {
    pub(crate) fn new(adapter: Adapter, gpu: Gpu, options: Options) -> Self {
        Self {
            adapter,
            options,
            gpu: State::Open(Box::new(gpu)),
            pace: Pace::new(),
            jobs: None,
            progress: None,
            since_recovery: None,
        }
    }

    /// The adapter behind it.
    pub const fn adapter(&self) -> &Adapter {
        &self.adapter
    }

    /// How its kernel was compiled.
    pub const fn tuning(&self) -> Tuning {
        self.options.tuning
    }

    /// Makes the driver lose the device, as a reset of the card does, to test what follows.
    #[doc(hidden)]
    pub fn lose(&self) {
        if let State::Open(gpu) = &self.gpu {
            gpu.device.destroy();
        }
    }

    /// Makes the next dispatch so long, as on a fast card, to test large grids.
    #[doc(hidden)]
    pub const fn lengthen(&mut self, nonces: u64) {
        self.pace.set(nonces);
    }

    /// Resolves when the next [`poll`](Device::poll) has something to do: for callers that await futures
    /// instead of polling again and again. It does not cover a card that is being reopened or that
    /// hangs, so poll now and then all the same.
    pub async fn landed(&self) {
        if let (State::Open(gpu), Some(progress)) = (&self.gpu, &self.progress)
            && let Some(oldest) = progress.flights.front()
        {
            oldest.flight.land(gpu).await;
        } else if !matches!(self.gpu, State::Lost(_)) {
            core::future::pending().await
        }
    }

    /// Submits as many dispatches as may be in flight.
    fn fill(&mut self) {
        let (State::Open(gpu), Some(jobs), Some(progress)) =
            (&mut self.gpu, &self.jobs, &mut self.progress)
        else {
            return;
        };
        while progress.flights.len() < DEPTH && progress.given < progress.round.len {
            let start = progress.round.start.after(progress.given);
            let left = progress.round.len - progress.given;
            let len = fit(jobs.protocol(), start, self.pace.next(left), left);
            let plan = Plan::new(jobs, start, len, self.options.tuning.workgroup());
            let taken = |slot: &usize| {
                progress
                    .flights
                    .iter()
                    .any(|leg| leg.flight.slot() == *slot)
            };
            let Some(slot) = (0..DEPTH).find(|slot| !taken(slot)) else {
                return;
            };
            gpu.enter(jobs, start);
            progress.flights.push_back(Leg {
                flight: Flight::launch(gpu, slot, &plan),
                offset: progress.given,
                len,
            });
            progress.given += len;
        }
    }

    /// Takes the results that have come back, the oldest dispatch first.
    fn collect(&mut self, found: &mut Candidates) {
        let (State::Open(gpu), Some(progress)) = (&self.gpu, &mut self.progress) else {
            return;
        };
        while let Some(leg) = progress.flights.front() {
            let Leg {
                flight,
                offset,
                len,
            } = leg;
            let Some(hits) = flight.collect(gpu) else {
                if micros_since(flight.submitted(), Instant::now()) > STALL {
                    gpu.health.note(Trouble::Stalled);
                }
                return;
            };
            let hits = match hits {
                Ok(hits) => hits,
                Err(trouble) => {
                    gpu.health.note(trouble);
                    return;
                }
            };
            // With others in flight, this one began when the one before it ended.
            let began =
                (progress.landed).map_or(flight.submitted(), |it| it.max(flight.submitted()));
            self.pace.record(*len, micros_since(began, hits.landed));
            progress.landed = Some(hits.landed);
            report(&hits, &progress.round, *offset, *len, found);
            progress.flights.pop_front();
        }
    }

    /// Begins to reopen the device, once; a second trouble soon after is the end.
    fn react(&mut self) -> Result<(), DeviceError> {
        let State::Open(gpu) = &self.gpu else {
            return Ok(());
        };
        let Some(trouble) = gpu.health.trouble().cloned() else {
            return Ok(());
        };
        (self.options.notify)(&trouble);
        if self.since_recovery.is_some_and(|rounds| rounds < SOUND) {
            return Err(self.give_up(trouble));
        }
        self.since_recovery = Some(0);
        self.pace.halve();
        if let Some(progress) = &mut self.progress {
            // Results that came back count; the rest is done again.
            if let Some(oldest) = progress.flights.front() {
                progress.given = oldest.offset;
            }
            progress.flights.clear();
            progress.landed = None;
        }
        let (adapter, tuning) = (self.adapter.clone(), self.options.tuning);
        self.gpu = State::Opening(Box::pin(
            async move { adapter.gpu(tuning, &Kernel::ALL).await },
        ));
        Ok(())
    }

    /// Advances the opening; returns whether the device is open.
    fn reopen(&mut self) -> Result<bool, DeviceError> {
        let State::Opening(opening) = &mut self.gpu else {
            return Ok(true);
        };
        // The caller polls it now and then, so nobody needs waking up.
        let mut context = task::Context::from_waker(task::Waker::noop());
        match opening.as_mut().poll(&mut context) {
            task::Poll::Pending => Ok(false),
            task::Poll::Ready(Ok(gpu)) => {
                self.gpu = State::Open(Box::new(gpu));
                Ok(true)
            }
            task::Poll::Ready(Err(trouble)) => {
                (self.options.notify)(&trouble);
                Err(self.give_up(trouble))
            }
        }
    }

    fn give_up(&mut self, trouble: Trouble) -> DeviceError {
        let error = trouble.device_error();
        self.gpu = State::Lost(trouble);
        self.progress = None;
        error
    }

    fn refuse_when_lost(&self) -> Result<(), DeviceError> {
        match &self.gpu {
            State::Lost(trouble) => Err(trouble.device_error()),
            State::Open(_) | State::Opening(_) => Ok(()),
        }
    }
}

impl Device for WgpuDevice {
    fn info(&self) -> Info<'_> {
        Info {
            name: &self.options.name,
            batch: BATCH,
            round: ROUND,
            budget: BUDGET,
        }
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        self.refuse_when_lost()?;
        if self.progress.is_some() {
            return Err(DeviceError::Busy);
        }
        // A caller may load the same again for every round.
        let known = self.jobs.as_ref().map(Jobs::to_words);
        if let State::Open(gpu) = &mut self.gpu
            && known != Some(jobs.to_words())
        {
            gpu.leave();
        }
        self.jobs = Some(*jobs);
        Ok(())
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        self.refuse_when_lost()?;
        if self.jobs.is_none() {
            return Err(DeviceError::NotLoaded);
        }
        if self.progress.is_some() {
            return Err(DeviceError::Busy);
        }
        self.progress = Some(Progress {
            round,
            given: 0,
            flights: VecDeque::with_capacity(DEPTH),
            landed: None,
        });
        self.fill();
        Ok(())
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        self.refuse_when_lost()?;
        if self.progress.is_none() || !self.reopen()? {
            return Ok(Poll::Pending);
        }
        self.fill();
        if let (State::Open(gpu), Some(progress)) = (&self.gpu, &self.progress)
            && let Some(oldest) = progress.flights.front()
        {
            oldest.flight.wait(gpu, BUDGET);
        }
        self.collect(found);
        self.react()?;
        self.fill();
        let is_over = |progress: &Progress| {
            progress.flights.is_empty() && progress.given == progress.round.len
        };
        if self.progress.as_ref().is_none_or(|it| !is_over(it)) {
            return Ok(Poll::Pending);
        }
        self.progress = None;
        self.since_recovery = self.since_recovery.map(|rounds| rounds + 1);
        Ok(Poll::Done)
    }
}

/// Adds the hits of a dispatch to the round's.
fn report(hits: &Hits, round: &Round, offset: u64, len: u64, found: &mut Candidates) {
    let first = round.start.after(offset);
    for &hit in &hits.offsets {
        found.push(first.after(hit.into()));
    }
    // There was no room for these, and the list has none left either, so it counts them.
    let kept = hits.offsets.len() as u64;
    for _ in kept..u64::from(hits.count).min(len) {
        found.push(first);
    }
}

fn micros_since(from: Instant, to: Instant) -> Micros {
    Micros::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(Micros::MAX)
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("name", &self.name)
            .field("tuning", &self.tuning)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(_) => f.write_str("Open"),
            Self::Opening(_) => f.write_str("Opening"),
            Self::Lost(trouble) => write!(f, "Lost({trouble:?})"),
        }
    }
}
