//! One machine at work: a thread for each device around the shared solver. Devices may join at any time.

mod beat;
mod member;
mod reset;
mod shared;

use core::{ops::Range, sync::atomic::Ordering, time::Duration};
use std::{
    io,
    sync::{Arc, PoisonError},
    thread,
    time::Instant,
};

use btpow_core::{
    Device, Fault, Find, Generation, Position, Rates, Search, Shard, Share, SlotId, Statistics,
};
use thiserror::Error;
use tracing::debug;

use self::{beat::Beat, shared::Shared};
pub use self::{member::Condition, reset::Reopen};
use crate::{
    devices::{Row, Unit, choice},
    pauses::Reason,
    signals::{Request, Signal, Signals, SignalsError},
};

/// Stack of a device's thread: many times what a kernel and a panic's backtrace need.
const STACK: usize = 512 * 1024;

/// How long the threads of cards may take to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Devices at work. They test themselves at once, then hash what [`set_search`](Self::set_search) says.
/// Dropping the rig stops them and joins their threads, unless a driver does not come back.
#[derive(Debug)]
pub struct Rig {
    shared: Arc<Shared>,
}

/// Why a rig cannot start, or cannot go on. Messages are one line.
#[derive(Debug, Error)]
pub enum RigError {
    /// The system gives no more threads.
    #[error("cannot start a thread: {0}; try fewer --threads")]
    Thread(#[source] io::Error),

    /// The last working device was dropped.
    #[error("no device is left to work with: {name} was dropped: {fault}")]
    NoDeviceLeft {
        /// The device that was dropped last.
        name: String,
        /// Why.
        fault: Fault,
    },

    /// A device was dropped, and the work is worth nothing without it.
    #[error("{name} was dropped: {fault}")]
    Dropped {
        /// The device.
        name: String,
        /// Why.
        fault: Fault,
    },
}

/// What [`Rig::wait`] waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A device found a solution, for the present challenge or an earlier one.
    Found(Find),
    /// A device gets no more work.
    Dropped(SlotId, Fault),
    /// A device has joined.
    Joined(Row),
    /// A device, or all of them where there is no name, gets no work for a reason, which the message tells in one line.
    Paused {
        /// Its name.
        device: Option<String>,
        /// Why.
        reason: Reason,
        /// The same in words.
        message: String,
    },
    /// It does again.
    Resumed {
        /// Its name.
        device: Option<String>,
        /// Why it did not.
        reason: Reason,
        /// The same in words.
        message: String,
    },
    /// A device has reported nothing for so long that it is opened again.
    Resetting(String),
    /// It is open again, with units in other slots.
    Reset(Row),
    /// Something is wrong with a device that would have joined, in one line.
    Warning(String),
    /// No more devices will join.
    Complete,
    /// The search has hashed all nonces of the rig's shard.
    Exhausted,
    /// Somebody asked the program to end.
    Interrupted(Signal),
    /// Somebody asked how it goes.
    Asked,
}

/// Tells the rig's owner something from another thread, and lets devices join.
#[derive(Clone, Debug)]
pub struct Messenger(Arc<Shared>);

impl Rig {
    /// Starts a thread for each device.
    ///
    /// # Errors
    ///
    /// [`RigError::Thread`] when the system gives no more threads; those started are joined.
    pub fn start(units: Vec<Unit>) -> Result<Self, RigError> {
        let rig = Self {
            shared: Arc::new(Shared::new(units.len())),
        };
        let (_, error) = rig.messenger().join(units);
        error.map_or(Ok(rig), Err)
    }

    /// Hashes nonces of this shard alone from now on.
    pub fn keep_to(&self, shard: Shard) {
        self.shared.with(|solver| solver.keep_to(shard));
    }

    /// Makes every device work on `search` from its next round on.
    pub fn set_search(&self, search: Search) -> Generation {
        let now = self.shared.now();
        let mut state = self.shared.lock();
        let generation = state.solver.set_search(search, now);
        state.searching = state.solver.has_work();
        self.shared.settle(&mut state);
        drop(state);
        debug!(generation = generation.0, "new search");
        generation
    }

    /// Has every device work on `search` once it is [resumed](Self::resume); until then they rest.
    pub fn set_paused(&self, search: Search) -> Generation {
        let now = self.shared.now();
        let mut state = self.shared.lock();
        let generation = state.solver.set_search(search, now);
        state.searching = false;
        state.solver.pause();
        self.shared.settle(&mut state);
        generation
    }

    /// Pauses the search: rounds under way still count, then the devices rest.
    pub fn pause(&self) {
        let mut state = self.shared.lock();
        state.searching = false;
        state.solver.pause();
        self.shared.settle(&mut state);
    }

    /// Continues a paused search where it stopped.
    pub fn resume(&self) {
        let now = self.shared.now();
        let mut state = self.shared.lock();
        state.solver.resume(now);
        state.searching = state.solver.has_work();
        self.shared.settle(&mut state);
    }

    /// Waits for the next event; none when `until` comes first.
    pub fn wait(&self, until: Option<Instant>) -> Option<Event> {
        let mut state = self.shared.lock();
        loop {
            if let Some(event) = state.events.pop_front() {
                return Some(event);
            }
            let Some(until) = until else {
                state = (self.shared.news.wait(state)).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left == Duration::ZERO {
                return None;
            }
            let waited = self.shared.news.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The next event, for callers that wait for other things as well.
    pub async fn event(&self) -> Event {
        loop {
            let event = self.shared.lock().events.pop_front();
            match event {
                Some(event) => return event,
                // An event that arrived in between has left a permit.
                None => self.shared.bell.notified().await,
            }
        }
    }

    /// Whether an event waits already.
    pub fn has_events(&self) -> bool {
        !self.shared.lock().events.is_empty()
    }

    /// Lets other threads send events to [`wait`](Self::wait).
    pub fn messenger(&self) -> Messenger {
        Messenger(Arc::clone(&self.shared))
    }

    /// Forwards every signal to [`wait`](Self::wait) for as long as the result lives.
    ///
    /// # Errors
    ///
    /// [`SignalsError`] when the system refuses.
    pub fn forward_signals(&self) -> Result<Signals, SignalsError> {
        let messenger = self.messenger();
        Signals::forward(move |request| {
            messenger.tell(match request {
                Request::End(signal) => Event::Interrupted(signal),
                Request::Status => Event::Asked,
            });
        })
    }

    /// The state of the search; none while there is none.
    pub fn statistics(&self) -> Option<Statistics> {
        let now = self.shared.now();
        self.shared.with(|solver| solver.statistics(now))
    }

    /// The same with the rates of each device at that moment: together they are the search's.
    pub fn measurements(&self) -> (Option<Statistics>, Vec<Rates>) {
        self.shared.measurements()
    }

    /// Where the present search goes on; none before the first.
    pub fn next(&self) -> Option<Position> {
        self.shared.with(|solver| solver.next())
    }

    /// How many nonces all devices have tried.
    pub fn nonces_total(&self) -> u64 {
        let rates = self.measurements().1;
        rates.iter().map(|rates| rates.nonces_total).sum()
    }

    /// The hash rate of all devices that work and do not pause; none while one has not been measured for some seconds.
    pub fn measured(&self) -> Option<f64> {
        let len = self.len();
        self.shared.with(|solver| {
            let working = (0..len).map(SlotId);
            let working = working
                .filter(|slot| solver.fault(*slot).is_none() && !solver.is_device_paused(*slot));
            // An empty sum would be -0.
            { working }.try_fold(0.0, |sum, slot| Some(sum + solver.measured(slot)?))
        })
    }

    /// The lowest solution of the present challenge.
    pub fn best(&self) -> Option<Find> {
        self.shared.with(|solver| solver.best().copied())
    }

    /// Why a device was dropped, if it was.
    pub fn fault(&self, slot: SlotId) -> Option<Fault> {
        self.shared.fault(slot)
    }

    /// The name of a device; empty for a slot that does not exist.
    pub fn name(&self, slot: SlotId) -> String {
        self.shared.name(slot)
    }

    /// How many devices there are, dropped ones included.
    pub fn len(&self) -> usize {
        self.shared.lock().names.len()
    }

    /// Whether there are no devices.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How long the rig has existed, for comparison with [`reached`](Self::reached).
    pub fn age(&self) -> Duration {
        Duration::from_micros(self.shared.now())
    }

    /// The rig's age when the last device began to work on `generation`; none while one has not.
    pub fn reached(&self, generation: Generation) -> Option<Duration> {
        let len = self.len();
        self.shared.with(|solver| {
            let mut last = None;
            for slot in (0..len).map(SlotId) {
                if solver.fault(slot).is_none() && !solver.is_device_paused(slot) {
                    let (leased, moment) = solver.leased(slot)?;
                    last = last.max(Some((leased == generation).then_some(moment)?));
                }
            }
            last.map(Duration::from_micros)
        })
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let threads = {
            // Under the lock: a thread must not check the flag before and wait after, nor a device join.
            let mut state = self.shared.lock();
            self.shared.stopping.store(true, Ordering::Relaxed);
            let threads = core::mem::take(&mut state.threads).into_iter();
            let known = threads.map(|(slot, thread)| (state.is_card(slot), thread));
            known.collect::<Vec<_>>()
        };
        self.shared.work.notify_all();
        let until = Instant::now() + FAREWELL;
        for (is_card, thread) in threads {
            while is_card && !thread.is_finished() && Instant::now() < until {
                thread::sleep(Duration::from_millis(1));
            }
            if is_card && !thread.is_finished() {
                // It may hang inside its driver.
                choice::abandon();
            } else {
                // Panics are caught in the thread and reported as faults.
                let _ = thread.join();
            }
        }
    }
}

impl Messenger {
    /// Adds an event and wakes the waiter.
    pub fn tell(&self, event: Event) {
        self.0.tell(event);
    }

    /// Starts a thread for each device, which works on the present search once it has tested itself. Returns the
    /// slots of those that started, none for a rig that is stopping; and [`RigError::Thread`] when the system gave no
    /// more threads.
    pub fn join(&self, units: Vec<Unit>) -> (Range<usize>, Option<RigError>) {
        let mut state = self.0.lock();
        let first = state.names.len();
        if self.is_stopping() {
            return (first..first, None);
        }
        for unit in units {
            let name = unit.info().name.to_owned();
            let beat = Arc::new(Beat::new(unit.info().round));
            let slot = SlotId(state.names.len());
            let (shared, own) = (Arc::clone(&self.0), Arc::clone(&beat));
            let thread = thread::Builder::new()
                .name(name.clone())
                .stack_size(STACK)
                .spawn(move || shared.drive(unit, slot, &own));
            match thread {
                Ok(thread) => state.threads.push((slot, thread)),
                Err(error) => {
                    return (first..state.names.len(), Some(RigError::Thread(error)));
                }
            }
            state.names.push(name);
            state.beats.push(beat);
            // The thread waits for the lock before it asks for work.
            state.solver.add_slot();
            self.0.settle(&mut state);
        }
        (first..state.names.len(), None)
    }

    /// As [`Rig::measurements`].
    pub fn measurements(&self) -> (Option<Statistics>, Vec<Rates>) {
        self.0.measurements()
    }

    /// As [`Rig::fault`].
    pub fn fault(&self, slot: SlotId) -> Option<Fault> {
        self.0.fault(slot)
    }

    /// As [`Rig::name`].
    pub fn name(&self, slot: SlotId) -> String {
        self.0.name(slot)
    }

    /// Whether a device has done a round of the present search.
    pub fn has_hashed(&self) -> bool {
        let now = self.0.now();
        let statistics = self.0.with(|solver| solver.statistics(now));
        statistics.is_some_and(|it| it.rates.rounds_total > 0)
    }

    /// Whether the rig is stopping, or gone.
    pub fn is_stopping(&self) -> bool {
        self.0.is_stopping()
    }
}
