//! What the user's command is told of a run.

use btpow_core::{Fault, Seal};
use btpow_fleet::RigName;
use btpow_registration::{Work, session::End};

use super::{Driver, pursuit::Lane};
use crate::{
    events::Event,
    pauses::Reason,
    registration::words,
    report::{Snapshot, plain},
    rig::{self, RigError},
};

impl Driver<'_, '_> {
    /// A proof was found, by a rig of the fleet if one is named. An easy block has hundreds; the first is told.
    pub(super) fn tell_find(&mut self, place: usize, work: &Work, rig: Option<&RigName>) {
        let lane = &mut self.lanes[place];
        lane.proofs += 1;
        if lane.told.replace(work.block_hash) == Some(work.block_hash) {
            return;
        }
        let event = Event::ProofFound {
            block_number: work.proof.work_block,
            block_hash: Seal(work.block_hash).to_string(),
            difficulty: work.difficulty.get().to_string(),
            nonce: work.proof.nonce.to_string(),
            seal: work.proof.seal.to_string(),
            rig: rig.map(ToString::to_string),
        };
        self.setup.events.tell(Some(place), &event);
        if let Some(rig) = rig {
            let line = lane.line(&words::fleet::found_by(rig, work.proof.work_block));
            self.status.say(&line);
        }
    }

    /// Tells how it goes, as somebody asked.
    pub(super) fn tell_state(&mut self) {
        let snapshot = self.snapshot();
        let line = snapshot.as_ref().map(plain::line);
        self.status
            .say(line.as_deref().unwrap_or("waiting for a block"));
        let fleet = snapshot.as_ref().and_then(Snapshot::fleet_line);
        for line in snapshot.iter().flat_map(Snapshot::goal_lines).chain(fleet) {
            self.status.say(&line);
        }
    }

    /// A device was dropped.
    pub(super) fn lose(&mut self, name: String, fault: Fault) {
        let event = Event::DeviceDropped {
            device: name.clone(),
            reason: fault.to_string(),
        };
        self.setup.events.tell(None, &event);
        if self.setup.exit_on_device_loss {
            self.end_for(RigError::Dropped { name, fault });
        }
    }

    /// A device pauses, works again, or is reset.
    pub(super) fn tell_devices(&self, event: &rig::Event) {
        let event = match event {
            rig::Event::Paused {
                device: Some(device),
                reason,
                message,
            } => Event::DevicePaused {
                device: device.clone(),
                reason: reason.name(),
                message: message.clone(),
            },
            rig::Event::Resumed {
                device: Some(device),
                reason,
                ..
            } => Event::DeviceResumed {
                device: device.clone(),
                reason: reason.name(),
            },
            rig::Event::Resetting(device) => Event::DeviceReset {
                device: device.clone(),
            },
            _ => return,
        };
        self.setup.events.tell(None, &event);
    }

    /// Every device pauses, or one works again.
    pub(super) fn tell_rest(&mut self) {
        // A pause of the search is told by itself, and ends no rest.
        let resting = self.setup.rig.messenger().resting();
        // Where rigs go on, so does the search.
        let now = resting.filter(|_| self.rigs() == 0);
        let before = core::mem::replace(&mut self.resting, now);
        match (before, now) {
            (before, now) if before == now => {}
            (_, Some(reason)) => {
                let message = format!("no device works: {}", words::resting(reason));
                self.tell_pause(None, reason, &message);
            }
            (Some(reason), None) => {
                let reason = reason.name();
                self.setup.events.tell(None, &Event::Resumed { reason });
            }
            (None, None) => {}
        }
    }

    /// Ends the run as soon as nothing is lost by it.
    pub(super) fn end_for(&mut self, loss: RigError) {
        if self.loss.is_none() {
            self.loss = Some(loss);
            // What is found from now on would have to be waited for, too.
            self.leave();
            self.setup.rig.pause();
            self.rest_rigs(words::fleet::ENDS_SOON);
            if self.has_open_ends() {
                self.status
                    .say("it ends once it is known what became of the proof");
            }
        }
    }

    /// Why it is over, unless a proof that was found has not come to its end.
    pub(super) fn over(&mut self) -> Option<RigError> {
        if self.loss.is_some() && self.has_open_ends() {
            return None;
        }
        self.loss.take()
    }

    /// Whether a proof may still be shown, signed, sent or included.
    fn has_open_ends(&self) -> bool {
        self.setup.rig.has_events() || self.lanes.iter().any(Lane::has_open_ends)
    }

    pub(super) fn tell_pause(&self, place: Option<usize>, reason: Reason, message: &str) {
        let event = Event::Paused {
            reason: reason.name(),
            message: message.to_owned(),
        };
        self.setup.events.tell(place, &event);
    }

    /// A session is over. Of several the others go on.
    pub(super) fn tell_end(&mut self, place: usize, end: &End) {
        if let End::Registered {
            uid, place: block, ..
        } = end
        {
            let event = Event::Registered {
                uid: *uid,
                block_hash: block.map(|block| Seal(block.hash).to_string()),
            };
            self.setup.events.tell(Some(place), &event);
        }
        if self.lanes.len() > 1 {
            let line = self.lanes[place].line(&words::end(end));
            self.status.say(&line);
        }
    }
}
