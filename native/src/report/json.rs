//! The JSON objects, each on one line. Their fields are part of the interface.
//!
//! Numbers that may exceed 2^53 are decimal strings, since many readers would round them. Times are in
//! seconds, rates in hashes per second, chances from 0 to 1.

use btpow_core::{Difficulty, Rates, Seal, Solution};
use btpow_registration::{Call, call::PALLET};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::{RowRates, Snapshot};
use crate::{
    fleet::fields::TotalFields,
    pauses::{Reason, Tally},
    task::Task,
    text,
};

/// A call with the names of the metadata, its numbers as text.
pub fn call(call: &Call) -> serde_json::Value {
    let arguments = call.arguments();
    let arguments: serde_json::Map<_, _> = arguments
        .map(|(name, argument)| (name.to_owned(), argument.to_string().into()))
        .collect();
    serde_json::json!({ "pallet": PALLET, "call": call.name(), "arguments": arguments })
}

/// What a block asks; the first fields of most objects.
#[derive(Debug, JsonSchema, Serialize)]
pub struct TaskFields {
    protocol: &'static str,
    order: &'static str,
    netuid: Option<u16>,
    block_number: Option<u32>,
    block_hash: String,
    hotkey: String,
    coldkey: Option<String>,
}

/// The answer of `solve`; without a solution, `nonce`, `seal` and `device` are null.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Solved<'a> {
    /// What the block asks.
    #[serde(flatten)]
    pub task: TaskFields,
    /// Expected seals per win.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub difficulty: u64,
    /// The nonce that wins.
    #[serde(serialize_with = "maybe_text")]
    #[schemars(with = "Option<String>")]
    pub nonce: Option<u64>,
    /// Its seal.
    #[serde(serialize_with = "maybe_text")]
    #[schemars(with = "Option<String>")]
    pub seal: Option<Seal>,
    /// The device that found it.
    pub device: Option<&'a str>,
    /// How the search went.
    pub statistics: Option<StatisticsFields>,
}

/// The answer of `verify`.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Verified {
    /// What the block asks.
    #[serde(flatten)]
    pub task: TaskFields,
    /// Expected seals per win.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub difficulty: u64,
    /// The nonce that was checked.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub nonce: u64,
    /// Its seal.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub seal: Seal,
    /// Whether it wins, and has the claimed seal.
    pub valid: bool,
    /// Why not: `seal_differs` or `difficulty_not_met`.
    pub reason: Option<&'static str>,
    /// How many times too large the seal is, where the difficulty is not met.
    pub factor: Option<f64>,
    /// The claimed seal, where one was given.
    #[serde(serialize_with = "maybe_text")]
    #[schemars(with = "Option<String>")]
    pub claimed_seal: Option<Seal>,
}

/// The answer of `seal`.
#[derive(Debug, JsonSchema, Serialize)]
pub struct Sealed {
    /// What the block asks.
    #[serde(flatten)]
    pub task: TaskFields,
    /// The nonce.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub nonce: u64,
    /// Its seal.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    pub seal: Seal,
}

/// The state of a search: the fields of the Python SDK's `RegistrationStatistics`, and more.
#[derive(Debug, JsonSchema, Serialize)]
pub struct StatisticsFields {
    #[serde(flatten)]
    rates: RatesFields,
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    difficulty: u64,
    block_number: Option<u64>,
    block_hash: String,
    expected_time: Option<f64>,
    chance: f64,
    devices: Vec<DeviceFields>,
    pauses: Vec<PauseFields>,
    /// The rigs that search for the same, where the search leads some. Rates and nonces are those of the devices here
    /// alone; the chance and the expected time are those of all.
    #[serde(skip_serializing_if = "Option::is_none")]
    fleet: Option<TotalFields>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct RatesFields {
    time_spent_total: f64,
    rounds_total: u64,
    time_average: f64,
    time_spent: f64,
    hash_rate_perpetual: f64,
    hash_rate: f64,
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "String")]
    nonces_total: u64,
}

/// A device, and how fast it is.
#[derive(Debug, JsonSchema, Serialize)]
pub struct DeviceFields {
    name: String,
    isa: Option<&'static str>,
    threads: Option<usize>,
    #[serde(flatten)]
    rates: RatesFields,
    dropped: Vec<DroppedFields>,
    /// Why it pauses while others go on; null if it does not.
    paused: Option<&'static str>,
    /// How often and how long it did.
    pauses: Vec<PauseFields>,
    /// How often it fell silent and was opened again.
    resets: u64,
}

/// How often and how long nothing was hashed, for one reason.
#[derive(Debug, JsonSchema, Serialize)]
struct PauseFields {
    reason: &'static str,
    times: u64,
    time_spent: f64,
}

#[derive(Debug, JsonSchema, Serialize)]
struct DroppedFields {
    name: String,
    reason: String,
}

impl From<&Task> for TaskFields {
    fn from(task: &Task) -> Self {
        let protocol = task.challenge.protocol();
        Self {
            protocol: protocol.name(),
            order: protocol.order().name(),
            netuid: task.netuid,
            block_number: task.block_number,
            block_hash: Seal(task.challenge.block_hash()).to_string(),
            hotkey: task.hotkey.to_string(),
            coldkey: task.coldkey.map(|key| key.to_string()),
        }
    }
}

impl<'a> Solved<'a> {
    /// The end of a search, with its solution and the name of the device, if it has one.
    pub fn new(
        task: &Task,
        difficulty: Difficulty,
        found: Option<(&Solution, &'a str)>,
        snapshot: Option<&Snapshot>,
    ) -> Self {
        Self {
            task: task.into(),
            difficulty: difficulty.get(),
            nonce: found.map(|(solution, _)| solution.nonce()),
            seal: found.map(|(solution, _)| solution.seal()),
            device: found.map(|(_, device)| device),
            statistics: snapshot.map(StatisticsFields::from),
        }
    }
}

impl From<&Snapshot> for StatisticsFields {
    fn from(snapshot: &Snapshot) -> Self {
        let total = &snapshot.total;
        Self {
            rates: (&total.rates).into(),
            difficulty: total.difficulty,
            block_number: total.block_number,
            block_hash: Seal(total.block_hash).to_string(),
            expected_time: total.expected_time,
            chance: total.chance,
            devices: snapshot.rows.iter().map(DeviceFields::from).collect(),
            pauses: snapshot.pauses.iter().map(PauseFields::from).collect(),
            fleet: snapshot.fleet.as_ref().map(TotalFields::from),
        }
    }
}

impl From<&Rates> for RatesFields {
    fn from(rates: &Rates) -> Self {
        Self {
            time_spent_total: rates.time_spent_total,
            rounds_total: rates.rounds_total,
            time_average: rates.time_average,
            time_spent: rates.time_spent,
            hash_rate_perpetual: rates.hash_rate_perpetual,
            hash_rate: rates.hash_rate,
            nonces_total: rates.nonces_total,
        }
    }
}

impl From<&Tally> for PauseFields {
    fn from(tally: &Tally) -> Self {
        Self {
            reason: tally.reason.name(),
            times: tally.times,
            time_spent: tally.time.as_secs_f64(),
        }
    }
}

impl From<&RowRates> for DeviceFields {
    fn from(row: &RowRates) -> Self {
        let listed = &row.row.listed;
        let dropped = row.dropped.iter();
        Self {
            name: listed.name.clone(),
            isa: listed.isa,
            threads: listed.threads.map(Into::into),
            rates: (&row.rates).into(),
            dropped: dropped
                .map(|(name, reason)| DroppedFields {
                    name: name.clone(),
                    reason: reason.clone(),
                })
                .collect(),
            paused: row.condition.paused.map(Reason::name),
            pauses: row.condition.pauses.iter().map(PauseFields::from).collect(),
            resets: row.condition.resets,
        }
    }
}

/// An object on a line of its own, with invisible characters escaped.
#[expect(
    clippy::missing_panics_doc,
    reason = "structs of numbers and texts are always JSON"
)]
pub fn line(object: &impl Serialize) -> String {
    let text = serde_json::to_string(object).expect("no map and no failing serializer");
    let mut line = String::with_capacity(text.len() + 1);
    for it in text.chars() {
        // Outside strings JSON has no such characters.
        if text::is_hidden(it) {
            for unit in it.encode_utf16(&mut [0; 2]) {
                line += &format!("\\u{unit:04x}");
            }
        } else {
            line.push(it);
        }
    }
    line.push('\n');
    line
}

/// Writes a value as the text that people read.
fn as_text<S: Serializer>(value: &impl ToString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_string())
}

/// The same for a value that may be missing.
fn maybe_text<S: Serializer>(
    value: &Option<impl ToString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => as_text(value, serializer),
        None => serializer.serialize_none(),
    }
}
