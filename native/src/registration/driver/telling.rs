//! What the user's command is told of a run.

use btpow_core::{Fault, Seal};
use btpow_registration::{
    Work,
    session::{End, Phase},
};

use super::{Driver, Setup};
use crate::{events::Event, registration::pauses::Reason, rig::RigError};

impl Driver<'_, '_> {
    /// A proof was found. An easy block has hundreds; the first is told.
    pub(super) fn tell_find(&mut self, work: &Work) {
        self.proofs += 1;
        if self.told.replace(work.block_hash) == Some(work.block_hash) {
            return;
        }
        self.setup.events.tell(&Event::ProofFound {
            block_number: work.proof.work_block,
            block_hash: Seal(work.block_hash).to_string(),
            difficulty: work.difficulty.get().to_string(),
            nonce: work.proof.nonce.to_string(),
            seal: work.proof.seal.to_string(),
        });
    }

    /// A device was dropped.
    pub(super) fn lose(&mut self, name: String, fault: Fault) {
        self.setup.events.tell(&Event::DeviceDropped {
            device: name.clone(),
            reason: fault.to_string(),
        });
        if self.setup.exit_on_device_loss {
            self.end_for(RigError::Dropped { name, fault });
        }
    }

    /// Ends the run as soon as nothing is lost by it.
    pub(super) fn end_for(&mut self, loss: RigError) {
        if self.loss.is_none() {
            self.loss = Some(loss);
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
        let Setup {
            session,
            rig,
            signer,
            ..
        } = &self.setup;
        let is_unsigned = signer.is_some() && session.proofs().next().is_some();
        rig.has_events()
            || session.phase() != Phase::Searching
            || session.submitted().is_some()
            || is_unsigned
    }

    pub(super) fn tell_pause(&self, reason: Reason, message: &str) {
        self.setup.events.tell(&Event::Paused {
            reason: reason.name(),
            message: message.to_owned(),
        });
    }

    pub(super) fn tell_end(&self, end: &End) {
        if let End::Registered { uid, place, .. } = end {
            self.setup.events.tell(&Event::Registered {
                uid: *uid,
                block_hash: place.map(|place| Seal(place.hash).to_string()),
            });
        }
    }
}
