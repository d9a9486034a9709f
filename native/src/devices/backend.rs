//! The contract of one kind of devices.

use core::{
    fmt,
    num::{NonZeroU64, NonZeroUsize},
    time::Duration,
};
use std::time::Instant;

use btpow_core::Isa;
use btpow_cuda::{shape::Threads, telemetry::Reading};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Unit, manners::Manners, trials::Tuned};

/// Lists and opens the devices of one kind.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Whether it looks for its devices through drivers, which may take long.
    fn takes_a_look(&self) -> bool {
        false
    }

    /// Begins to look for its devices, if that takes a look; [`list`](Self::list) waits for the end, `patience` at
    /// most.
    fn look(&self, patience: Duration) {
        let _ = patience;
    }

    /// The driver that has not answered its look by then, if there is one.
    fn silent(&self, until: Instant) -> Option<&'static str> {
        let _ = until;
        None
    }

    /// The devices of this machine, in a fixed order; empty if it or its driver has none.
    fn list(&self) -> Vec<Listed>;

    /// Opens a listed device. Returns the units that hash for it; a thread drives each.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`] when the driver refuses.
    fn open(&self, listed: &Listed) -> Result<Vec<Unit>, CannotOpen>;

    /// Whether `selector` names this device.
    fn answers(&self, listed: &Listed, selector: &str) -> bool {
        listed.name == selector
    }

    /// Whether `selector` could name a device of this kind. If not, the kind's devices are not even listed.
    fn may_answer(&self, selector: &str) -> bool;

    /// Why it lists nothing; none if it lists something or knows no reason.
    fn absence(&self) -> Option<Absence> {
        None
    }

    /// Why it cannot provide all that `selector` names.
    fn objection(&self, selector: &str) -> Option<Objection> {
        let _ = selector;
        None
    }

    /// Whether this device is used when the user names none.
    fn is_default(&self, listed: &Listed) -> bool {
        let _ = listed;
        true
    }

    /// The PCI address of its card, like `0000:01:00.0`. A card is used through one interface only.
    fn pci(&self, listed: &Listed) -> Option<String> {
        let _ = listed;
        None
    }

    /// More about this device, if it is a card.
    fn details(&self, listed: &Listed) -> Option<Details> {
        let _ = listed;
        None
    }

    /// The present readings of this device's sensors, if it has some.
    fn sensors(&self, listed: &Listed) -> Option<Sensors> {
        let _ = listed;
        None
    }

    /// Finds out what makes this device fastest, within `limit` unless the first trial takes longer, and remembers it; none
    /// if there is no choice. Calls `tell` with each trial.
    fn tune(
        &self,
        listed: &Listed,
        limit: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Option<Result<Tuned, CannotOpen>> {
        let _ = (listed, limit, tell);
        None
    }
}

/// Why a device cannot be opened, in words that complete "cuda:0 cannot be opened: …".
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, thiserror::Error)]
#[error("{0}")]
pub struct CannotOpen(String);

/// Why a kind of devices lists none.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Absence {
    /// In words that complete "cuda cannot be opened: …".
    pub reason: CannotOpen,
    /// Whether something is broken, rather than absent.
    pub is_fault: bool,
}

/// Why a selector cannot be met, in words that need no context unless it says so.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Objection {
    /// No device can have that name.
    Wrong(String),
    /// It names devices that are missing, perhaps along with others that are present.
    Missing(String),
    /// It names all devices of a sort, of which this machine has none, in words that complete "wgpu cannot be opened: …".
    Absent(String),
}

/// More about a card; what is unknown is none.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Details {
    /// `GPU-` and 36 characters.
    pub uuid: Option<String>,
    /// Its PCI address: `0000:65:00.0`.
    pub pci: Option<String>,
    /// Streaming multiprocessors.
    pub multiprocessors: Option<u32>,
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// Compute capability.
    pub capability: Option<String>,
    /// The CUDA version that the driver supports.
    pub cuda: Option<String>,
    /// The driver's version.
    pub driver: Option<String>,
    /// Its tuning; none until a trial has found one.
    pub tuning: Option<String>,
}

/// The readings of a card's sensors.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Sensors {
    /// In degrees Celsius.
    pub temperature: Option<u32>,
    /// In watts.
    pub power: Option<f64>,
    /// The energy drawn since some moment, in joules.
    #[serde(skip)]
    pub energy: Option<f64>,
}

/// A device as the user selects it and as reports show it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// What selects it: `cpu`.
    pub name: String,
    /// The kind of hardware: `cpu`.
    pub kind: &'static str,
    /// The maker's name for it.
    pub description: String,
    /// The instruction set in use, where there is a choice.
    pub isa: Option<&'static str>,
    /// How many threads hash, where there is a choice.
    pub threads: Option<NonZeroUsize>,
}

/// What the user can choose about how devices work.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The lanes of the CPU.
    pub isa: Isa,
    /// How many CPU threads hash.
    pub threads: NonZeroUsize,
    /// Nonces of each of their rounds; none for as many as take a few milliseconds.
    pub round: Option<NonZeroU64>,
    /// How they behave.
    pub manners: Manners,
    /// Threads of a CUDA block; none for the fastest number that a trial found.
    pub threads_per_block: Option<Threads>,
}

impl CannotOpen {
    /// With this reason.
    pub fn new(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

impl From<Reading> for Sensors {
    fn from(reading: Reading) -> Self {
        Self {
            temperature: reading.temperature,
            power: reading.power,
            energy: reading.energy,
        }
    }
}

/// What is wrong with kinds of devices that are broken. They are missing from the list, and whoever paid for a card
/// would wonder why.
pub fn faults(backends: &[Box<dyn Backend>]) -> impl Iterator<Item = String> {
    let absences = backends.iter().filter_map(|backend| backend.absence());
    let faults = absences.filter(|absence| absence.is_fault);
    faults.map(|absence| format!("a card cannot be used: {}", absence.reason))
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.description)?;
        match self.threads.map(NonZeroUsize::get) {
            Some(1) => f.write_str(", 1 thread")?,
            Some(threads) => write!(f, ", {threads} threads")?,
            None => {}
        }
        self.isa.map_or(Ok(()), |isa| write!(f, ", {isa}"))
    }
}
