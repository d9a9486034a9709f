//! The answer to `/status`: JSON, with the words and units of the commands' own answers.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Board,
    board::{GoalState, Line, View},
    health,
};
use crate::{
    devices::backend::Sensors,
    fleet::fields::FleetFields,
    report::{
        RowRates,
        json::{self, DeviceFields, StatisticsFields},
    },
};

/// What is answered.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Answer {
    version: &'static str,
    /// The user's command: `register`.
    command: &'static str,
    uptime: f64,
    /// Whether nothing is hashed now.
    paused: bool,
    /// Why `/healthz` does not say ok.
    trouble: Option<String>,
    goals: Vec<GoalFields>,
    chain: Option<ChainFields>,
    devices: Vec<CardFields>,
    /// The rigs of the search; null where it leads none.
    fleet: Option<FleetFields>,
    statistics: Option<StatisticsFields>,
    log: Vec<LineFields>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct GoalFields {
    /// Its name in the metrics.
    goal: String,
    netuid: Option<u16>,
    hotkey: Option<String>,
    coldkey: Option<String>,
    /// `starting`, `searching`, `queued`, `paused`, what else goes on, or how it ended.
    phase: &'static str,
    /// The same in words, where there are some.
    message: Option<String>,
    chance: Option<f64>,
    expected_time: Option<f64>,
    difficulty: Option<String>,
    proofs: u64,
    submissions: u64,
}

#[derive(Debug, JsonSchema, Serialize)]
struct ChainFields {
    endpoint: String,
    connected: bool,
    block_number: Option<u64>,
    block_age: f64,
}

/// A device, how fast it is, and how it feels.
#[derive(Debug, JsonSchema, Serialize)]
struct CardFields {
    #[serde(flatten)]
    device: DeviceFields,
    kind: &'static str,
    description: String,
    /// Whether it still gets work.
    up: bool,
    #[serde(flatten)]
    sensors: Sensors,
}

#[derive(Debug, JsonSchema, Serialize)]
struct LineFields {
    time: String,
    line: String,
}

/// The answer.
pub(super) fn answer(board: &Board) -> String {
    let view = board.view();
    let search = view.search.as_ref();
    let rows = search.map_or_else(Vec::new, |it| it.rows.iter().zip(&view.sensors).collect());
    json::line(&Answer {
        version: env!("CARGO_PKG_VERSION"),
        command: view.command,
        uptime: view.uptime.as_secs_f64(),
        paused: search.is_some_and(|it| it.is_paused),
        trouble: health::trouble(&view),
        goals: view.goals.iter().map(GoalFields::from).collect(),
        chain: chain(&view),
        devices: rows.into_iter().map(CardFields::from).collect(),
        fleet: search
            .and_then(|it| it.fleet.as_ref())
            .map(FleetFields::from),
        statistics: search.map(StatisticsFields::from),
        log: board.lines().into_iter().map(LineFields::from).collect(),
    })
}

fn chain(view: &View) -> Option<ChainFields> {
    let search = view.search.as_ref()?;
    let sight = search.sight.as_ref()?;
    Some(ChainFields {
        endpoint: sight.endpoint.clone(),
        connected: sight.is_connected,
        block_number: search.total.block_number,
        block_age: view.block_age()?.as_secs_f64(),
    })
}

impl From<&GoalState> for GoalFields {
    fn from(goal: &GoalState) -> Self {
        let GoalState { aim, now } = goal;
        let counts = now.map(|it| it.counts).unwrap_or_default();
        Self {
            goal: aim.label(),
            netuid: aim.netuid,
            hotkey: aim.hotkey.map(|key| key.to_string()),
            coldkey: aim.coldkey.map(|key| key.to_string()),
            phase: goal.doing().name(),
            message: now.and_then(|it| Some(it.phase?.to_string())),
            chance: now.map(|it| it.chance),
            expected_time: now.and_then(|it| it.expected),
            difficulty: now.and_then(|it| Some(it.difficulty?.to_string())),
            proofs: counts.proofs,
            submissions: counts.submissions,
        }
    }
}

impl From<(&RowRates, &Sensors)> for CardFields {
    fn from((row, sensors): (&RowRates, &Sensors)) -> Self {
        let listed = &row.row.listed;
        Self {
            device: row.into(),
            kind: listed.kind,
            description: listed.description.clone(),
            up: row.is_up(),
            sensors: *sensors,
        }
    }
}

impl From<Line> for LineFields {
    fn from(line: Line) -> Self {
        Self {
            time: line.time,
            line: line.text,
        }
    }
}
