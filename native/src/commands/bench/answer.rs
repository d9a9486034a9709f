//! What a bench found, for people and for programs.

use core::time::Duration;

use btpow_core::Protocol;
use schemars::JsonSchema;
use serde::Serialize;

use super::recorder::Log;
use crate::{devices::Row, report::units};

/// The JSON answer.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Answer {
    pub(super) protocol: &'static str,
    pub(super) order: &'static str,
    /// The wall time of the measurement.
    pub(super) seconds: f64,
    /// Of all devices together.
    pub(super) hash_rate: f64,
    pub(super) devices: Vec<DeviceFields>,
    /// Known hits in the finished rounds, and how many of them were reported.
    pub(super) hits_expected: usize,
    pub(super) hits_found: usize,
    /// From the start of the program to the end of the first round.
    pub(super) first_hash_ms: Option<f64>,
    /// From a new challenge to the last device's first round for it, the slowest of several.
    pub(super) challenge_change_ms: Option<f64>,
}

/// What one device did.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct DeviceFields {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) isa: Option<&'static str>,
    pub(super) threads: Option<usize>,
    pub(super) hash_rate: f64,
    /// By all the energy that the card drew meanwhile; none if the card does not report it.
    pub(super) hashes_per_joule: Option<f64>,
}

impl DeviceFields {
    /// A row, and the rate that its recorders saw.
    pub(super) fn new(row: &Row, logs: &[Log]) -> Self {
        Self {
            name: row.listed.name.clone(),
            description: row.listed.description.clone(),
            isa: row.listed.isa,
            threads: row.listed.threads.map(Into::into),
            hash_rate: logs[row.slots.clone()].iter().map(Log::hash_rate).sum(),
            hashes_per_joule: None,
        }
    }
}

/// The lines for people.
pub(super) fn people(protocol: Protocol, answer: &Answer) -> String {
    let mut text = String::new();
    for device in &answer.devices {
        let rate = units::measured_rate(device.hash_rate);
        text += &format!("{:<11} {rate}  {}", device.name, device.description);
        if let (Some(threads), Some(isa)) = (device.threads, device.isa) {
            text += &format!(", {threads} × {isa}");
        }
        if let Some(efficiency) = device.hashes_per_joule {
            text += &format!(", {:.2} MH/J", efficiency / 1e6);
        }
        text.push('\n');
    }
    let rate = units::measured_rate(answer.hash_rate);
    let seconds = units::time(answer.seconds);
    text += &format!("total       {rate}  {protocol}, measured for {seconds}\n");
    let (found, expected) = (answer.hits_found, answer.hits_expected);
    text += &format!("known hits  {found} of {expected} found\n");
    if let (Some(first), Some(change)) = (answer.first_hash_ms, answer.challenge_change_ms) {
        text += &format!("first hash  {first:.1} ms after the program started\n");
        text += &format!("new block   {change:.1} ms until every device works on it\n");
    }
    text
}

pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
