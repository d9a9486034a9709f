//! The contract of a kind of devices.

use core::{
    fmt,
    num::{NonZeroU64, NonZeroUsize},
    time::Duration,
};

use btpow_core::Isa;
use btpow_cuda::{shape::Threads, telemetry::Reading};
use serde::Serialize;
use tracing::warn;

use super::Unit;

/// Lists and opens the devices of one kind.
pub trait Backend: fmt::Debug {
    /// What there is, in a fixed order; empty where the machine or its driver has none.
    fn list(&self) -> Vec<Listed>;

    /// Opens one of the listed devices: the units that hash for it, each driven by a thread.
    ///
    /// # Errors
    ///
    /// [`CannotOpen`] when the driver refuses.
    fn open(&self, listed: &Listed) -> Result<Vec<Unit>, CannotOpen>;

    /// Whether `selector` names that device.
    fn answers(&self, listed: &Listed, selector: &str) -> bool {
        listed.name == selector
    }

    /// Whether any of its devices could be named so: those of other kinds are not looked for.
    fn may_answer(&self, selector: &str) -> bool;

    /// Why it lists nothing; none where it lists something or knows no reason.
    fn absence(&self) -> Option<Absence> {
        None
    }

    /// What keeps `selector` from being served, or from being served in full.
    fn objection(&self, selector: &str) -> Option<Objection> {
        let _ = selector;
        None
    }

    /// Whether that device is used when none is named.
    fn is_default(&self, listed: &Listed) -> bool {
        let _ = listed;
        true
    }

    /// The PCI address of its card, as in `0000:01:00.0`: a card that is used through one interface
    /// is not used through another as well.
    fn pci(&self, listed: &Listed) -> Option<String> {
        let _ = listed;
        None
    }

    /// What else is known about that device, where it is a card.
    fn details(&self, listed: &Listed) -> Option<Details> {
        let _ = listed;
        None
    }

    /// What the sensors of that device say now, where it has some.
    fn sensors(&self, listed: &Listed) -> Option<Sensors> {
        let _ = listed;
        None
    }

    /// Finds out how that device works fastest, in about the time of `limit`, and remembers it; none
    /// where there is no choice. `tell` hears of each trial.
    fn tune(
        &self,
        listed: &Listed,
        limit: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Option<Result<String, CannotOpen>> {
        let _ = (listed, limit, tell);
        None
    }
}

/// Why a device cannot be opened, in words that finish "cuda:0 cannot be opened: …".
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct CannotOpen(String);

/// Why a kind of devices lists none.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Absence {
    /// In words that finish "cuda cannot be opened: …".
    pub reason: CannotOpen,
    /// Something is broken, rather than not there.
    pub is_fault: bool,
}

/// What keeps a selector from being served, in words that stand for themselves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Objection {
    /// Nothing can be named so.
    Wrong(String),
    /// It names what is not there, beside what is there perhaps.
    Missing(String),
}

/// What else is known about a card; what is not known is none.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Details {
    /// `GPU-` and 36 characters.
    pub uuid: Option<String>,
    /// Where it is plugged in: `0000:65:00.0`.
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
    /// How it is used; none before that was found out.
    pub tuning: Option<String>,
}

/// What the sensors of a card say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sensors {
    /// In degrees Celsius.
    pub temperature: Option<u32>,
    /// In watts.
    pub power: Option<f64>,
    /// What it has drawn since some moment, in joules.
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
    /// How many threads hash, where that is a choice.
    pub threads: Option<NonZeroUsize>,
}

/// What the user may choose about how devices work.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The lanes of the CPU.
    pub isa: Isa,
    /// How many CPU threads hash.
    pub threads: NonZeroUsize,
    /// Nonces of each of their rounds; none for what takes a few milliseconds.
    pub round: Option<NonZeroU64>,
    /// Threads of a CUDA block; none for what was found fastest.
    pub threads_per_block: Option<Threads>,
}

impl CannotOpen {
    /// For that reason.
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

/// Says on standard error which kinds of devices are broken: they are not in the list, and somebody
/// who paid for a card wonders why.
pub fn warn_of_faults(backends: &[Box<dyn Backend>]) {
    let absences = backends.iter().filter_map(|backend| backend.absence());
    for Absence { reason, is_fault } in absences {
        if is_fault {
            warn!("a card cannot be used: {reason}");
        }
    }
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
