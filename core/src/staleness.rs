//! How long a proof counts, by the chain's own rule: may the **next** block still include it?
//!
//! A proof names the block it was made for. The chain compares that with the block that includes
//! the extrinsic. At the earliest, that is the one after the head that a client sees:
//!
//! - v1: `work_block < now` and `now - work_block <= 5` (`POW_MAX_WORK_AGE_BLOCKS` of spec 475);
//! - legacy: `block_number <= now` and `now - block_number < 3` (`do_register` up to spec 393).
//!
//! The Python SDK's `is_stale` counts from the head it sees, and calls work fresh that the chain
//! refuses; btpow does not follow it.

use crate::Protocol;

/// Whether a proof can still be included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Freshness {
    /// The work block is not part of the chain at this head: a re-organisation removed it, or
    /// the head that the client sees is behind.
    Ahead,
    /// The next block may include it.
    Fresh {
        /// How many blocks, the next one among them, may include it; at least 1.
        blocks_left: u64,
    },
    /// No later block may include it.
    Stale,
}

impl Protocol {
    /// The greatest age in blocks, at inclusion, of work that the chain accepts: 5 or 2.
    pub const fn max_work_age(self) -> u64 {
        match self {
            Self::Legacy(_) => 2,
            Self::V1 => 5,
        }
    }

    /// Whether a proof made for block `work_block` can still be included when `head` is the newest
    /// block.
    pub const fn freshness(self, work_block: u64, head: u64) -> Freshness {
        let next = head.saturating_add(1);
        if work_block >= next {
            return Freshness::Ahead;
        }
        let age = next - work_block;
        if age <= self.max_work_age() {
            Freshness::Fresh {
                blocks_left: self.max_work_age() - age + 1,
            }
        } else {
            Freshness::Stale
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Order;

    const LEGACY: Protocol = Protocol::Legacy(Order::Little);

    fn fresh(blocks_left: u64) -> Freshness {
        Freshness::Fresh { blocks_left }
    }

    #[test]
    fn v1_work_counts_for_five_blocks() {
        // Source: bittensor 11.3.0 `tests/unit/test_pow_registration.py`: with work block 7 an
        // advance of the head by 4 is accepted, by 5 re-mined.
        let expected = [
            (6, Freshness::Ahead),
            (7, fresh(5)),
            (8, fresh(4)),
            (9, fresh(3)),
            (10, fresh(2)),
            (11, fresh(1)),
            (12, Freshness::Stale),
            (1_000, Freshness::Stale),
        ];
        for (head, freshness) in expected {
            assert_eq!(Protocol::V1.freshness(7, head), freshness, "head {head}");
        }
    }

    #[test]
    fn legacy_work_counts_for_two_blocks_after_its_own() {
        let expected = [
            (6, Freshness::Ahead),
            (7, fresh(2)),
            (8, fresh(1)),
            (9, Freshness::Stale),
        ];
        for (head, freshness) in expected {
            assert_eq!(LEGACY.freshness(7, head), freshness, "head {head}");
        }
    }

    /// The chain's own inequalities, evaluated at the block that includes the extrinsic.
    #[test]
    fn agrees_with_the_chain() {
        for work_block in 0_u64..12 {
            for head in 0_u64..24 {
                let now = head + 1;
                let age = now.checked_sub(work_block);
                let v1 = age.is_some_and(|age| (1..=5).contains(&age));
                let legacy = work_block <= head && age.is_some_and(|age| age < 3);
                for (protocol, accepted) in [(Protocol::V1, v1), (LEGACY, legacy)] {
                    let is_fresh = matches!(
                        protocol.freshness(work_block, head),
                        Freshness::Fresh { .. }
                    );
                    assert_eq!(
                        is_fresh, accepted,
                        "{protocol}: work {work_block}, head {head}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_last_block_number_does_not_overflow() {
        assert_eq!(Protocol::V1.freshness(u64::MAX, u64::MAX), Freshness::Ahead);
        assert_eq!(Protocol::V1.freshness(0, u64::MAX), Freshness::Stale);
    }
}
