//! A server that is killed, networks that part, and messages that are lost.

use core::time::Duration;
use std::{thread, time::Instant};

use crate::{
    chain::{program::Program, text::PATIENCE},
    nats::between::Between,
    scene::{SUBMITTED, Scene, TOOK_OVER, end},
};

/// What a rig says once its devices hash for the next block.
const SECOND_SEARCH: &str = "new search generation=2";

/// Of a hundred messages so many are lost.
const LOSS: u64 = 30;

/// Waits until one of these says so, and then says it.
#[track_caller]
fn any_says(programs: &[Program], words: &str) {
    let deadline = Instant::now() + PATIENCE;
    while !programs.iter().any(|it| it.said().contains(words)) {
        assert!(Instant::now() < deadline, "nobody says {words:?}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// What rigs find meanwhile is what is sent.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_server_that_is_killed_and_started_again() {
    let mut scene = Scene::new();
    let server = scene.server.address();
    let coordinator = scene.lead(&server, scene.chain.endpoint());
    let rigs = scene.rigs(&server);
    let block = scene.relax_a_little();
    for rig in &rigs {
        rig.says(SECOND_SEARCH);
    }
    scene.server.kill();
    if coordinator.said().contains("found a proof") {
        // They were lucky: the proof is sent without any help of a fault.
        scene.server.restart();
        scene.registers(coordinator);
        return end(rigs);
    }
    coordinator.says("warning: lost the fleet's server");
    let kept = format!("found a solution for block {block}; it is kept until the server is back");
    // Unless they were so quick that it was sent before.
    if !coordinator.said().contains("found a proof") {
        any_says(&rigs, &kept);
    }
    scene.server.restart();
    coordinator.says("is back");
    scene.registers(coordinator);
    end(rigs);
}

/// The rigs, and what they find, are out of sight for so long that they are given up.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn rigs_that_are_cut_off() {
    let scene = Scene::new();
    let between = Between::before(scene.server.socket());
    let coordinator = scene.lead(&scene.server.address(), scene.chain.endpoint());
    let rigs = scene.rigs(&between.url());
    scene.relax_a_little();
    for rig in &rigs {
        rig.says(SECOND_SEARCH);
    }
    between.hold(true);
    coordinator.says("warning: nothing is heard of rig");
    // They tell how it goes whenever they are asked; unless they were so quick that it was sent before.
    let deadline = Instant::now() + PATIENCE;
    let has_found = || {
        let mut rigs = rigs.iter();
        coordinator.said().contains("found a proof")
            || rigs.any(|it| it.said().contains(" on the way"))
    };
    while !has_found() {
        assert!(Instant::now() < deadline, "they find nothing");
        rigs.iter().for_each(|rig| rig.signal("USR1"));
        thread::sleep(Duration::from_millis(200));
    }
    between.hold(false);
    scene.registers(coordinator);
    end(rigs);
}

/// A coordinator is out of sight for so long that another one takes over, and registers. Then it is back.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_coordinator_that_is_cut_off() {
    let scene = Scene::new();
    let (server, endpoint) = (scene.server.address(), scene.chain.endpoint());
    let between = Between::before(scene.server.socket());
    let first = scene.lead(&between.url(), endpoint);
    let standby = Program::start(scene.coordinator(&server, endpoint, "--standby"));
    standby.says("leads the fleet; nothing is signed here meanwhile");
    let rigs = scene.rigs(&server);
    between.hold(true);
    standby.says(TOOK_OVER);
    scene.relax();
    standby.says(SUBMITTED);
    between.hold(false);
    first.says("leads the fleet; nothing is signed here meanwhile");
    scene.chain.block();
    for program in [first, standby] {
        program.end().exits(0);
    }
    scene.is_registered_once();
    end(rigs);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn three_of_ten_messages_are_lost() {
    let scene = Scene::new();
    let ways = [(); 2].map(|()| Between::before(scene.server.socket()));
    for (way, seed) in ways.iter().zip(1..) {
        way.lose(LOSS, seed);
    }
    let coordinator = scene.lead(&ways[0].url(), scene.chain.endpoint());
    let rigs = scene.rigs(&ways[1].url());
    scene.relax();
    scene.registers(coordinator);
    end(rigs);
    let lost = ways.map(|way| way.lost());
    assert!(lost.iter().all(|lost| *lost > 0), "{lost:?}");
}
