//! How several rigs divide the nonces without speaking to each other.

use core::{fmt, num::NonZeroU64};

use crate::Position;

/// The positions of one rig of several: an even, contiguous part of all 2^64. The parts of one count share nothing and
/// leave nothing out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shard {
    index: u64,
    count: NonZeroU64,
}

impl Shard {
    /// All positions.
    pub const ALL: Self = Self {
        index: 0,
        count: NonZeroU64::MIN,
    };

    /// Part `index` of `count`, counted from 0; `None` when there are no more than `index`.
    pub const fn new(index: u64, count: NonZeroU64) -> Option<Self> {
        if index < count.get() {
            Some(Self { index, count })
        } else {
            None
        }
    }

    /// Its first position.
    pub const fn first(self) -> Position {
        Position(self.begin(self.index))
    }

    /// Its last position, itself part of it.
    pub const fn last(self) -> Position {
        // The last shard ends where the first begins: counting wraps.
        Position(self.begin(self.index + 1).wrapping_sub(1))
    }

    /// How many positions there are from this one to the last of the shard: 0 outside of it. All positions have no last,
    /// since the first follows it.
    pub const fn left(self, from: Position) -> u64 {
        if self.count.get() == 1 {
            return u64::MAX;
        }
        let (first, last) = (self.first().0, self.last().0);
        if first <= from.0 && from.0 <= last {
            last - from.0 + 1
        } else {
            0
        }
    }

    /// Where the shard with this number begins.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only the one after the last begins at 2^64, which is the first position again"
    )]
    const fn begin(self, index: u64) -> u64 {
        (((index as u128) << 64) / self.count.get() as u128) as u64
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use proptest::prelude::*;

    use super::*;

    fn shard(index: u64, count: u64) -> Option<Shard> {
        Shard::new(index, NonZeroU64::new(count).expect("not zero"))
    }

    /// Each begins behind the one before it, the first at the first position, and the last ends at the last.
    fn check(count: u64, index: u64) {
        let it = shard(index, count).expect("there are more");
        let (first, last) = (it.first().0, it.last().0);
        assert!(first <= last, "{it}");
        assert_eq!(index == 0, first == 0, "{it}");
        assert_eq!(index + 1 == count, last == u64::MAX, "{it}");
        if let Some(next) = shard(index + 1, count) {
            assert_eq!(next.first(), it.last().after(1), "{it}");
        }
        let even = (1_u128 << 64) / u128::from(count);
        let len = u128::from(last - first) + 1;
        assert!(len == even || len == even + 1, "{it}: {len}");
        if count > 1 {
            assert_eq!(u128::from(it.left(it.first())), len, "{it}");
            assert_eq!(it.left(it.last()), 1, "{it}");
            assert_eq!(it.left(it.last().after(1)), 0, "{it}");
            assert_eq!(it.left(Position(first.wrapping_sub(1))), 0, "{it}");
        }
    }

    #[test]
    fn shards_share_nothing_and_leave_nothing_out() {
        for count in [1, 2, 3, 7, 10, 64, 1_000] {
            for index in 0..count {
                check(count, index);
            }
        }
    }

    proptest! {
        #[test]
        fn of_any_number(count in 1..=u64::MAX, index: u64) {
            check(count, index % count);
        }

        #[test]
        fn a_nonce_is_in_one_shard(count in 2..=1_u64 << 32, nonce: u64) {
            // The shard that has it, as far as a fraction tells, and its neighbours.
            let fraction = (u128::from(nonce) * u128::from(count)) >> 64;
            let near = u64::try_from(fraction).expect("below the count");
            let near = near.saturating_sub(1)..=near + 1;
            let having = near.filter_map(|index| shard(index, count));
            prop_assert_eq!(having.filter(|it| it.left(Position(nonce)) > 0).count(), 1);
        }
    }

    #[test]
    fn there_are_no_more_than_their_number() {
        assert_eq!(shard(3, 3), None);
        assert_eq!(shard(0, 1), Some(Shard::ALL));
        assert_eq!(Shard::ALL.left(Position(u64::MAX)), u64::MAX);
        assert_eq!(shard(2, 3).expect("the last").to_string(), "2/3");
    }
}
