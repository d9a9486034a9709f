//! The contract of a kind of devices, and the list of all kinds.

use core::{
    fmt,
    num::{NonZeroU64, NonZeroUsize},
};

use btpow_core::{DeviceError, Isa};

use super::{Unit, cpu::Cpu};

/// Lists and opens the devices of one kind.
pub trait Backend: fmt::Debug {
    /// What there is, in a fixed order; empty where the machine or its driver has none.
    fn list(&self) -> Vec<Listed>;

    /// Opens one of the listed devices: the units that hash for it, each driven by a thread.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Lost`] when the driver refuses.
    fn open(&self, listed: &Listed) -> Result<Vec<Unit>, DeviceError>;
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
}

/// Every kind of devices, in the order in which they are listed.
pub fn all(options: Options) -> Vec<Box<dyn Backend>> {
    vec![Box::new(Cpu::new(options))]
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
