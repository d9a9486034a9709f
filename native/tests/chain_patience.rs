//! What `register` and `mine` wait for, and which search they pause.

mod chain;
mod common;

#[cfg(target_os = "linux")]
use core::time::Duration;

use btpow_devnet::{ALICE, BOB, FERDIE, keys};
use chain::{
    program::{self, Program, Told},
    search::{REGISTER, Search, refused},
    state::Chain,
    wallet::Wallet,
};
use serde_json::{Value, json};

/// Lets subnet 2 take proofs, from the next block on.
fn open(chain: &Chain) {
    let key = keys::subnet_key("NetworkPowRegistrationAllowed", 2);
    chain.set(key, Some(vec![1]));
}

/// The pauses of an answer: reasons, and how often each began.
fn pauses(told: &Told) -> Vec<(String, u64)> {
    let answer = told.json();
    let pauses = answer["statistics"]["pauses"].as_array().expect("pauses");
    let pauses = pauses.iter().map(|pause| {
        let time = pause["time_spent"].as_f64().expect("a time");
        assert!(time > 0.0, "{told}");
        let reason = common::text(pause, "reason").to_owned();
        (reason, pause["times"].as_u64().expect("a count"))
    });
    pauses.collect()
}

#[test]
fn a_closed_subnet_is_waited_for_at_no_cost_until_it_opens() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 2 --wait-open --yes --json --device cpu --threads 1 -vv";
    let program = Program::start(program::with(&wallet, chain.endpoint(), arguments));
    program.says("subnet 2 takes no proof of work: its owner has not enabled it; waiting");
    program.says("paused; waiting for the subnet to open");
    #[cfg(target_os = "linux")]
    {
        use chain::process::processor_time;
        const BLOCKS: u32 = 20;
        let before = processor_time(program.id());
        for _ in 0..BLOCKS {
            let number = chain.block();
            program.says(&format!("best block number={number}"));
        }
        // 0.2 % of a core, with a block every 12 seconds.
        let spent = processor_time(program.id()) - before;
        println!("{spent:?} for {BLOCKS} blocks");
        assert!(spent * 500 <= BLOCKS * Duration::from_secs(12), "{spent:?}");
    }
    open(&chain);
    let opened = chain.block();
    program.says(&format!(
        "block {opened}: the subnet takes proofs now; mining"
    ));
    program.says("submitted; waiting for a block");
    chain.block();
    let told = program.end().exits(0);
    let told = told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    assert_eq!(pauses(&told), [("closed".to_owned(), 1)]);
    assert_eq!(
        told.times("paused; "),
        1,
        "once, not every few seconds: {told}"
    );
    assert_eq!(chain.uid(2, &BOB), Some(0));
}

#[test]
fn a_subnet_that_does_not_exist_is_waited_for_until_the_end() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 9 --wait-open --yes --json --threads 1";
    let program = Program::start(program::with(&wallet, chain.endpoint(), arguments));
    program.says("subnet 9 does not exist on this chain; waiting until that changes");
    program.signal("INT");
    let told = program.end().exits(130);
    let told = told.answering(json!({ "status": "interrupted", "submissions": 0 }));
    assert_eq!(told.json()["statistics"]["nonces_total"], "0");
    assert_eq!(pauses(&told), [("closed".to_owned(), 1)]);
    assert!(
        told.stderr.contains("waits      subnet 9 does not exist"),
        "{told}"
    );
    assert!(!told.stderr.contains("difficulty "), "it has none: {told}");
}

/// Without the flag everything says the same, and how to wait.
#[test]
fn without_the_flag_a_closed_subnet_ends_it() {
    let chain = Chain::easy();
    for command in [
        "register --yes --json",
        "doctor --json --threads 1",
        "mine --json",
    ] {
        let command = format!("{command} --netuid 2");
        let told = refused(chain.endpoint(), &ALICE, &BOB, &command).exits(4);
        told.complaining(&[
            "takes no proof of work",
            "`btpow register --wait-open` waits for",
        ]);
    }
}

#[test]
fn what_would_still_be_in_the_way_is_not_waited_for() {
    let chain = Chain::easy();
    chain.set(keys::owner_key(&BOB.public), Some(FERDIE.public.to_vec()));
    chain.block();
    for command in ["register --yes --json", "mine --json"] {
        let command = format!("{command} --netuid 2 --wait-open");
        let told = refused(chain.endpoint(), &ALICE, &BOB, &command).exits(6);
        told.complaining(&["the hotkey belongs to the coldkey", FERDIE.ss58]);
    }
}

#[test]
fn a_difficulty_above_the_highest_pauses() {
    let search = Search::start(&format!("{REGISTER} --max-difficulty 1M"), 1);
    search.program.says(
        "the difficulty 1,000,000,000,000,000 is above --max-difficulty 1,000,000; mining pauses",
    );
    search
        .program
        .says("block 1: paused; difficulty 1,000,000,000,000,000 above --max-difficulty");
    search.relax();
    search.program.says("block 2: mining goes on");
    search.program.says("submitted; waiting for a block");
    search.chain.block();
    let told = search.program.end().exits(0);
    assert_eq!(pauses(&told), [("difficulty".to_owned(), 1)]);
}

#[test]
fn a_search_that_takes_too_long_pauses() {
    let search = Search::start(&format!("{REGISTER} --device cpu --max-expected 1h"), 1);
    let told = search
        .program
        .says("on average, more than --max-expected 1 h 0 min; mining pauses");
    assert!(told.contains(" a proof would take "), "{told}");
    search.program.says("above --max-expected");
    search.relax();
    search.program.says("block 2: mining goes on");
    search.program.says("submitted; waiting for a block");
    search.chain.block();
    let told = search.program.end().exits(0);
    assert_eq!(pauses(&told), [("expected_time".to_owned(), 1)]);
    assert_ne!(told.json()["statistics"]["nonces_total"], "0");
}

#[test]
fn mining_stops_after_so_many_proofs() {
    let chain = Chain::easy();
    let wallet = Wallet::public(&ALICE, &BOB);
    let arguments = "mine --netuid 2 --wait-open --json --threads 1 --stop-after 2";
    let program = Program::start(program::with(&wallet, chain.endpoint(), arguments));
    program.says("waiting until that changes");
    open(&chain);
    chain.block();
    program.answer(1);
    chain.block();
    let told = program.end().exits(0);
    let blocks = told.stdout.lines().map(|line| {
        let proof: Value = serde_json::from_str(line).expect("JSON");
        proof["block_number"].as_u64().expect("a number")
    });
    assert_eq!(blocks.collect::<Vec<_>>(), [2, 3], "{told}");
}
