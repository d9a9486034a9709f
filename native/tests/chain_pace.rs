//! How much the program asks the chain, and how long things take. It prints the measured values.

mod chain;
mod common;

use core::time::Duration;
use std::{thread, time::Instant};

use btpow_devnet::{ALICE, BOB, Options};
use chain::{
    program::{self, Program},
    proxy::Proxy,
    state::{Chain, options},
    wallet::Wallet,
};

/// The most time for something that takes milliseconds, on a machine busy with other tests.
const FAR_ABOVE: f64 = 500.0;

/// A search on subnet 3, where nothing is found.
fn mine(endpoint: &str) -> Program {
    let wallet = Wallet::public(&ALICE, &BOB);
    let arguments = "mine --netuid 3 -vv";
    let program = Program::start(program::with(&wallet, endpoint, arguments));
    program.says("best block number=1");
    program
}

/// The milliseconds of all lines that say `what`, sorted.
fn times(log: &str, what: &str) -> Vec<f64> {
    let of = format!("{what} ms=");
    let times = log.lines().filter_map(|line| line.split(&of).nth(1));
    let times = times.map(|time| time.trim().parse().expect("milliseconds"));
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times
}

/// For each new block, the program asks for the runtime's version and reads storage once; in between, nothing.
#[test]
fn two_round_trips_a_block_and_none_in_between() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let program = mine(&proxy.endpoint());
    for number in 2..=8 {
        let before = proxy.calls();
        chain.block();
        program.says(&format!("best block number={number}"));
        let mut calls = proxy.calls().split_off(before.len());
        calls.sort();
        let expected = ["state_getRuntimeVersion", "state_queryStorageAt"];
        assert_eq!(calls, expected, "block {number}");
    }
    let before = proxy.calls().len();
    // There is no sign of something that does not happen.
    thread::sleep(Duration::from_secs(2));
    assert!(proxy.calls()[before..].is_empty(), "{:?}", proxy.calls());
    assert_eq!(proxy.connections(), 1);
}

#[test]
fn a_block_reaches_every_device_at_once() {
    let chain = Chain::easy();
    let program = mine(chain.endpoint());
    // A block's time is logged with the next one.
    for number in 2..=21 {
        chain.block();
        program.says(&format!("best block number={number}"));
    }
    chain.block();
    program.says("best block number=22");
    let times = times(&program.said(), "from block to all devices");
    assert!(times.len() >= 15, "{}", program.said());
    let median = times[times.len() / 2];
    println!(
        "from a block to all devices: median {median:.1} ms, longest {:.1} ms of {}",
        times[times.len() - 1],
        times.len()
    );
    assert!(median < FAR_ABOVE, "{times:?}");
}

#[test]
fn a_proof_is_sent_at_once() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 1 --yes --threads 1 -v";
    let program = Program::start(program::with(&wallet, chain.endpoint(), arguments));
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    let times = times(&told.stderr, "from found to sent");
    let [time] = times[..] else {
        panic!("{} times: {told}", times.len());
    };
    println!("from a proof found to its transaction sent: {time:.1} ms");
    assert!(time < FAR_ABOVE, "{told}");
}

/// At the real chain's lowest difficulty, with a block every second, this takes seconds.
#[test]
fn ten_million_takes_seconds() {
    let chain = Chain::start(&Options {
        difficulty: 10_000_000,
        block_time: Some(Duration::from_secs(1)),
        ..options()
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 1 --yes --json --threads 2";
    let began = Instant::now();
    let told = program::run(program::with(&wallet, chain.endpoint(), arguments)).exits(0);
    let took = began.elapsed();
    let rate = told.json()["statistics"]["hash_rate_perpetual"].clone();
    println!("registered at difficulty 10,000,000 in {took:.1?}, at {rate} hashes per second");
    assert!(took < Duration::from_secs(60), "{took:?}: {told}");
    assert_eq!(chain.uid(1, &BOB), Some(0));
}
