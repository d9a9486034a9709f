//! A device that reports nothing any more is opened again in its place, once.

use core::time::Duration;
use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Instant,
};

use btpow_core::{Fault, SlotId};

use super::{
    Event, Messenger,
    shared::{SILENT, Shared},
};
use crate::devices::{
    Row, Unit,
    backend::{CannotOpen, Listed},
    choice,
};

/// Opens a device again.
pub type Reopen = dyn Fn(&Listed) -> Result<Vec<Unit>, CannotOpen> + Send + Sync;

/// How long that may take.
const LIMIT: Duration = Duration::from_secs(60);

/// How often to look whether the rig stops meanwhile.
const INTERVAL: Duration = Duration::from_millis(100);

/// Stack of the thread that opens it, for the compilers in drivers.
const STACK: usize = 8 << 20;

impl Messenger {
    /// Has a device that reports nothing any more opened again so, once.
    pub fn reopen_with(&self, reopen: Arc<Reopen>) {
        self.0.lock().reopen = Some(reopen);
    }
}

impl Shared {
    /// The unit in a slot gets no more work. Its device is reset if it has fallen silent for the first time.
    pub(super) fn lose(self: &Arc<Self>, slot: SlotId, fault: Fault) {
        let mut state = self.lock();
        // Its thread may come back with another fault long after it was given up.
        if !state.lost.insert(slot.0) {
            return;
        }
        let reopen = state.reopen.clone().filter(|_| fault == SILENT);
        let member = state.members.iter_mut().find(|member| member.has(slot));
        let reset = match (member, reopen) {
            // It has a successor, or is about to have one.
            (Some(member), _) if member.is_resetting || !member.row.slots.contains(&slot.0) => {
                return;
            }
            (Some(member), Some(reopen)) if member.resets == 0 => {
                (member.is_resetting, member.resets) = (true, 1);
                Some((member.row.clone(), reopen))
            }
            _ => None,
        };
        let reset = reset.map(|(row, reopen)| {
            // The others of the same card will not report anything either, or report to nobody.
            let mut untold = vec![slot];
            for slot in row.slots.clone().map(SlotId) {
                if state.solver.fault(slot).is_none() {
                    state.solver.drop_device(slot, SILENT);
                }
                if state.lost.insert(slot.0) {
                    untold.push(slot);
                }
            }
            (row, reopen, untold)
        });
        // The others may have waited for this one's last round.
        if state.note_exhaustion() {
            self.announce();
        }
        drop(state);
        if fault == SILENT {
            choice::abandon();
        }
        match reset {
            Some((row, reopen, untold)) => self.reset(row, reopen, untold),
            None => self.tell(Event::Dropped(slot, fault)),
        }
    }

    /// Opens a device in its own place, or tells that those of its units are dropped of which nobody knows.
    fn reset(self: &Arc<Self>, row: Row, reopen: Arc<Reopen>, untold: Vec<SlotId>) {
        self.work.notify_all();
        let name = &row.listed.name;
        self.tell(Event::Resetting(name.clone()));
        let joined = self.opened(&row.listed, reopen).map(|units| {
            let (slots, error) = Messenger(Arc::clone(self)).join(units);
            if let Some(error) = error {
                self.tell(Event::Warning(error.to_string()));
            }
            slots
        });
        if self.is_stopping() {
            return;
        }
        let mut state = self.lock();
        let mut members = state.members.iter_mut();
        let Some(member) = members.find(|it| it.row.listed == row.listed) else {
            return;
        };
        member.is_resetting = false;
        match joined {
            Ok(slots) if !slots.is_empty() => {
                member.row.former = core::mem::replace(&mut member.row.slots, slots);
                let row = member.row.clone();
                self.settle(&mut state);
                drop(state);
                self.tell(Event::Reset(row));
            }
            joined => {
                drop(state);
                if let Err(why) = joined {
                    self.tell(Event::Warning(format!(
                        "{name} cannot be opened again: {why}"
                    )));
                }
                for slot in untold {
                    self.tell(Event::Dropped(slot, SILENT));
                }
            }
        }
    }

    /// Opens a device again, unless that takes too long or the rig stops.
    fn opened(&self, listed: &Listed, reopen: Arc<Reopen>) -> Result<Vec<Unit>, CannotOpen> {
        let (tell, opened) = mpsc::channel();
        let of_thread = listed.clone();
        thread::Builder::new()
            .name(format!("reset {}", listed.name))
            .stack_size(STACK)
            .spawn(move || {
                // Too late, it is of no use.
                let _ = tell.send(reopen(&of_thread));
            })
            .map_err(CannotOpen::new)?;
        let until = Instant::now() + LIMIT;
        while Instant::now() < until && !self.is_stopping() {
            match opened.recv_timeout(INTERVAL) {
                Ok(opened) => return opened,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        Err(CannotOpen::new("its driver does not answer"))
    }
}
