//! A card's properties.

use core::fmt;

/// An NVIDIA card.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Card {
    /// Its place in the driver's list, which follows `CUDA_VISIBLE_DEVICES`.
    pub index: u32,
    /// The maker's name for it.
    pub name: String,
    /// `GPU-` and 36 characters.
    pub uuid: String,
    /// Its PCI address: `0000:65:00.0`.
    pub pci: String,
    /// Compute capability: 9, 0.
    pub capability: (u32, u32),
    /// Streaming multiprocessors.
    pub multiprocessors: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Which processes may use it.
    pub mode: ComputeMode,
    /// The driver's CUDA version: 12, 4.
    pub driver: (u32, u32),
}

/// Which processes may use a card.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ComputeMode {
    /// Any number of processes.
    Default,
    /// One process at a time.
    Exclusive,
    /// None.
    Prohibited,
}

impl Card {
    /// The name that selects it: `cuda:0`.
    pub fn selector(&self) -> String {
        format!("cuda:{}", self.index)
    }

    /// Whether the kernels, compiled for Turing and later, run on it.
    pub fn is_new_enough(&self) -> bool {
        self.capability >= OLDEST
    }
}

/// The oldest compute capability for which the kernels are compiled.
pub const OLDEST: (u32, u32) = (7, 5);

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.capability;
        write!(
            f,
            "{}, {} SMs, {:.0} GiB, compute {major}.{minor}",
            self.name,
            self.multiprocessors,
            self.memory as f64 / f64::from(1 << 30),
        )
    }
}
