//! `btpow tune`: finds what makes each card fastest.

use serde::Serialize;

use crate::{
    cli::{RigArgs, TuneArgs, Usage},
    devices::{Chosen, FleetError, fleet, kinds},
    environment::Environment,
    exit::{Exit, Failure},
    output,
    report::json,
};

/// The JSON answer.
#[derive(Debug, Serialize)]
struct Answer {
    devices: Vec<DeviceFields>,
}

#[derive(Debug, Serialize)]
struct DeviceFields {
    name: String,
    description: String,
    tuning: String,
}

/// Tunes the devices that can be tuned, one after the other.
///
/// # Errors
///
/// [`FleetError::Unknown`] when there is no such device; [`FleetError::Open`] when no device runs any
/// variant.
pub fn run(args: &TuneArgs, environment: &Environment) -> Result<Exit, Failure> {
    let options = RigArgs::default().options(environment.isa.as_deref())?;
    let chosen = Chosen::new(
        kinds::all(options, &args.devices),
        &args.devices,
        &fleet::warn,
    )?;
    let mut devices = Vec::new();
    chosen.try_each(&fleet::warn, |backend, listed| {
        let mut tell = |trial: &str| {
            // Nobody is left to tell when standard error is gone.
            output::say(&format!("{}: {trial}", listed.name));
        };
        let Some(tuned) = backend.tune(listed, args.seconds, &mut tell) else {
            return Ok(false);
        };
        let tuning = tuned.map_err(|error| FleetError::Open {
            name: listed.name.clone(),
            error,
        })?;
        devices.push(DeviceFields {
            name: listed.name.clone(),
            description: listed.description.clone(),
            tuning,
        });
        Ok(true)
    })?;
    if devices.is_empty() {
        return Err(if chosen.is_named() {
            Usage::new("--device", "it has nothing to tune", "name a graphics card").into()
        } else {
            Failure::NothingToTune(chosen.why_no_cards())
        });
    }
    let answer = Answer { devices };
    output::answer(&if args.json {
        json::line(&answer)
    } else {
        people(&answer)
    })?;
    Ok(Exit::Success)
}

fn people(answer: &Answer) -> String {
    let devices = answer.devices.iter();
    let line = |it: &DeviceFields| {
        format!(
            "{:<8} {}: {}, remembered\n",
            it.name, it.description, it.tuning
        )
    };
    devices.map(line).collect()
}
