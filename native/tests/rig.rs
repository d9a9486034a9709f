//! The rig with devices that behave and with devices that do not.

mod common;

use core::{num::NonZeroU64, time::Duration};
use std::time::Instant;

use btpow::{
    commands::bench::time_change,
    devices::{Unit, cpu::CpuThread},
    rig::{Event, Rig},
    signals::Signal,
};
use btpow_core::{
    Candidates, Challenge, Device, DeviceError, Difficulty, Fault, Info, Isa, Jobs, Poll, Position,
    Round, Search, Shard, SlotId, Solution,
};

/// Far longer than anything here takes, for a machine busy with other tests.
const LONG: Duration = Duration::from_secs(60);

/// How a [`Fake`] misbehaves.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Vice {
    /// Reports the first nonce of each round, whatever its seal.
    Lies,
    /// Misses every hit, from the first known answer on.
    Misses,
    /// Fails at its first real round.
    Breaks,
    /// Panics at its first real round.
    Panics,
}

/// A CPU thread that misbehaves.
struct Fake {
    inner: CpuThread,
    vice: Vice,
    loads: u32,
    round: Option<Round>,
}

/// How often the self-test loads.
const SELF_TEST_LOADS: u32 = 3;

impl Device for Fake {
    fn info(&self) -> Info<'_> {
        let name = match self.vice {
            Vice::Lies => "liar",
            Vice::Misses => "blind",
            Vice::Breaks => "broken",
            Vice::Panics => "panicky",
        };
        Info {
            name,
            ..self.inner.info()
        }
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        self.loads += 1;
        self.inner.load(jobs)
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        self.round = Some(round);
        self.inner.submit(round)
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        let poll = self.inner.poll(found)?;
        let testing = self.loads <= SELF_TEST_LOADS;
        match (self.vice, self.round) {
            (Vice::Misses, _) => found.clear(),
            (Vice::Lies, Some(round)) if !testing => found.push(round.start),
            (Vice::Breaks, _) if !testing => return Err(DeviceError::Lost { code: 7 }),
            (Vice::Panics, _) if !testing => panic!("this panic is part of a test"),
            _ => {}
        }
        Ok(poll)
    }
}

fn fake(vice: Vice) -> Unit {
    let inner = CpuThread::new(0, Isa::best());
    Unit::new(Fake {
        inner,
        vice,
        loads: 0,
        round: None,
    })
}

fn good(index: usize) -> Unit {
    Unit::new(CpuThread::new(index, Isa::best()))
}

/// A search at this difficulty on the block with this number.
fn search(block: u8, difficulty: u64) -> Search {
    Search {
        challenge: Challenge::v1(1, [block; 32], [2; 32], [3; 32]).expect("netuid 1"),
        difficulty: Difficulty::new(difficulty).expect("not zero"),
        block_number: Some(block.into()),
        start: Position(u64::from(block) << 50),
    }
}

fn next(rig: &Rig) -> Event {
    rig.wait(Some(Instant::now() + LONG))
        .expect("an event in a minute")
}

#[test]
fn a_device_with_any_vice_is_dropped_and_the_other_solves() {
    for vice in [Vice::Lies, Vice::Misses, Vice::Breaks, Vice::Panics] {
        let rig = Rig::start(vec![fake(vice), good(1)]).expect("threads");
        let search = search(1, 2_000_000);
        rig.set_search(search);
        let (mut dropped, mut found) = (None, None);
        while dropped.is_none() || found.is_none() {
            match next(&rig) {
                Event::Dropped(slot, fault) => dropped = Some((slot, fault)),
                // The bad device may have been right before.
                Event::Found(find) if find.slot == SlotId(1) => found = Some(find),
                _ => {}
            }
        }
        let (slot, fault) = dropped.expect("the loop ended");
        assert_eq!(slot, SlotId(0), "{vice:?}");
        assert_eq!(rig.fault(slot), Some(fault));
        assert_eq!(rig.fault(SlotId(1)), None);
        match vice {
            Vice::Lies => {
                assert_eq!(rig.name(slot), "liar");
                assert!(matches!(fault, Fault::WrongSeal { .. }), "{fault}");
            }
            Vice::Misses => {
                assert!(matches!(fault, Fault::SelfTest { wrong: 0, .. }), "{fault}");
            }
            Vice::Breaks => assert_eq!(fault, Fault::Device(DeviceError::Lost { code: 7 })),
            Vice::Panics => assert_eq!(fault, Fault::Panicked),
        }
        let nonce = found.expect("the loop ended").solution.nonce();
        let target = search.difficulty.target();
        assert!(Solution::verify(&search.challenge, &target, nonce).is_ok());
    }
}

/// A device that ends no round, and cannot even be freed.
struct Stuck;

impl Device for Stuck {
    fn info(&self) -> Info<'_> {
        Info {
            name: "stuck",
            batch: 256,
            round: 1,
            budget: 1,
        }
    }

    fn load(&mut self, _: &Jobs) -> Result<(), DeviceError> {
        Ok(())
    }

    fn submit(&mut self, _: Round) -> Result<(), DeviceError> {
        Ok(())
    }

    fn poll(&mut self, _: &mut Candidates) -> Result<Poll, DeviceError> {
        std::thread::sleep(Duration::from_millis(1));
        Ok(Poll::Pending)
    }
}

impl Drop for Stuck {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

#[test]
fn a_device_that_is_stuck_is_dropped_and_the_rig_still_ends() {
    let stuck = Unit::watched(Stuck, Duration::from_millis(100));
    let rig = Rig::start(vec![stuck, good(1)]).expect("threads");
    rig.set_search(search(1, u64::MAX));
    let silent = Fault::Device(DeviceError::Silent);
    assert_eq!(next(&rig), Event::Dropped(SlotId(0), silent));
    time_change(&rig, search(2, u64::MAX), LONG).expect("the other works");
}

#[test]
fn every_device_dropped_is_told_and_the_rig_ends() {
    let rig = Rig::start(vec![fake(Vice::Misses), fake(Vice::Breaks)]).expect("threads");
    rig.set_search(search(1, u64::MAX));
    let mut slots = Vec::new();
    while slots.len() < rig.len() {
        match next(&rig) {
            Event::Dropped(slot, _) => slots.push(slot.0),
            other => panic!("{other:?}"),
        }
    }
    slots.sort_unstable();
    assert_eq!(slots, [0, 1]);
    let began = Instant::now();
    assert_eq!(rig.wait(Some(began + Duration::from_millis(20))), None);
    drop(rig);
    assert!(began.elapsed() < LONG);
}

#[test]
fn a_new_search_reaches_every_device() {
    let devices = 4;
    let rig = Rig::start((0..devices).map(good).collect()).expect("threads");
    let mut took = Vec::new();
    for block in 1..=20 {
        // This returns only after each device's first lease for this very challenge.
        let reached = time_change(&rig, search(block, u64::MAX), LONG);
        took.push(reached.expect("each device works on it"));
        let statistics = rig.statistics().expect("a search");
        assert_eq!(statistics.block_number, Some(block.into()));
        assert_eq!(statistics.block_hash, [block; 32]);
    }
    took.sort_unstable();
    // It takes ten milliseconds if each device has its own core; here four devices share the cores.
    assert!(took[took.len() / 2] < Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_dropped_device_is_not_waited_for() {
    let rig = Rig::start(vec![fake(Vice::Misses), good(1)]).expect("threads");
    assert!(matches!(next(&rig), Event::Dropped(SlotId(0), _)));
    assert!(time_change(&rig, search(1, u64::MAX), LONG).is_some());
}

#[test]
fn finds_are_of_the_search_that_they_were_made_for() {
    let rig = Rig::start(vec![good(0), good(1)]).expect("threads");
    for block in 1..=5 {
        let search = search(block, 10_000);
        let generation = rig.set_search(search);
        loop {
            let Event::Found(find) = next(&rig) else {
                panic!("no device is to be dropped");
            };
            let Search { challenge, .. } = find.search;
            let target = find.search.difficulty.target();
            assert!(Solution::verify(&challenge, &target, find.solution.nonce()).is_ok());
            if find.generation == generation {
                assert_eq!(find.search, search);
                break;
            }
        }
    }
}

#[test]
fn devices_rest_while_there_is_nothing_to_search_for() {
    let rig = Rig::start(vec![good(0), good(1)]).expect("threads");
    assert_eq!(
        rig.wait(Some(Instant::now() + Duration::from_millis(50))),
        None
    );
    assert_eq!(rig.statistics(), None);
    assert_eq!(rig.measurements().1[0].rounds_total, 0);

    time_change(&rig, search(1, u64::MAX), LONG).expect("both work");
    rig.pause();
    assert_eq!(rig.statistics(), None);
    // Rounds under way still count, but no later ones.
    std::thread::sleep(Duration::from_millis(500));
    let tried = || [0, 1].map(|slot| rig.measurements().1[slot].nonces_total);
    let before = tried();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(tried(), before);

    rig.set_search(search(2, 1_000));
    assert!(matches!(next(&rig), Event::Found(_)));
}

#[test]
fn a_device_joins_a_search_under_way() {
    let rig = Rig::start(vec![good(0)]).expect("threads");
    time_change(&rig, search(1, u64::MAX), LONG).expect("it works");
    let messenger = rig.messenger();
    let slots = messenger.join(vec![good(1), fake(Vice::Misses)]);
    assert!(
        matches!(slots, (ref slots, None) if *slots == (1..3)),
        "{slots:?}"
    );
    // Each is tested first, whenever it joins.
    assert!(matches!(next(&rig), Event::Dropped(SlotId(2), _)));
    let began = Instant::now();
    while rig.measurements().1[1].rounds_total == 0 {
        assert!(began.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!((rig.len(), rig.name(SlotId(1))), (3, "cpu:1".to_owned()));
    time_change(&rig, search(2, u64::MAX), LONG).expect("both work");
    drop(rig);
    assert!(messenger.is_stopping());
    let (slots, error) = messenger.join(vec![good(3)]);
    assert!(slots.is_empty() && error.is_none(), "nothing starts");
}

#[test]
fn a_message_wakes_the_waiter() {
    let rig = Rig::start(vec![good(0)]).expect("threads");
    let messenger = rig.messenger();
    let teller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        messenger.tell(Event::Interrupted(Signal::Interrupt));
    });
    assert_eq!(rig.wait(None), Some(Event::Interrupted(Signal::Interrupt)));
    teller.join().expect("told");
}

#[test]
fn more_threads_than_cores_all_work() {
    let devices = 2 * std::thread::available_parallelism().map_or(1, Into::into) + 1;
    let rig = Rig::start((0..devices).map(good).collect()).expect("threads");
    time_change(&rig, search(1, u64::MAX), LONG).expect("each device works");
    let began = Instant::now();
    while (0..devices).any(|slot| rig.measurements().1[slot].rounds_total == 0) {
        assert!(began.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(5));
    }
    let total = rig.statistics().expect("a search").rates.nonces_total;
    assert!(total > 0);
}

/// The end of a shard is no end of the rig: the next block brings new nonces.
#[test]
fn an_exhausted_shard_is_told_once_for_each_search() {
    let rig = Rig::start(vec![good(0), good(1)]).expect("threads");
    let count = NonZeroU64::new(1 << 44).expect("not zero");
    let shard = Shard::new(5, count).expect("there are more");
    rig.keep_to(shard);
    for block in 1..=3 {
        let search = Search {
            start: shard.first(),
            ..search(block, u64::MAX)
        };
        rig.set_search(search);
        assert_eq!(next(&rig), Event::Exhausted);
        assert_eq!(rig.next(), Some(shard.last().after(1)));
        assert_eq!(rig.nonces_total(), u64::from(block) << 20);
        assert!(!rig.has_events());
    }
}
