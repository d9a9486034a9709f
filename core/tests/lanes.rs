//! Every instruction set of this processor, each forced, against the reference.

use btpow_conformance::{device::challenges, small_effort, vectors};
use btpow_core::{
    Challenge, Difficulty, Group, GroupJob, Isa, Jobs, Offsets, Order, Position, Target,
};
use proptest::prelude::*;

/// The candidates among `offsets` that the kernel finds.
fn scan(isa: Isa, job: &GroupJob, offsets: Offsets) -> Vec<u32> {
    let mut found = Vec::new();
    isa.scan(job, offsets, &mut |offset| found.push(offset));
    found
}

/// The candidates according to the reference.
fn reference(challenge: &Challenge, group: Group, threshold: u32, offsets: Offsets) -> Vec<u32> {
    let protocol = challenge.protocol();
    (offsets.first()..=offsets.last())
        .filter(|&offset| {
            let seal = challenge.seal(Position::new(group, offset).nonce(protocol));
            Target::tested_word(&seal, protocol.order()) <= threshold
        })
        .collect()
}

fn offsets(first: u32, last: u32) -> Offsets {
    Offsets::new(first, last).expect("not empty")
}

/// Compares all instruction sets with the reference.
fn compare(challenge: &Challenge, difficulty: u64, group: Group, part: Offsets) {
    let target = Difficulty::new(difficulty).expect("not zero").target();
    let job = Jobs::new(challenge, &target).group(group);
    let expected = reference(challenge, group, target.threshold(), part);
    for isa in Isa::available() {
        let protocol = challenge.protocol();
        assert_eq!(
            scan(isa, &job, part),
            expected,
            "{isa}, {protocol}, group {group}, {part:?}"
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
        let words = Jobs::new(&vector.challenge, &target).to_words();
        let offset = position.offset();
        let word = Target::tested_word(&vector.seal, protocol.order());
        for isa in Isa::available() {
            let is_found = |threshold: u32| {
                let mut words = words;
                words[1] = threshold;
                let jobs = Jobs::from_words(&words).expect("its own words");
                let job = jobs.group(position.group());
                scan(isa, &job, offsets(offset, offset)) == [offset]
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
fn lanes_find_every_hit_of_the_known_groups() {
    for vector in vectors::group_hits() {
        let protocol = vector.challenge.protocol();
        let group = Position::of_nonce(vector.base, protocol).group();
        let target = vector.difficulty.target();
        let job = Jobs::new(&vector.challenge, &target).group(group);
        let part = offsets(vector.first_offset, vector.first_offset + vector.length - 1);
        for isa in Isa::available() {
            let hits: Vec<_> = scan(isa, &job, part)
                .into_iter()
                .map(|offset| (offset, Position::new(group, offset).nonce(protocol)))
                .filter(|&(_, nonce)| target.admits(&vector.challenge.seal(nonce), protocol))
                .collect();
            assert_eq!(hits, vector.hits, "{isa}, {protocol}");
        }
    }
}

/// Every nonce from the start, one by one.
#[test]
fn lanes_find_each_first_solution_and_none_before() {
    let most = if small_effort() { 2_000 } else { u64::MAX };
    for vector in vectors::first_solutions() {
        let protocol = vector.challenge.protocol();
        let target = vector.difficulty.target();
        let jobs = Jobs::new(&vector.challenge, &target);
        let searched = vector.nonce.wrapping_sub(vector.start).min(most);
        for isa in Isa::available() {
            // In v1 256 nonces that follow each other are in one group, in legacy mostly one.
            let mut kept: Option<(Group, GroupJob)> = None;
            let wins = |nonce: &u64| {
                let position = Position::of_nonce(*nonce, protocol);
                let (group, offset) = (position.group(), position.offset());
                if kept.as_ref().is_none_or(|(of, _)| *of != group) {
                    kept = Some((group, jobs.group(group)));
                }
                let (_, job) = kept.as_ref().expect("just made");
                !scan(isa, job, offsets(offset, offset)).is_empty()
                    && target.admits(&vector.challenge.seal(*nonce), protocol)
            };
            let mut nonces = (0..=searched).map(|i| vector.nonce.wrapping_sub(searched - i));
            assert_eq!(nonces.find(wins), Some(vector.nonce), "{isa}, {protocol}");
        }
    }
}

#[test]
fn lanes_take_every_length_at_the_ends_of_a_group_and_of_an_index() {
    for challenge in challenges(3) {
        // One more and one less than every number of lanes, and more than the largest block.
        for len in (1..=18).chain([31, 32, 33, 34, 63, 64, 65, 66, 255, 256, 257, 513]) {
            for number in [0, u32::MAX] {
                let group = Group::new(number);
                compare(&challenge, 4, group, offsets(0, len - 1));
                compare(
                    &challenge,
                    4,
                    group,
                    offsets(u32::MAX - (len - 1), u32::MAX),
                );
                compare(&challenge, 4, group, offsets(512 - len / 2, 512 + len / 2));
            }
        }
    }
}

/// Blocks of spans are aligned; what the caller wants need not be.
#[test]
fn lanes_take_every_start() {
    for challenge in challenges(8) {
        for first in 256 * 7 - 34..=256 * 7 + 34 {
            compare(&challenge, 3, Group::new(9), offsets(first, first + 36));
        }
    }
}

/// At difficulty 1 every nonce is a candidate; at the highest difficulty hardly any is.
#[test]
fn lanes_report_all_and_nothing() {
    for challenge in challenges(4) {
        let group = Group::new(5);
        compare(&challenge, 1, group, offsets(17, 617));
        compare(&challenge, u64::MAX, group, offsets(17, 617));
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
        number: u32,
        first: u32,
        len in 1_u32..350,
        difficulty in 1_u64..40,
    ) {
        let all = [
            Challenge::v1(netuid, block_hash, hotkey, coldkey).expect("not the root"),
            Challenge::legacy(Order::Big, block_hash, hotkey),
            Challenge::legacy(Order::Little, block_hash, hotkey),
        ];
        for challenge in all {
            let last = first.saturating_add(len - 1);
            compare(&challenge, difficulty, Group::new(number), offsets(first, last));
        }
    }
}
