//! How the search divides the 2^64 nonces: spans and indices, groups of spans, positions in the search.

use core::fmt;

use crate::Protocol;

/// The number of a run of nonces that share all but one word of the hashed message.
///
/// - v1: 2^40 spans of 2^24 nonces. Span `s` fixes nonce bytes 0-4 to the low 40 bits of `s`,
///   little-endian; index `i` is in bytes 5-7, big-endian.
/// - legacy: 2^32 spans of 2^32 nonces. Span `s` fixes nonce bytes 4-7 to `s`, little-endian; index
///   `i` is in bytes 0-3, big-endian.
///
/// Source: the block structure of SHA-256; the varying word is the first of the last block.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Span(u64);

/// The number of a group: consecutive spans that are searched side by side, 2^32 nonces in all.
///
/// In v1 the nonces of one index have the message words of the last block in common, whatever their span.
/// So a group is 256 spans, and its nonces come index by index: whoever hashes them expands those words
/// once for 256 nonces. In legacy a group is one span.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Group(u32);

/// The place of a nonce in the search: `group << 32 | offset`.
///
/// The offset in the group is `index << 8 | number of the span in the group` in v1, and the index in legacy.
/// For each protocol the positions are a permutation of the nonces, so no two disjoint ranges of
/// positions share a nonce. Counting wraps from the last to the first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position(pub u64);

/// Offsets `first..=last` of one group: never empty, never past the end of a `u32`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Offsets {
    first: u32,
    last: u32,
}

impl Span {
    /// The span of that number; drops surplus high bits.
    pub const fn new(number: u64, protocol: Protocol) -> Self {
        Self(number & (u64::MAX >> protocol.span_bits()))
    }

    /// The number of the span, below 2^40 (v1) or 2^32 (legacy).
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The nonce at `index`; drops surplus high bits of a v1 index.
    pub const fn nonce(self, index: u32, protocol: Protocol) -> u64 {
        match protocol {
            Protocol::Legacy(_) => (self.0 << 32) | index.swap_bytes() as u64,
            Protocol::V1 => self.0 | (((index << 8).swap_bytes() as u64) << 40),
        }
    }
}

impl Group {
    /// Nonces in a group.
    pub const LEN: u64 = 1 << 32;

    /// The group of that number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number of the group.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Span `which` of the group; drops surplus high bits.
    pub const fn span(self, which: u32, protocol: Protocol) -> Span {
        let bits = protocol.group_bits();
        Span((self.0 as u64) << bits | (which & low_bits(bits)) as u64)
    }
}

impl Position {
    /// The position of `offset` in `group`.
    pub const fn new(group: Group, offset: u32) -> Self {
        Self((group.0 as u64) << 32 | offset as u64)
    }

    /// The position of a nonce.
    pub const fn of_nonce(nonce: u64, protocol: Protocol) -> Self {
        match protocol {
            Protocol::Legacy(_) => {
                Self(nonce & !0xffff_ffff | (low_word(nonce)).swap_bytes() as u64)
            }
            Protocol::V1 => {
                let group = low_word(nonce >> 8);
                let index = low_word(nonce >> 40).swap_bytes() >> 8;
                Self::new(Group(group), index << 8 | low_word(nonce) & 0xff)
            }
        }
    }

    /// The nonce at this position.
    pub const fn nonce(self, protocol: Protocol) -> u64 {
        self.span(protocol).nonce(self.index(protocol), protocol)
    }

    /// The group that holds this position.
    pub const fn group(self) -> Group {
        Group(low_word(self.0 >> 32))
    }

    /// The place in the group.
    pub const fn offset(self) -> u32 {
        low_word(self.0)
    }

    /// The span that holds this position.
    pub const fn span(self, protocol: Protocol) -> Span {
        self.group().span(self.offset(), protocol)
    }

    /// The index of this position in its span.
    pub const fn index(self, protocol: Protocol) -> u32 {
        self.offset() >> protocol.group_bits()
    }

    /// The position `count` places further; the first follows the last.
    #[must_use]
    pub const fn after(self, count: u64) -> Self {
        Self(self.0.wrapping_add(count))
    }
}

impl Offsets {
    /// Offsets `first..=last`, or `None` when `last` is before `first`.
    pub const fn new(first: u32, last: u32) -> Option<Self> {
        if first <= last {
            Some(Self { first, last })
        } else {
            None
        }
    }

    /// The first offset.
    pub const fn first(self) -> u32 {
        self.first
    }

    /// The last offset, itself part of the range.
    pub const fn last(self) -> u32 {
        self.last
    }

    /// How many offsets: 1 to 2^32.
    #[expect(clippy::len_without_is_empty, reason = "a range is never empty")]
    pub const fn len(self) -> u64 {
        (self.last - self.first) as u64 + 1
    }
}

/// The low 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "truncation is its purpose")]
const fn low_word(value: u64) -> u32 {
    value as u32
}

/// A word whose lowest `count` bits are set, at most 31.
const fn low_bits(count: u32) -> u32 {
    (1 << count) - 1
}

/// Splits `len` positions from `start` into parts that lie in one group each, in sequence.
pub fn pieces(start: Position, len: u64) -> impl Iterator<Item = (Group, Offsets)> + Clone {
    let mut next = start;
    let mut left = len;
    core::iter::from_fn(move || {
        let first = next.offset();
        let count = left.min(Group::LEN - u64::from(first));
        let last = low_word(u64::from(first) + count.checked_sub(1)?);
        let piece = (next.group(), Offsets { first, last });
        next = next.after(count);
        left -= count;
        Some(piece)
    })
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use super::*;
    use crate::Order;

    #[test]
    fn positions_follow_the_message_bytes() {
        let legacy = Protocol::Legacy(Order::Little);
        let nonce = u64::from_le_bytes([1, 2, 3, 4, 5, 6, 7, 8]);
        let position = Position::of_nonce(nonce, Protocol::V1);
        assert_eq!(position, Position::new(Group(0x0504_0302), 0x0607_0801));
        assert_eq!(position.span(Protocol::V1), Span(0x05_0403_0201));
        assert_eq!(position.index(Protocol::V1), 0x06_0708);
        let position = Position::of_nonce(nonce, legacy);
        assert_eq!(position, Position::new(Group(0x0807_0605), 0x0102_0304));
        assert_eq!(position.span(legacy), Span(0x0807_0605));
        assert_eq!(position.index(legacy), 0x0102_0304);
    }

    proptest! {
        #[test]
        fn every_nonce_has_one_position(nonce: u64) {
            for protocol in Protocol::ALL {
                prop_assert_eq!(Position::of_nonce(nonce, protocol).nonce(protocol), nonce);
                let position = Position(nonce);
                prop_assert_eq!(Position::of_nonce(position.nonce(protocol), protocol), position);
            }
        }
    }

    #[test]
    fn v1_takes_the_spans_of_a_group_in_turn() {
        let first = Position::new(Group(3), 5 << 8);
        for which in 0..256_u32 {
            let position = first.after(which.into());
            assert_eq!(position.index(Protocol::V1), 5);
            assert_eq!(
                position.span(Protocol::V1).number(),
                3 << 8 | u64::from(which)
            );
        }
        assert_eq!(first.after(256).index(Protocol::V1), 6);
    }

    #[test]
    fn pieces_end_with_their_group() {
        let start = Position::new(Group(7), u32::MAX - 1);
        let all: Vec<_> = pieces(start, (1 << 32) + 3).collect();
        let offsets = |first, last| Offsets::new(first, last).expect("not empty");
        assert_eq!(
            all,
            [
                (Group(7), offsets(u32::MAX - 1, u32::MAX)),
                (Group(8), offsets(0, u32::MAX)),
                (Group(9), offsets(0, 0)),
            ]
        );
        assert_eq!(pieces(start, 0).count(), 0);
    }

    #[test]
    fn positions_wrap_after_the_last() {
        for protocol in Protocol::ALL {
            let all: Vec<_> = pieces(Position(u64::MAX), 2).collect();
            let last = Position::new(all[0].0, all[0].1.first());
            assert_eq!(last.nonce(protocol), u64::MAX);
            assert_eq!(all[1], (Group(0), Offsets { first: 0, last: 0 }));
        }
        let whole = pieces(Position(0), 1 << 34).map(|(_, part)| part.len());
        assert_eq!(whole.sum::<u64>(), 1 << 34);
    }
}
