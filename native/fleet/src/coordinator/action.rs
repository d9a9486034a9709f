//! What a coordinator is told at its beginning, and what it asks its owner to do.

use core::fmt;

use btpow_core::Solution;

use crate::{Asked, Id, Range, RigName, Task, message::Text};

/// What a coordinator is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The process, drawn by lot.
    pub id: Id,
    /// Where its terms begin: milliseconds since 1970. It need not be right, as no time is taken from it.
    pub term: u64,
    /// Whether it leads only when nobody else does.
    pub is_standby: bool,
    /// What it asks rigs to search for, and accepts.
    pub goals: Vec<Asked>,
    /// Program and version.
    pub program: Text,
    /// For how many seconds a rig goes on that hears nothing more: as long as a proof may count.
    pub patience_s: u32,
    /// The most rigs.
    pub most_rigs: usize,
}

/// What the coordinator's owner has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Send this to all.
    Announce(Vec<u8>),
    /// Send this to one rig.
    Send(RigName, Vec<u8>),
    /// A rig found something.
    Found(Found),
    /// From now on sign nothing, as another coordinator may; or sign again.
    Hold(bool),
    /// Tell the user.
    Tell(Event),
}

/// A solution from a rig.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Who found it.
    pub rig: RigName,
    /// The challenge.
    pub task: Task,
    /// What the reference accepted.
    pub solution: Solution,
    /// Whether this coordinator announced the challenge. Of another one it has to be asked whether its block is on the
    /// chain, and whether its difficulty was the one that it names.
    pub is_own: bool,
}

/// A rig, as it is told from others: `rack-7`, or `rack-7:3`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Which {
    /// Its name.
    pub name: RigName,
    /// Its range, where others have this name.
    pub range: Option<Range>,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, range } = self;
        match range {
            Some(range) => write!(f, "{name}:{}", range.number()),
            None => name.fmt(f),
        }
    }
}

impl From<RigName> for Which {
    fn from(name: RigName) -> Self {
        Self { name, range: None }
    }
}

/// What happened, for the user.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A rig has joined.
    Joined(Which, Range),
    /// A rig has left.
    Left(Which),
    /// A rig has fallen silent.
    Lost(Which),
    /// A rig was cut off: it reported too many nonces that are no solutions.
    CutOff(RigName),
    /// A rig speaks another version of the protocol.
    OtherVersion(RigName, u32),
    /// There is no room for this rig.
    Full(RigName),
    /// Another coordinator leads; whether it is for the same keys.
    Yielded {
        /// Which.
        to: Id,
        /// Whether it may sign with the same account, as far as is known.
        is_same: bool,
    },
    /// This one leads, as nobody else does.
    TookOver,
    /// Somebody else announces in the name of this one: whoever may do so has a key of a coordinator. Told once.
    Impersonated,
}
