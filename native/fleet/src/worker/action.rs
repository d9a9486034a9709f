//! What a worker is told at its beginning, and what it asks its owner to do.

use btpow_core::{Micros, Search};

use crate::{
    Id, Range, Task,
    message::{Refusal, Text},
};

/// What a rig is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The process, drawn by lot.
    pub session: Id,
    /// Program and version.
    pub program: Text,
}

/// What the rig's owner has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send this on the rig's own subject.
    Send(Vec<u8>),
    /// Have the devices search for this from now on.
    Search(Search),
    /// Have them rest.
    Pause(Why),
    /// Tell the user.
    Tell(Event),
}

/// Why a rig hashes nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// It has no range of positions, or no challenge yet.
    Joining,
    /// It has heard nothing from a coordinator for too long.
    Silent,
    /// The coordinator has nothing to search for; why, in its words.
    Resting(Text),
    /// Its coordinator has ended, and no other one leads yet; why, in its words.
    Over(Text),
    /// The coordinator does not want it.
    Refused(Refusal),
}

/// What happened, for the user.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Another coordinator leads, or the first.
    Follows(Id),
    /// Nothing has been heard of the coordinator for [some time](super::SILENCE). For how long it goes on all the same, if it
    /// searches.
    Quiet(Option<Micros>),
    /// It is heard again.
    Heard,
    /// The rig has this range of positions now.
    Joined(Range),
    /// The coordinator does not want it.
    Refused(Refusal),
    /// The coordinator says that a find is none, though the reference accepted it here.
    Disbelieved {
        /// The challenge.
        task: Task,
        /// The nonce.
        nonce: u64,
    },
    /// The coordinator has a find.
    Taken {
        /// The challenge.
        task: Task,
        /// The nonce.
        nonce: u64,
    },
    /// The coordinator speaks another version of the protocol.
    OtherVersion(u32),
}
