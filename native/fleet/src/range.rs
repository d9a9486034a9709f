//! Which positions a rig hashes.
//!
//! The 2^64 positions of a search are 2^16 ranges of 2^48. Range 0 is the coordinator's own, for its own devices;
//! each session of a rig gets another, for every challenge. At a terahash per second a range lasts for 281 seconds, and a
//! challenge for 12: no rig ever needs a second one.

use core::{fmt, num::NonZeroU64};
use std::collections::HashSet;

use btpow_core::{Position, Shard};
use serde::{Deserialize, Serialize};

/// Bits of a position that count within a range.
const BITS: u32 = 48;

/// Range 0, in which the coordinator's own devices search.
pub const OWN: Shard = shard(0);

/// A range of positions, by its number; never 0.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Range(u16);

/// Range 0 is the coordinator's own.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotARange;

/// The ranges that are in use.
#[derive(Debug)]
pub(crate) struct Ranges {
    used: HashSet<Range>,
    /// The one that is handed out next, unless it is in use.
    next: Range,
}

impl Range {
    /// The first range of a rig.
    pub const FIRST: Self = Self(1);

    /// Where the range begins.
    pub const fn start(self) -> Position {
        Position((self.0 as u64) << BITS)
    }

    /// The same positions, as a solver is kept to them.
    pub const fn shard(self) -> Shard {
        shard(self.0)
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

/// The positions of the range with this number.
const fn shard(number: u16) -> Shard {
    let count = NonZeroU64::MIN.saturating_add((1 << (u64::BITS - BITS)) - 1);
    Shard::new(number as u64, count).expect("there are as many shards as numbers")
}

impl TryFrom<u16> for Range {
    type Error = NotARange;

    fn try_from(number: u16) -> Result<Self, NotARange> {
        if number == 0 {
            return Err(NotARange);
        }
        Ok(Self(number))
    }
}

impl From<Range> for u16 {
    fn from(range: Range) -> Self {
        range.0
    }
}

impl fmt::Display for NotARange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("range 0 is the coordinator's own")
    }
}

impl core::error::Error for NotARange {}

impl Ranges {
    /// None is in use. The first that is handed out follows from `seed`: a coordinator that is started again should
    /// not hand out what rigs still have.
    pub(crate) fn new(seed: u64) -> Self {
        let [.., low, high] = seed.to_be_bytes();
        Self {
            used: HashSet::new(),
            next: Range(u16::from_be_bytes([low, high]).max(1)),
        }
    }

    /// A range that nobody uses: the one that is asked for, if it is free. None when all are in use.
    pub(crate) fn take(&mut self, wanted: Option<Range>) -> Option<Range> {
        if let Some(range) = wanted.filter(|range| !self.used.contains(range)) {
            self.used.insert(range);
            return Some(range);
        }
        for _ in 0..u16::MAX {
            let range = self.next;
            self.next = range.following();
            if self.used.insert(range) {
                return Some(range);
            }
        }
        None
    }

    /// Nobody uses it any more. It is handed out again when all others have been.
    pub(crate) fn free(&mut self, range: Range) {
        self.used.remove(&range);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_never_meet() {
        let first = Range::FIRST;
        assert_eq!(first.start(), Position(1 << 48));
        assert!(first.contains(first.start().after((1 << 48) - 1)));
        assert!(!first.contains(first.following().start()));
        assert!(!first.contains(Position(0)));
        let last = Range(u16::MAX);
        assert!(last.contains(Position(u64::MAX)));
        assert_eq!(last.following(), first, "never range 0");
        assert_eq!(Range::try_from(0), Err(NotARange));
    }

    #[test]
    fn a_solver_is_kept_to_a_range_by_its_shard() {
        for range in [Range::FIRST, Range(0x1234), Range(u16::MAX)] {
            let shard = range.shard();
            assert_eq!(shard.first(), range.start());
            assert_eq!(shard.left(range.start()), 1 << 48);
            assert!(range.contains(shard.last()));
        }
        assert_eq!(OWN.first(), Position(0));
        assert_eq!(OWN.last().after(1), Range::FIRST.start());
    }

    #[test]
    fn a_range_is_not_handed_out_twice() {
        let mut ranges = Ranges::new(0xffff_fffe);
        let all: Vec<_> = (0..u16::MAX).map_while(|_| ranges.take(None)).collect();
        let distinct: HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), usize::from(u16::MAX));
        assert_eq!(all[..3], [Range(65_534), Range(65_535), Range(1)]);
        assert_eq!(ranges.take(None), None, "all are in use");
        ranges.free(Range(7));
        assert_eq!(ranges.take(None), Some(Range(7)));
    }

    #[test]
    fn a_rig_keeps_its_range_if_it_is_free() {
        let mut ranges = Ranges::new(1);
        assert_eq!(ranges.take(Some(Range(9))), Some(Range(9)));
        assert_eq!(ranges.take(Some(Range(9))), Some(Range(1)), "it is taken");
        ranges.free(Range(9));
        // A rig that comes back gets another one.
        assert_eq!(ranges.take(None), Some(Range(2)));
    }
}
