//! The kernels, compiled as plain C++, against the vectors and the reference.

#![cfg(unix)]
#[path = "support/search.rs"]
mod search;
mod support;

use core::ops::Range;
use std::sync::LazyLock;

use btpow_conformance::{device::expected, vectors};
use btpow_core::{Candidates, Challenge, Jobs, Order, Position, Protocol, Round, Target};
use btpow_cuda::{
    abi::{Found, Run, Span},
    plan::{Kernel, Launch},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use search::{offsets, search, target};

type Emulate = unsafe extern "C" fn(u32, *const Run, *mut Found, *const Span, u32, u32, u32, u32);
type Parts = unsafe extern "C" fn(u32, *const Run, u32, *mut u32, *mut u32, *mut u32);

/// The kernels of a variant.
struct Kernels {
    variant: support::Variant,
    library: libloading::Library,
}

/// All variants, compiled once.
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
    fn search(&self, jobs: &Jobs, round: Round, blocks: u32, threads: u32) -> Vec<u64> {
        search(jobs, round, |launch, table| {
            let mut found = Found::NOTHING;
            self.emulate(launch, table, &mut found, blocks, threads, 0..blocks);
            found
        })
    }

    /// Runs some of the blocks of a kernel.
    fn emulate(
        &self,
        launch: &Launch,
        table: &[Span],
        found: &mut Found,
        blocks: u32,
        threads: u32,
        some: Range<u32>,
    ) {
        let kernel = u32::try_from(launch.kernel.index()).expect("three of them");
        let (run, table) = (&raw const launch.run, table.as_ptr());
        // SAFETY: the function has this type in `driver.cpp`, and its arguments outlive the call.
        unsafe {
            let emulate: libloading::Symbol<'_, Emulate> =
                self.library.get(b"emulate").expect("it is defined");
            emulate(
                kernel, run, found, table, blocks, threads, some.start, some.end,
            );
        }
    }

    /// Compares all 32 bits of the tested word, and the ten of the sieve, with a seal.
    fn check_seal(&self, challenge: &Challenge, nonce: u64) {
        let protocol = challenge.protocol();
        let position = Position::of_nonce(nonce, protocol);
        let job = Jobs::new(challenge, &target(1)).at(position.span(protocol));
        let run = Run::new(job, position.index(protocol), 1);
        let (mut digest, mut word, mut sieved) = ([0_u32; 8], 0, 0);
        let little = protocol.order() == Order::Little;
        // SAFETY: the function has this type in `driver.cpp`, and its arguments outlive the call.
        unsafe {
            let parts: libloading::Symbol<'_, Parts> =
                self.library.get(b"parts").expect("it is defined");
            parts(
                little.into(),
                &raw const run,
                0,
                digest.as_mut_ptr(),
                &raw mut word,
                &raw mut sieved,
            );
        }
        let expected = Target::tested_word(&challenge.seal(nonce), protocol.order());
        assert_eq!(word, expected, "{protocol} {nonce}");
        let (left, bits) = match protocol.order() {
            Order::Big => (expected.swap_bytes(), 0x0000_07fe),
            Order::Little => (expected, 0xffc0_0000),
        };
        assert_eq!(sieved & bits, left & bits, "{protocol} {nonce}");
    }
}

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
            assert_eq!(
                kernels.search(&jobs, round, 1, 32),
                [0],
                "{}",
                kernels.variant.name
            );
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
                    let bits = challenge.protocol().span_bits();
                    // Half of the rounds cross the end of a span.
                    let ends = [start, (start >> bits << bits).wrapping_sub(before)];
                    for start in ends.map(Position) {
                        let round = Round {
                            start,
                            len: len.min(250) + 1,
                        };
                        let expected = expected(&challenge, &target, round);
                        let jobs = Jobs::new(&challenge, &target);
                        for kernels in VARIANTS.iter() {
                            let found = kernels.search(&jobs, round, shape.0, shape.1 * 32);
                            prop_assert_eq!(&found, &expected);
                        }
                        VARIANTS[0].check_seal(&challenge, start.nonce(challenge.protocol()));
                    }
                }
                Ok(())
            },
        )
        .expect("kernels and reference agree");
}

/// One index in many spans, as a v1 kernel searches with one schedule. Each thread of this grid has one index,
/// so some of the blocks are enough.
#[test]
fn v1_runs_over_many_spans_miss_nothing() {
    const THREADS: u32 = 64;
    const BLOCKS: u32 = (1 << 24) / THREADS;
    const SOME: u32 = 20;
    let kernels = &VARIANTS[1];
    let challenge = btpow_conformance::device::challenges(3)
        .into_iter()
        .find(|it| it.protocol() == Protocol::V1)
        .expect("one of each");
    let target = target(150);
    let jobs = Jobs::new(&challenge, &target);
    let round = Round {
        start: Position((9 << 24) - 600),
        len: (7 << 24) + 900,
    };
    let (launch, rest) = Launch::first_of(&jobs, round);
    assert!(rest.is_none() && launch.kernel == Kernel::V1);
    let table: Vec<_> = launch.table(&jobs).collect();
    let mut found = Found::NOTHING;
    kernels.emulate(&launch, &table, &mut found, BLOCKS, THREADS, 0..SOME);
    let mut candidates = Candidates::new();
    launch.report(&found, &mut candidates);
    let found = offsets(&candidates, round.start);

    let mut all = Vec::new();
    for turn in 0..8 {
        let first = turn << 24;
        let len = u64::from(SOME * THREADS).min(round.len.saturating_sub(first));
        let start = round.start.after(first);
        let part = Round { start, len };
        all.extend(
            expected(&challenge, &target, part)
                .iter()
                .map(|offset| first + offset),
        );
    }
    assert!(all.len() > 30 && all.len() < Candidates::CAPACITY);
    assert_eq!(found, all);
}
