//! Others who want the same at the same time: the block's place, the nonce, the key, the subnet.

mod chain;
mod common;

use btpow_devnet::{ALICE, Account, BOB, CHARLIE, DAVE, FERDIE, keys};
use chain::{
    program::{self, Program},
    proxy::{Proxy, SUBMIT, as_nodes_tell},
    state::{Chain, HARD},
    wallet::Wallet,
};
use serde_json::json;

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1";

/// A chain, and registrations submitted to it, each with a coldkey and a hotkey.
fn submitted<const N: usize>(pairs: [(&Account, &Account); N]) -> (Chain, Proxy, [Program; N]) {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_progress(as_nodes_tell);
    let programs = pairs.map(|(coldkey, hotkey)| {
        let wallet = Wallet::new(coldkey, hotkey);
        let program = Program::start(program::with(&wallet, &proxy.endpoint(), REGISTER));
        program.says("submitted; waiting for a block");
        program
    });
    (chain, proxy, programs)
}

/// Two hotkeys, and one place in the block: the other registers in a later one.
#[test]
fn a_lost_race_is_run_again() {
    let (chain, _proxy, [first, second]) = submitted([(&ALICE, &BOB), (&DAVE, &CHARLIE)]);
    chain.block();
    let won = json!({ "status": "registered", "uid": 0, "submissions": 1 });
    first.end().exits(0).answering(won);
    // The block is full, and its winner has raised the difficulty.
    second.says("held back, as block 2");
    chain.block();
    second.says_times(2, "submitted; waiting for a block");
    chain.block();
    let late = json!({ "status": "registered", "uid": 1 });
    second.end().exits(0).answering(late);
    assert_eq!(chain.owner(&CHARLIE), Some(DAVE.public));
}

/// Both are signed with the same nonce, so one must be signed again.
#[test]
fn two_hotkeys_of_one_coldkey_register_at_once() {
    let (chain, _proxy, [first, second]) = submitted([(&ALICE, &BOB), (&ALICE, &CHARLIE)]);
    chain.block();
    first.end().exits(0);
    second.says("held back, as block 2");
    chain.block();
    second.says_times(2, "submitted; waiting for a block");
    chain.block();
    let late = json!({ "status": "registered", "uid": 1 });
    second.end().exits(0).answering(late);
    assert_eq!(
        (chain.owner(&CHARLIE), chain.nonce(&ALICE)),
        (Some(ALICE.public), 2)
    );
}

/// Whoever wins, the key is registered, as both wanted.
#[test]
fn two_rigs_for_one_key_both_succeed() {
    let (chain, proxy, rigs) = submitted([(&ALICE, &BOB), (&ALICE, &BOB)]);
    chain.block();
    for rig in rigs {
        let told = rig.end().exits(0);
        told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    }
    chain.block();
    assert_eq!((proxy.count(SUBMIT), chain.nonce(&ALICE)), (2, 1));
}

/// Rigs that divide the nonces find different proofs; the account's nonce lets one in.
#[test]
fn two_shards_for_one_key_register_once() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_progress(as_nodes_tell);
    let wallet = Wallet::new(&ALICE, &BOB);
    let rigs = [0, 1].map(|index| {
        let arguments = format!("{REGISTER} --shard {index}/2");
        let program = Program::start(program::with(&wallet, &proxy.endpoint(), &arguments));
        program.says(&format!("searching shard {index}/2 of the nonces"));
        program.says("submitted; waiting for a block");
        program
    });
    chain.block();
    for rig in rigs {
        let told = rig.end().exits(0);
        told.answering(json!({ "status": "registered", "uid": 0, "submissions": 1 }));
    }
    chain.block();
    assert_eq!((proxy.count(SUBMIT), chain.nonce(&ALICE)), (2, 1));
}

/// An endless search, and a change of the chain that ends it.
#[track_caller]
fn ended_by(change: impl FnOnce(&Chain), code: i32, words: &[&str], answer: serde_json::Value) {
    let chain = Chain::easy();
    chain.set_difficulty(1, HARD);
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} -vv");
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), &arguments));
    program.says("best block number=1");
    change(&chain);
    chain.block();
    let told = program.end().exits(code);
    let told = if words.is_empty() {
        told
    } else {
        told.complaining(words)
    };
    told.answering(answer);
    assert_eq!(proxy.count(SUBMIT), 0);
}

#[test]
fn a_key_that_somebody_else_registers_is_lost() {
    ended_by(
        |chain| {
            chain.set(keys::uids_key(1, &BOB.public), Some(vec![9, 0]));
            chain.set(keys::owner_key(&BOB.public), Some(FERDIE.public.to_vec()));
        },
        6,
        &[
            "registered on subnet 1 as UID 9",
            FERDIE.ss58,
            "use another hotkey",
        ],
        json!({ "status": "denied", "reason": "registered_by_other" }),
    );
}

#[test]
fn a_key_that_its_owner_registers_elsewhere_is_registered() {
    ended_by(
        |chain| {
            chain.set(keys::uids_key(1, &BOB.public), Some(vec![9, 0]));
            chain.set(keys::owner_key(&BOB.public), Some(ALICE.public.to_vec()));
        },
        0,
        &[],
        json!({ "status": "already_registered", "uid": 9, "submissions": 0 }),
    );
}

#[test]
fn a_subnet_that_closes_ends_the_search() {
    ended_by(
        |chain| {
            let allowed = keys::subnet_key("NetworkPowRegistrationAllowed", 1);
            chain.set(allowed, Some(vec![0]));
        },
        4,
        &["subnet 1 takes no proof of work"],
        json!({ "status": "denied", "reason": "pow_off" }),
    );
}

#[test]
fn a_subnet_that_dissolves_ends_the_search() {
    ended_by(
        |chain| chain.set(keys::subnet_key("NetworksAdded", 1), None),
        4,
        &["subnet 1 does not exist"],
        json!({ "status": "denied", "reason": "no_subnet" }),
    );
}
