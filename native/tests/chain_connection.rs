//! Bad luck between the program and the chain: connections break, nodes fail or change.

mod chain;
mod common;

use core::time::Duration;
use std::{sync::mpsc, time::Instant};

use btpow_devnet::{ALICE, BOB, Options};
use chain::{
    program::{self, Program},
    proxy::{Fate, Proxy, SUBMIT},
    search::{REGISTER, Search},
    state::{Chain, options},
    text::PATIENCE,
    wallet::Wallet,
};
use serde_json::{Value, json};

#[test]
fn a_connection_that_broke_in_mid_search_is_made_again() {
    let search = Search::start(REGISTER, 1);
    let (proxy, program) = (&search.proxies[0], &search.program);
    proxy.close();
    proxy.cut();
    let lost = program.says("warning: the connection to");
    assert!(lost.contains(&proxy.endpoint()), "{lost}");
    assert!(
        lost.contains("is lost") && lost.contains("connecting again, mining on"),
        "{lost}"
    );
    // Blocks that nobody sees meanwhile.
    search.chain.blocks_until(3);
    proxy.open();
    program.says("connected to");
    program.says("best block number=3");
    search.relax();
    search.registers(1);
}

#[test]
fn the_next_endpoint_takes_over() {
    let search = Search::start(REGISTER, 2);
    let [first, second] = &search.proxies[..] else {
        panic!("two proxies");
    };
    assert_eq!((first.connections(), second.connections()), (1, 0));
    first.close();
    first.cut();
    let words = format!("connected to {}", second.endpoint());
    search.program.says(&words);
    search.relax();
    search.registers(1);
}

/// A node that comes back with another chain is no help.
#[test]
fn another_chain_in_the_place_of_the_first_is_refused() {
    let search = Search::start(REGISTER, 1);
    let proxy = &search.proxies[0];
    let other = format!("0x{}", "2f".repeat(32));
    let told = other.clone();
    proxy.on_request(move |method, params| match method {
        "chain_getBlockHash" if params[0] == 0 || params[0] == "0x0" => {
            Fate::Answered(Value::from(told.as_str()))
        }
        _ => Fate::Passed,
    });
    proxy.cut();
    let told = search.program.end().exits(4);
    told.complaining(&["is not the expected chain", &other]);
    assert_eq!(proxy.count(SUBMIT), 0);
}

/// The program asks a node again after a temporary failure.
#[test]
fn an_error_in_mid_search_is_outlived() {
    let search = Search::start(REGISTER, 1);
    let proxy = &search.proxies[0];
    let mut failed = false;
    proxy.on_request(move |method, _| match method {
        "state_queryStorageAt" if !failed => {
            failed = true;
            Fate::Refused(json!({ "code": -32005, "message": "Too many requests" }))
        }
        _ => Fate::Passed,
    });
    search.chain.block();
    search.program.says("Too many requests");
    search.program.says("best block number=2");
    search.relax();
    search.registers(1);
}

/// Each pause is longer than the one before, even if it is not the connection that fails.
#[test]
fn a_node_that_stays_ill_is_not_flooded() {
    let search = Search::start(REGISTER, 1);
    let (tell, pauses) = mpsc::channel();
    let mut failed: Option<Instant> = None;
    search.proxies[0].on_request(move |method, _| match method {
        "state_queryStorageAt" => {
            failed = Some(Instant::now());
            Fate::Refused(json!({ "code": -32005, "message": "Too many requests" }))
        }
        // The first request of a connection.
        "chain_getBlockHash" => {
            let pause = failed.take().map(|failed| failed.elapsed());
            // When the test is over, nobody listens any more.
            let _ = pause.map(|pause| tell.send(pause));
            Fate::Passed
        }
        _ => Fate::Passed,
    });
    search.chain.block();
    let pauses = [0; 4].map(|_| pauses.recv_timeout(PATIENCE).expect("another try"));
    // After 0.25, 0.5 and 1 second, the fourth pause is 2 seconds, of which at least half passes.
    assert!(pauses[3] >= Duration::from_secs(1), "{pauses:?}");
}

/// The chain has it, but nobody can say so: the program looks it up and does not send it again.
#[test]
fn a_submission_that_arrived_is_not_repeated() {
    let search = Search::start(REGISTER, 1);
    let proxy = &search.proxies[0];
    proxy.on_request(|method, _| match method {
        SUBMIT => Fate::PassedAndLost,
        _ => Fate::Passed,
    });
    search.relax();
    search.program.says("lost sight of the submission");
    search.program.says("checking the chain for it");
    // The block that holds it, and one more, before anybody sees either.
    search.chain.block();
    search.chain.block();
    proxy.open();
    let told = search.program.end().exits(0);
    told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    assert_eq!((proxy.count(SUBMIT), search.chain.nonce(&ALICE)), (1, 1));
}

/// The chain does not have it: the program sends the same proof again, which cannot count twice.
#[test]
fn a_submission_that_did_not_arrive_is_repeated() {
    let search = Search::start(REGISTER, 1);
    let proxy = &search.proxies[0];
    let mut lost = false;
    proxy.on_request(move |method, _| match method {
        SUBMIT if !lost => {
            lost = true;
            Fate::Lost
        }
        _ => Fate::Passed,
    });
    search.relax();
    search.program.says("lost sight of the submission");
    search.program.says("connected to");
    search.chain.block();
    search.program.says_times(2, "submitting");
    search.registers(2);
}

/// The pool has it when the connection breaks, and it waits there for its block: to whoever asks, the key is not
/// registered yet. The second submission has the same nonce, so only one of them counts.
#[test]
fn a_submission_that_waits_in_the_pool_counts_once() {
    let search = Search::start(REGISTER, 1);
    let proxy = &search.proxies[0];
    let mut lost = false;
    proxy.on_request(move |method, _| match method {
        SUBMIT if !lost => {
            lost = true;
            Fate::PassedAndLost
        }
        _ => Fate::Passed,
    });
    search.relax();
    search.program.says("lost sight of the submission");
    proxy.open();
    search.program.says("connected to");
    search.chain.block();
    let told = search.program.end().exits(0);
    told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    assert_eq!((proxy.count(SUBMIT), search.chain.nonce(&ALICE)), (1, 1));
}

/// The program looks up the faucet's money as well, since its proof could be used twice.
#[test]
fn the_faucet_is_not_asked_twice() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_request(|method, _| match method {
        SUBMIT => Fate::PassedAndLost,
        _ => Fate::Passed,
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "faucet --yes --json --threads 1";
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), arguments));
    program.says("lost sight of the submission");
    chain.block();
    proxy.open();
    let told = program.end().exits(0);
    told.answering(json!({ "status": "given", "amount": "1000000000000", "submissions": 1 }));
    assert_eq!(chain.free(&ALICE), 1_000_000_000_000);
}

/// Another process on the same port: its chain starts afresh, and nothing of the old one is left.
#[test]
fn a_node_that_was_restarted_is_found_again() {
    let first = Chain::easy();
    let port = first.endpoint().rsplit(':').next().expect("a port");
    let port = port.parse().expect("a number");
    let wallet = Wallet::new(&ALICE, &BOB);
    first.blocks_until(4);
    first.fill_block(1);
    let program = Program::start(program::with(&wallet, first.endpoint(), REGISTER));
    program.says("held back, as block 4");
    drop(first);
    program.says("connecting again");
    let second = Chain::start(&Options { port, ..options() });
    program.says("connected to");
    program.says("block 1: the chain was re-organised");
    program.says("submitted; waiting");
    second.block();
    let told = program.end().exits(0);
    told.answering(json!({ "status": "registered", "submissions": 1 }));
    assert_eq!(second.work_block(&BOB), Some(1));
}

/// The registration is in its block, but nobody is left to say that the block is final.
#[test]
fn a_connection_that_broke_before_the_end_is_no_loss() {
    let search = Search::start(REGISTER, 1);
    let proxy = &search.proxies[0];
    proxy.on_progress(|progress| progress.get("finalized").is_none().then_some(progress));
    search.relax();
    search.program.says("submitted; waiting");
    search.chain.block();
    search
        .program
        .says("registered as UID 0; waiting until the block is final");
    proxy.cut();
    let told = search.program.end().exits(0);
    told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
}

/// The block that holds the registration cannot be read, but the next one shows it.
#[test]
fn a_block_that_cannot_be_read_is_no_loss() {
    let search = Search::start(REGISTER, 1);
    search.proxies[0].on_request(|method, _| match method {
        "chain_getBlock" => Fate::Refused(json!({ "code": 1, "message": "pruned" })),
        _ => Fate::Passed,
    });
    search.relax();
    search.program.says("submitted; waiting");
    search.chain.block();
    search
        .program
        .says("a block holds the submission, but cannot be read");
    search.chain.block();
    let told = search.program.end().exits(0);
    told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    assert_eq!(search.chain.nonce(&ALICE), 1);
}

#[test]
fn a_signal_ends_a_search_that_has_no_chain() {
    let search = Search::start(REGISTER, 1);
    search.proxies[0].close();
    search.proxies[0].cut();
    search.program.says("connecting again");
    search.program.signal("INT");
    let told = search.program.end().exits(130);
    told.answering(json!({ "status": "interrupted", "submissions": 0 }));
}
