//! What a session waits for instead of ending, and when a search is not worth its power.

use alloc::{vec, vec::Vec};
use core::time::Duration;

use btpow_core::{Difficulty, Protocol, odds};

use super::{Action, Session};
use crate::{Denial, Goal, Head, Obstacle, Standing, State};

/// What the user waits for. By default nothing: what keeps a subnet from taking a proof ends a session, and every
/// difficulty is searched for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Patience {
    /// Whether a subnet that takes no proof is waited for, where it may open.
    pub wait_open: bool,
    /// The highest difficulty that is searched for.
    pub max_difficulty: Option<Difficulty>,
    /// The longest time that a proof may take, on average, at the rate that the session is told.
    pub max_expected: Option<Duration>,
}

/// Why nothing is searched for, though the session goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pause {
    /// The subnet takes no proof yet.
    Closed(Obstacle),
    /// The difficulty is too high.
    TooHard {
        /// The difficulty.
        difficulty: Difficulty,
        /// What the user allows.
        most: Difficulty,
    },
    /// A proof would take too long.
    TooLong {
        /// How long, on average.
        expected: Duration,
        /// What the user allows.
        most: Duration,
    },
}

impl Patience {
    /// Whether an obstacle is waited for.
    pub const fn waits_for(&self, obstacle: Obstacle) -> bool {
        self.wait_open && obstacle.may_open()
    }

    /// The same for a denial.
    pub(super) const fn waits_out(&self, denial: &Denial) -> bool {
        matches!(denial, Denial::Standing(obstacle) if self.waits_for(*obstacle))
    }

    /// The goal's standing. Where the subnet is closed and waited for, an obstacle that would still be there when it
    /// opens comes first: nobody waits for nothing.
    pub fn standing(&self, goal: &Goal, protocol: Protocol, state: &State) -> Standing {
        let standing = goal.standing(protocol, state);
        match (standing, state.subnet) {
            (Standing::Denied(obstacle), Some(subnet)) if self.waits_for(obstacle) => {
                let mut opened = *state;
                opened.subnet = Some(subnet.opened());
                // It can only be left over from a subnet that is gone.
                opened.hotkey.uid = None;
                match goal.standing(protocol, &opened) {
                    Standing::Open => standing,
                    other => other,
                }
            }
            _ => standing,
        }
    }

    /// Why a difficulty is not searched for, at `rate` hashes per second. A search that `was_too_long` before goes on
    /// at a twentieth less, so that no small change of the rate stops and starts it again and again.
    fn too_much(
        &self,
        difficulty: Difficulty,
        rate: Option<f64>,
        was_too_long: bool,
    ) -> Option<Pause> {
        if let Some(most) = self.max_difficulty.filter(|most| difficulty > *most) {
            return Some(Pause::TooHard { difficulty, most });
        }
        let most = self.max_expected?;
        let limit = if was_too_long { most - most / 20 } else { most };
        let seconds = odds::expected_seconds(difficulty, rate?)?;
        let expected = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        (expected > limit).then_some(Pause::TooLong { expected, most })
    }
}

impl Session {
    /// Whether it wants to be told how fast the devices are.
    pub const fn wants_rate(&self) -> bool {
        self.settings.patience.max_expected.is_some()
    }

    /// Why nothing is searched for now.
    pub const fn pause(&self) -> Option<Pause> {
        self.pause
    }

    /// Whether it searches only until the devices' rate is known, since at the rate before a proof took too long.
    pub const fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// The newest block, and the difficulty that it asks for.
    pub fn asks(&self) -> Option<(Head, Difficulty)> {
        let (head, state) = self.now.as_ref()?;
        Some((*head, self.goal.difficulty(state)))
    }

    /// How many hashes per second the devices do; none while that is not known. Until it is, no search is too long.
    pub fn measured(&mut self, rate: Option<f64>) -> Vec<Action> {
        self.rate = rate;
        let Some((head, state)) = self.now.filter(|_| !self.ended) else {
            return Vec::new();
        };
        let was_paused = self.pause.is_some();
        let action = self.search(head, &state);
        if was_paused == self.pause.is_some() {
            return Vec::new();
        }
        vec![action]
    }

    /// What the devices do from a block on.
    pub(super) fn search(&mut self, head: Head, state: &State) -> Action {
        let difficulty = self.goal.difficulty(state);
        let patience = &self.settings.patience;
        let was_too_long = self.is_trial || matches!(self.pause, Some(Pause::TooLong { .. }));
        self.pause = match self.standing(state) {
            Standing::Denied(obstacle) if patience.waits_for(obstacle) => {
                Some(Pause::Closed(obstacle))
            }
            _ => patience.too_much(difficulty, self.rate, was_too_long),
        };
        self.is_trial = was_too_long && self.rate.is_none() && self.pause.is_none();
        self.pause.map_or_else(
            || {
                let start = self.settings.start;
                Action::Search(self.goal.search(self.protocol, head, difficulty, start))
            },
            Action::Pause,
        )
    }
}
