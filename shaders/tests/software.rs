//! The device on a real driver: software Vulkan, which is Debian's `mesa-vulkan-drivers`, or the
//! card whose name contains `BTPOW_TEST_GPU`.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::std_instead_of_alloc, reason = "tests need std anyway")]

mod suite;

use core::time::Duration;
use std::{env, thread};

use btpow_conformance::device::{challenges, check};
use btpow_core::{Candidates, Device, Position, Round};
use btpow_wgpu::{Adapter, Options, Preference, Trial, Tuning, Variant, WgpuDevice};
use pollster::block_on;

use suite::Question;

/// The adapter to test with. On a machine without Vulkan, `None`, and a line that says why; with
/// `BTPOW_TEST_WGPU=required` that is a failure.
fn adapter() -> Option<Adapter> {
    let all = block_on(Adapter::all());
    let wanted = env::var("BTPOW_TEST_GPU").ok();
    let found = all.into_iter().find(|adapter| match &wanted {
        Some(name) => adapter.name().contains(name),
        None => adapter.is_software(),
    });
    if found.is_none() {
        let why = format!("no adapter named {wanted:?}, or no software one, is installed");
        let required = env::var("BTPOW_TEST_WGPU").is_ok_and(|value| value == "required");
        assert!(!required && wanted.is_none(), "{why}");
        eprintln!("skipped: {why}");
    }
    found
}

fn open(adapter: &Adapter, tuning: Tuning) -> WgpuDevice {
    block_on(adapter.open(Options::new("wgpu:0", tuning))).expect("the adapter opens")
}

/// Pauses between two polls.
async fn pause() {
    thread::yield_now();
}

fn conforms(name: &str, workgroup: u32) {
    let variant = Variant::ALL.into_iter().find(|it| it.name() == name);
    let tuning = Tuning::new(variant.expect("a variant"), workgroup).expect("a known size");
    if let Some(adapter) = adapter() {
        check(&mut open(&adapter, tuning));
    }
}

#[test]
fn flat3_passes_the_conformance_suite() {
    conforms("flat3", 64);
}

#[test]
fn flat2_passes_the_conformance_suite() {
    conforms("flat2", 128);
}

#[test]
fn rolled3_passes_the_conformance_suite() {
    conforms("rolled3", 32);
}

#[test]
fn rolled2_passes_the_conformance_suite() {
    conforms("rolled2", 256);
}

/// A dispatch as on a fast card, whose grid has all its dimensions.
#[test]
fn a_long_dispatch_loses_nothing() {
    let Some(adapter) = adapter() else { return };
    let [v1, legacy, _] = challenges(4);
    for challenge in [legacy, v1] {
        let round = Round {
            start: Position(77),
            len: (1 << 23) + 1_000,
        };
        let question = Question::about(challenge, round);
        let mut device = open(&adapter, Tuning::SAFE);
        device.lengthen(round.len);
        device.load(&question.jobs).expect("an idle device");
        device.submit(question.round).expect("an idle device");
        let mut found = Candidates::new();
        let over = suite::finish(&mut device, &mut found, &pause, |_, _| {});
        block_on(over).expect("it works");
        question.check(&found, challenge.protocol().name());
    }
}

#[test]
fn a_lost_device_is_reopened_and_loses_no_hit() {
    let Some(adapter) = adapter() else { return };
    block_on(suite::recovers_within_a_round(&adapter, &pause));
}

#[test]
fn a_device_lost_between_rounds_is_reopened() {
    let Some(adapter) = adapter() else { return };
    block_on(suite::recovers_between_rounds(&adapter, &pause));
}

#[test]
fn a_device_lost_again_is_given_up() {
    let Some(adapter) = adapter() else { return };
    block_on(suite::is_given_up(&adapter, &pause));
}

#[test]
fn a_solver_solves_with_it() {
    let Some(adapter) = adapter() else { return };
    block_on(suite::solves(open(&adapter, Tuning::SAFE), &pause));
}

#[test]
fn a_trial_finds_a_tuning_that_works() {
    let Some(adapter) = adapter() else { return };
    let mut trials = Vec::new();
    let limit = Duration::from_secs(2);
    let tuning = block_on(adapter.tune(None, limit, |trial| trials.push(trial.clone())));
    let tuning = tuning.expect("something runs");
    let rate = |trial: &Trial| trial.outcome.as_ref().map_or(0.0, |it| it.rate);
    let fastest = trials.iter().max_by(|a, b| rate(a).total_cmp(&rate(b)));
    assert_eq!(
        fastest.map(|trial| trial.tuning),
        Some(tuning),
        "{trials:?}"
    );

    let question = Question::new();
    let mut device = open(&adapter, tuning);
    assert_eq!(device.tuning(), tuning);
    device.load(&question.jobs).expect("an idle device");
    device.submit(question.round).expect("an idle device");
    let mut found = Candidates::new();
    let over = suite::finish(&mut device, &mut found, &pause, |_, _| {});
    block_on(over).expect("it works");
    question.check(&found, "tuned");
}

#[test]
fn the_preferred_adapter_is_one_of_all() {
    if adapter().is_none() {
        return;
    }
    let preferred = block_on(Adapter::request(Preference::HighPerformance)).expect("there is one");
    let all = block_on(Adapter::all());
    let same = |adapter: &Adapter| adapter.fingerprint() == preferred.fingerprint();
    assert!(all.iter().any(same), "{preferred} is not in {all:?}");
}
