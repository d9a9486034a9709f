//! `btpow tune`: finds what makes each card fastest.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    cli::{RigArgs, TuneArgs, Usage},
    devices::{
        Chosen, DevicesError, kinds, opened,
        trials::{Rated, Tuned},
    },
    environment::Environment,
    exit::{Exit, Failure},
    output,
    report::json,
};

/// The JSON answer.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct Answer {
    devices: Vec<DeviceFields>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct DeviceFields {
    name: String,
    description: String,
    #[serde(flatten)]
    best: Rated,
    /// The fastest but one.
    next: Option<Rated>,
    tried: usize,
    of: usize,
    seconds: f64,
    remembered: bool,
}

impl DeviceFields {
    fn new(name: &str, description: &str, tuned: &Tuned) -> Self {
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            best: tuned.best.clone(),
            next: tuned.next.clone(),
            tried: tuned.tried,
            of: tuned.of,
            seconds: tuned.took.as_secs_f64(),
            remembered: tuned.kept.is_ok(),
        }
    }
}

/// Tunes the devices that can be tuned, one after the other.
///
/// # Errors
///
/// [`DevicesError::Unknown`] when there is no such device; [`DevicesError::Open`] when no device runs any
/// variant; [`Failure::NotRemembered`].
pub fn run(args: &TuneArgs, environment: &Environment) -> Result<Exit, Failure> {
    let options = RigArgs::default().options(environment.isa.as_deref())?;
    let chosen = Chosen::new(
        kinds::all(options, &args.devices),
        &args.devices,
        &opened::warn,
    )?;
    let (mut devices, mut lines) = (Vec::new(), String::new());
    let mut forgotten = None;
    chosen.try_each(&opened::warn, |backend, listed| {
        let mut tell = |trial: &str| {
            // Nobody is left to tell when standard error is gone.
            output::say(&format!("{}: {trial}", listed.name));
        };
        let Some(tuned) = backend.tune(listed, args.seconds, &mut tell) else {
            return Ok(false);
        };
        let tuned = tuned.map_err(|error| DevicesError::Open {
            name: listed.name.clone(),
            error,
        })?;
        let (name, description) = (&listed.name, &listed.description);
        devices.push(DeviceFields::new(name, description, &tuned));
        lines += &format!("{name:<8} {description}: {tuned}\n");
        if let Err(error) = tuned.kept {
            let name = name.clone();
            forgotten = Some(Failure::NotRemembered { name, error });
        }
        Ok(true)
    })?;
    if devices.is_empty() {
        return Err(if chosen.is_named() {
            Usage::new("--device", "it has nothing to tune", "name a graphics card").into()
        } else {
            Failure::NothingToTune(chosen.why_no_cards())
        });
    }
    output::answer(&if args.json {
        json::line(&Answer { devices })
    } else {
        lines
    })?;
    forgotten.map_or(Ok(Exit::Success), Err)
}
