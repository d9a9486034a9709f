//! What is known of a search. The search publishes it, and each request reads it.

use core::time::Duration;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime},
};

use btpow_core::{Difficulty, PublicKey};
use btpow_registration::Goal;

use super::Doing;
use crate::{
    devices::backend::Sensors,
    gauges::Gauges,
    log_entry,
    registration::watch::Phase,
    report::{self, Counts, Snapshot, Stage},
    rig::Messenger,
    task::Task,
    text,
};

/// How many lines are kept.
const LINES: usize = 50;

/// What a search is for.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Aim {
    /// The subnet.
    pub netuid: Option<u16>,
    /// The key that is to be registered.
    pub hotkey: Option<PublicKey>,
    /// The key that owns it, or gets the faucet's money.
    pub coldkey: Option<PublicKey>,
    /// What people call it: `subnet 3, miner/hot2`. Without it, its key is its name.
    pub name: Option<String>,
}

/// Where a search publishes its state. Clones are the same board.
#[derive(Clone, Debug)]
pub struct Board(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    command: &'static str,
    started: SystemTime,
    begun: Instant,
    goals: Vec<GoalState>,
    /// The newest state that was published, of whichever goal.
    newest: Option<Snapshot>,
    rig: Option<Messenger>,
    /// None before the search has begun.
    gauges: Option<Gauges>,
    lines: VecDeque<Line>,
    warnings: u64,
}

/// Something to search for, and how that goes.
#[derive(Clone, Debug)]
pub(super) struct GoalState {
    pub(super) aim: Aim,
    /// None before the first block.
    pub(super) now: Option<GoalNow>,
}

/// How the search for one goal goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct GoalNow {
    /// What goes on, in one word.
    pub(super) doing: Doing,
    pub(super) phase: Option<Phase>,
    /// From 0 to 1: that as much work as was done so far brings a proof.
    pub(super) chance: f64,
    /// Seconds until a proof, on average.
    pub(super) expected: Option<f64>,
    /// None before its first block.
    pub(super) difficulty: Option<u64>,
    pub(super) counts: Counts,
}

/// A line that was said.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) time: String,
    pub(super) text: String,
}

/// All of it, at one moment.
#[derive(Debug)]
pub(super) struct View {
    pub(super) command: &'static str,
    pub(super) started: SystemTime,
    pub(super) uptime: Duration,
    pub(super) goals: Vec<GoalState>,
    /// None before the first block.
    pub(super) search: Option<Snapshot>,
    /// Of the search's rows, in their order.
    pub(super) sensors: Vec<Sensors>,
    pub(super) warnings: u64,
    pub(super) now: Instant,
}

impl Aim {
    /// The same goal, as people call it.
    #[must_use]
    pub fn called(self, name: String) -> Self {
        let name = Some(name);
        Self { name, ..self }
    }

    /// Its name among others: `subnet 3, miner/hot2`, or `subnet 3, 5FHneW46…`.
    pub(super) fn label(&self) -> String {
        self.name.clone().unwrap_or_else(|| self.of_keys())
    }

    /// The name that its keys give it.
    fn of_keys(&self) -> String {
        let key = self.hotkey.or(self.coldkey);
        let key = key.map(|key| key.to_string()).unwrap_or_default();
        match (self.netuid, self.hotkey) {
            (Some(netuid), _) => format!("subnet {netuid}, {key}"),
            (None, Some(_)) => key,
            (None, None) => format!("faucet, {key}"),
        }
    }
}

impl GoalState {
    /// What is done for it.
    pub(super) fn doing(&self) -> Doing {
        self.now.map_or(Doing::Starting, |it| it.doing)
    }
}

impl From<Goal> for Aim {
    fn from(goal: Goal) -> Self {
        match goal {
            Goal::Register {
                netuid,
                hotkey,
                coldkey,
            } => Self {
                netuid: Some(netuid),
                hotkey: Some(hotkey),
                coldkey: Some(coldkey),
                name: None,
            },
            Goal::Faucet { coldkey } => Self {
                coldkey: Some(coldkey),
                ..Self::default()
            },
        }
    }
}

impl From<&Task> for Aim {
    fn from(task: &Task) -> Self {
        Self {
            netuid: task.netuid,
            hotkey: Some(task.hotkey),
            coldkey: task.coldkey,
            name: None,
        }
    }
}

impl From<&Snapshot> for GoalNow {
    fn from(snapshot: &Snapshot) -> Self {
        Self {
            doing: snapshot.into(),
            phase: snapshot.phase,
            chance: snapshot.total.chance,
            expected: snapshot.total.expected_time,
            difficulty: Some(snapshot.total.difficulty),
            counts: snapshot.counts,
        }
    }
}

impl GoalNow {
    /// One of several; none before its first block, unless something else is known of it.
    fn of(goal: &report::GoalState) -> Option<Self> {
        let doing = Doing::from(&goal.stage);
        let difficulty = goal.difficulty.map(Difficulty::get);
        let phase = match goal.stage {
            Stage::Open { phase, .. } => phase,
            Stage::Ended(_) => None,
        };
        let is_known = difficulty.is_some() || phase.is_some() || doing.is_end();
        is_known.then_some(Self {
            doing,
            phase,
            chance: goal.chance,
            expected: goal.expected_time.filter(|_| !doing.is_end()),
            difficulty,
            counts: goal.counts,
        })
    }
}

impl Board {
    /// Nothing is known yet but the user's command.
    pub fn new(command: &'static str) -> Self {
        Self(Arc::new(Mutex::new(State {
            command,
            started: SystemTime::now(),
            begun: Instant::now(),
            goals: Vec::new(),
            newest: None,
            rig: None,
            gauges: None,
            lines: VecDeque::with_capacity(LINES),
            warnings: 0,
        })))
    }

    /// A search begins, for these goals, on these devices.
    pub fn begin(&self, mut aims: Vec<Aim>, rig: Messenger, gauges: Gauges) {
        // Wallets in two folders may have one name. Each line of the metrics needs a name of its own.
        let names: Vec<_> = aims.iter().map(Aim::label).collect();
        for (aim, name) in aims.iter_mut().zip(&names) {
            if names.iter().filter(|it| *it == name).count() > 1 {
                aim.name = None;
            }
        }
        let mut state = self.lock();
        let goal = |aim| GoalState { aim, now: None };
        state.goals = aims.into_iter().map(goal).collect();
        state.rig = Some(rig);
        state.gauges = Some(gauges);
    }

    /// The state of the search, and of its goals in the order of [`begin`](Self::begin).
    pub fn publish(&self, snapshot: &Snapshot) {
        let mut state = self.lock();
        match (state.goals.as_mut_slice(), snapshot.goals.as_slice()) {
            ([only], _) => only.now = Some(snapshot.into()),
            (goals, published) => {
                for (goal, now) in goals.iter_mut().zip(published) {
                    goal.now = GoalNow::of(now);
                }
            }
        }
        state.newest = Some(snapshot.clone());
    }

    /// A line was said.
    pub fn say(&self, line: &str) {
        let mut state = self.lock();
        state.warnings += u64::from(line.starts_with("warning: "));
        if state.lines.len() == LINES {
            state.lines.pop_front();
        }
        state.lines.push_back(Line {
            time: log_entry::now(),
            text: text::one_line(line),
        });
    }

    /// The lines that were said last, oldest first.
    pub(super) fn lines(&self) -> Vec<Line> {
        self.lock().lines.iter().cloned().collect()
    }

    /// What is known at this moment.
    pub(super) fn view(&self) -> View {
        let state = self.lock();
        let (mut goals, mut search) = (state.goals.clone(), state.newest.clone());
        if let (Some(search), Some(rig)) = (&mut search, &state.rig) {
            search.refresh(rig);
            // The newest state is that of the only goal.
            if let [GoalState { now: Some(now), .. }] = goals.as_mut_slice() {
                *now = GoalNow::from(&*search);
            }
        }
        let now = Instant::now();
        let readings = state.gauges.as_ref().and_then(Gauges::fresh);
        let rows = search.iter().flat_map(|it| &it.rows);
        let sensors = rows.map(|it| {
            let readings = readings.as_ref();
            readings
                .and_then(|all| all.of(&it.row.listed.name))
                .unwrap_or_default()
        });
        let sensors = sensors.collect();
        View {
            command: state.command,
            started: state.started,
            uptime: now.saturating_duration_since(state.begun),
            goals,
            search,
            sensors,
            warnings: state.warnings,
            now,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves what was known.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl View {
    /// For how long there has been no block; none before the first.
    pub(super) fn block_age(&self) -> Option<Duration> {
        let sight = self.search.as_ref()?.sight.as_ref()?;
        Some(self.now.saturating_duration_since(sight.seen))
    }
}

#[cfg(test)]
mod tests {
    use btpow_registration::session::End;

    use super::*;

    #[test]
    fn a_goal_that_is_over_before_its_first_block_is_over() {
        let mut goal = report::GoalState {
            goal: Goal::Faucet {
                coldkey: PublicKey([1; 32]),
            },
            name: None,
            stage: Stage::Open {
                phase: None,
                is_searched: false,
            },
            difficulty: None,
            chance: 0.0,
            expected_time: Some(1.0),
            counts: Counts::default(),
        };
        assert!(GoalNow::of(&goal).is_none(), "it has not begun");
        goal.stage = Stage::Ended(End::Registered {
            uid: 3,
            place: None,
            already: true,
        });
        let now = GoalNow::of(&goal).expect("an end");
        assert_eq!(now.doing, Doing::Registered);
        assert_eq!((now.difficulty, now.expected), (None, None));
    }
}
