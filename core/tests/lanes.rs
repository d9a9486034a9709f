//! Every instruction set of this processor, each forced, against the reference.

use btpow_conformance::{device::challenges, small_effort, vectors};
use btpow_core::{Challenge, Difficulty, Indices, Isa, Job, Jobs, Order, Position, Span, Target};
use proptest::prelude::*;

/// The candidates among `indices` that the kernel finds.
fn scan(isa: Isa, job: &Job, indices: Indices) -> Vec<u32> {
    let mut found = Vec::new();
    isa.scan(job, indices, &mut |index| found.push(index));
    found
}

/// The candidates according to the reference.
fn reference(challenge: &Challenge, span: Span, threshold: u32, indices: Indices) -> Vec<u32> {
    let protocol = challenge.protocol();
    (indices.first()..=indices.last())
        .filter(|&index| {
            let seal = challenge.seal(span.nonce(index, protocol));
            Target::tested_word(&seal, protocol.order()) <= threshold
        })
        .collect()
}

fn indices(first: u32, last: u32) -> Indices {
    Indices::new(first, last).expect("not empty")
}

/// Compares all instruction sets with the reference.
fn compare(challenge: &Challenge, difficulty: u64, span: Span, part: Indices) {
    let target = Difficulty::new(difficulty).expect("not zero").target();
    let job = Jobs::new(challenge, &target).at(span);
    let expected = reference(challenge, span, target.threshold(), part);
    for isa in Isa::available() {
        let protocol = challenge.protocol();
        assert_eq!(
            scan(isa, &job, part),
            expected,
            "{isa}, {protocol}, span {span}, {part:?}"
        );
    }
}

/// Whoever runs these tests names the instruction sets that must be among those tested. Otherwise an
/// emulator without an extension would leave out those that need it, and nobody would notice.
#[test]
fn required_instruction_sets_are_here() {
    let expected = std::env::var("BTPOW_TEST_ISAS").unwrap_or_else(|_| "portable".to_owned());
    let available: Vec<_> = Isa::available().map(Isa::name).collect();
    for name in expected.split(',') {
        assert!(
            available.contains(&name),
            "{name} is not among {available:?}"
        );
    }
}

/// Compares the deciding word with its own value, with one just below, and with one just above.
#[test]
fn lanes_know_the_seal_of_every_vector() {
    for vector in vectors::seals() {
        let protocol = vector.challenge.protocol();
        let position = Position::of_nonce(vector.nonce, protocol);
        let target = Difficulty::new(1).expect("not zero").target();
        let job = Jobs::new(&vector.challenge, &target).at(position.span(protocol));
        let index = position.index(protocol);
        let word = Target::tested_word(&vector.seal, protocol.order());
        for isa in Isa::available() {
            let is_found = |threshold: u32| {
                let mut job = job;
                job.threshold = threshold;
                scan(isa, &job, indices(index, index)) == [index]
            };
            assert!(is_found(word), "{isa}, {protocol}, nonce {}", vector.nonce);
            assert!(
                word == 0 || !is_found(word - 1),
                "{isa}, {protocol}, nonce {}",
                vector.nonce
            );
            assert!(is_found(word.saturating_add(1)), "{isa}, {protocol}");
        }
    }
}

#[test]
fn lanes_find_every_hit_of_the_known_spans() {
    for vector in vectors::span_hits() {
        let protocol = vector.challenge.protocol();
        let span = Position::of_nonce(vector.base, protocol).span(protocol);
        let target = vector.difficulty.target();
        let job = Jobs::new(&vector.challenge, &target).at(span);
        let part = indices(vector.first_index, vector.first_index + vector.length - 1);
        for isa in Isa::available() {
            let hits: Vec<_> = scan(isa, &job, part)
                .into_iter()
                .map(|index| (index, span.nonce(index, protocol)))
                .filter(|&(_, nonce)| target.admits(&vector.challenge.seal(nonce), protocol))
                .collect();
            assert_eq!(hits, vector.hits, "{isa}, {protocol}");
        }
    }
}

/// Every nonce from the start, one by one: in v1 each is in another span.
#[test]
fn lanes_find_each_first_solution_and_none_before() {
    let most = if small_effort() { 2_000 } else { u64::MAX };
    for vector in vectors::first_solutions() {
        let protocol = vector.challenge.protocol();
        let target = vector.difficulty.target();
        let jobs = Jobs::new(&vector.challenge, &target);
        let searched = vector.nonce.wrapping_sub(vector.start).min(most);
        for isa in Isa::available() {
            let wins = |nonce: &u64| {
                let position = Position::of_nonce(*nonce, protocol);
                let index = position.index(protocol);
                let job = jobs.at(position.span(protocol));
                !scan(isa, &job, indices(index, index)).is_empty()
                    && target.admits(&vector.challenge.seal(*nonce), protocol)
            };
            let mut nonces = (0..=searched).map(|i| vector.nonce.wrapping_sub(searched - i));
            assert_eq!(nonces.find(wins), Some(vector.nonce), "{isa}, {protocol}");
        }
    }
}

#[test]
fn lanes_take_every_length_at_the_ends_of_a_span() {
    for challenge in challenges(3) {
        let protocol = challenge.protocol();
        let last = u32::try_from((1_u64 << protocol.span_bits()) - 1).expect("32 bits at most");
        // One more and one less than every number of lanes, and more than the largest block.
        for len in (1..=18).chain([31, 32, 33, 34, 63, 64, 65, 66]) {
            for number in [0, u64::MAX] {
                let span = Span::new(number, protocol);
                compare(&challenge, 4, span, indices(0, len - 1));
                compare(&challenge, 4, span, indices(last - (len - 1), last));
            }
        }
    }
}

/// At difficulty 1 every nonce is a candidate; at the highest difficulty hardly any is.
#[test]
fn lanes_report_all_and_nothing() {
    for challenge in challenges(4) {
        let span = Span::new(5, challenge.protocol());
        compare(&challenge, 1, span, indices(17, 217));
        compare(&challenge, u64::MAX, span, indices(17, 217));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if small_effort() { 16 } else { 512 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn lanes_equal_the_reference_on_random_jobs(
        block_hash: [u8; 32],
        hotkey: [u8; 32],
        coldkey: [u8; 32],
        netuid in 1..=u16::MAX,
        number: u64,
        first: u32,
        len in 1_u32..150,
        difficulty in 1_u64..40,
    ) {
        let all = [
            Challenge::v1(netuid, block_hash, hotkey, coldkey).expect("not the root"),
            Challenge::legacy(Order::Big, block_hash, hotkey),
            Challenge::legacy(Order::Little, block_hash, hotkey),
        ];
        for challenge in all {
            let protocol = challenge.protocol();
            let end = u32::try_from((1_u64 << protocol.span_bits()) - 1).expect("32 bits at most");
            let first = first & end;
            let last = first.saturating_add(len - 1).min(end);
            compare(&challenge, difficulty, Span::new(number, protocol), indices(first, last));
        }
    }
}
