//! What hashes: the contract between the solver and a CPU thread, a GPU or a WebAssembly worker.

use core::{error::Error, fmt};

use crate::{Jobs, Micros, Position};

/// Something that hashes nonces.
///
/// A device holds at most one round, and the solver does not trust it: it recomputes the seal of every
/// candidate with the reference. No call blocks for longer than a driver needs to accept a command,
/// except [`poll`](Self::poll), which may take [`Info::budget`].
pub trait Device {
    /// Facts fixed for the life of the device.
    fn info(&self) -> Info<'_>;

    /// Makes later rounds search for the candidates of `jobs`.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Busy`] while a round is in flight; [`DeviceError::Lost`].
    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError>;

    /// Starts a round and returns without waiting for a hash.
    ///
    /// # Errors
    ///
    /// [`DeviceError::NotLoaded`] before the first [`load`](Self::load); [`DeviceError::Busy`];
    /// [`DeviceError::Lost`].
    fn submit(&mut self, round: Round) -> Result<(), DeviceError>;

    /// Advances the round for at most [`Info::budget`] and adds its candidates: every position
    /// of the round whose seal's tested word is at or below the threshold.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Lost`]: none of the round's nonces count as tried.
    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError>;
}

/// Facts about a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Info<'a> {
    /// The name that users see, as in `cpu:0`.
    pub name: &'a str,
    /// The smallest number of nonces that it hashes at once. A round may have any length, but one that
    /// is not a multiple wastes the rest of its last batch.
    pub batch: u64,
    /// How long a round should take: short enough that a new block soon gets its turn, long enough
    /// that the overhead does not matter.
    pub round: Micros,
    /// The longest that [`Device::poll`] blocks.
    pub budget: Micros,
}

/// The nonces of one submit: `len` positions from `start`, wrapping past the last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Round {
    /// The first position.
    pub start: Position,
    /// How many, at least one.
    pub len: u64,
}

/// The result of [`Device::poll`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Poll {
    /// The round is over.
    Done,
    /// The round goes on, or none was submitted.
    Pending,
}

/// Why a device failed. Messages finish the sentence "cpu:0 failed: …".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum DeviceError {
    /// A round is already in flight: a bug in the caller.
    Busy,
    /// The driver or the hardware failed.
    Lost {
        /// The driver's own code.
        code: i32,
    },
    /// It has been silent for far longer than a round takes.
    Silent,
    /// The caller submitted a round before it loaded a job: a bug in the caller.
    NotLoaded,
}

/// The positions that a device reports for a round: untrusted, and few.
///
/// At the chain's difficulties a round has none or one. There is room for
/// [`CAPACITY`](Self::CAPACITY); the list only counts further ones, which loses nothing but a
/// chance at an even lower seal.
#[derive(Clone, Debug)]
pub struct Candidates {
    positions: [Position; Self::CAPACITY],
    len: usize,
    overflow: u64,
}

impl Round {
    /// Whether `position` is one of the round's.
    pub const fn contains(&self, position: Position) -> bool {
        position.0.wrapping_sub(self.start.0) < self.len
    }
}

impl Candidates {
    /// How many positions the list keeps.
    pub const CAPACITY: usize = 256;

    /// An empty list.
    pub const fn new() -> Self {
        Self {
            positions: [Position(0); Self::CAPACITY],
            len: 0,
            overflow: 0,
        }
    }

    /// Adds a position, or counts it when the list is full.
    pub fn push(&mut self, position: Position) {
        match self.positions.get_mut(self.len) {
            Some(place) => {
                *place = position;
                self.len += 1;
            }
            None => self.overflow += 1,
        }
    }

    /// Forgets all positions.
    pub fn clear(&mut self) {
        (self.len, self.overflow) = (0, 0);
    }

    /// The positions kept, the first reported first.
    pub fn positions(&self) -> &[Position] {
        &self.positions[..self.len]
    }

    /// How many did not fit.
    pub const fn overflow(&self) -> u64 {
        self.overflow
    }
}

impl Default for Candidates {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("it got work while it still had some"),
            Self::Lost { code } => write!(f, "its driver reported error {code}"),
            Self::Silent => f.write_str("it reports nothing any more"),
            Self::NotLoaded => f.write_str("it got a round before a job"),
        }
    }
}

impl Error for DeviceError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_contains_what_wraps() {
        let round = Round {
            start: Position(u64::MAX - 1),
            len: 3,
        };
        for (position, inside) in [
            (u64::MAX - 2, false),
            (u64::MAX - 1, true),
            (u64::MAX, true),
            (0, true),
            (1, false),
        ] {
            assert_eq!(round.contains(Position(position)), inside, "{position}");
        }
    }

    #[test]
    fn a_full_list_counts_further_candidates() {
        let mut found = Candidates::new();
        for position in 0..300 {
            found.push(Position(position));
        }
        assert_eq!((found.positions().len(), found.overflow()), (256, 44));
        assert_eq!(found.positions()[255], Position(255));
        found.clear();
        assert_eq!((found.positions().len(), found.overflow()), (0, 0));
    }
}
