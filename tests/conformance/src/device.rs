//! What every [`Device`] must do, whatever it hashes with.

use btpow_core::{
    Candidates, Challenge, Device, DeviceError, Difficulty, Jobs, Order, Poll, Position, Protocol,
    Round, Target,
};

use crate::vectors;

/// Runs the whole suite on a device; panics at the first thing it does wrong.
pub fn check(device: &mut impl Device) {
    refuses_a_round_before_a_job(device);
    holds_one_round_at_a_time(device);
    reports_every_hit_of_the_known_spans(device);
    reports_every_candidate_at_the_ends_of_spans(device);
    counts_what_does_not_fit(device);
    takes_a_new_challenge_between_rounds(device);
}

/// The candidates of a round, ascending from its start.
pub fn run(device: &mut impl Device, round: Round) -> Candidates {
    let mut found = Candidates::new();
    device.submit(round).expect("an idle device takes a round");
    while device.poll(&mut found).expect("the device works") == Poll::Pending {
        std::thread::yield_now();
    }
    found
}

/// Offsets from the start of the round, ascending.
fn offsets(found: &Candidates, round: Round) -> Vec<u64> {
    assert_eq!(found.overflow(), 0, "the list was long enough");
    let mut offsets: Vec<_> = found
        .positions()
        .iter()
        .map(|found| found.0.wrapping_sub(round.start.0))
        .collect();
    offsets.sort_unstable();
    offsets
}

/// What the reference reports for a round.
fn expected(challenge: &Challenge, target: &Target, round: Round) -> Vec<u64> {
    let protocol = challenge.protocol();
    let is_candidate = |offset: &u64| {
        let nonce = round.start.after(*offset).nonce(protocol);
        Target::tested_word(&challenge.seal(nonce), protocol.order()) <= target.threshold()
    };
    (0..round.len).filter(is_candidate).collect()
}

fn refuses_a_round_before_a_job(device: &mut impl Device) {
    let round = Round {
        start: Position(0),
        len: 1,
    };
    assert_eq!(device.submit(round), Err(DeviceError::NotLoaded));
}

fn holds_one_round_at_a_time(device: &mut impl Device) {
    let target = Difficulty::new(1_000).expect("not zero").target();
    let jobs = Jobs::new(&challenges(5)[0], &target);
    let round = Round {
        start: Position(0),
        len: 1_000,
    };
    let mut found = Candidates::new();
    assert_eq!(device.poll(&mut found), Ok(Poll::Pending), "nothing to do");
    device.load(&jobs).expect("an idle device takes a job");
    device.submit(round).expect("an idle device takes a round");
    assert_eq!(device.submit(round), Err(DeviceError::Busy));
    assert_eq!(device.load(&jobs), Err(DeviceError::Busy));
    while device.poll(&mut found).expect("the device works") == Poll::Pending {
        std::thread::yield_now();
    }
    device.load(&jobs).expect("it is idle again");
}

fn reports_every_hit_of_the_known_spans(device: &mut impl Device) {
    for vector in vectors::span_hits() {
        let challenge = vector.challenge;
        let protocol = challenge.protocol();
        let target = vector.difficulty.target();
        device
            .load(&Jobs::new(&challenge, &target))
            .expect("an idle device takes a job");
        let span = Position::of_nonce(vector.base, protocol).span(protocol);
        let start = Position::new(span, vector.first_index, protocol);
        let round = Round {
            start,
            len: u64::from(vector.length),
        };
        let found = offsets(&run(device, round), round);
        let wins = |offset: &u64| {
            let nonce = start.after(*offset).nonce(protocol);
            target
                .admits(&challenge.seal(nonce), protocol)
                .then_some(nonce)
        };
        let nonces: Vec<_> = found.iter().filter_map(wins).collect();
        let known: Vec<_> = vector.hits.iter().map(|(_, nonce)| *nonce).collect();
        assert_eq!(nonces, known, "{protocol}");
    }
}

fn reports_every_candidate_at_the_ends_of_spans(device: &mut impl Device) {
    for challenge in challenges(7) {
        let protocol = challenge.protocol();
        let target = Difficulty::new(20).expect("not zero").target();
        device
            .load(&Jobs::new(&challenge, &target))
            .expect("an idle device takes a job");
        let span = 1_u64 << protocol.span_bits();
        let spans = [0, 1, (u64::MAX >> protocol.span_bits()) - 1];
        for end in spans
            .map(|number| (number * span).wrapping_add(span))
            .into_iter()
            .chain([0])
        {
            for (before, len) in [(0, 1), (1, 1), (1, 2), (33, 65), (500, 1_000), (31, 31)] {
                let round = Round {
                    start: Position(end.wrapping_sub(before)),
                    len,
                };
                let found = offsets(&run(device, round), round);
                assert_eq!(
                    found,
                    expected(&challenge, &target, round),
                    "{protocol} {round:?}"
                );
            }
        }
    }
}

fn counts_what_does_not_fit(device: &mut impl Device) {
    for challenge in challenges(8) {
        let target = Difficulty::new(1).expect("not zero").target();
        device
            .load(&Jobs::new(&challenge, &target))
            .expect("an idle device takes a job");
        let len = Candidates::CAPACITY as u64 + 45;
        let found = run(
            device,
            Round {
                start: Position(12_345),
                len,
            },
        );
        assert_eq!(
            (found.positions().len(), found.overflow()),
            (Candidates::CAPACITY, 45)
        );
    }
}

fn takes_a_new_challenge_between_rounds(device: &mut impl Device) {
    let target = Difficulty::new(50).expect("not zero").target();
    let round = Round {
        start: Position(u64::MAX - 300),
        len: 1_000,
    };
    for seed in [1, 2, 1] {
        for challenge in challenges(seed) {
            device
                .load(&Jobs::new(&challenge, &target))
                .expect("an idle device takes a job");
            let found = offsets(&run(device, round), round);
            assert_eq!(
                found,
                expected(&challenge, &target, round),
                "{}",
                challenge.protocol()
            );
        }
    }
}

/// A challenge of each protocol.
pub fn challenges(seed: u8) -> [Challenge; 3] {
    let bytes = |i: u8| [seed.wrapping_mul(16).wrapping_add(i); 32];
    Protocol::ALL.map(|protocol| match protocol {
        Protocol::Legacy(Order::Big) => Challenge::legacy(Order::Big, bytes(1), bytes(2)),
        Protocol::Legacy(Order::Little) => Challenge::legacy(Order::Little, bytes(1), bytes(2)),
        Protocol::V1 => Challenge::v1(u16::from(seed) + 1, bytes(1), bytes(2), bytes(3))
            .expect("netuid is above 0"),
    })
}
