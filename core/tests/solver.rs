//! The solver and its runner with devices that work, and with devices that do not.

use core::cell::{Cell, RefCell};

use btpow_conformance::{
    device::{self, challenges},
    vectors,
};
use btpow_core::{
    Candidates, Challenge, Device, DeviceError, Difficulty, Fault, Generation, Info, Isa, Jobs,
    Micros, Offsets, Poll, Position, Round, Runner, Scanner, Search, Share, Slot, SlotId, Solution,
    Solver, Step, Target,
};

/// Hashes with the portable kernel, one nonce per microsecond of its clock, or misbehaves on request.
struct Fake<'a> {
    clock: &'a Cell<Micros>,
    jobs: Option<Jobs>,
    round: Option<Round>,
    /// How many polls a round takes.
    patience: u32,
    waited: u32,
    fault: Wrong,
    /// Every round it got.
    rounds: Vec<Round>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Wrong {
    Nothing,
    /// Finds nothing, ever.
    Blind,
    /// Reports each candidate twice.
    Doubles,
    /// After the self-test, reports the first nonce of each round.
    Lies,
    /// After the self-test, reports a candidate from before its round.
    Strays,
    /// After the self-test, loses its driver.
    Breaks,
}

impl<'a> Fake<'a> {
    fn new(fault: Wrong, clock: &'a Cell<Micros>) -> Self {
        Self {
            clock,
            jobs: None,
            round: None,
            patience: 2,
            waited: 0,
            fault,
            rounds: Vec::new(),
        }
    }

    fn is_tested(&self) -> bool {
        self.rounds.len() > 3
    }
}

impl Device for Fake<'_> {
    fn info(&self) -> Info<'_> {
        Info {
            name: "fake",
            batch: 128,
            round: 5_000,
            budget: 1_000,
        }
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        if self.round.is_some() {
            return Err(DeviceError::Busy);
        }
        self.jobs = Some(*jobs);
        Ok(())
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        if self.jobs.is_none() {
            return Err(DeviceError::NotLoaded);
        }
        if self.round.replace(round).is_some() {
            return Err(DeviceError::Busy);
        }
        self.rounds.push(round);
        self.waited = 0;
        Ok(())
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        let (Some(jobs), Some(round)) = (&self.jobs, self.round) else {
            return Ok(Poll::Pending);
        };
        self.waited += 1;
        if self.waited < self.patience {
            return Ok(Poll::Pending);
        }
        if self.fault == Wrong::Breaks && self.is_tested() {
            return Err(DeviceError::Lost { code: 719 });
        }
        self.clock.set(self.clock.get() + round.len);
        let isa = Isa::named("portable").expect("always there");
        Scanner::new(*jobs).scan(isa, round, &mut |position| {
            if self.fault != Wrong::Blind {
                found.push(position);
            }
            if self.fault == Wrong::Doubles {
                found.push(position);
            }
        });
        if self.is_tested() {
            match self.fault {
                Wrong::Lies => found.push(round.start),
                Wrong::Strays => found.push(Position(round.start.0.wrapping_sub(1))),
                _ => {}
            }
        }
        self.round = None;
        Ok(Poll::Done)
    }
}

/// A solver in a cell, as a web page has it.
struct Cellar(RefCell<Solver<Vec<Slot>>>);

impl Cellar {
    fn new(devices: usize) -> Self {
        Self(RefCell::new(Solver::new(vec![Slot::default(); devices])))
    }
}

impl Share for Cellar {
    type Slots = Vec<Slot>;

    fn with<R>(&self, f: impl FnOnce(&mut Solver<Vec<Slot>>) -> R) -> R {
        f(&mut self.0.borrow_mut())
    }
}

fn search(challenge: Challenge, difficulty: u64, start: u64) -> Search {
    let difficulty = Difficulty::new(difficulty).expect("not zero");
    Search {
        challenge,
        difficulty,
        block_number: Some(7),
        start: Position(start),
    }
}

fn set_search(share: &Cellar, time: &Cell<Micros>, search: Search) -> Generation {
    share.with(|solver| solver.set_search(search, time.get()))
}

/// Steps until the device is dropped or idle, or for `steps` steps; returns the last one.
fn steps(runner: &mut Runner<Fake<'_>>, share: &Cellar, steps: u32) -> Step {
    let mut last = Step::Idle;
    for _ in 0..steps {
        last = step(runner, share);
        if matches!(last, Step::Dropped(_)) {
            break;
        }
    }
    last
}

fn step(runner: &mut Runner<Fake<'_>>, share: &Cellar) -> Step {
    let clock = runner.device().clock;
    runner.step(share, || clock.get())
}

#[test]
fn a_fake_device_passes_the_conformance_suite() {
    device::check(&mut Fake::new(Wrong::Nothing, &Cell::new(0)));
}

#[test]
#[should_panic(expected = "assertion")]
fn a_blind_device_fails_the_conformance_suite() {
    device::check(&mut Fake::new(Wrong::Blind, &Cell::new(0)));
}

#[test]
fn each_protocol_is_solved_and_the_lowest_seal_kept() {
    for challenge in challenges(1) {
        let (share, time) = (Cellar::new(1), Cell::new(0));
        let mut runner = Runner::new(Fake::new(Wrong::Nothing, &time), SlotId(0));
        set_search(&share, &time, search(challenge, 300, u64::MAX - 1_000));
        let mut all: Vec<Solution> = Vec::new();
        for _ in 0..400 {
            if let Step::Found(find) = step(&mut runner, &share) {
                assert_eq!(find.slot, SlotId(0));
                all.push(find.solution);
            }
        }
        assert!(all.len() > 5, "{} solutions", all.len());
        let lowest = all.iter().map(Solution::value).min();
        let best = share.with(|solver| solver.best().map(|find| find.solution.value()));
        assert_eq!(best, lowest);
    }
}

#[test]
fn no_position_is_leased_twice_and_rounds_grow_to_their_time() {
    let (share, time) = (Cellar::new(2), Cell::new(0));
    let mut runners =
        [0, 1].map(|slot| Runner::new(Fake::new(Wrong::Nothing, &time), SlotId(slot)));
    set_search(&share, &time, search(challenges(1)[0], 1 << 40, 99));
    for _ in 0..600 {
        for runner in &mut runners {
            step(runner, &share);
        }
    }
    // The first three rounds of each belong to its self-test.
    let mut rounds: Vec<Round> = runners
        .iter()
        .flat_map(|runner| runner.device().rounds[3..].iter().copied())
        .collect();
    rounds.sort_by_key(|round| round.start.0);
    assert_eq!(rounds[0].start.0, 99);
    let last = rounds[rounds.len() - 1];
    let next = share.with(|solver| solver.next());
    assert_eq!(next, Some(last.start.after(last.len)));
    for pair in rounds.windows(2) {
        assert_eq!(
            pair[0].start.after(pair[0].len),
            pair[1].start,
            "no gap and no overlap"
        );
    }
    // A nonce per microsecond and rounds of 5,000 microseconds, in batches of 128.
    let longest = rounds.iter().map(|round| round.len).max();
    assert_eq!((rounds[0].len, longest), (128, Some(4_992)));
    assert!(rounds.iter().all(|round| round.len % 128 == 0));
}

#[test]
fn faulty_devices_are_dropped_and_named() {
    type Expectation = fn(Fault) -> bool;
    let cases: [(Wrong, Expectation); 5] = [
        (Wrong::Blind, |fault| {
            matches!(
                fault,
                Fault::SelfTest {
                    missed: 33,
                    wrong: 0
                }
            )
        }),
        (Wrong::Doubles, |fault| {
            matches!(
                fault,
                Fault::SelfTest {
                    missed: 0,
                    wrong: 33
                }
            )
        }),
        (Wrong::Lies, |fault| {
            matches!(fault, Fault::WrongSeal { .. })
        }),
        (Wrong::Strays, |fault| {
            matches!(fault, Fault::OutsideRound { .. })
        }),
        (Wrong::Breaks, |fault| {
            fault == Fault::Device(DeviceError::Lost { code: 719 })
        }),
    ];
    for (wrong, is_expected) in cases {
        let (share, time) = (Cellar::new(2), Cell::new(0));
        set_search(&share, &time, search(challenges(1)[0], 1 << 20, 0));
        let mut bad = Runner::new(Fake::new(wrong, &time), SlotId(0));
        let last = steps(&mut bad, &share, 1_000);
        let Step::Dropped(fault) = last else {
            panic!("{wrong:?} was not dropped: {last:?}")
        };
        assert!(is_expected(fault), "{wrong:?}: {fault}");
        assert_eq!(step(&mut bad, &share), Step::Dropped(fault));
        assert_eq!(share.with(|solver| solver.fault(SlotId(0))), Some(fault));
        assert_eq!(share.with(|solver| solver.devices_left()), 1);
        // The other device goes on.
        let mut good = Runner::new(Fake::new(Wrong::Nothing, &time), SlotId(1));
        steps(&mut good, &share, 50);
        assert!(good.device().is_tested());
        assert_eq!(share.with(|solver| solver.fault(SlotId(1))), None);
    }
}

/// A candidate whose tested word passes, but whose other bits do not, is honest.
#[test]
fn near_misses_are_no_fault() {
    let hardest = vectors::first_solutions().pop().expect("there are vectors");
    let protocol = hardest.challenge.protocol();
    // The smallest difficulty at which its seal loses, by so little that the word is the same.
    let value = hardest.seal.value(protocol);
    let difficulty = (!(value ^ value) / value + 1).low_u64();
    let position = Position::of_nonce(hardest.nonce, protocol);
    let search = search(hardest.challenge, difficulty, position.0);
    let target = search.difficulty.target();
    assert!(!target.admits(&hardest.seal, protocol));
    assert_eq!(
        Target::tested_word(&hardest.seal, protocol.order()),
        target.threshold()
    );

    let mut solver = Solver::new([Slot::default()]);
    solver.set_search(search, 0);
    let info = Info {
        name: "fake",
        batch: 1,
        round: 1,
        budget: 1,
    };
    let lease = solver.lease(SlotId(0), &info, 0).expect("there is work");
    let mut found = Candidates::new();
    found.push(position);
    assert_eq!(
        solver.complete(SlotId(0), &info, &lease, &found, (0, 1)),
        Ok(None)
    );
    assert_eq!((solver.best(), solver.fault(SlotId(0))), (None, None));
}

#[test]
fn a_new_challenge_is_taken_with_the_next_round_and_the_old_one_still_counts() {
    let (share, time) = (Cellar::new(1), Cell::new(0));
    let mut runner = Runner::new(Fake::new(Wrong::Nothing, &time), SlotId(0));
    assert_eq!(
        steps(&mut runner, &share, 40),
        Step::Idle,
        "nothing to search for"
    );
    // Difficulty 1: every round finds something.
    let first = set_search(&share, &time, search(challenges(1)[0], 1, 0));
    assert_eq!(step(&mut runner, &share), Step::Working);
    let second = set_search(&share, &time, search(challenges(2)[0], 1, 0));
    assert!(second > first);
    // The round under way was for the first challenge, and its find still counts.
    let find = loop {
        if let Step::Found(find) = step(&mut runner, &share) {
            break find;
        }
    };
    assert_eq!(find.generation, first);
    assert_eq!(
        share.with(|solver| solver.previous_best().copied()),
        Some(find)
    );
    assert_eq!(share.with(|solver| solver.best().copied()), None);
    let find = loop {
        if let Step::Found(find) = step(&mut runner, &share) {
            break find;
        }
    };
    assert_eq!(find.generation, second);
    assert_eq!(find.search.challenge, challenges(2)[0]);
    share.with(Solver::pause);
    assert_eq!(steps(&mut runner, &share, 5), Step::Idle);
}

#[test]
fn statistics_count_every_nonce() {
    let (share, time) = (Cellar::new(1), Cell::new(0));
    let mut runner = Runner::new(Fake::new(Wrong::Nothing, &time), SlotId(0));
    assert!(share.with(|solver| solver.statistics(0)).is_none());
    let challenge = challenges(1)[0];
    set_search(&share, &time, search(challenge, 1_000_000, 0));
    steps(&mut runner, &share, 400);
    let rounds = &runner.device().rounds[3..];
    let in_flight = u64::from(runner.device().round.is_some());
    let done = &rounds[..rounds.len() - usize::try_from(in_flight).expect("0 or 1")];
    let nonces: u64 = done.iter().map(|round| round.len).sum();
    let statistics = share
        .with(|solver| solver.statistics(time.get()))
        .expect("searching");
    assert_eq!(statistics.rates.rounds_total, done.len() as u64);
    assert_eq!(statistics.rates.nonces_total, nonces);
    assert_eq!(statistics.block_number, Some(7));
    assert_eq!(statistics.block_hash, challenge.block_hash());
    assert_eq!(statistics.difficulty, 1_000_000);
    let chance = 1.0 - (1.0 - 1e-6_f64).powf(nonces as f64);
    assert!((statistics.chance - chance).abs() < 1e-9);
    let expected = 1e6 / statistics.rates.hash_rate;
    assert!((statistics.expected_time.expect("a rate") - expected).abs() < 1e-9);
}

#[test]
fn a_slot_that_does_not_exist_gets_no_work() {
    let (share, time) = (Cellar::new(0), Cell::new(0));
    set_search(&share, &time, search(challenges(1)[0], 1, 0));
    let mut runner = Runner::new(Fake::new(Wrong::Nothing, &time), SlotId(3));
    assert_eq!(steps(&mut runner, &share, 20), Step::Idle);
    assert!(Offsets::new(1, 0).is_none());
}
