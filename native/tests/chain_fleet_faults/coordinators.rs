//! Coordinators that die.

use crate::{
    chain::{
        program::Program,
        proxy::{Fate, Proxy, SUBMIT, Word},
    },
    scene::{SUBMITTED, Scene, WINDOW, end},
};

/// It has a find, and its answer was given; then it is killed before the chain has heard of it, and started again.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_coordinator_that_is_killed_between_find_and_submission() {
    let scene = Scene::new();
    let server = scene.server.address();
    let proxy = Proxy::before(scene.chain.endpoint());
    let word = Word::default();
    proxy.on_request(move |method, _| match method {
        SUBMIT => Fate::Held(word.clone()),
        _ => Fate::Passed,
    });
    let first = scene.lead(&server, &proxy.endpoint());
    let rigs = scene.rigs(&server);
    scene.relax();
    first.says("; submitting");
    proxy.hears(SUBMIT);
    // It is killed.
    drop(first);
    // The proofs that rigs have are for the newest block: there is no other.
    let again = Program::start(scene.coordinator(&server, scene.chain.endpoint(), ""));
    again.says("found a proof for block");
    scene.registers(again);
    end(rigs);
}

/// The transaction is on its way when it is killed. The next one finds the key registered, and sends nothing.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn a_coordinator_that_is_killed_after_its_submission() {
    let scene = Scene::new();
    let server = scene.server.address();
    let first = scene.lead(&server, scene.chain.endpoint());
    let rigs = scene.rigs(&server);
    scene.relax();
    first.says(SUBMITTED);
    drop(first);
    let again = Program::start(scene.coordinator(&server, scene.chain.endpoint(), ""));
    again.says("found a proof for block");
    again.says("; submitting");
    // Of two transactions with one nonce the pool has one, and says nothing of the other.
    scene.blocks(WINDOW);
    again.end().exits(0);
    scene.is_registered_once();
    end(rigs);
}
