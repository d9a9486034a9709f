//! How far each goal of a run is.

use core::fmt;

use btpow_core::Difficulty;
use btpow_registration::{Goal, session::End};

use super::{Counts, units};
use crate::registration::{watch::Phase, words};

/// How far a goal is at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct GoalState {
    /// The goal.
    pub goal: Goal,
    /// What people call it, where there are several: `subnet 3`.
    pub name: Option<String>,
    /// Whether it goes on.
    pub stage: Stage,
    /// What the newest block asks; none before the first.
    pub difficulty: Option<Difficulty>,
    /// The chance that what was hashed for it had a proof in it, from 0 to 1.
    pub chance: f64,
    /// The average time to a proof with all devices, in seconds; none while their rate is unknown.
    pub expected_time: Option<f64>,
    /// What came of it so far.
    pub counts: Counts,
}

/// Whether a goal goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// It does.
    Open {
        /// What else goes on.
        phase: Option<Phase>,
        /// Whether the devices search for it now.
        is_searched: bool,
    },
    /// It does not.
    Ended(End),
}

/// One line, without the devices' rate: `subnet 3: mining, expected 2 min, chance so far 12 %`.
impl fmt::Display for GoalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{name}: ")?;
        }
        let (phase, is_searched) = match &self.stage {
            Stage::Open { phase, is_searched } => (phase, is_searched),
            Stage::Ended(end) => return f.write_str(&words::end(end)),
        };
        match (phase, is_searched) {
            (_, true) => f.write_str("mining")?,
            (Some(phase), false) => return phase.fmt(f),
            (None, false) => f.write_str("waits for its turn")?,
        }
        if let Some(seconds) = self.expected_time {
            write!(f, ", expected {}", units::time(seconds))?;
        }
        write!(f, ", chance so far {}", units::chance(self.chance))?;
        if let (Some(phase), true) = (phase, is_searched) {
            write!(f, "; {phase}")?;
        }
        Ok(())
    }
}
