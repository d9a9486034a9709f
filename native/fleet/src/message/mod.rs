//! Every message of the protocol, version 1: JSON, one object each.
//!
//! Whoever reads one believes nothing: [`read`] refuses what is longer than [`LONGEST`], of another version, or has a
//! field that is missing or out of its range, and never repeats what was in it. Fields that are not known are passed over, so
//! that a later program may add some. Numbers that may exceed 2^53 are texts, since not every language has them.

mod report;
mod task;
mod text;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

pub use self::{
    report::{Count, Device, Lost, Progress, Rig, Status},
    task::{Asked, Task, TaskError},
    text::{Id, Text},
};
use crate::range::Range;

/// The version that is spoken here.
pub const VERSION: u32 = 1;

/// The most bytes of a message to or from a rig.
pub const LONGEST: usize = 16 * 1024;

/// The most devices that a rig tells of; more are added up in the last.
pub const MOST_DEVICES: usize = 64;

/// From the coordinator to all: what to do now. Sent when that changes, and every second, so that it reaches rigs that
/// missed it, and shows that the coordinator lives.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Announcement {
    /// The process that speaks, drawn by lot when it starts.
    pub coordinator: Id,
    /// Of two coordinators the one with the higher term leads; if they have the same, the one with the higher `coordinator`.
    #[serde(with = "text::decimal")]
    pub term: u64,
    /// Counts the announcements of a coordinator: an older one that comes late is dropped.
    #[serde(with = "text::decimal")]
    pub sequence: u64,
    /// Number of the newest block: what counted until an earlier one counts no longer.
    pub head: u64,
    /// What to do.
    pub order: Order,
    /// Whether this is the last word of that process: nobody need wait until it is missed.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub ends: bool,
}

/// What rigs shall do.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Order {
    /// Search for this.
    Search {
        /// For how many seconds a rig goes on that hears nothing more.
        patience_s: u32,
        /// The challenge.
        task: Task,
    },
    /// Search for nothing until there is a challenge again.
    Rest {
        /// Why, in a few words.
        reason: Text,
    },
}

/// From a rig to the coordinator.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromRig {
    /// The rig is there: at once when it starts and when another coordinator leads, every five seconds, and every
    /// second while it has no range.
    Beat(Beat),
    /// It found something.
    Find(Find),
    /// It leaves.
    Bye {
        /// Which process.
        session: Id,
    },
}

/// How a rig is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Beat {
    /// The process, drawn by lot when it starts.
    pub session: Id,
    /// Program and version.
    pub program: Text,
    /// The range that it hashes, if it has one.
    pub range: Option<Range>,
    /// The block that it hashes for, if it hashes.
    pub block: Option<u64>,
    /// For how long it has hashed nothing since it started, by cause.
    pub lost: Lost,
    /// Its devices.
    pub devices: Vec<Device>,
}

/// A nonce that wins, as the rig says.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Find {
    /// The process that found it.
    pub session: Id,
    /// Counts the finds of the session; the answer names it.
    pub number: u32,
    /// The challenge, as it was announced: a coordinator that has just started can judge it, too.
    pub task: Task,
    /// The nonce.
    #[serde(with = "text::decimal")]
    pub nonce: u64,
}

/// From the coordinator to one rig.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToRig {
    /// The answer to a beat that names no range, or one that is not the rig's.
    Welcome {
        /// Which process of the rig.
        session: Id,
        /// The range that it hashes from now on, for every challenge.
        range: Range,
        /// What to do now.
        announcement: Announcement,
    },
    /// The answer to a find.
    Answer {
        /// Which process of the rig.
        session: Id,
        /// Which of its finds.
        number: u32,
        /// Who answers.
        coordinator: Id,
        /// What becomes of it.
        verdict: Verdict,
    },
    /// Nothing of this rig counts. The answer to a beat, or to what cannot be read.
    Refused {
        /// Which process of the rig; all of its name if none is said.
        session: Option<Id>,
        /// Why.
        reason: Refusal,
    },
}

/// What a coordinator says to a find.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is a solution, and this coordinator has it now. The rig keeps it nevertheless, for a coordinator that may follow.
    Taken,
    /// This coordinator has it, or a lower seal for the same challenge. The rig keeps it nevertheless.
    Known,
    /// It counts no longer.
    Late,
    /// It is no solution. Three of these, and the rig is cut off.
    Wrong,
    /// It cannot be judged now, or would not count now: the challenge was announced by another coordinator. The rig keeps it,
    /// and sends it again when there is another challenge.
    Keep,
}

/// Why nothing of a rig counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Refusal {
    /// It speaks another version of the protocol.
    Version {
        /// The one that the coordinator speaks.
        speaks: u32,
    },
    /// It reported too many nonces that are no solutions.
    CutOff,
    /// There are as many rigs as the coordinator takes, of this name or of all. Said to one process.
    Full,
}

/// Why a message cannot be read.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Unreadable {
    /// It is too long.
    #[error("{0} bytes; a message has {LONGEST} at most")]
    TooLong(usize),
    /// It is of another version of the protocol.
    #[error("version {0} of the protocol; this program speaks version {VERSION}")]
    Version(u32),
    /// It is no message of the protocol.
    #[error("no message of the protocol")]
    Malformed,
}

/// What has a subject of its own.
pub trait Message: DeserializeOwned + Serialize {
    /// The most bytes that it may have.
    const LONGEST: usize = LONGEST;

    /// Whether all is in its range that the types do not keep there.
    fn is_sound(&self) -> bool {
        true
    }
}

impl Message for Announcement {}
impl Message for ToRig {}

impl Beat {
    /// The bytes that its devices may have: the rest of a beat is far shorter than what this leaves.
    pub(crate) const LONGEST_DEVICES: usize = LONGEST - 2_048;

    /// How many nonces all devices have tried.
    pub(crate) fn nonces(&self) -> u64 {
        let nonces = self.devices.iter().map(|device| device.nonces);
        nonces.fold(0, u64::saturating_add)
    }

    /// Hashes per second of all devices.
    pub(crate) fn rate(&self) -> f64 {
        // An empty sum would be -0.
        { self.devices.iter() }.fold(0.0, |sum, device| sum + device.rate)
    }
}

impl Message for FromRig {
    fn is_sound(&self) -> bool {
        match self {
            Self::Beat(beat) => {
                beat.devices.len() <= MOST_DEVICES
                    && beat.lost.is_sound()
                    && beat.devices.iter().all(Device::is_sound)
            }
            Self::Find(_) | Self::Bye { .. } => true,
        }
    }
}

/// The version comes first: of another one nothing else is known.
#[derive(Deserialize)]
struct Versioned {
    v: u32,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    v: u32,
    #[serde(flatten)]
    message: &'a T,
}

/// The bytes of a message.
///
/// # Panics
///
/// Never: every message can be written as JSON.
pub fn write<T: Message>(message: &T) -> Vec<u8> {
    let v = VERSION;
    serde_json::to_vec(&Envelope { v, message }).expect("texts and numbers")
}

/// The message that these bytes are.
///
/// # Errors
///
/// [`Unreadable`].
pub fn read<T: Message>(bytes: &[u8]) -> Result<T, Unreadable> {
    if bytes.len() > T::LONGEST {
        return Err(Unreadable::TooLong(bytes.len()));
    }
    // What is wrong with it, serde would say in its own words, some of which are the sender's.
    let versioned = serde_json::from_slice(bytes);
    let Versioned { v } = versioned.map_err(|_| Unreadable::Malformed)?;
    if v != VERSION {
        return Err(Unreadable::Version(v));
    }
    let message: T = serde_json::from_slice(bytes).map_err(|_| Unreadable::Malformed)?;
    if message.is_sound() {
        Ok(message)
    } else {
        Err(Unreadable::Malformed)
    }
}

#[cfg(test)]
mod tests;
