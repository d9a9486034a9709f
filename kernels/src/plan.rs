//! Turns a round into runs of a kernel, and a kernel's candidates into positions.

use btpow_core::{Candidates, Jobs, Order, Position, Protocol, Round, Span, span};

use crate::abi;

/// The most positions of a run: the kernels count offsets in 32 bits, with room to spare.
pub const LONGEST_RUN: u32 = 1 << 31;

/// The most spans that a v1 run touches, and so the longest table.
pub const LONGEST_TABLE: usize = (LONGEST_RUN >> Protocol::V1.span_bits()) as usize + 1;

/// A kernel that searches.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kernel {
    /// The 40-byte message, the seal read big-endian.
    LegacyBig,
    /// The 40-byte message, the seal read little-endian.
    LegacyLittle,
    /// The 131-byte message.
    V1,
}

/// A run of a kernel.
#[derive(Clone, Debug)]
pub struct Launch {
    /// The kernel.
    pub kernel: Kernel,
    /// Its parameter.
    pub run: abi::Run,
    /// Where the run starts.
    start: Position,
    /// The span of `start`, for the table.
    first_span: Span,
}

impl Kernel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::LegacyBig, Self::LegacyLittle, Self::V1];

    /// The kernel for a protocol.
    pub const fn of(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Legacy(Order::Big) => Self::LegacyBig,
            Protocol::Legacy(Order::Little) => Self::LegacyLittle,
            Protocol::V1 => Self::V1,
        }
    }

    /// Its index in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Its name in the PTX.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LegacyBig => "legacy_big",
            Self::LegacyLittle => "legacy_little",
            Self::V1 => "v1",
        }
    }

    /// How many bytes of shared memory each thread needs: in v1, 48 words of the schedule.
    pub const fn shared_bytes_per_thread(self) -> u32 {
        match self {
            Self::LegacyBig | Self::LegacyLittle => 0,
            Self::V1 => 48 * 4,
        }
    }
}

impl Launch {
    /// The first run of a round, as long as possible, and the rest of the round.
    pub fn first_of(jobs: &Jobs, round: Round) -> (Self, Option<Round>) {
        let protocol = jobs.protocol();
        let span = round.start.span(protocol);
        let first = round.start.index(protocol);
        let wanted = match protocol {
            // The table holds the later spans.
            Protocol::V1 => round.len,
            Protocol::Legacy(_) => {
                let piece = span::pieces(round.start, round.len, protocol).next();
                piece.map_or(0, |(_, indices)| indices.len())
            }
        };
        let length = u32::try_from(wanted).map_or(LONGEST_RUN, |wanted| wanted.min(LONGEST_RUN));
        let run = abi::Run::new(jobs.at(span), first, length);
        let launch = Self {
            kernel: Kernel::of(protocol),
            run,
            start: round.start,
            first_span: span,
        };
        let rest = Round {
            start: round.start.after(length.into()),
            len: round.len - u64::from(length),
        };
        (launch, (rest.len > 0).then_some(rest))
    }

    /// The spans of a v1 run, in order; none in legacy.
    pub fn table(&self, jobs: &Jobs) -> impl Iterator<Item = abi::Span> {
        let rows = match self.kernel {
            Kernel::LegacyBig | Kernel::LegacyLittle => 0,
            Kernel::V1 => {
                let last = u64::from(self.run.first) + u64::from(self.run.length) - 1;
                (last >> Protocol::V1.span_bits()) + 1
            }
        };
        (0..rows).map(move |row| {
            let span = Span::new(self.first_span.number().wrapping_add(row), Protocol::V1);
            abi::Span::new(&self.run.job, jobs.chaining(span))
        })
    }

    /// Adds the kernel's candidates.
    pub fn report(&self, found: &abi::Found, candidates: &mut Candidates) {
        for offset in found.kept() {
            candidates.push(self.start.after(u64::from(*offset)));
        }
        // A kernel keeps at least as many as the list holds, so these are counted and not kept.
        const { assert!(abi::FOUND_CAPACITY >= Candidates::CAPACITY) };
        for _ in 0..found.overflow() {
            candidates.push(self.start);
        }
    }
}

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty};

    use super::*;

    fn jobs(protocol: Protocol) -> Jobs {
        let challenge = match protocol {
            Protocol::Legacy(order) => Challenge::legacy(order, [1; 32], [2; 32]),
            Protocol::V1 => Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1"),
        };
        Jobs::new(
            &challenge,
            &Difficulty::new(1_000).expect("not zero").target(),
        )
    }

    fn lengths(protocol: Protocol, start: u64, len: u64) -> Vec<u32> {
        let jobs = jobs(protocol);
        let mut rest = Some(Round {
            start: Position(start),
            len,
        });
        let mut lengths = Vec::new();
        while let Some(round) = rest {
            let (launch, left) = Launch::first_of(&jobs, round);
            lengths.push(launch.run.length);
            rest = left;
        }
        lengths
    }

    #[test]
    fn legacy_runs_end_with_their_span() {
        let little = Protocol::Legacy(Order::Little);
        assert_eq!(lengths(little, 5, 7), [7]);
        assert_eq!(lengths(little, (1 << 32) - 3, 10), [3, 7]);
        assert_eq!(lengths(little, 0, (1 << 31) + 1), [1 << 31, 1]);
        assert_eq!(lengths(little, u64::MAX, 2), [1, 1]);
    }

    #[test]
    fn v1_runs_go_through_spans() {
        assert_eq!(lengths(Protocol::V1, 5, 7 << 24), [7 << 24]);
        assert_eq!(lengths(Protocol::V1, 5, (1 << 31) + 9), [1 << 31, 9]);
    }

    #[test]
    fn a_table_has_a_row_for_each_span_and_fits() {
        let jobs = jobs(Protocol::V1);
        for (start, len, rows) in [
            (0, 1, 1),
            (0, 1 << 24, 1),
            (0, (1 << 24) + 1, 2),
            ((1 << 24) - 1, 1, 1),
            ((1 << 24) - 1, 2, 2),
            (u64::MAX, 2, 2),
            ((1 << 24) - 1, LONGEST_RUN.into(), LONGEST_TABLE),
        ] {
            let start = Position(start);
            let (launch, _) = Launch::first_of(&jobs, Round { start, len });
            let table: Vec<_> = launch.table(&jobs).collect();
            assert_eq!(table.len(), rows, "{start:?} {len}");
            let last = start.after(len - 1).span(Protocol::V1);
            let expected = abi::Span::new(&jobs.at(last), jobs.chaining(last));
            assert_eq!(table.last(), Some(&expected));
            assert_eq!(table[0], launch.run.span);
        }
    }

    #[test]
    fn offsets_count_from_the_start_and_wrap() {
        let round = Round {
            start: Position(u64::MAX),
            len: 10,
        };
        let (launch, _) = Launch::first_of(&jobs(Protocol::V1), round);
        let mut found = abi::Found::NOTHING;
        (found.count, found.offsets[1]) = (2, 3);
        let mut candidates = Candidates::new();
        launch.report(&found, &mut candidates);
        assert_eq!(candidates.positions(), [Position(u64::MAX), Position(2)]);
    }
}
