//! Devices that report nothing any more are opened again in their place, once.

#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

mod chain;
mod common;

use core::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use std::{sync::Arc, thread, time::Instant};

use btpow::{
    crew::Crew,
    devices::{
        Row, Unit,
        backend::{CannotOpen, Listed},
        cpu::CpuThread,
    },
    report::{RowRates, Snapshot},
    rig::{Event, Rig},
};
use btpow_core::{
    Candidates, Challenge, Device, DeviceError, Difficulty, Fault, Info, Isa, Jobs, Poll, Position,
    Round, Search, SlotId,
};

/// Far longer than anything here takes, for a machine busy with other tests.
const LONG: Duration = Duration::from_secs(60);

const SILENT: Fault = Fault::Device(DeviceError::Silent);

/// A CPU thread that falls silent after so many rounds.
struct Mute {
    inner: CpuThread,
    left: u32,
}

impl Device for Mute {
    fn info(&self) -> Info<'_> {
        self.inner.info()
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        self.inner.load(jobs)
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        self.inner.submit(round)
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        if self.left == 0 {
            thread::sleep(Duration::from_millis(1));
            return Ok(Poll::Pending);
        }
        self.left -= 1;
        self.inner.poll(found)
    }
}

impl Drop for Mute {
    fn drop(&mut self) {
        // Nobody gets back what a driver that hangs has.
        assert!(self.left > 0, "it is abandoned");
    }
}

fn mute(index: usize, rounds: u32) -> Unit {
    let inner = CpuThread::new(index, Isa::best());
    let left = rounds;
    Unit::watched(Mute { inner, left }, Duration::from_millis(100))
}

fn good(index: usize) -> Unit {
    Unit::new(CpuThread::new(index, Isa::best()))
}

fn row(slots: core::ops::Range<usize>) -> Row {
    Row {
        listed: Listed {
            name: "card".to_owned(),
            kind: "fake",
            description: String::new(),
            isa: None,
            threads: None,
        },
        slots,
        former: 0..0,
    }
}

/// A card of these units, and how it opens again.
fn rig(
    units: Vec<Unit>,
    reopen: impl Fn(u32) -> Result<Vec<Unit>, CannotOpen> + Send + Sync + 'static,
) -> (Rig, Crew) {
    let rows = vec![row(0..units.len())];
    let rig = Rig::start(units).expect("threads");
    let times = AtomicU32::new(0);
    rig.messenger().introduce(rows.clone());
    rig.messenger()
        .reopen_with(Arc::new(move |listed: &Listed| {
            assert_eq!(listed.name, "card");
            reopen(times.fetch_add(1, Ordering::Relaxed))
        }));
    rig.set_search(Search {
        challenge: Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1"),
        difficulty: Difficulty::new(u64::MAX).expect("not zero"),
        block_number: None,
        start: Position(0),
    });
    (rig, Crew::new(rows, false))
}

/// The next event, which the crew knows as well.
fn next(rig: &Rig, crew: &mut Crew) -> Event {
    let event = rig.wait(Some(Instant::now() + LONG));
    let event = event.expect("an event in a minute");
    crew.note(event.clone(), rig);
    event
}

/// Waits until the units in these slots have done a round.
fn work(rig: &Rig, slots: core::ops::Range<usize>) {
    let deadline = Instant::now() + LONG;
    loop {
        let (_, rates) = rig.measurements();
        if slots.clone().all(|slot| rates[slot].rounds_total > 0) {
            return;
        }
        assert!(Instant::now() < deadline, "{rates:?}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_silent_device_is_opened_again_with_all_its_units_and_keeps_its_count() {
    // The self-test has three rounds.
    let (rig, mut crew) = rig(vec![good(0), mute(1, 5)], |_| Ok(vec![good(0), good(1)]));
    work(&rig, 0..2);
    assert_eq!(next(&rig, &mut crew), Event::Resetting("card".to_owned()));
    let event = next(&rig, &mut crew);
    let expected = Row {
        former: 0..2,
        ..row(2..4)
    };
    assert_eq!(event, Event::Reset(expected.clone()));
    work(&rig, 2..4);
    assert_eq!(crew.rows, [expected]);
    crew.check().expect("it works");
    let (_, rates) = rig.measurements();
    let former: u64 = rates[..2].iter().map(|it| it.nonces_total).sum();
    let snapshot = Snapshot::of(&rig, &crew.rows).expect("it searches");
    let RowRates {
        rates,
        dropped,
        condition,
        ..
    } = &snapshot.rows[0];
    assert!(rates.nonces_total > former && former > 0, "{rates:?}");
    assert!(dropped.is_empty() && condition.resets == 1, "{dropped:?}");
    // Its former units get no work any more.
    for slot in [0, 1] {
        assert_eq!(rig.fault(SlotId(slot)), Some(SILENT));
    }
    assert!(!rig.has_events(), "no former unit is told as dropped");
}

#[test]
fn a_device_that_falls_silent_again_is_dropped() {
    let (rig, mut crew) = rig(vec![mute(0, 5)], |times| {
        assert_eq!(times, 0, "it is opened again once");
        Ok(vec![mute(0, 5)])
    });
    assert!(matches!(next(&rig, &mut crew), Event::Resetting(_)));
    assert!(matches!(next(&rig, &mut crew), Event::Reset(_)));
    crew.check().expect("it may work");
    assert_eq!(next(&rig, &mut crew), Event::Dropped(SlotId(1), SILENT));
    let error = crew.check().expect_err("nothing is left").to_string();
    assert!(error.contains("no device is left to work with"), "{error}");
}

#[test]
fn a_device_that_does_not_open_again_is_dropped_with_all_its_units() {
    type Reopen = fn(u32) -> Result<Vec<Unit>, CannotOpen>;
    let cases: [(Reopen, &str); 3] = [
        (
            |_| Err(CannotOpen::new("it fell off the bus")),
            "card cannot be opened again: it fell off the bus",
        ),
        (
            |_| panic!("this panic is part of a test"),
            "card cannot be opened again: its driver does not answer",
        ),
        (|_| Ok(Vec::new()), ""),
    ];
    for (reopen, warning) in cases {
        let (rig, mut crew) = rig(vec![mute(0, 5), good(1)], reopen);
        assert!(matches!(next(&rig, &mut crew), Event::Resetting(_)));
        if !warning.is_empty() {
            assert_eq!(next(&rig, &mut crew), Event::Warning(warning.to_owned()));
        }
        for slot in [0, 1] {
            assert_eq!(next(&rig, &mut crew), Event::Dropped(SlotId(slot), SILENT));
        }
        crew.check().expect_err("nothing is left");
    }
}

#[test]
fn a_rig_ends_while_a_device_does_not_open_again() {
    let (rig, mut crew) = rig(vec![mute(0, 5)], |_| {
        loop {
            thread::park();
        }
    });
    assert!(matches!(next(&rig, &mut crew), Event::Resetting(_)));
    let began = Instant::now();
    drop(rig);
    assert!(began.elapsed() < LONG);
}

#[test]
fn a_device_that_fails_is_not_opened_again() {
    struct Broken(CpuThread);
    impl Device for Broken {
        fn info(&self) -> Info<'_> {
            self.0.info()
        }
        fn load(&mut self, _: &Jobs) -> Result<(), DeviceError> {
            Err(DeviceError::Lost { code: 7 })
        }
        fn submit(&mut self, _: Round) -> Result<(), DeviceError> {
            Ok(())
        }
        fn poll(&mut self, _: &mut Candidates) -> Result<Poll, DeviceError> {
            Ok(Poll::Pending)
        }
    }
    let broken = Unit::new(Broken(CpuThread::new(0, Isa::best())));
    let (rig, mut crew) = rig(vec![broken], |_| panic!("it is not silent"));
    let lost = Fault::Device(DeviceError::Lost { code: 7 });
    assert_eq!(next(&rig, &mut crew), Event::Dropped(SlotId(0), lost));
}

/// The program with a card of the emulated driver that hangs. Each takes half a minute or a whole one: for so long nobody
/// gives a card up.
#[cfg(target_os = "linux")]
mod of_the_program {
    use crate::{
        chain::program::{Program, Told},
        common::{self, CHALLENGES, btpow},
    };

    /// A search on a card with this fault, until it has said something. Then it is interrupted.
    fn search(fault: &str, says: &[&str]) -> Told {
        let challenge = CHALLENGES[0];
        let mut command = btpow(&format!(
            "solve {challenge} --difficulty 18446744073709551615 --device cuda,cpu --threads 1 --json"
        ));
        common::add_cards(&mut command);
        command.env("BTPOW_EMULATED_FAULT", fault);
        let program = Program::start(command);
        for words in says {
            program.says(words);
        }
        program.signal("INT");
        program.end().exits(130)
    }

    const RESET: &str = "warning: cuda:0 reports nothing any more and is opened again";

    #[test]
    fn a_card_whose_kernel_hangs_is_reset_and_works() {
        let told = search("hang=1+40-40", &[RESET, "cuda:0 is open again"]);
        let device = &told.json()["statistics"]["devices"][1];
        assert_eq!(device["resets"], 1, "{told}");
        assert_eq!(device["dropped"], serde_json::json!([]), "{told}");
    }

    #[test]
    fn a_card_whose_driver_does_not_come_back_is_reset_and_the_program_ends() {
        let told = search("cuEventQuery=hang+40-40", &[RESET, "cuda:0 is open again"]);
        assert_eq!(
            told.json()["statistics"]["devices"][1]["resets"],
            1,
            "{told}"
        );
    }

    #[test]
    fn the_program_ends_while_a_driver_does_not_come_back() {
        let told = search("cuEventQuery=hang+1", &["Solving ", "  cuda:0: "]);
        assert_eq!(told.json()["statistics"]["devices"][1]["nonces_total"], "0");
    }

    /// Its units are not tested again before they are silent for another minute.
    #[test]
    fn a_card_that_hangs_for_ever_is_dropped_after_its_reset_and_the_cpu_goes_on() {
        let told = search(
            "hang=1+40",
            &[
                RESET,
                "cuda:0 is open again",
                "cuda:0/0 was dropped: it reports nothing any more",
            ],
        );
        let device = &told.json()["statistics"]["devices"][1];
        assert_eq!(device["resets"], 1, "{told}");
        assert!(
            !device["dropped"].as_array().expect("a list").is_empty(),
            "{told}"
        );
        assert_eq!(told.times(RESET), 1, "{told}");
    }
}
