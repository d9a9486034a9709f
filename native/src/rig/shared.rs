//! What the threads of a rig share, and what each of them does.

use core::{
    fmt,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
};
use std::{
    collections::{BTreeSet, VecDeque},
    panic,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Instant,
};

use btpow_core::{
    Device, DeviceError, Fault, Generation, Micros, Rates, Runner, Share, Slot, SlotId, Solver,
    Statistics, Step,
};
use tokio::sync::Notify;
use tracing::info;

use super::{Event, beat::Beat, member::Member, reset::Reopen};
use crate::{
    devices::Unit,
    pauses::{Pauses, Reason},
};

/// The fault of a device that reports nothing any more.
pub(super) const SILENT: Fault = Fault::Device(DeviceError::Silent);

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    /// Signals that there is something to search for, or that the rig stops.
    pub(super) work: Condvar,
    /// Signals an event to threads; `bell` signals it to tasks.
    pub(super) news: Condvar,
    pub(super) bell: Notify,
    pub(super) stopping: AtomicBool,
    /// Whether a device has reported nothing for too long.
    pub(super) is_stuck: AtomicBool,
    pub(super) epoch: Instant,
}

pub(super) struct State {
    pub(super) solver: Solver<Vec<Slot>>,
    /// Of each slot's device.
    pub(super) names: Vec<String>,
    /// When each slot's thread began what it does.
    pub(super) beats: Vec<Arc<Beat>>,
    /// With their slots. Those that will never end are not among them.
    pub(super) threads: Vec<(SlotId, JoinHandle<()>)>,
    /// Whether there is a search that the rig's owner has not paused.
    pub(super) searching: bool,
    /// Why no device gets work all the same.
    pub(super) halted: Option<Reason>,
    /// When nothing was hashed though there was a search.
    pub(super) pauses: Pauses,
    /// The devices as the user knows them.
    pub(super) members: Vec<Member>,
    /// Whether devices were looked for, and no more will join.
    pub(super) is_complete: bool,
    /// Opens one of them again.
    pub(super) reopen: Option<Arc<Reopen>>,
    /// The slots that get no more work, as far as that was told or their device is reset.
    pub(super) lost: BTreeSet<usize>,
    /// Whether a thread looks for devices that hang.
    pub(super) is_watched: bool,
    pub(super) events: VecDeque<Event>,
    /// The last search whose end was told.
    pub(super) exhausted: Option<Generation>,
}

impl State {
    /// Adds an event once the present search has hashed all that it may. Returns whether it did.
    pub(super) fn note_exhaustion(&mut self) -> bool {
        let generation = Some(self.solver.generation());
        let is_new = self.solver.is_exhausted() && self.exhausted != generation;
        if is_new {
            self.exhausted = generation;
            self.events.push_back(Event::Exhausted);
        }
        is_new
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("names", &self.names)
            .field("searching", &self.searching)
            .field("members", &self.members)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// Without a search, and with room for so many devices.
    pub(super) fn new(devices: usize) -> Self {
        Self {
            state: Mutex::new(State {
                solver: Solver::new(Vec::with_capacity(devices)),
                names: Vec::new(),
                beats: Vec::new(),
                threads: Vec::new(),
                searching: false,
                halted: None,
                pauses: Pauses::default(),
                members: Vec::new(),
                is_complete: false,
                reopen: None,
                lost: BTreeSet::new(),
                is_watched: false,
                events: VecDeque::new(),
                exhausted: None,
            }),
            work: Condvar::new(),
            news: Condvar::new(),
            bell: Notify::new(),
            stopping: AtomicBool::new(false),
            is_stuck: AtomicBool::new(false),
            epoch: Instant::now(),
        }
    }

    /// Drives one device until the rig stops or the device is dropped.
    pub(super) fn drive(self: &Arc<Self>, unit: Unit, slot: SlotId, beat: &Beat) {
        let fault = panic::catch_unwind(AssertUnwindSafe(|| self.steps(unit, slot, beat)));
        beat.rests();
        let fault = fault.unwrap_or_else(|_| {
            self.with(|solver| solver.drop_device(slot, Fault::Panicked));
            Some(Fault::Panicked)
        });
        if let Some(fault) = fault {
            self.lose(slot, fault);
        }
    }

    /// Steps until the end. Returns the fault, if that is why it ended.
    fn steps(&self, unit: Unit, slot: SlotId, beat: &Beat) -> Option<Fault> {
        info!(name = unit.info().name, "device starts");
        let mut runner = Runner::new(unit, slot);
        while !self.stopping.load(Ordering::Relaxed) {
            beat.works(self.now());
            let step = runner.step(self, || self.now());
            beat.rests();
            if let Step::Found(find) = step {
                self.tell(Event::Found(find));
            }
            match step {
                Step::Dropped(fault) => {
                    if fault == SILENT {
                        // To free what a driver never gives back would take for ever.
                        self.is_stuck.store(true, Ordering::Relaxed);
                        core::mem::forget(runner);
                    }
                    return Some(fault);
                }
                // Another unit of its device was silent, or this one so long that it was given up.
                _ if self.fault(slot).is_some() => {
                    core::mem::forget(runner);
                    return None;
                }
                Step::Working | Step::Found(_) => {}
                Step::Idle => self.rest(slot),
            }
        }
        if self.is_stuck.load(Ordering::Relaxed) {
            // So may this, of the same card or driver.
            core::mem::forget(runner);
        }
        None
    }

    /// Waits for something to search for.
    fn rest(&self, slot: SlotId) {
        let waiting = |state: &mut State| {
            let solver = &state.solver;
            let has_none = !state.searching || solver.is_device_paused(slot);
            has_none && solver.fault(slot).is_none() && !self.is_stopping()
        };
        let mut state = self.lock();
        state.searching &= state.solver.has_work();
        if state.note_exhaustion() {
            self.announce();
        }
        // A poisoned lock means a panic elsewhere, which is reported there.
        drop(self.work.wait_while(state, waiting));
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, event: Event) {
        self.lock().events.push_back(event);
        self.announce();
    }

    /// Wakes whoever waits for an event.
    pub(super) fn announce(&self) {
        self.news.notify_all();
        self.bell.notify_one();
    }

    /// The state of the search, and the rates of each device at that moment.
    pub(super) fn measurements(&self) -> (Option<Statistics>, Vec<Rates>) {
        let len = self.lock().names.len();
        self.with(|solver| {
            let now = self.now();
            let rates = (0..len).map(|slot| solver.rates(SlotId(slot), now));
            let rates = rates.map(Option::unwrap_or_default).collect();
            (solver.statistics(now), rates)
        })
    }

    pub(super) fn fault(&self, slot: SlotId) -> Option<Fault> {
        self.with(|solver| solver.fault(slot))
    }

    pub(super) fn name(&self, slot: SlotId) -> String {
        self.lock().names.get(slot.0).cloned().unwrap_or_default()
    }

    /// Microseconds since the rig started.
    pub(super) fn now(&self) -> Micros {
        Micros::try_from(self.epoch.elapsed().as_micros()).unwrap_or(Micros::MAX)
    }

    /// The state, even after a panic: the solver's own functions do not panic halfway.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share for Shared {
    type Slots = Vec<Slot>;

    fn with<R>(&self, f: impl FnOnce(&mut Solver<Self::Slots>) -> R) -> R {
        f(&mut self.lock().solver)
    }
}
