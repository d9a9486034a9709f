//! Reads a card's sensors through NVIDIA's management library, if there is one.

use std::{path::Path, sync::OnceLock};

use nvml_wrapper::{
    Device, Nvml,
    enum_wrappers::device::{Clock, TemperatureSensor},
};

use crate::{Card, wsl};

/// The management library, if there is one.
#[derive(Clone, Copy, Debug)]
pub struct Telemetry(Option<&'static Nvml>);

/// The present readings of a card's sensors; what is unknown is none.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// Of the chip, in degrees Celsius.
    pub temperature: Option<u32>,
    /// The card's power, in watts.
    pub power: Option<f64>,
    /// The energy drawn since the driver was loaded, in joules.
    pub energy: Option<f64>,
    /// Clock of the multiprocessors, in MHz.
    pub clock: Option<u32>,
}

impl Telemetry {
    /// Loads the library, once for the process.
    pub fn load() -> Self {
        static NVML: OnceLock<Option<Nvml>> = OnceLock::new();
        Self(NVML.get_or_init(init).as_ref())
    }

    /// The driver's version: 550.54.15.
    pub fn driver(&self) -> Option<String> {
        self.0?.sys_driver_version().ok()
    }

    /// The readings of a card's sensors.
    pub fn read(&self, card: &Card) -> Reading {
        let device = |nvml: &'static Nvml| nvml.device_by_uuid(card.uuid.as_str()).ok();
        self.0.and_then(device).map_or_else(Reading::default, read)
    }

    /// The readings for the card at a PCI address, like `0000:65:00.0`; none if the library knows no such card.
    pub fn read_at(&self, pci: &str) -> Option<Reading> {
        self.0?.device_by_pci_bus_id(pci).ok().map(read)
    }
}

/// The library where the loader finds it, or else where WSL has it.
fn init() -> Option<Nvml> {
    let path = Path::new(wsl::FOLDER).join("libnvidia-ml.so.1");
    let elsewhere = || Nvml::builder().lib_path(path.as_os_str()).init();
    Nvml::init().or_else(|_| elsewhere()).ok()
}

fn read(device: Device<'_>) -> Reading {
    let energy = device.total_energy_consumption().ok();
    Reading {
        temperature: device.temperature(TemperatureSensor::Gpu).ok(),
        power: device.power_usage().ok().map(|it| f64::from(it) / 1e3),
        energy: energy.map(|it| it as f64 / 1e3),
        clock: device.clock_info(Clock::SM).ok(),
    }
}
