//! The duties of every [`Device`], whatever it hashes with.
//!
//! The suite is asynchronous, since a device in a browser only makes progress while nobody blocks: between two polls, the
//! caller's `pause` lets time pass.

use core::{
    pin::pin,
    task::{Context, Waker},
};

use btpow_core::{
    Candidates, Challenge, Device, DeviceError, Difficulty, Group, Isa, Jobs, Order, Poll,
    Position, Protocol, Round, Scanner, Target,
};

use crate::vectors;

/// Runs the whole suite on a device; panics at its first mistake.
pub fn check(device: &mut impl Device) {
    let suite = pin!(check_with(device, async || std::thread::yield_now()));
    // It waits for nothing but the pause.
    let over = suite.poll(&mut Context::from_waker(Waker::noop()));
    assert!(over.is_ready(), "a pause that waits needs an executor");
}

/// [`check`], for callers that cannot block.
pub async fn check_with(device: &mut impl Device, pause: impl AsyncFn()) {
    refuses_a_round_before_a_job(device);
    holds_one_round_at_a_time(device, &pause).await;
    reports_every_hit_of_the_known_groups(device, &pause).await;
    reports_every_candidate_at_the_ends_of_groups(device, &pause).await;
    counts_what_does_not_fit(device, &pause).await;
    takes_a_new_challenge_between_rounds(device, &pause).await;
    judges_the_known_seals(device, &pause).await;
    reports_the_known_first_solutions(device, &pause).await;
    agrees_with_the_reference_on_random_rounds(device, &pause).await;
    loses_nothing_of_a_long_round(device, &pause).await;
}

/// The candidates of a round, in any order.
pub async fn run(device: &mut impl Device, pause: &impl AsyncFn(), round: Round) -> Candidates {
    let mut found = Candidates::new();
    device.submit(round).expect("an idle device takes a round");
    finish(device, pause, &mut found).await;
    found
}

/// Polls until the round is over.
async fn finish(device: &mut impl Device, pause: &impl AsyncFn(), found: &mut Candidates) {
    while device.poll(found).expect("the device works") == Poll::Pending {
        pause().await;
    }
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

/// The reference's candidates in a round, as offsets from its start, ascending.
pub fn expected(challenge: &Challenge, target: &Target, round: Round) -> Vec<u64> {
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

async fn holds_one_round_at_a_time(device: &mut impl Device, pause: &impl AsyncFn()) {
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
    finish(device, pause, &mut found).await;
    device.load(&jobs).expect("it is idle again");
}

async fn reports_every_hit_of_the_known_groups(device: &mut impl Device, pause: &impl AsyncFn()) {
    for vector in vectors::group_hits() {
        let challenge = vector.challenge;
        let protocol = challenge.protocol();
        let target = vector.difficulty.target();
        device
            .load(&Jobs::new(&challenge, &target))
            .expect("an idle device takes a job");
        let group = Position::of_nonce(vector.base, protocol).group();
        let start = Position::new(group, vector.first_offset);
        let round = Round {
            start,
            len: u64::from(vector.length),
        };
        let found = offsets(&run(device, pause, round).await, round);
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

async fn reports_every_candidate_at_the_ends_of_groups(
    device: &mut impl Device,
    pause: &impl AsyncFn(),
) {
    for challenge in challenges(7) {
        let protocol = challenge.protocol();
        let target = Difficulty::new(20).expect("not zero").target();
        device
            .load(&Jobs::new(&challenge, &target))
            .expect("an idle device takes a job");
        // The last group ends where the first begins. In v1, 256 positions are an index.
        for end in [0, 1, 2, u64::from(u32::MAX)]
            .map(|number| number * Group::LEN)
            .into_iter()
            .chain([3 * Group::LEN + 77 * 256])
        {
            for (before, len) in [(0, 1), (1, 1), (1, 2), (33, 65), (500, 1_000), (31, 31)] {
                let round = Round {
                    start: Position(end.wrapping_sub(before)),
                    len,
                };
                let found = offsets(&run(device, pause, round).await, round);
                assert_eq!(
                    found,
                    expected(&challenge, &target, round),
                    "{protocol} {round:?}"
                );
            }
        }
    }
}

async fn counts_what_does_not_fit(device: &mut impl Device, pause: &impl AsyncFn()) {
    for challenge in challenges(8) {
        let target = Difficulty::new(1).expect("not zero").target();
        device
            .load(&Jobs::new(&challenge, &target))
            .expect("an idle device takes a job");
        let len = Candidates::CAPACITY as u64 + 45;
        let round = Round {
            start: Position(12_345),
            len,
        };
        let found = run(device, pause, round).await;
        assert_eq!(
            (found.positions().len(), found.overflow()),
            (Candidates::CAPACITY, 45)
        );
    }
}

async fn takes_a_new_challenge_between_rounds(device: &mut impl Device, pause: &impl AsyncFn()) {
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
            let found = offsets(&run(device, pause, round).await, round);
            assert_eq!(
                found,
                expected(&challenge, &target, round),
                "{}",
                challenge.protocol()
            );
        }
    }
}

/// Whether one nonce is a candidate.
async fn is_candidate(
    device: &mut impl Device,
    pause: &impl AsyncFn(),
    (challenge, difficulty): (&Challenge, Difficulty),
    nonce: u64,
) -> bool {
    device
        .load(&Jobs::new(challenge, &difficulty.target()))
        .expect("an idle device takes a job");
    let start = Position::of_nonce(nonce, challenge.protocol());
    let found = run(device, pause, Round { start, len: 1 }).await;
    assert!(found.positions().iter().all(|position| *position == start));
    assert!(found.positions().len() < 2 && found.overflow() == 0);
    !found.positions().is_empty()
}

/// A known seal is a candidate at the highest difficulty whose threshold admits it, but not at the next one.
async fn judges_the_known_seals(device: &mut impl Device, pause: &impl AsyncFn()) {
    for vector in vectors::seals() {
        let word = Target::tested_word(&vector.seal, vector.challenge.protocol().order());
        let of = |number| Difficulty::new(number).expect("not zero");
        let admits = |number: u64| of(number).target().threshold() >= word;
        let mut easy = (1 << 32) / (u64::from(word) + 1);
        while easy > 1 && !admits(easy) {
            easy -= 1;
        }
        while admits(easy + 1) {
            easy += 1;
        }
        for (difficulty, expected) in [(easy, true), (easy + 1, false)] {
            let question = (&vector.challenge, of(difficulty));
            let answer = is_candidate(device, pause, question, vector.nonce).await;
            assert_eq!(answer, expected, "{vector:?} at difficulty {difficulty}");
        }
    }
}

async fn reports_the_known_first_solutions(device: &mut impl Device, pause: &impl AsyncFn()) {
    for vector in vectors::first_solutions() {
        let question = (&vector.challenge, vector.difficulty);
        let answer = is_candidate(device, pause, question, vector.nonce).await;
        assert!(answer, "{vector:?}");
    }
}

async fn agrees_with_the_reference_on_random_rounds(
    device: &mut impl Device,
    pause: &impl AsyncFn(),
) {
    let rounds = if crate::small_effort() { 4 } else { 16 };
    let mut random = SplitMix(2026);
    for _ in 0..rounds {
        let seed = random.below(251);
        for challenge in challenges(u8::try_from(seed).expect("below 251")) {
            let difficulty = 20 + random.below(2_000);
            let target = Difficulty::new(difficulty).expect("not zero").target();
            device
                .load(&Jobs::new(&challenge, &target))
                .expect("an idle device takes a job");
            let round = Round {
                start: Position(random.next()),
                len: 1 + random.below(4_000),
            };
            let found = offsets(&run(device, pause, round).await, round);
            assert_eq!(
                found,
                expected(&challenge, &target, round),
                "{} {round:?}",
                challenge.protocol()
            );
        }
    }
}

/// A round across the end of a group, which a device cuts into parts.
async fn loses_nothing_of_a_long_round(device: &mut impl Device, pause: &impl AsyncFn()) {
    let (before, len) = if crate::small_effort() {
        (9_000, 20_000)
    } else {
        (90_000, 400_000)
    };
    let target = Difficulty::new(4_000).expect("not zero").target();
    for challenge in challenges(9) {
        let protocol = challenge.protocol();
        let jobs = Jobs::new(&challenge, &target);
        let start = Position(5 * Group::LEN - before);
        let round = Round { start, len };
        let mut expected = Vec::new();
        Scanner::new(jobs).scan(Isa::best(), round, &mut |position| {
            expected.push(position.0 - start.0);
        });
        assert!(!expected.is_empty());
        device.load(&jobs).expect("an idle device takes a job");
        // Twice, since the second time a device knows its speed.
        for _ in 0..2 {
            let found = offsets(&run(device, pause, round).await, round);
            assert_eq!(found, expected, "{protocol}");
        }
    }
}

/// Numbers that look random but are the same every time (Steele, Lea, Flood 2014, `SplitMix64`).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
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
