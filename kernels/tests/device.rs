//! The CUDA device, on an emulated driver everywhere and on the cards of this machine.

mod support;

use btpow_conformance::device::{challenges, check};
use btpow_core::{
    Candidates, Device, DeviceError, Difficulty, Info, Jobs, Poll, Position, Round,
    self_test::SelfTest,
};
use btpow_cuda::{
    CudaQueue, Driver, OpenError,
    shape::Shape,
    variant::{ALL, Variant},
};

/// Runs `body` in a process that finds the emulated driver, with these settings. The process runs this test
/// again.
#[cfg(target_os = "linux")]
fn emulated(test: &str, settings: &[(&str, &str)], body: impl FnOnce()) {
    use std::{env, process::Command};
    if env::var_os("BTPOW_EMULATED").is_some() {
        return body();
    }
    static DRIVER: std::sync::LazyLock<std::path::PathBuf> =
        std::sync::LazyLock::new(|| support::compile(&support::variants()[1], "driver"));
    let output = Command::new(env::current_exe().expect("this program"))
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env("LD_LIBRARY_PATH", DRIVER.as_path())
        .env("BTPOW_EMULATED", "1")
        .envs(settings.iter().copied())
        .output()
        .expect("it started before");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}{errors}"
    );
}

/// Opens a card of the emulated driver.
#[cfg(target_os = "linux")]
fn open(place: usize) -> Result<Vec<CudaQueue>, OpenError> {
    open_with(Variant::untuned(), place)
}

#[cfg(target_os = "linux")]
fn open_with(variant: &Variant, place: usize) -> Result<Vec<CudaQueue>, OpenError> {
    let driver = Driver::load()?;
    let card = &driver.cards()?[place];
    driver.open(card, variant, Shape::DEFAULT)
}

#[cfg(target_os = "linux")]
mod on_an_emulated_driver {
    use super::*;

    #[test]
    fn the_device_passes_the_conformance_suite() {
        let name = "on_an_emulated_driver::the_device_passes_the_conformance_suite";
        emulated(name, &[], || {
            for mut queue in open(0).expect("an emulated card") {
                check(&mut queue);
            }
        });
    }

    #[test]
    fn it_passes_with_a_schedule_in_each_thread() {
        let name = "on_an_emulated_driver::it_passes_with_a_schedule_in_each_thread";
        emulated(name, &[("BTPOW_TEST_EFFORT", "small")], || {
            let variant = Variant::named("b").expect("a variant");
            check(&mut open_with(variant, 0).expect("an emulated card")[0]);
        });
    }

    /// The second copy to the card fails.
    #[test]
    fn the_spans_of_a_group_are_copied_once() {
        let name = "on_an_emulated_driver::the_spans_of_a_group_are_copied_once";
        let fault = [("BTPOW_EMULATED_FAULT", "cuMemcpyHtoDAsync_v2=700+2")];
        emulated(name, &fault, || {
            let mut queue = open(0).expect("an emulated card").remove(0);
            let mut found = Candidates::new();
            let mut submit = |start| {
                let start = Position(start);
                queue.load(&jobs())?;
                queue.submit(Round { start, len: 1_000 })?;
                while queue.poll(&mut found)? == Poll::Pending {}
                Ok(())
            };
            for start in [7, 70_000, (1 << 32) - 1_000] {
                assert_eq!(submit(start), Ok(()));
            }
            assert_eq!(submit(1 << 32), Err(DeviceError::Lost { code: 700 }));
        });
    }

    #[test]
    fn cards_are_listed() {
        let name = "on_an_emulated_driver::cards_are_listed";
        emulated(name, &[("BTPOW_EMULATED_CARDS", "2")], || {
            let driver = Driver::load().expect("the emulated driver");
            assert_eq!(driver.version(), (12, 4));
            let cards = driver.cards().expect("two cards");
            assert_eq!(cards.len(), 2);
            assert_eq!(cards[1].uuid, "GPU-11111111-1111-1111-1111-111111111111");
            assert_eq!(cards[1].pci, "0000:66:00.0");
            assert_eq!(
                cards[0].to_string(),
                "Emulated card, 2 SMs, 8 GiB, compute 9.0"
            );
        });
    }

    #[test]
    fn two_queues_work_at_the_same_time() {
        let name = "on_an_emulated_driver::two_queues_work_at_the_same_time";
        emulated(name, &[], || {
            let mut queues = open(0).expect("an emulated card");
            let jobs = jobs();
            let round = |start| Round {
                start: Position(start),
                len: 20_000,
            };
            for (queue, start) in queues.iter_mut().zip([0, 20_000]) {
                queue.load(&jobs).expect("it is idle");
                queue.submit(round(start)).expect("it is idle");
            }
            let mut together = Candidates::new();
            for queue in queues.iter_mut().rev() {
                while queue.poll(&mut together) == Ok(Poll::Pending) {}
            }
            let mut alone = Candidates::new();
            let all = Round {
                start: Position(0),
                len: 40_000,
            };
            queues[0].submit(all).expect("it is idle");
            while queues[0].poll(&mut alone) == Ok(Poll::Pending) {}
            let sorted = |found: &Candidates| {
                let mut positions = found.positions().to_vec();
                positions.sort_unstable();
                positions
            };
            assert_eq!(sorted(&together), sorted(&alone));
            assert!(alone.positions().len() > 20);
        });
    }

    #[test]
    fn a_queue_dropped_at_work_leaves_nothing_behind() {
        let name = "on_an_emulated_driver::a_queue_dropped_at_work_leaves_nothing_behind";
        emulated(name, &[], || {
            let mut queues = open(0).expect("an emulated card");
            queues[0].load(&jobs()).expect("it is idle");
            let round = Round {
                start: Position(0),
                len: 100_000,
            };
            queues[0].submit(round).expect("it is idle");
            drop(queues);
        });
    }

    #[test]
    fn a_card_lost_during_a_search_is_reported() {
        let name = "on_an_emulated_driver::a_card_lost_during_a_search_is_reported";
        emulated(
            name,
            &[("BTPOW_EMULATED_FAULT", "cuEventQuery=719+3")],
            || {
                let mut queue = open(0).expect("an emulated card").remove(0);
                queue.load(&jobs()).expect("it is idle");
                let round = Round {
                    start: Position(0),
                    len: 100_000,
                };
                let mut found = Candidates::new();
                let lost = loop {
                    match queue.submit(round).and_then(|()| {
                        loop {
                            match queue.poll(&mut found) {
                                Ok(Poll::Pending) => {}
                                Ok(Poll::Done) => return Ok(()),
                                Err(error) => return Err(error),
                            }
                        }
                    }) {
                        Ok(()) => {}
                        Err(error) => break error,
                    }
                };
                assert_eq!(lost, DeviceError::Lost { code: 719 });
            },
        );
    }

    /// This takes as long as the device waits for a card. After that, nothing may wait for the card: neither
    /// the device nor what is freed.
    #[test]
    fn a_card_that_hangs_is_given_up() {
        let name = "on_an_emulated_driver::a_card_that_hangs_is_given_up";
        emulated(name, &[("BTPOW_EMULATED_FAULT", "hang=1+2")], || {
            let mut queues = open(0).expect("an emulated card");
            let round = Round {
                start: Position(0),
                len: 1_000,
            };
            let mut found = Candidates::new();
            queues[0].load(&jobs()).expect("it is idle");
            queues[0].submit(round).expect("it is idle");
            while queues[0].poll(&mut found) == Ok(Poll::Pending) {}
            queues[0].submit(round).expect("it is idle");
            let lost = loop {
                match queues[0].poll(&mut found) {
                    Ok(Poll::Pending) => {}
                    Ok(Poll::Done) => panic!("it hangs"),
                    Err(error) => break error,
                }
            };
            assert_eq!(lost, DeviceError::Silent);
            assert_eq!(queues[0].trouble(), Some(&OpenError::Lost(702)));
            // The other queue has the same card and fails too.
            queues[1].load(&jobs()).expect("it is idle");
            assert_eq!(queues[1].submit(round), Err(lost));
            drop(queues);
        });
    }

    #[test]
    fn out_of_memory() {
        refused("out_of_memory", "cuMemAlloc_v2=2", &OpenError::OutOfMemory);
    }

    #[test]
    fn exclusive_and_taken() {
        let taken = "cuDevicePrimaryCtxRetain=46";
        refused("exclusive_and_taken", taken, &OpenError::Exclusive);
    }

    #[test]
    fn prohibited() {
        refused("prohibited", "mode=2", &OpenError::Exclusive);
    }

    #[test]
    fn a_driver_too_old() {
        refused(
            "a_driver_too_old",
            "version=11080",
            &OpenError::OldDriver((11, 8)),
        );
    }

    #[test]
    fn a_driver_that_does_not_know_the_ptx() {
        let (name, fault) = (
            "a_driver_that_does_not_know_the_ptx",
            "cuModuleLoadData=222",
        );
        refused(name, fault, &OpenError::Kernels(222));
    }

    #[test]
    fn a_driver_without_its_compiler() {
        let (name, fault) = ("a_driver_without_its_compiler", "cuModuleLoadData=221");
        refused(name, fault, &OpenError::NoCompiler);
    }

    #[test]
    fn a_card_too_old() {
        refused(
            "a_card_too_old",
            "capability=6",
            &OpenError::OldCard((6, 0)),
        );
    }

    #[test]
    fn no_card() {
        refused("no_card", "cuInit=100", &OpenError::NoCard);
    }

    fn refused(test: &str, fault: &str, expected: &OpenError) {
        let name = format!("on_an_emulated_driver::{test}");
        emulated(&name, &[("BTPOW_EMULATED_FAULT", fault)], || {
            let error = open(0).map(drop).expect_err("it has to fail");
            assert_eq!(&error, expected);
        });
    }

    fn jobs() -> Jobs {
        let target = Difficulty::new(1_000).expect("not zero").target();
        Jobs::new(&challenges(1)[0], &target)
    }
}

/// The cards of this machine. Without any, it says why there is nothing to test.
fn cards() -> Option<(Driver, Vec<btpow_cuda::Card>)> {
    match Driver::load().and_then(|driver| Ok((driver, driver.cards()?))) {
        Ok((driver, cards)) => Some((driver, cards)),
        Err(error @ (OpenError::NoDriver | OpenError::NoCard)) => {
            assert!(
                std::env::var_os("BTPOW_NEEDS_CARD").is_none(),
                "BTPOW_NEEDS_CARD is set, and {error}"
            );
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => panic!("the driver fails: {error}"),
    }
}

#[test]
fn every_variant_passes_on_the_cards_of_this_machine() {
    let Some((driver, cards)) = cards() else {
        return;
    };
    for card in &cards {
        for variant in ALL {
            let queues = driver.open(card, variant, Shape::DEFAULT);
            for mut queue in queues.expect("a card that is free") {
                check(&mut queue);
                let mut test = SelfTest::new();
                let mut found = Candidates::new();
                while test.step(&mut queue, &mut found) == Ok(Poll::Pending) {}
                assert_eq!(test.step(&mut queue, &mut found), Ok(Poll::Done));
                let Info { name, batch, .. } = queue.info();
                println!("{name}: {}, {batch} threads: passed", variant.name);
            }
        }
    }
}
