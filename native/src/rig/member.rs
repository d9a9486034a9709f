//! The devices of a rig as the user knows them: which pause, and which were reset.

use std::time::Instant;

use btpow_core::SlotId;

use super::{
    Event, Messenger,
    shared::{Shared, State},
};
use crate::{
    devices::Row,
    pauses::{Pauses, Reason, Tally},
};

/// A device as the user knows it, and what became of it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) row: Row,
    /// When it paused by itself, and why.
    pub(super) pauses: Pauses,
    pub(super) resets: u64,
    /// Whether it is being reset.
    pub(super) is_resetting: bool,
}

/// How a device is at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Condition {
    /// Why it pauses while others go on, if it does.
    pub paused: Option<Reason>,
    /// How often and how long it did, by reason.
    pub pauses: Vec<Tally>,
    /// How often it was reset.
    pub resets: u64,
}

impl Member {
    /// A device that works.
    fn new(row: Row) -> Self {
        Self {
            row,
            pauses: Pauses::default(),
            resets: 0,
            is_resetting: false,
        }
    }

    /// Whether a slot is, or was before a reset, one of its units'.
    pub(super) fn has(&self, slot: SlotId) -> bool {
        let Row { slots, former, .. } = &self.row;
        slots.contains(&slot.0) || former.contains(&slot.0)
    }

    /// Whether a driver stands between it and its threads.
    pub(super) fn is_card(&self) -> bool {
        self.row.listed.kind != "cpu"
    }
}

impl State {
    /// Why the units in a slot pause, if they do.
    fn reason(&self, slot: SlotId) -> Option<Reason> {
        let mut members = self.members.iter();
        let of_member = || members.find(|it| it.has(slot))?.pauses.now();
        self.halted.or_else(of_member)
    }

    /// Why no device would hash, whether there is a search or not.
    fn resting(&self) -> Option<Reason> {
        let slots = (0..self.names.len()).map(SlotId);
        let mut working = slots.filter(|slot| self.solver.fault(*slot).is_none());
        let first = working.next().and_then(|slot| self.reason(slot));
        let all = first.filter(|_| working.all(|slot| self.reason(slot).is_some()));
        self.halted.or(all)
    }

    /// Why nothing is hashed though there is a search, if that is so.
    fn paused(&self) -> Option<Reason> {
        self.resting().filter(|_| self.searching)
    }

    /// Whether a driver stands between a slot's device and its thread.
    pub(super) fn is_card(&self, slot: SlotId) -> bool {
        let mut members = self.members.iter();
        members.any(|it| it.has(slot) && it.is_card())
    }

    fn member(&mut self, name: &str) -> Option<&mut Member> {
        let mut members = self.members.iter_mut();
        members.find(|it| it.row.listed.name == name)
    }
}

impl Shared {
    /// Has the solver know which devices pause, and counts for how long nothing is hashed because all do. Called after
    /// whatever may change that.
    pub(super) fn settle(&self, state: &mut State) {
        let now = self.now();
        for slot in (0..state.names.len()).map(SlotId) {
            match (state.reason(slot), state.solver.is_device_paused(slot)) {
                (Some(_), false) => state.solver.pause_device(slot),
                (None, true) => state.solver.resume_device(slot, now),
                _ => {}
            }
        }
        let paused = state.paused();
        state.pauses.set(paused, Instant::now());
        self.work.notify_all();
    }
}

impl Messenger {
    /// The user's devices, in the order in which they joined.
    pub fn rows(&self) -> Vec<Row> {
        let state = self.0.lock();
        state.members.iter().map(|it| it.row.clone()).collect()
    }

    /// Tells that no more devices join.
    pub fn complete(&self) {
        self.0.lock().is_complete = true;
        self.tell(Event::Complete);
    }

    /// Whether devices looked for have joined, and no more will.
    pub fn is_complete(&self) -> bool {
        self.0.lock().is_complete
    }

    /// Has the rig know devices whose units have joined, as the user knows them.
    pub fn introduce(&self, rows: impl IntoIterator<Item = Row>) {
        let mut state = self.0.lock();
        state.members.extend(rows.into_iter().map(Member::new));
        self.0.settle(&mut state);
        let has_card = state.members.iter().any(Member::is_card);
        if has_card && !core::mem::replace(&mut state.is_watched, true) {
            self.0.watch();
        }
    }

    /// A device gets no more work for a reason, or works again where there is none. The rig's owner is told, in one line.
    pub fn pause_device(&self, name: &str, reason: Option<Reason>, message: String) {
        let mut state = self.0.lock();
        let now = Instant::now();
        let before = state.member(name).and_then(|it| it.pauses.set(reason, now));
        self.0.settle(&mut state);
        drop(state);
        self.tell_pause(Some(name.to_owned()), before, reason, message);
    }

    /// No device gets work for a reason, or all do again where there is none. The rig's owner is told, in one line.
    pub fn halt(&self, reason: Option<Reason>, message: String) {
        let mut state = self.0.lock();
        let before = core::mem::replace(&mut state.halted, reason);
        self.0.settle(&mut state);
        drop(state);
        let before = (before != reason).then_some(before);
        self.tell_pause(None, before, reason, message);
    }

    fn tell_pause(
        &self,
        device: Option<String>,
        before: Option<Option<Reason>>,
        reason: Option<Reason>,
        message: String,
    ) {
        let event = match (before, reason) {
            (Some(_), Some(reason)) => Event::Paused {
                device,
                reason,
                message,
            },
            (Some(Some(reason)), None) => Event::Resumed {
                device,
                reason,
                message,
            },
            _ => return,
        };
        self.tell(event);
    }

    /// Why no device would hash, whether there is a search or not. Only an event of the rig changes it.
    pub fn resting(&self) -> Option<Reason> {
        self.0.lock().resting()
    }

    /// Why no device hashes though there is a search, if that is so.
    pub fn paused(&self) -> Option<Reason> {
        self.0.lock().paused()
    }

    /// How often and how long that was so, by reason.
    pub fn pauses(&self) -> Vec<Tally> {
        self.0.lock().pauses.tallies(Instant::now())
    }

    /// How a device is.
    pub fn condition(&self, name: &str) -> Condition {
        let mut state = self.0.lock();
        let now = Instant::now();
        state
            .member(name)
            .map_or_else(Condition::default, |it| Condition {
                paused: it.pauses.now(),
                pauses: it.pauses.tallies(now),
                resets: it.resets,
            })
    }
}
