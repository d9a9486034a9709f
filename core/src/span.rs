//! How the search divides the 2^64 nonces: spans, indices in a span, positions in the search.

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

/// The place of a nonce in the search, span by span: `span << span_bits | index`.
///
/// For each protocol the positions are a permutation of the nonces, so no two disjoint ranges of
/// positions share a nonce. Counting wraps from the last to the first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position(pub u64);

/// Indices `first..=last` of one span: never empty, never past the end of a `u32`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Indices {
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

impl Position {
    /// The position of `index` in `span`.
    pub const fn new(span: Span, index: u32, protocol: Protocol) -> Self {
        Self((span.0 << protocol.span_bits()) | index as u64)
    }

    /// The position of a nonce.
    pub const fn of_nonce(nonce: u64, protocol: Protocol) -> Self {
        match protocol {
            Protocol::Legacy(_) => {
                Self(nonce & !0xffff_ffff | (low_word(nonce)).swap_bytes() as u64)
            }
            Protocol::V1 => {
                let index = low_word(nonce >> 40).swap_bytes() >> 8;
                Self((nonce << 24) | index as u64)
            }
        }
    }

    /// The nonce at this position.
    pub const fn nonce(self, protocol: Protocol) -> u64 {
        self.span(protocol).nonce(self.index(protocol), protocol)
    }

    /// The span that holds this position.
    pub const fn span(self, protocol: Protocol) -> Span {
        Span(self.0 >> protocol.span_bits())
    }

    /// The index of this position in its span.
    pub const fn index(self, protocol: Protocol) -> u32 {
        low_word(self.0 & ((1 << protocol.span_bits()) - 1))
    }

    /// The position `count` places further; the first follows the last.
    #[must_use]
    pub const fn after(self, count: u64) -> Self {
        Self(self.0.wrapping_add(count))
    }
}

impl Indices {
    /// Indices `first..=last`, or `None` when `last` is before `first`.
    pub const fn new(first: u32, last: u32) -> Option<Self> {
        if first <= last {
            Some(Self { first, last })
        } else {
            None
        }
    }

    /// The first index.
    pub const fn first(self) -> u32 {
        self.first
    }

    /// The last index, itself part of the range.
    pub const fn last(self) -> u32 {
        self.last
    }

    /// How many indices: 1 to 2^32.
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

/// Splits `len` positions from `start` into parts that lie in one span each, in sequence.
pub fn pieces(
    start: Position,
    len: u64,
    protocol: Protocol,
) -> impl Iterator<Item = (Span, Indices)> + Clone {
    let mut next = start;
    let mut left = len;
    core::iter::from_fn(move || {
        let first = next.index(protocol);
        let last_of_span = (1_u64 << protocol.span_bits()) - 1;
        let count = left.min(last_of_span - u64::from(first) + 1);
        let last = low_word(u64::from(first) + count.checked_sub(1)?);
        let piece = (next.span(protocol), Indices { first, last });
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
        assert_eq!(position.span(Protocol::V1), Span(0x05_0403_0201));
        assert_eq!(position.index(Protocol::V1), 0x06_0708);
        let position = Position::of_nonce(nonce, legacy);
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
    fn pieces_end_with_their_span() {
        let start = Position::new(Span(7), 0xff_fffe, Protocol::V1);
        let all: Vec<_> = pieces(start, (1 << 24) + 3, Protocol::V1).collect();
        let indices = |first, last| Indices::new(first, last).expect("not empty");
        assert_eq!(
            all,
            [
                (Span(7), indices(0xff_fffe, 0xff_ffff)),
                (Span(8), indices(0, 0xff_ffff)),
                (Span(9), indices(0, 0)),
            ]
        );
        assert_eq!(pieces(start, 0, Protocol::V1).count(), 0);
    }

    #[test]
    fn positions_wrap_after_the_last() {
        for protocol in Protocol::ALL {
            let all: Vec<_> = pieces(Position(u64::MAX), 2, protocol).collect();
            assert_eq!(all[0].0.nonce(all[0].1.first(), protocol), u64::MAX);
            assert_eq!(all[1], (Span(0), Indices { first: 0, last: 0 }));
            let whole = pieces(Position(0), 1 << 33, protocol).map(|(_, part)| part.len());
            assert_eq!(whole.sum::<u64>(), 1 << 33);
        }
    }
}
