//! The kernels, compiled as plain C++, against the vectors and the reference.

#![cfg(unix)]
#[path = "support/search.rs"]
mod search;
mod support;

extern crate alloc;

use alloc::ffi::CString;
use core::ffi::c_char;
use std::sync::LazyLock;

use btpow_conformance::{device::expected, vectors};
use btpow_core::{Challenge, Isa, Jobs, Order, Position, Protocol, Round, Scanner, Target};
use btpow_cuda::{
    abi::{Found, Run, Table},
    plan::Launch,
    variant::Schedule,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use search::{search, target};

type Emulate = unsafe extern "C" fn(*const c_char, *const Run, *mut Found, *const Table, u32, u32);
type Parts = unsafe extern "C" fn(u32, *const Run, u32, *mut u32, *mut u32, *mut u32);

/// The kernels of the variants with one arithmetic.
struct Kernels {
    variant: support::Variant,
    library: libloading::Library,
}

/// A grid, and which v1 kernel it runs.
#[derive(Clone, Copy, Debug)]
struct Grid {
    schedule: Schedule,
    blocks: u32,
    threads: u32,
}

/// All of them, compiled once.
static VARIANTS: LazyLock<Vec<Kernels>> = LazyLock::new(|| {
    let variants = support::variants();
    variants.into_iter().map(Kernels::compiled).collect()
});

impl Kernels {
    fn compiled(variant: support::Variant) -> Self {
        let path = support::compile(&variant, "kernels").join("libcuda.so");
        // SAFETY: it was just compiled, and its initialisers do nothing of consequence.
        let library = unsafe { libloading::Library::new(path) };
        Self {
            variant,
            library: library.expect("it was just compiled"),
        }
    }

    /// The candidates of a round, ascending from its start.
    fn search(&self, jobs: &Jobs, round: Round, grid: Grid) -> Vec<u64> {
        search(jobs, round, |launch, table| {
            self.emulate(launch, table, grid)
        })
    }

    /// Runs a launch.
    fn emulate(&self, launch: &Launch, table: &Table, grid: Grid) -> Found {
        let mut found = Found::NOTHING;
        let kernel = CString::new(launch.kernel.name(grid.schedule)).expect("no zero byte");
        // SAFETY: the function has this type in `driver.cpp`, and its arguments outlive the call.
        unsafe {
            let emulate: libloading::Symbol<'_, Emulate> =
                self.library.get(b"emulate").expect("it is defined");
            emulate(
                kernel.as_ptr(),
                &raw const launch.run,
                &raw mut found,
                table,
                grid.blocks,
                grid.threads,
            );
        }
        found
    }

    /// Compares all 32 bits of the tested word, and the sieve's, with a seal.
    fn check_seal(&self, challenge: &Challenge, nonce: u64) {
        let protocol = challenge.protocol();
        let position = Position::of_nonce(nonce, protocol);
        let job = Jobs::new(challenge, &target(1)).at(position.span(protocol));
        let run = Run::new(job, 0, 0);
        let (mut digest, mut word, mut sieved) = ([0_u32; 8], 0, 0);
        let little = protocol.order() == Order::Little;
        // SAFETY: the function has this type in `driver.cpp`, and its arguments outlive the call.
        unsafe {
            let parts: libloading::Symbol<'_, Parts> =
                self.library.get(b"parts").expect("it is defined");
            parts(
                little.into(),
                &raw const run,
                position.index(protocol),
                digest.as_mut_ptr(),
                &raw mut word,
                &raw mut sieved,
            );
        }
        let expected = Target::tested_word(&challenge.seal(nonce), protocol.order());
        assert_eq!(word, expected, "{protocol} {nonce}");
        // Sixteen of the sieve's bits are the odd ones of the tested word.
        let (left, first) = match protocol.order() {
            Order::Big => (expected.swap_bytes(), 0),
            Order::Little => (expected, 16),
        };
        for bit in 0..16 {
            let (sieved, left) = (sieved >> (first + bit) & 1, left >> (2 * bit + 1) & 1);
            assert_eq!(sieved, left, "{protocol} {nonce} bit {bit}");
        }
    }
}

const SCHEDULES: [Schedule; 2] = [Schedule::Thread, Schedule::Block];

#[test]
fn every_variant_gives_the_seals_of_the_vectors() {
    for kernels in VARIANTS.iter() {
        for vector in vectors::seals() {
            kernels.check_seal(&vector.challenge, vector.nonce);
        }
    }
}

#[test]
fn every_variant_finds_the_first_solutions() {
    for kernels in VARIANTS.iter() {
        for vector in vectors::first_solutions() {
            let protocol = vector.challenge.protocol();
            let target = vector.difficulty.target();
            let jobs = Jobs::new(&vector.challenge, &target);
            let round = Round {
                start: Position::of_nonce(vector.nonce, protocol),
                len: 1,
            };
            for schedule in SCHEDULES {
                let grid = Grid {
                    schedule,
                    blocks: 1,
                    threads: 32,
                };
                let found = kernels.search(&jobs, round, grid);
                assert_eq!(found, [0], "{} {schedule:?}", kernels.variant.name);
            }
        }
    }
}

#[test]
fn random_jobs_give_what_the_reference_gives() {
    let round = (any::<u64>(), 0..300_u64, 0..64_u64);
    let job = (
        any::<[u8; 32]>(),
        any::<[u8; 32]>(),
        any::<[u8; 32]>(),
        1..=u16::MAX,
    );
    let shape = (1..4_u32, 1..3_u32);
    let difficulty = prop_oneof![1..200_u64, any::<u64>().prop_map(|it| it.max(1))];
    TestRunner::new(Config::with_cases(64))
        .run(
            &(job, round, shape, difficulty),
            |(job, round, shape, difficulty)| {
                let (block, hotkey, coldkey, netuid) = job;
                let challenges = [
                    Challenge::v1(netuid, block, hotkey, coldkey).expect("not the root"),
                    Challenge::legacy(Order::Big, block, hotkey),
                    Challenge::legacy(Order::Little, block, hotkey),
                ];
                let (start, len, before) = round;
                let target = target(difficulty);
                for challenge in challenges {
                    // Half of the rounds cross the end of a group.
                    let ends = [start, (start >> 32 << 32).wrapping_sub(before)];
                    for start in ends.map(Position) {
                        let round = Round {
                            start,
                            len: len.min(250) + 1,
                        };
                        let expected = expected(&challenge, &target, round);
                        let jobs = Jobs::new(&challenge, &target);
                        for kernels in VARIANTS.iter() {
                            for schedule in SCHEDULES {
                                let grid = Grid {
                                    schedule,
                                    blocks: shape.0,
                                    threads: shape.1 * 32,
                                };
                                let found = kernels.search(&jobs, round, grid);
                                prop_assert_eq!(&found, &expected);
                            }
                        }
                        VARIANTS[0].check_seal(&challenge, start.nonce(challenge.protocol()));
                    }
                }
                Ok(())
            },
        )
        .expect("kernels and reference agree");
}

/// Runs of many indices, which take every thread and every block more than once around: batches of 32 indices for blocks
/// that share schedules, some of them partly outside of the run.
#[test]
fn v1_runs_of_many_indices_miss_nothing() {
    let challenge = btpow_conformance::device::challenges(3)
        .into_iter()
        .find(|it| it.protocol() == Protocol::V1)
        .expect("one of each");
    let jobs = Jobs::new(&challenge, &target(700));
    for (start, len) in [
        ((9 << 32) + 77 * 8192, 5 * 8192),
        ((9 << 32) + 8100, 40_000),
        ((9 << 32) - 30_001, 60_007),
    ] {
        let round = Round {
            start: Position(start),
            len,
        };
        let mut expected = Vec::new();
        let isa = Isa::best();
        Scanner::new(jobs).scan(isa, round, &mut |found| expected.push(found.0 - start));
        assert!(expected.len() > 30, "{}", expected.len());
        for schedule in SCHEDULES {
            for (blocks, threads) in [(1, 32), (1, 96), (2, 256), (1, 768)] {
                let grid = Grid {
                    schedule,
                    blocks,
                    threads,
                };
                let found = VARIANTS[1].search(&jobs, round, grid);
                assert_eq!(found, expected, "{round:?} {grid:?}");
            }
        }
    }
}
