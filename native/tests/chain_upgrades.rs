//! The runtime changes while a proof is on its way.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB, Variant};
use chain::{
    program::{self, Program},
    proxy::{Fate, Proxy, SUBMIT, Word},
    search::{REGISTER, Search},
    state::Chain,
    wallet::Wallet,
};
use serde_json::json;

/// A signature must be for the runtime that will read it.
#[test]
fn a_runtime_upgrade_in_mid_search_changes_what_is_signed() {
    let search = Search::start(REGISTER, 1);
    search.chain.upgrade(Variant::V1Next).expect("upgraded");
    search.program.says("the runtime was upgraded spec=476");
    search.relax();
    search.registers(1);
}

/// The signature was for the old runtime when it reached the pool of the new one.
#[test]
fn an_upgrade_on_the_way_to_the_pool_costs_an_attempt() {
    let search = Search::start(REGISTER, 1);
    let proxy = &search.proxies[0];
    let word = Word::default();
    let held = word.clone();
    proxy.on_request(move |method, _| match method {
        SUBMIT => Fate::Held(held.clone()),
        _ => Fate::Passed,
    });
    search.relax();
    proxy.hears(SUBMIT);
    search.chain.upgrade(Variant::V1Next).expect("upgraded");
    search.program.says("the runtime was upgraded");
    proxy.pass_all();
    word.give();
    search
        .program
        .says("its signature does not fit this chain at this moment; mining on (1 of 3");
    search.chain.block();
    search.registers(2);
}

/// The last block of the old runtime may hold the registration.
#[test]
fn an_upgrade_with_the_registration_is_read() {
    let search = Search::start(REGISTER, 1);
    search.relax();
    search.program.says("submitted; waiting");
    search.chain.upgrade(Variant::V1Next).expect("upgraded");
    let told = search.program.end().exits(0);
    told.answering(json!({ "status": "registered", "uid": 0 }));
}

/// From there on, a `register` would burn money, so no proof is sent.
#[test]
fn an_upgrade_to_a_burning_runtime_ends_it() {
    for arguments in [REGISTER, "mine --netuid 1 --json --threads 1 -vv"] {
        let search = Search::start(arguments, 1);
        search.chain.upgrade(Variant::Burning).expect("upgraded");
        let told = search.program.end().exits(4);
        told.complaining(&[
            "runtime 425 takes no proof of work",
            "burns TAO",
            "nothing was sent",
        ]);
        assert_eq!(search.proxies[0].count(SUBMIT), 0);
        assert_eq!(search.chain.nonce(&ALICE), 0);
    }
}

/// A proof that waits for a block with room is not sent to a runtime that burns, either.
#[test]
fn a_proof_that_is_held_back_is_not_burnt() {
    let chain = Chain::easy();
    chain.fill_block(1);
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), REGISTER));
    program.says("held back");
    chain.upgrade(Variant::Burning).expect("upgraded");
    let told = program.end().exits(4);
    told.answering(json!({ "status": "denied", "reason": "runtime", "submissions": 0 }));
    chain.block();
    assert_eq!((proxy.count(SUBMIT), chain.nonce(&ALICE)), (0, 0));
}

/// A block that holds the registration and brings the burning runtime: the key is registered.
#[test]
fn a_burning_runtime_takes_no_registration_back() {
    let search = Search::start(REGISTER, 1);
    search.relax();
    search.program.says("submitted; waiting");
    search.chain.upgrade(Variant::Burning).expect("upgraded");
    let told = search.program.end().exits(0);
    told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    assert_eq!(search.chain.uid(1, &BOB), Some(0));
}

/// A proof that was sent before is not denied.
#[test]
fn what_was_sent_before_an_upgrade_is_told() {
    let search = Search::start(REGISTER, 1);
    search.proxies[0].on_request(|method, _| match method {
        SUBMIT => Fate::Answered("swallowed".into()),
        _ => Fate::Passed,
    });
    search.relax();
    search.proxies[0].hears(SUBMIT);
    search.chain.upgrade(Variant::Burning).expect("upgraded");
    let told = search.program.end().exits(4);
    assert_eq!(told.times("nothing was sent"), 0, "{told}");
    told.complaining(&["runtime 425 takes no proof of work"])
        .answering(json!({ "status": "denied", "reason": "runtime", "submissions": 1 }));
}

/// Another protocol needs other storage and another signer.
#[test]
fn an_upgrade_to_another_protocol_ends_it() {
    let chain = Chain::of(Variant::LegacyLittle);
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = REGISTER.replace("--netuid 1", "--netuid 3");
    let program = Program::start(program::with(&wallet, chain.endpoint(), &arguments));
    program.says("best block number=1");
    chain.upgrade(Variant::V1).expect("upgraded");
    let told = program.end().exits(1);
    told.complaining(&["was upgraded", "v1 proofs", "run the command again"])
        .answering(json!({ "status": "denied", "submissions": 0 }));
}
