//! What a goal does, in the one word that `/status` and `/metrics` have for it.

use btpow_registration::session::End;

use crate::{
    fleet::rig::Idle,
    registration::watch::Phase,
    report::{Snapshot, Stage},
};

/// Words are written here, and nowhere else.
macro_rules! doings {
    ($($(#[$about:meta])* $doing:ident = $word:literal,)+) => {
        /// What a goal does, or how it ended.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Doing {
            $($(#[$about])* $doing,)+
        }

        impl Doing {
            /// All of them.
            pub(crate) const ALL: &[Self] = &[$(Self::$doing,)+];

            /// Its name for programs: `submitted`.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$doing => $word,)+
                }
            }
        }
    };
}

doings! {
    /// There was no block yet.
    Starting = "starting",
    Searching = "searching",
    /// It waits for its turn behind another goal.
    Queued = "queued",
    Paused = "paused",
    Offline = "offline",
    Silent = "silent",
    Waiting = "waiting",
    Held = "held",
    Submitted = "submitted",
    Included = "included",
    Registered = "registered",
    Given = "given",
    Denied = "denied",
    Exhausted = "exhausted",
}

impl Doing {
    /// Whether nothing more is done for it.
    pub(crate) const fn is_end(self) -> bool {
        matches!(
            self,
            Self::Registered | Self::Given | Self::Denied | Self::Exhausted
        )
    }

    /// The one of this name.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }
}

impl From<Phase> for Doing {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Offline => Self::Offline,
            Phase::Silent => Self::Silent,
            Phase::Waiting(_) => Self::Waiting,
            Phase::StandsBy | Phase::Resting(_) => Self::Paused,
            Phase::Held => Self::Held,
            Phase::Submitted => Self::Submitted,
            Phase::Included => Self::Included,
            Phase::Part(_) => Self::Searching,
            Phase::Idle(Idle::Offline) => Self::Offline,
            Phase::Idle(Idle::Silent) => Self::Silent,
            Phase::Idle(Idle::Joining | Idle::Refused) => Self::Waiting,
            Phase::Idle(Idle::Resting) => Self::Paused,
        }
    }
}

/// The only goal of a search.
impl From<&Snapshot> for Doing {
    fn from(snapshot: &Snapshot) -> Self {
        let idle = if snapshot.is_paused {
            Self::Paused
        } else {
            Self::Searching
        };
        snapshot.phase.map_or(idle, Self::from)
    }
}

/// One goal of several.
impl From<&Stage> for Doing {
    fn from(stage: &Stage) -> Self {
        match stage {
            Stage::Open { phase, is_searched } => {
                let turn = if *is_searched {
                    Self::Searching
                } else {
                    Self::Queued
                };
                phase.map_or(turn, Self::from)
            }
            Stage::Ended(End::Registered { .. }) => Self::Registered,
            Stage::Ended(End::Given { .. }) => Self::Given,
            Stage::Ended(End::Denied(_)) => Self::Denied,
            Stage::Ended(End::Exhausted { .. }) => Self::Exhausted,
        }
    }
}
