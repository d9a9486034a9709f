//! Bad luck on the chain: full blocks, late proofs, rising difficulty, blocks that vanish. The registration succeeds
//! all the same, and no proof that still counts is thrown away.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB, Variant};
use chain::{
    program::{self, Program},
    proxy::{Fate, Proxy, SUBMIT, Word, as_nodes_tell},
    state::{Chain, EASY, HARD},
    wallet::Wallet,
};
use serde_json::json;

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1";

/// Starts a registration of `//Bob` by `//Alice`.
fn register(endpoint: &str, more: &str) -> Program {
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = Program::start(program::with(
        &wallet,
        endpoint,
        &format!("{REGISTER} {more}"),
    ));
    // The wallet may vanish once the key is open, which is before anything is mined.
    program.says("proof");
    program
}

/// The node accepts this many submissions and then says nothing about them.
fn swallow(proxy: &Proxy, times: usize) {
    let mut subscriptions = 0;
    proxy.on_request(move |method, _| match method {
        SUBMIT if subscriptions < times => {
            subscriptions += 1;
            Fate::Answered(format!("swallowed-{subscriptions}").into())
        }
        _ => Fate::Passed,
    });
}

#[test]
fn a_proof_is_held_back_until_a_block_has_room() {
    let chain = Chain::easy();
    chain.fill_block(1);
    let proxy = Proxy::before(chain.endpoint());
    let program = register(&proxy.endpoint(), "");
    program.says("held back, as block 1 has all the registrations it may have");
    assert_eq!(proxy.count(SUBMIT), 0);
    chain.block();
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 1 });
    program.end().exits(0).answering(expected);
    // This is the proof that was held back.
    assert_eq!(chain.work_block(&BOB), Some(1));
}

#[test]
fn a_proof_that_no_block_took_is_mined_again() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    swallow(&proxy, 1);
    let program = register(&proxy.endpoint(), "");
    proxy.hears(SUBMIT);
    chain.blocks_until(7);
    program.says("no block took the proof in time; mining on (1 of 3 attempts)");
    program.says_times(2, "submitting");
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 2 });
    program.end().exits(0).answering(expected);
    assert_eq!(chain.nonce(&ALICE), 1);
}

/// When the proof reaches the pool, it counts in no later block.
#[test]
fn a_proof_that_reached_the_pool_too_late_is_mined_again() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let word = Word::default();
    let held = word.clone();
    proxy.on_request(move |method, _| match method {
        SUBMIT => Fate::Held(held.clone()),
        _ => Fate::Passed,
    });
    let program = register(&proxy.endpoint(), "-vv");
    proxy.hears(SUBMIT);
    chain.blocks_until(6);
    program.says("best block number=6");
    proxy.pass_all();
    word.give();
    program.says("the pool did not take the proof: the chain's own rules (code 255)");
    chain.block();
    program.says("the proof came too late; mining on (1 of 3 attempts)");
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 2 });
    program.end().exits(0).answering(expected);
}

/// Refusals that are not about the proof: the pool holds another transaction of the signer, or the node fails for a
/// moment. The program sends the proof again with the next block.
#[test]
fn a_refusal_that_may_pass_is_outlived() {
    for (code, message, attempt) in [
        (1014, "Priority is too low: (9 vs 9)", 0),
        (1010, "Transaction is outdated", 1),
        (-32603, "Internal error", 1),
    ] {
        let chain = Chain::easy();
        let proxy = Proxy::before(chain.endpoint());
        let mut refused = false;
        proxy.on_request(move |method, _| match method {
            SUBMIT if !refused => {
                refused = true;
                Fate::Refused(json!({ "code": code, "message": message }))
            }
            _ => Fate::Passed,
        });
        let program = register(&proxy.endpoint(), "");
        program.says("submitting");
        if attempt > 0 {
            program.says("the pool refused the proof: ");
        }
        chain.block();
        program.says("submitted; waiting");
        chain.block();
        let told = program.end().exits(0);
        assert_eq!(told.times("of 3 attempts"), attempt, "{message}: {told}");
        told.answering(json!({ "status": "registered", "submissions": 2 }));
        assert_eq!(chain.work_block(&BOB), Some(1), "{message}");
    }
}

#[test]
fn attempts_have_an_end() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    swallow(&proxy, 2);
    let program = register(&proxy.endpoint(), "--attempts 2");
    program.says("submitting");
    chain.blocks_until(7);
    program.says_times(2, "submitting");
    chain.blocks_until(13);
    let told = program.end().exits(5);
    told.complaining(&[
        "no block took the proof in time",
        "no more attempts after 2",
        "--attempts",
    ])
    .answering(json!({ "status": "exhausted", "submissions": 2, "uid": null }));
    assert_eq!(chain.uid(1, &BOB), None);
}

/// The difficulty rises between finding and sending. When it falls again in time, the program sends the proof.
#[test]
fn a_proof_outlives_a_rise_of_the_difficulty() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    chain.fill_block(1);
    let program = register(&proxy.endpoint(), "-vv");
    program.says("held back");
    chain.set_difficulty(1, HARD);
    chain.blocks_until(4);
    program.says("the difficulty rose to");
    program.says("best block number=4");
    assert_eq!(proxy.count(SUBMIT), 0);
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 1 });
    program.end().exits(0).answering(expected);
    assert_eq!(chain.work_block(&BOB), Some(1));
}

/// The difficulty rises between sending and inclusion: the block cannot take the proof, and the pool drops it.
#[test]
fn a_proof_that_is_too_weak_for_its_block_is_kept() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_progress(as_nodes_tell);
    let program = register(&proxy.endpoint(), "-vv");
    program.says("submitted; waiting");
    chain.set_difficulty(1, HARD);
    chain.block();
    program.says("the pool dropped the proof (invalid); mining on (1 of 3 attempts)");
    chain.block();
    program.says("best block number=3");
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says_times(2, "submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered" });
    program.end().exits(0).answering(expected);
    assert_eq!(chain.work_block(&BOB), Some(1));
}

/// The old runtimes take such a proof into a block, where it fails.
#[test]
fn a_legacy_proof_that_is_too_weak_fails_in_its_block() {
    let chain = Chain::of(Variant::LegacyLittle);
    let program = register(chain.endpoint(), "-vv");
    program.says("submitted; waiting");
    chain.set_difficulty(1, HARD);
    chain.block();
    program.says("the difficulty rose before the proof was included; mining on");
    chain.block();
    program.says("best block number=3");
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says_times(2, "submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 2 });
    program.end().exits(0).answering(expected);
    assert_eq!(chain.nonce(&BOB), 2);
}

/// While a proof waits, the search goes on for a lower seal, which survives a rise of the difficulty.
#[test]
fn the_lowest_seal_is_kept() {
    let chain = Chain::easy();
    chain.fill_block(1);
    let program = register(chain.endpoint(), "");
    program.says("held back");
    // The first status line: some seconds of hashes, thousands of times the difficulty.
    program.says("H/s, expected");
    chain.set_difficulty(1, 50 * EASY);
    chain.block();
    program.says("proof for block 1, seal");
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 1 });
    program.end().exits(0).answering(expected);
    assert_eq!(chain.work_block(&BOB), Some(1));
}

/// The proof is for a block that no longer exists. The chain would refuse it, so the program does not send it.
#[test]
fn a_block_that_vanished_asks_for_nothing() {
    let chain = Chain::easy();
    chain.block();
    chain.fill_block(1);
    let proxy = Proxy::before(chain.endpoint());
    let program = register(&proxy.endpoint(), "");
    program.says("held back, as block 2");
    chain.set_head(1).expect("a block");
    chain.block();
    program.says("the chain was re-organised; proofs are checked again");
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 1 });
    program.end().exits(0).answering(expected);
    assert_eq!(proxy.count(SUBMIT), 1);
}

/// The proof is for a block before those that were replaced, so it still counts.
#[test]
fn a_proof_outlives_a_re_organisation() {
    let chain = Chain::easy();
    chain.block();
    chain.fill_block(1);
    let proxy = Proxy::before(chain.endpoint());
    let program = register(&proxy.endpoint(), "-vv");
    program.says("held back, as block 2");
    chain.set_difficulty(1, HARD);
    chain.block();
    program.says("best block number=3");
    chain.set_head(2).expect("a block");
    program.says("block 2: the chain was re-organised");
    chain.set_difficulty(1, EASY);
    chain.block();
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 1 });
    program.end().exits(0).answering(expected);
    assert_eq!(chain.work_block(&BOB), Some(2));
}

/// A block without the registration replaces the one with it.
#[test]
fn a_registration_that_vanished_is_made_again() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let mut finals = 0;
    proxy.on_progress(move |mut progress| {
        // What a node reports instead, when the first block was not the last word.
        if let Some(block) = progress.get_mut("finalized") {
            finals += 1;
            if finals == 1 {
                return Some(json!({ "retracted": block.take() }));
            }
        }
        Some(progress)
    });
    let program = register(&proxy.endpoint(), "");
    program.says("submitted; waiting");
    chain.block();
    program.says("registered as UID 0; waiting until the block is final");
    program.says("the block that held the registration was replaced; still waiting");
    chain.set_head(1).expect("a block");
    chain.blocks_until(7);
    program.says("no block took the proof in time; mining on");
    program.says_times(2, "submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "uid": 0, "submissions": 2 });
    program.end().exits(0).answering(expected);
    assert_eq!(chain.uid(1, &BOB), Some(0));
}
