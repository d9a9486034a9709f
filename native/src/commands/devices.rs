//! `btpow devices`: the devices that can hash.

use btpow_core::Isa;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    cli::{DevicesArgs, RigArgs},
    devices::{
        backend::{self, Details, Sensors},
        kinds, look, opened,
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
    isas: Vec<IsaFields>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct DeviceFields {
    name: String,
    kind: &'static str,
    description: String,
    isa: Option<&'static str>,
    threads: Option<usize>,
    /// More about a card.
    card: Option<Details>,
    /// Its sensors' present readings.
    sensors: Option<Sensors>,
}

/// A value of `BTPOW_ISA`, and whether this processor can run it.
#[derive(Debug, JsonSchema, Serialize)]
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
    let options = RigArgs::default().options(environment.isa.as_deref())?;
    let backends = kinds::all(options, &[]);
    for backend in &backends {
        backend.look(look::LIMIT);
    }
    let listed = backends.iter().flat_map(|backend| {
        let listed = backend.list().into_iter();
        listed.map(move |listed| (backend, listed))
    });
    backend::faults(&backends).for_each(opened::warn);
    let isas = Isa::names().map(|name| IsaFields {
        name,
        available: Isa::named(name).is_ok(),
    });
    let answer = Answer {
        devices: listed
            .map(|(backend, listed)| DeviceFields {
                card: backend.details(&listed),
                sensors: backend.sensors(&listed),
                name: listed.name,
                kind: listed.kind,
                description: listed.description,
                isa: listed.isa,
                threads: listed.threads.map(Into::into),
            })
            .collect(),
        isas: isas.collect(),
    };
    output::answer(&if args.json {
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
        if let Some(card) = &device.card {
            text += &details(card, device.sensors.unwrap_or_default());
        }
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

/// The second line about a card.
fn details(card: &Details, sensors: Sensors) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(card.uuid.clone());
    parts.extend(card.pci.as_ref().map(|pci| format!("PCI {pci}")));
    parts.extend(card.driver.as_ref().map(|it| format!("driver {it}")));
    parts.extend(card.cuda.as_ref().map(|cuda| format!("CUDA {cuda}")));
    parts.push(card.tuning.as_ref().map_or_else(
        || "kernels not tried yet".to_owned(),
        |tuning| format!("kernels {tuning}"),
    ));
    parts.extend(sensors.temperature.map(|celsius| format!("{celsius} °C")));
    parts.extend(sensors.power.map(|watts| format!("{watts:.0} W")));
    format!("         {}\n", parts.join(", "))
}
