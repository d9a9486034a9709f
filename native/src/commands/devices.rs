//! `btpow devices`: what there is to hash with.

use btpow_core::Isa;
use serde::Serialize;

use crate::{
    app,
    cli::{DevicesArgs, RigArgs},
    devices::backend,
    environment::Environment,
    exit::{Exit, Failure},
    input,
    report::json,
};

/// The JSON answer.
#[derive(Debug, Serialize)]
struct Answer {
    devices: Vec<DeviceFields>,
    isas: Vec<IsaFields>,
}

#[derive(Debug, Serialize)]
struct DeviceFields {
    name: String,
    kind: &'static str,
    description: String,
    isa: Option<&'static str>,
    threads: Option<usize>,
}

/// A value of `BTPOW_ISA`, and whether this processor can run it.
#[derive(Debug, Serialize)]
struct IsaFields {
    name: &'static str,
    available: bool,
}

/// Lists devices and instruction sets.
///
/// # Errors
///
/// [`Failure::Usage`] for a wrong `BTPOW_ISA`; [`Failure::Output`].
pub fn run(args: &DevicesArgs, environment: &Environment) -> Result<Exit, Failure> {
    let options = input::options(&RigArgs::default(), environment.isa.as_deref())?;
    let listed = backend::all(options);
    let listed = listed.iter().flat_map(|backend| backend.list());
    let isas = Isa::names().map(|name| IsaFields {
        name,
        available: Isa::named(name).is_ok(),
    });
    let answer = Answer {
        devices: listed
            .map(|listed| DeviceFields {
                name: listed.name,
                kind: listed.kind,
                description: listed.description,
                isa: listed.isa,
                threads: listed.threads.map(Into::into),
            })
            .collect(),
        isas: isas.collect(),
    };
    app::answer(&if args.json {
        json::line(&answer)
    } else {
        people(&answer)
    })?;
    Ok(Exit::Success)
}

fn people(answer: &Answer) -> String {
    let mut text = String::new();
    for device in &answer.devices {
        text += &format!("{:<8} {}", device.name, device.description);
        if let Some(threads) = device.threads {
            let plural = if threads == 1 { "" } else { "s" };
            text += &format!(", {threads} thread{plural}");
        }
        if let Some(isa) = device.isa {
            text += &format!(", {isa}");
        }
        text.push('\n');
    }
    text += "\nInstruction sets, fastest first (BTPOW_ISA=NAME forces one):\n";
    for isa in &answer.isas {
        let note = if isa.available {
            ""
        } else {
            " (this processor lacks it)"
        };
        text += &format!("  {}{note}\n", isa.name);
    }
    text
}
