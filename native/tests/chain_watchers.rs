//! What those see who watch a search for several goals, and whom they cannot keep from seeing it.

mod chain;
mod common;

use core::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    time::Duration,
};
use std::thread;

use btpow_devnet::{ALICE, BOB, CHARLIE, keys};
use chain::{
    client::Client,
    program::{self, Program},
    search::{REGISTER, Search},
    state::{Chain, EASY, HARD},
    wallet::Wallet,
};
use serde_json::Value;

const API: &str = "--api 127.0.0.1:0";

/// What the goals of a status do, in their order.
fn phases(status: &Value) -> Vec<&str> {
    let goals = status["goals"].as_array().expect("goals").iter();
    goals.map(|it| common::text(it, "phase")).collect()
}

/// The status once goals do this, which is what the metrics say as well.
fn seen(client: &Client, wanted: &[&str]) -> Value {
    let status = client.status_with(|it| phases(it) == wanted);
    common::schema::check("status", &status);
    let metrics = client.get("/metrics").body;
    let lines = metrics.lines();
    let is_now = |it: &&str| it.starts_with("btpow_goal_phase{") && it.ends_with(" 1");
    let now: Vec<_> = lines.filter(is_now).collect();
    let goals = status["goals"].as_array().expect("goals").iter();
    let expected = goals.zip(wanted).map(|(goal, phase)| {
        let goal = common::text(goal, "goal");
        format!("btpow_goal_phase{{goal=\"{goal}\",phase=\"{phase}\"}} 1")
    });
    assert_eq!(now, expected.collect::<Vec<_>>(), "{metrics}");
    status
}

#[test]
fn each_of_several_goals_is_seen_on_its_way() {
    let chain = Chain::easy();
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::new(&ALICE, &BOB);
    wallet.add_hotkey("second", &CHARLIE);
    let arguments = format!("{REGISTER} --wallet-hotkey default --wallet-hotkey second {API}");
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    let client = Client::of(&program);
    let status = seen(&client, &["searching", "queued"]);
    for (goal, name, key) in [(0, "default", BOB), (1, "second", CHARLIE)] {
        let goal = &status["goals"][goal];
        // As the lines on standard error call it.
        assert_eq!(goal["goal"], format!("subnet 1, default/{name}"));
        assert_eq!(goal["hotkey"], key.ss58);
        assert_eq!(goal["difficulty"], HARD.to_string());
    }
    chain.set_difficulty(1, EASY);
    chain.block();
    let status = seen(&client, &["submitted", "held"]);
    assert_eq!(status["goals"][0]["submissions"], 1, "{status:#}");
    assert_eq!(status["goals"][1]["submissions"], 0, "{status:#}");
    // The chain has it.
    program.says("subnet 1, default/default: submitted; waiting for a block");
    chain.block();
    let status = client.status_with(|it| phases(it)[0] == "registered");
    assert_eq!(status["goals"][0]["expected_time"], Value::Null);
    chain.block();
    seen(&client, &["registered", "submitted"]);
    program.says("subnet 1, default/second: submitted; waiting for a block");
    chain.block();
    program.end().exits(0);
    assert_eq!(chain.uid(1, &CHARLIE), Some(1));
}

#[test]
fn a_goal_that_is_denied_is_seen_so() {
    let chain = Chain::easy();
    let takes_proofs = |is_open: u8| {
        let key = keys::subnet_key("NetworkPowRegistrationAllowed", 2);
        chain.set(key, Some(vec![is_open]));
        chain.block();
    };
    chain.set_difficulty(1, HARD);
    chain.set_difficulty(2, 2 * HARD);
    takes_proofs(1);
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --netuid 2 {API}");
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    let client = Client::of(&program);
    seen(&client, &["searching", "queued"]);
    takes_proofs(0);
    let status = seen(&client, &["searching", "denied"]);
    assert_eq!(status["goals"][1]["expected_time"], Value::Null);
}

#[test]
fn a_goal_that_was_over_at_the_start_is_seen_so() {
    let chain = Chain::easy();
    chain.set_difficulty(1, HARD);
    chain.block();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --yes --threads 1 --netuid 2 --netuid 1";
    let arguments = format!("{arguments} {API}");
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    let client = Client::of(&program);
    let status = seen(&client, &["denied", "searching"]);
    assert_eq!(status["goals"][0]["netuid"], 2);
    assert_eq!(status["goals"][1]["netuid"], 1);
}

/// A page that a browser of this machine shows asks as fast as it can: fewer times than there are connections at once.
#[test]
fn a_page_that_asks_without_end_does_not_make_others_wait() {
    const ASKERS: usize = 28;
    const PROBES: usize = 50;
    let search = Search::start(&format!("{REGISTER} {API}"), 1);
    let client = Client::of(&search.program);
    client.status_with(|it| it["goals"][0]["phase"] == "searching");
    let host = format!("Host: {}", client.address);
    let (answered, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (codes, meanwhile) = thread::scope(|scope| {
        for _ in 0..ASKERS {
            scope.spawn(|| {
                while !is_over.load(Relaxed) {
                    client.ask("GET /healthz", &[&host, "Sec-Fetch-Site: cross-site"]);
                    answered.fetch_add(1, Relaxed);
                }
            });
        }
        let probing = scope.spawn(|| {
            while answered.load(Relaxed) < ASKERS {
                thread::sleep(Duration::from_millis(5));
            }
            let before = answered.load(Relaxed);
            let codes: Vec<_> = (0..PROBES).map(|_| client.get("/healthz").code).collect();
            (codes, answered.load(Relaxed) - before)
        });
        let probed = probing.join();
        is_over.store(true, Relaxed);
        probed.expect("all are answered")
    });
    assert_eq!(codes, [200; PROBES]);
    // Who waits in one line with the page has as many of its answers before each of his own.
    assert!(meanwhile < ASKERS * PROBES / 2, "{meanwhile}");
}
