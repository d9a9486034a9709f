//! Finds devices whose driver does not come back: nobody else can, where their own thread hangs inside it.

use core::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use std::{sync::Arc, thread, time::Instant};

use btpow_core::{Micros, SlotId};

use super::shared::{SILENT, Shared};
use crate::devices::unit;

/// How often threads are looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// Stack of the thread that looks.
const STACK: usize = 256 * 1024;

/// What a device's thread does.
#[derive(Debug)]
pub(super) struct Beat {
    /// When it began, in microseconds and one more; 0 while it waits for work.
    since: AtomicU64,
    /// Microseconds that a round of the device is to take.
    round: Micros,
}

/// For how long a thread has been at the same step, as far as somebody was awake to see it.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    since: u64,
    time: Duration,
}

impl Beat {
    /// Of a device with rounds of so many microseconds.
    pub(super) const fn new(round: Micros) -> Self {
        Self {
            since: AtomicU64::new(0),
            round,
        }
    }

    /// It begins something.
    pub(super) fn works(&self, now: Micros) {
        self.since.store(now.saturating_add(1), Ordering::Relaxed);
    }

    /// It has ended it.
    pub(super) fn rests(&self) {
        self.since.store(0, Ordering::Relaxed);
    }
}

impl Shared {
    /// Looks for devices that hang, from now on. A thread that does so keeps nothing alive.
    pub(super) fn watch(self: &Arc<Self>) {
        let shared = Arc::downgrade(self);
        let watch = move || {
            let mut seen: Vec<Seen> = Vec::new();
            let mut last = Instant::now();
            while let Some(shared) = shared.upgrade().filter(|it| !it.is_stopping()) {
                let now = Instant::now();
                shared.look(&mut seen, now.saturating_duration_since(last));
                last = now;
                drop(shared);
                thread::sleep(INTERVAL);
            }
        };
        let thread = thread::Builder::new().name("watch".to_owned());
        if thread.stack_size(STACK).spawn(watch).is_err() {
            // What reports nothing but comes back is still found.
            tracing::warn!("the system gives no thread to look for devices that hang");
        }
    }

    fn look(self: &Arc<Self>, seen: &mut Vec<Seen>, passed: Duration) {
        let mut state = self.lock();
        seen.resize(state.beats.len(), Seen::default());
        let mut hanging = Vec::new();
        for (index, (beat, seen)) in state.beats.iter().zip(seen).enumerate() {
            let slot = SlotId(index);
            let since = beat.since.load(Ordering::Relaxed);
            let is_card = state.is_card(slot);
            if since == 0 || since != seen.since || !is_card || state.solver.fault(slot).is_some() {
                *seen = Seen {
                    since,
                    time: Duration::ZERO,
                };
                continue;
            }
            // The whole machine may have been asleep.
            seen.time += passed.min(unit::LOOK);
            if seen.time > unit::patience(unit::PATIENCE, beat.round) {
                hanging.push(slot);
            }
        }
        for slot in &hanging {
            state.solver.drop_device(*slot, SILENT);
            // Nobody waits for a thread that will not end.
            state.threads.retain(|(of, _)| of != slot);
        }
        drop(state);
        for slot in hanging {
            self.is_stuck.store(true, Ordering::Relaxed);
            self.lose(slot, SILENT);
        }
    }
}
