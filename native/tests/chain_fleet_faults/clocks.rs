//! Clocks that are wrong.

use std::process::Command;

use crate::{
    chain::program::Program,
    scene::{LEADS, Scene, end},
};

/// The same program with another time of day. That which only counts how long something lasts is left alone: the simulation has
/// clocks that go too fast.
fn at(time: &str, command: &Command) -> Program {
    let mut wrong = Command::new("faketime");
    wrong
        .args(["--exclude-monotonic", "-f", time])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        );
    Program::start(wrong)
}

/// A coordinator from the future dies, whose term the next one cannot know; and no two rigs agree on the date.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn nobody_has_the_right_time() {
    let scene = Scene::new();
    let (server, endpoint) = (scene.server.address(), scene.chain.endpoint());
    let first = at("+30y", &scene.coordinator(&server, endpoint, ""));
    first.says(LEADS);
    let times = ["-20y", "+20y", "+1d"].into_iter();
    let rigs = times.zip(scene.rig_commands(&server));
    let rigs: Vec<_> = rigs.map(|(time, command)| at(time, &command)).collect();
    for rig in &rigs {
        rig.says("hashing v1 for block");
    }
    drop(first);
    let again = at("-10y", &scene.coordinator(&server, endpoint, ""));
    again.says("rig rig-1 joined");
    scene.relax();
    scene.registers(again);
    end(rigs);
}
