//! What the user's command is told of a run.

use btpow_core::{Fault, Seal};
use btpow_registration::{Work, session::End};

use super::Driver;
use crate::{events::Event, registration::pauses::Reason, rig::RigError};

impl Driver<'_, '_> {
    /// A proof was found. An easy block has hundreds; the first is told.
    pub(super) fn tell_find(&mut self, work: &Work) {
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
    pub(super) fn lose(&self, name: String, fault: Fault) -> Result<(), RigError> {
        self.setup.events.tell(&Event::DeviceDropped {
            device: name.clone(),
            reason: fault.to_string(),
        });
        if self.setup.exit_on_device_loss {
            return Err(RigError::Dropped { name, fault });
        }
        Ok(())
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
