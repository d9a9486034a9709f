//! Turns a round into runs of a kernel, and a kernel's candidates into positions.

use btpow_core::{Candidates, Group, Jobs, Order, Position, Protocol, Round, span};

use crate::{
    abi::{self, GROUP_SPANS},
    shape::WARP,
    variant::Schedule,
};

/// The most positions of a run: the kernels count in 32 bits, with room to spare.
pub const LONGEST_RUN: u32 = 1 << 31;

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
    /// The group in which the run lies.
    pub group: Group,
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

    /// Its name in the PTX of variants that keep their schedules there.
    pub const fn name(self, schedule: Schedule) -> &'static str {
        match (self, schedule) {
            (Self::LegacyBig, _) => "legacy_big",
            (Self::LegacyLittle, _) => "legacy_little",
            (Self::V1, Schedule::Thread) => "v1",
            (Self::V1, Schedule::Block) => "v1_shared",
        }
    }

    /// How many bytes of shared memory each thread needs for a schedule of its own: 48 words. A block that shares its
    /// schedules has the memory in its program.
    pub const fn shared_bytes_per_thread(self, schedule: Schedule) -> u32 {
        match (self, schedule) {
            (Self::V1, Schedule::Thread) => 48 * 4,
            (Self::V1, Schedule::Block) | (Self::LegacyBig | Self::LegacyLittle, _) => 0,
        }
    }

    /// How many nonces a block of so many threads hashes before it takes others.
    pub fn nonces_per_block(self, schedule: Schedule, threads: u32) -> u64 {
        let nonces = match (self, schedule) {
            (Self::LegacyBig | Self::LegacyLittle, _) => threads,
            (Self::V1, Schedule::Thread) => threads * GROUP_SPANS,
            // An index for each thread of the warp that expands the schedules.
            (Self::V1, Schedule::Block) => WARP * GROUP_SPANS,
        };
        nonces.into()
    }
}

impl Launch {
    /// The first run of a round, as long as possible, and the rest of the round.
    ///
    /// # Panics
    ///
    /// The round is empty.
    pub fn first_of(jobs: &Jobs, round: Round) -> (Self, Option<Round>) {
        let protocol = jobs.protocol();
        let len = round.len.min(LONGEST_RUN.into());
        let piece = span::pieces(round.start, len).next();
        let (group, offsets) = piece.expect("a round has at least one nonce");
        let job = jobs.at(round.start.span(protocol));
        let launch = Self {
            kernel: Kernel::of(protocol),
            run: abi::Run::new(job, offsets.first(), offsets.last()),
            group,
        };
        let rest = Round {
            start: round.start.after(offsets.len()),
            len: round.len - offsets.len(),
        };
        (launch, (rest.len > 0).then_some(rest))
    }

    /// Adds the kernel's candidates.
    pub fn report(&self, found: &abi::Found, candidates: &mut Candidates) {
        for offset in found.kept() {
            candidates.push(Position::new(self.group, *offset));
        }
        // A kernel keeps at least as many as the list holds, so these are counted and not kept.
        const { assert!(abi::FOUND_CAPACITY >= Candidates::CAPACITY) };
        for _ in 0..found.overflow() {
            candidates.push(Position::new(self.group, self.run.first));
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

    fn runs(protocol: Protocol, start: u64, len: u64) -> Vec<(u32, u32, u32)> {
        let jobs = jobs(protocol);
        let mut rest = Some(Round {
            start: Position(start),
            len,
        });
        let mut runs = Vec::new();
        while let Some(round) = rest {
            let (launch, left) = Launch::first_of(&jobs, round);
            let abi::Run { first, last, .. } = launch.run;
            runs.push((launch.group.number(), first, last));
            rest = left;
        }
        runs
    }

    #[test]
    fn runs_end_with_their_group() {
        const MAX: u32 = u32::MAX;
        for protocol in Protocol::ALL {
            let runs = |start, len| runs(protocol, start, len);
            assert_eq!(runs(5, 7), [(0, 5, 11)]);
            assert_eq!(
                runs((1 << 32) - 3, 10),
                [(0, MAX - 2, MAX), (1, 0, 6)],
                "{protocol}"
            );
            let half = 1 << 31;
            assert_eq!(
                runs(0, (1 << 31) + 1),
                [(0, 0, half - 1), (0, half, half)],
                "{protocol}"
            );
            assert_eq!(runs(u64::MAX, 2), [(MAX, MAX, MAX), (0, 0, 0)]);
        }
    }

    #[test]
    fn a_block_takes_whole_indices() {
        let nonces = |kernel: Kernel, schedule| kernel.nonces_per_block(schedule, 128);
        assert_eq!(nonces(Kernel::V1, Schedule::Thread), 128 * 256);
        assert_eq!(nonces(Kernel::V1, Schedule::Block), 32 * 256);
        assert_eq!(nonces(Kernel::LegacyBig, Schedule::Block), 128);
    }

    #[test]
    fn a_run_has_the_job_of_its_first_span() {
        for protocol in Protocol::ALL {
            let jobs = jobs(protocol);
            let start = Position(7 << 32 | 300);
            let (launch, _) = Launch::first_of(&jobs, Round { start, len: 9 });
            assert_eq!(launch.run.job, jobs.at(start.span(protocol)), "{protocol}");
        }
    }

    #[test]
    fn candidates_are_positions_of_the_group() {
        let round = Round {
            start: Position(3 << 32 | 8),
            len: 10,
        };
        let (launch, _) = Launch::first_of(&jobs(Protocol::V1), round);
        let mut found = abi::Found::NOTHING;
        (found.count, found.offsets[0], found.offsets[1]) = (2, 8, 11);
        let mut candidates = Candidates::new();
        launch.report(&found, &mut candidates);
        let expected = [8, 11].map(|offset| Position(3 << 32 | offset));
        assert_eq!(candidates.positions(), expected);
    }
}
