//! Clocks that are wrong.

use std::process::Command;

use crate::{
    chain::program::Program,
    scene::{LEADS, Scene, end},
};

/// What gives a program another time of day, wherever the system's libraries are.
const FAKE: &str = "/usr/$LIB/faketime/libfaketime.so.1";

/// The same with another time of day. That which only counts how long something lasts is left alone: the simulation has clocks
/// that go too fast.
fn at(time: &str, mut command: Command) -> Program {
    command
        .env("LD_PRELOAD", FAKE)
        .env("FAKETIME", time)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Program::start(command)
}

/// The year in which something is said.
fn year(line: &str) -> u32 {
    let (year, _) = line.split_once('-').expect("a date");
    year.parse().expect("a year")
}

/// A coordinator from the future dies, whose term the next one does not reach; and no two rigs agree on the date.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn nobody_has_the_right_time() {
    let scene = Scene::new();
    let (server, endpoint) = (scene.server.address(), scene.chain.endpoint());
    let first = at("+30y", scene.coordinator(&server, endpoint, ""));
    let future = year(&first.says(LEADS));
    let times = ["-20y", "+20y", "+1d"].into_iter();
    let rigs = times.zip(scene.rig_commands(&server));
    let rigs: Vec<_> = rigs.map(|(time, command)| at(time, command)).collect();
    for rig in &rigs {
        rig.says("hashing v1 for block");
    }
    drop(first);
    let again = at("-10y", scene.coordinator(&server, endpoint, ""));
    let past = year(&again.says(" joined"));
    assert!(
        past + 39 < future,
        "{past} and {future}: is faketime there?"
    );
    scene.relax();
    scene.registers(again);
    end(rigs);
}
