//! Which positions a rig hashes.
//!
//! The 2^64 positions of a search are 2^16 ranges of 2^48. Range 0 is the coordinator's own, for its own devices;
//! each session of a rig gets another, for every challenge. At a terahash per second a range lasts for 281 seconds, and a
//! challenge for 12: no rig ever needs a second one.

use core::fmt;
use std::collections::HashSet;

use btpow_core::Position;
use serde::{Deserialize, Serialize};

/// Bits of a position that count within a range.
const BITS: u32 = 48;

/// A range of positions, by its number; never 0.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Lease(u16);

/// Range 0 is the coordinator's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotALease;

/// The ranges that are in use.
#[derive(Debug)]
pub(crate) struct Leases {
    used: HashSet<Lease>,
    /// The one that is handed out next, unless it is in use.
    next: Lease,
}

impl Lease {
    /// The first range of a rig.
    pub const FIRST: Self = Self(1);

    /// Where the range begins.
    pub const fn start(self) -> Position {
        Position((self.0 as u64) << BITS)
    }

    /// Whether it holds a position.
    pub const fn contains(self, position: Position) -> bool {
        position.0 >> BITS == self.0 as u64
    }

    /// The number of the range, from 1 to 65535.
    pub const fn number(self) -> u16 {
        self.0
    }

    const fn following(self) -> Self {
        match self.0.checked_add(1) {
            Some(next) => Self(next),
            None => Self::FIRST,
        }
    }
}

impl TryFrom<u16> for Lease {
    type Error = NotALease;

    fn try_from(number: u16) -> Result<Self, NotALease> {
        if number == 0 {
            return Err(NotALease);
        }
        Ok(Self(number))
    }
}

impl From<Lease> for u16 {
    fn from(lease: Lease) -> Self {
        lease.0
    }
}

impl fmt::Display for NotALease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("range 0 is the coordinator's own")
    }
}

impl core::error::Error for NotALease {}

impl Leases {
    /// None is in use. The first that is handed out follows from `seed`: a coordinator that is started again should
    /// not hand out what rigs still have.
    pub(crate) fn new(seed: u64) -> Self {
        let [.., low, high] = seed.to_be_bytes();
        Self {
            used: HashSet::new(),
            next: Lease(u16::from_be_bytes([low, high]).max(1)),
        }
    }

    /// A range that nobody uses: the one that is asked for, if it is free. None when all are in use.
    pub(crate) fn take(&mut self, wanted: Option<Lease>) -> Option<Lease> {
        if let Some(lease) = wanted.filter(|lease| !self.used.contains(lease)) {
            self.used.insert(lease);
            return Some(lease);
        }
        for _ in 0..u16::MAX {
            let lease = self.next;
            self.next = lease.following();
            if self.used.insert(lease) {
                return Some(lease);
            }
        }
        None
    }

    /// Nobody uses it any more. It is handed out again when all others have been.
    pub(crate) fn free(&mut self, lease: Lease) {
        self.used.remove(&lease);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_never_meet() {
        let first = Lease::FIRST;
        assert_eq!(first.start(), Position(1 << 48));
        assert!(first.contains(first.start().after((1 << 48) - 1)));
        assert!(!first.contains(first.following().start()));
        assert!(!first.contains(Position(0)));
        let last = Lease(u16::MAX);
        assert!(last.contains(Position(u64::MAX)));
        assert_eq!(last.following(), first, "never range 0");
        assert_eq!(Lease::try_from(0), Err(NotALease));
    }

    #[test]
    fn a_range_is_not_handed_out_twice() {
        let mut leases = Leases::new(0xffff_fffe);
        let all: Vec<_> = (0..u16::MAX).map_while(|_| leases.take(None)).collect();
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), usize::from(u16::MAX));
        assert_eq!(all[..3], [Lease(65_534), Lease(65_535), Lease(1)]);
        assert_eq!(leases.take(None), None, "all are in use");
        leases.free(Lease(7));
        assert_eq!(leases.take(None), Some(Lease(7)));
    }

    #[test]
    fn a_rig_keeps_its_range_if_it_is_free() {
        let mut leases = Leases::new(1);
        assert_eq!(leases.take(Some(Lease(9))), Some(Lease(9)));
        assert_eq!(leases.take(Some(Lease(9))), Some(Lease(1)), "it is taken");
        leases.free(Lease(9));
        // A rig that comes back gets another one.
        assert_eq!(leases.take(None), Some(Lease(2)));
    }
}
