//! What is known of a registration before anything is mined: every command says the same, and nothing is sent.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB, FERDIE, Options, keys};
use chain::{
    program::{self, Program},
    proxy::{Fate, Proxy},
    search::refused,
    state::{Chain, options},
    wallet::Wallet,
};
use serde_json::json;

/// A full subnet where the owner has every place, beforehand; nothing is mined.
#[test]
fn a_full_subnet_is_told_beforehand() {
    let chain = Chain::easy();
    let words = ["subnet 4 is full", "no key on it can be replaced"];
    for command in ["register --yes --json", "doctor --json", "mine --json"] {
        let command = format!("{command} --netuid 4");
        let told = refused(chain.endpoint(), &ALICE, &BOB, &command).exits(6);
        let told = told.complaining(&words);
        if command.starts_with("register") {
            told.answering(json!({ "status": "denied", "reason": "full", "submissions": 0 }));
        } else if command.starts_with("doctor") {
            told.answering(json!({ "ready": false, "reason": "full" }));
        }
    }
    let told = program::run(program::at(chain.endpoint(), "subnets --json --threads 1")).exits(0);
    let shut: Vec<_> = told.json()["subnets"]
        .as_array()
        .expect("subnets")
        .iter()
        .map(|subnet| (subnet["netuid"].clone(), subnet["obstacle"].clone()))
        .collect();
    let expected = [(1, json!(null)), (3, json!(null)), (4, json!("full"))];
    assert_eq!(shut, expected.map(|(netuid, why)| (json!(netuid), why)));
    let people = program::run(program::at(chain.endpoint(), "subnets --threads 1")).exits(0);
    let table = &people.stdout;
    assert!(table.contains("2 of 4 subnets take proofs"), "{people}");
    assert!(table.contains("1 of 1  subnet 4 is full"), "{people}");
}

/// What is read beforehand is advice: a node that does not serve it keeps nobody from registering.
#[test]
fn what_a_node_does_not_say_beforehand_stays_unknown() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_request(|method, _| match method {
        "state_getStorage" => Fate::Refused(json!({ "code": -32601, "message": "no" })),
        _ => Fate::Passed,
    });
    let wallet = Wallet::public(&ALICE, &BOB);
    let doctor = "doctor --netuid 1 --threads 1 -vv";
    let told = program::run(program::with(&wallet, &proxy.endpoint(), doctor)).exits(0);
    told.saying(&["the number of hotkeys is unknown"]);
}

/// A full subnet where a key gives way is open.
#[test]
fn a_full_subnet_with_a_replaceable_key_takes_the_new_one() {
    let chain = Chain::start(&Options {
        storage: vec![
            (keys::account_key(&ALICE.public), None),
            (keys::subnet_key("SubnetOwner", 4), None),
        ],
        ..options()
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let doctor = "doctor --netuid 4 --threads 1 --json";
    let told = program::run(program::with(&wallet, chain.endpoint(), doctor)).exits(0);
    told.answering(json!({ "ready": true, "reason": null }));
    let arguments = "register --netuid 4 --yes --json --threads 1";
    let program = Program::start(program::with(&wallet, chain.endpoint(), arguments));
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0);
    assert_eq!((chain.uid(4, &BOB), chain.uid(4, &FERDIE)), (Some(0), None));
}

/// When a swap may be done, and the hash of the key that takes over.
fn announcement() -> Vec<u8> {
    [vec![9, 0, 0, 0], vec![7; 32]].concat()
}

/// So many hotkeys in a list.
fn hotkeys(count: u16) -> Vec<u8> {
    let length = (count << 2 | 1).to_le_bytes();
    [length.to_vec(), vec![7; usize::from(count) * 32]].concat()
}

#[test]
fn what_the_coldkey_may_not_do_is_told_beforehand() {
    let announced = (
        keys::swap_announcement_key(&ALICE.public),
        Some(announcement()),
    );
    let disputed = (
        keys::swap_dispute_key(&ALICE.public),
        Some(vec![9, 0, 0, 0]),
    );
    let many = |key| (key, Some(hotkeys(256)));
    for (storage, reason, words) in [
        (
            vec![announced.clone()],
            "swap_announced",
            "the swap of the coldkey",
        ),
        (vec![announced, disputed], "swap_disputed", "is disputed"),
        (
            vec![many(keys::owned_hotkeys_key(&ALICE.public))],
            "too_many_hotkeys",
            "as many hotkeys as the chain allows",
        ),
        (
            vec![many(keys::staking_hotkeys_key(&ALICE.public))],
            "too_many_hotkeys",
            "as many hotkeys as the chain allows",
        ),
    ] {
        let chain = Chain::easy();
        chain.set_storage(&storage).expect("set");
        chain.block();
        let run = |command: &str| {
            let command = format!("{command} --netuid 1 --threads 1");
            let told = refused(chain.endpoint(), &ALICE, &BOB, &command).exits(4);
            told.complaining(&[words, ALICE.ss58])
        };
        run("register --yes --json").answering(json!({ "status": "denied", "reason": reason }));
        run("doctor --json").answering(json!({ "ready": false, "reason": reason }));
        run("mine --json");
        // A proof alone needs nobody's leave.
        let solve = format!(
            "solve --netuid 1 --hotkey {} --coldkey {} --threads 1",
            BOB.ss58, ALICE.ss58
        );
        let told = program::run(program::at(chain.endpoint(), &solve)).exits(0);
        told.saying(&["warning: this proof registers nothing", words]);
    }
}

#[test]
fn a_solution_that_registers_nothing_is_said_to() {
    let chain = Chain::easy();
    for (netuid, words) in [(2, "its owner has not enabled it"), (4, "subnet 4 is full")] {
        let solve = format!(
            "solve --netuid {netuid} --hotkey {} --coldkey {} --threads 1",
            BOB.ss58, ALICE.ss58
        );
        let told = program::run(program::at(chain.endpoint(), &solve)).exits(0);
        told.saying(&["warning: this proof registers nothing", words]);
    }
}
