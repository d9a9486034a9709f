//! What a coordinator does beside a thousand rigs and more. `cargo xtask fleet-load` runs it, optimised, and prints what it
//! measured. It fails only if something is wrong, never because it is slow.
//!
//! All is on this machine: a NATS server, the test chain, the coordinator as a program, and the rigs ([`crowd`]) in this
//! process, each with a connection of its own.

#![cfg(target_os = "linux")]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

#[path = "../chain/mod.rs"]
mod chain;
#[path = "../common/mod.rs"]
mod common;
mod crowd;
#[path = "../nats/mod.rs"]
mod nats;
mod numbers;
mod pair;
mod scene;
#[path = "../../fleet/tests/nats/server.rs"]
mod server;

use core::time::Duration;

use self::{numbers::Times, scene::Scene};

/// The time between two blocks.
const BLOCK: Duration = Duration::from_secs(1);

fn head() {
    println!("\n| what | times | p50 | p99 | longest |\n|---|---|---|---|---|");
}

/// Blocks come, and every rig is told of each.
fn blocks(scene: &Scene, count: u64) {
    let begun = scene.spent();
    let blocks: Vec<_> = (0..count).map(|_| scene.block(BLOCK)).collect();
    let ended = scene.spent();
    let (mut whole, mut spread) = (Times::default(), Times::default());
    for block in blocks {
        let (told, arrivals) = scene.arrivals(block);
        let first = *arrivals.iter().min().expect("there are rigs");
        for at in arrivals {
            whole.add(at.duration_since(told));
            spread.add(at.duration_since(first));
        }
    }
    head();
    println!(
        "{}",
        whole.row("block told by the node → challenge at a rig")
    );
    println!("{}", spread.row("challenge at the first rig → at a rig"));
    println!("\n{}", ended.since(&begun));
}

/// One rig finds something, at any time after a block; it is sent to the chain, which refuses it. Then another one.
fn finds(scene: &Scene, count: usize) {
    let mut times = Times::default();
    for turn in 0..count {
        // At another moment of each second, and from rigs all over the crowd.
        let moment = BLOCK.mul_f64(0.1 + 0.5 * (turn * 37 % 100) as f64 / 100.0);
        times.add(scene.find(turn * 7_919 % scene.rigs, BLOCK, moment));
    }
    head();
    println!("{}", times.row("find at a rig → submission at the node"));
}

/// The same for few rigs, to see that the measurement works.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_small_crowd() {
    let scene = Scene::start(50);
    blocks(&scene, 5);
    finds(&scene, 5);
    scene.end();
}

#[test]
#[ignore = "measures for minutes: `cargo xtask fleet-load`"]
fn a_thousand_rigs() {
    let scene = Scene::start(1_000);
    blocks(&scene, 60);
    finds(&scene, 100);
    scene.end();
}

#[test]
#[ignore = "measures for minutes: `cargo xtask fleet-load`"]
fn ten_thousand_rigs() {
    let scene = Scene::start(10_000);
    blocks(&scene, 60);
    finds(&scene, 20);
    scene.end();
}

#[test]
#[ignore = "measures for minutes: `cargo xtask fleet-load`"]
fn two_rigs_hash_as_two_threads() {
    pair::compare(4);
}
