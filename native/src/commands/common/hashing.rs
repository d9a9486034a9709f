//! Devices at work: the flags choose them, a rig drives them. Commands that mine nothing measure them.

use core::time::Duration;
use std::time::Instant;

use btpow_core::{Difficulty, Position, Protocol, Search};

use crate::{
    cli::RigArgs,
    devices::{Chosen, Fleet, Row, kinds},
    environment::Environment,
    exit::Failure,
    rig::{Event, Rig, RigError},
    sample,
};

/// How long to measure a rate in a command that mines nothing.
const MEASURE: Duration = Duration::from_millis(600);

/// The devices that the flags choose. They are chosen before anything connects, so that wrong flags are
/// reported first, and opened when there is work.
pub(crate) fn devices(args: &RigArgs, environment: &Environment) -> Result<Chosen, Failure> {
    let options = args.options(environment.isa.as_deref())?;
    Ok(Chosen::new(kinds::all(options), &args.selectors())?)
}

/// Opens devices and puts them to work.
pub(crate) fn rig(devices: &Chosen) -> Result<(Rig, Vec<Row>), Failure> {
    let Fleet { rows, units } = devices.open()?;
    Ok((Rig::start(units)?, rows))
}

/// Where a search begins by default.
pub(crate) fn random_start() -> Result<Position, Failure> {
    let position = getrandom::u64().map_err(Failure::Randomness)?;
    Ok(Position(position))
}

/// The hash rate of devices, measured on a challenge that belongs to nobody.
pub(crate) fn measure(devices: &Chosen, protocol: Protocol) -> Result<(f64, Vec<Row>), Failure> {
    let (rig, rows) = rig(devices)?;
    rig.set_search(Search {
        challenge: sample::bench(protocol),
        difficulty: Difficulty::new(u64::MAX).expect("it is not zero"),
        block_number: None,
        start: random_start()?,
    });
    let until = Instant::now() + MEASURE;
    let mut dropped = 0;
    while let Some(event) = rig.wait(Some(until)) {
        if let Event::Dropped(slot, fault) = event {
            dropped += 1;
            if dropped == rig.len() {
                let name = rig.name(slot).to_owned();
                return Err(RigError::NoDeviceLeft { name, fault }.into());
            }
        }
    }
    let rate = rig.statistics().map_or(0.0, |it| it.rates.hash_rate);
    Ok((rate, rows))
}
