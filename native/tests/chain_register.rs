//! Registrations that succeed, on a chain that checks them as the real one does.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB, CHARLIE, Variant, keys};
use chain::{
    program::{self, Program},
    proxy::{Proxy, SUBMIT},
    state::Chain,
    wallet::{ALICE_ED25519, Wallet},
};
use serde_json::json;

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1";

/// A coldkey that the chain has never heard of registers its hotkey, and has spent nothing.
#[test]
fn v1_registers_without_money() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    assert_eq!(chain.free(&ALICE), 0);

    let program = Program::start(program::with(&wallet, &proxy.endpoint(), REGISTER));
    program.says("submitted; waiting for a block");
    assert_eq!(chain.block(), 2);
    let told = program.end().exits(0).saying(&[
        "call       SubtensorModule.pow_register, signed by the coldkey",
        "fee        0: no TAO is spent",
        "the hotkey gets a UID on subnet 1, and the coldkey owns it",
        "registered as UID 0",
    ]);
    let block = told.json()["block_hash"].clone();
    told.answering(json!({
        "status": "registered",
        "reason": null,
        "spec_version": 475,
        "protocol": "v1",
        "netuid": 1,
        "uid": 0,
        "hotkey": BOB.ss58,
        "coldkey": ALICE.ss58,
        "submissions": 1,
    }));
    assert_eq!(
        block,
        chain.rpc("chain_getBlockHash", json!([2])).expect("a hash")
    );

    assert_eq!(chain.uid(1, &BOB), Some(0));
    assert_eq!(chain.owner(&BOB), Some(ALICE.public));
    assert_eq!(chain.work_block(&BOB), Some(1));
    assert_eq!((chain.free(&ALICE), chain.nonce(&ALICE)), (0, 1));
    assert_eq!(proxy.count(SUBMIT), 1);
}

/// The answer for people, and the names that the reference gives to its options.
#[test]
fn the_reference_s_options_are_understood() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 1 --yes --processors 1 --update-interval 4096 \
                     --no-output-in-place --wallet.name default --wallet.hotkey default";
    let program = Program::start(program::with(&wallet, chain.endpoint(), arguments));
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    for words in [
        "registered  UID 0 on subnet 1\n",
        BOB.ss58,
        ALICE.ss58,
        "took ",
    ] {
        assert!(told.stdout.contains(words), "{words:?} is missing: {told}");
    }
}

/// `--wait inclusion` does not wait for finality.
#[test]
fn inclusion_is_enough_where_the_user_says_so() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_progress(|progress| progress.get("finalized").is_none().then_some(progress));
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --wait inclusion");
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), &arguments));
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "uid": 0 });
    program.end().exits(0).answering(expected);
}

/// A registration that is not final yet is one all the same, and its answer says so.
#[test]
fn what_was_registered_before_ctrl_c_is_in_the_answer() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_progress(|progress| progress.get("finalized").is_none().then_some(progress));
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), REGISTER));
    program.says("submitted; waiting");
    chain.block();
    program.says("registered as UID 0; waiting until the block is final");
    program.signal("INT");
    program
        .end()
        .exits(130)
        .saying(&[
            "interrupted; registered as UID 0 in block 0x",
            "not final yet",
        ])
        .answering(json!({ "status": "interrupted", "uid": 0, "submissions": 1 }));
}

/// The old runtimes: the hotkey signs and pays.
#[test]
fn legacy_registers_in_either_order() {
    for (variant, order, spec) in [
        (Variant::LegacyBig, "big", 277),
        (Variant::LegacyLittle, "little", 393),
    ] {
        let chain = Chain::of(variant);
        let wallet = Wallet::new(&ALICE, &BOB);
        let before = chain.free(&BOB);
        let program = Program::start(program::with(&wallet, chain.endpoint(), REGISTER));
        program.says("submitted; waiting");
        chain.block();
        program
            .end()
            .exits(0)
            .saying(&["SubtensorModule.register, signed by the hotkey"])
            .answering(json!({
                "status": "registered",
                "spec_version": spec,
                "protocol": "legacy",
                "order": order,
                "uid": 0,
                "submissions": 1,
            }));
        assert_eq!(chain.uid(1, &BOB), Some(0), "{variant}");
        assert_eq!(chain.owner(&BOB), Some(ALICE.public), "{variant}");
        assert_eq!(
            (chain.nonce(&BOB), chain.nonce(&ALICE)),
            (1, 0),
            "{variant}"
        );
        assert!(chain.free(&BOB) < before, "{variant}: nobody paid");
    }
}

#[test]
fn an_ed25519_coldkey_registers() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE_ED25519, &BOB);
    let program = Program::start(program::with(&wallet, chain.endpoint(), REGISTER));
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0).answering(json!({
        "status": "registered",
        "coldkey": ALICE_ED25519.ss58,
    }));
    assert_eq!(chain.owner(&BOB), Some(ALICE_ED25519.public));
    assert_eq!(chain.free(&ALICE_ED25519), 0);
}

/// The second hotkey of a coldkey: the nonce differs, and the difficulty has risen.
#[test]
fn a_coldkey_registers_twice() {
    let chain = Chain::easy();
    for (uid, hotkey) in [(0, BOB), (1, CHARLIE)] {
        let wallet = Wallet::new(&ALICE, &hotkey);
        let program = Program::start(program::with(&wallet, chain.endpoint(), REGISTER));
        // The block that holds the first registration takes no second one.
        if uid > 0 {
            program.says("held back");
            chain.block();
        }
        program.says("submitted; waiting");
        chain.block();
        let expected = json!({ "status": "registered", "uid": uid });
        program.end().exits(0).answering(expected);
    }
    assert_eq!(chain.nonce(&ALICE), 2);
}

/// A key that lost its place may come back with a proof for a newer block than its last one.
#[test]
fn a_key_comes_back_with_a_newer_proof() {
    let chain = Chain::easy();
    let last = keys::last_pow_registration_block_key(&BOB.public);
    chain.set(last, Some(1_u64.to_le_bytes().to_vec()));
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} -vv");
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), &arguments));
    // A status line, some seconds later: there are proofs for block 1 by then, and none is sent.
    program.says("H/s, expected");
    assert_eq!(proxy.count(SUBMIT), 0);
    chain.block();
    program.says("submitted; waiting");
    chain.block();
    let expected = json!({ "status": "registered", "submissions": 1 });
    program.end().exits(0).answering(expected);
    assert_eq!(chain.work_block(&BOB), Some(2));
}

/// A nonce of several bytes.
#[test]
fn a_coldkey_with_a_past_registers() {
    let chain = Chain::easy();
    let mut account = chain
        .storage(&keys::account_key(&CHARLIE.public))
        .expect("the chain answers")
        .expect("Charlie has money");
    account[..4].copy_from_slice(&70_000_u32.to_le_bytes());
    chain.set(keys::account_key(&CHARLIE.public), Some(account));
    let before = chain.free(&CHARLIE);
    let wallet = Wallet::new(&CHARLIE, &BOB);
    let program = Program::start(program::with(&wallet, chain.endpoint(), REGISTER));
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0);
    assert_eq!(
        (chain.nonce(&CHARLIE), chain.free(&CHARLIE)),
        (70_001, before)
    );
}

#[test]
fn already_registered_is_success() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), REGISTER));
    program.says("submitted; waiting");
    chain.block();
    program.end().exits(0);

    // No secret is needed to see that there is nothing to do.
    let wallet = Wallet::public(&ALICE, &BOB);
    let told = program::run(program::with(&wallet, &proxy.endpoint(), REGISTER)).exits(0);
    told.answering(json!({
        "status": "already_registered",
        "uid": 0,
        "submissions": 0,
        "statistics": null,
    }));
    let told = program::run(program::with(
        &wallet,
        &proxy.endpoint(),
        "register --netuid 1 --yes",
    ));
    assert!(
        told.stdout
            .contains("registered  already, as UID 0 on subnet 1"),
        "{told}"
    );
    assert_eq!((proxy.count(SUBMIT), chain.nonce(&ALICE)), (1, 1));
}

/// The faucet's byte order is big-endian with the old runtimes, and little-endian since.
#[test]
fn the_faucet_gives() {
    for (variant, order) in [
        (Variant::V1, "little"),
        (Variant::LegacyBig, "big"),
        (Variant::LegacyLittle, "little"),
    ] {
        let chain = Chain::of(variant);
        let wallet = Wallet::new(&ALICE, &BOB);
        let arguments = "faucet --yes --json --threads 1";
        let program = Program::start(program::with(&wallet, chain.endpoint(), arguments));
        program.says("submitted; waiting");
        chain.block();
        program.end().exits(0).answering(json!({
            "status": "given",
            "amount": "1000000000000",
            "protocol": "legacy",
            "order": order,
            "netuid": null,
            "coldkey": ALICE.ss58,
        }));
        assert_eq!(chain.free(&ALICE), 1_000_000_000_000, "{variant}");
    }
}

/// The program answers however the search ended.
#[test]
fn a_signal_has_an_answer() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    // Windows has no SIGTERM.
    let signals = [("INT", 130), ("TERM", 143)];
    let known = if common::is_for_windows() { 1 } else { 2 };
    for (signal, code) in signals.into_iter().take(known) {
        let arguments = "register --netuid 3 --yes --json --threads 1 -vv";
        let program = Program::start(program::with(&wallet, chain.endpoint(), arguments));
        program.says("best block number=1");
        program.signal(signal);
        let told = program.end().exits(code);
        let told = told.saying(&["\ninterrupted; nothing was sent\n"]);
        told.answering(json!({ "status": "interrupted", "uid": null, "submissions": 0 }));
    }
}

/// Where there is no answer, standard output has nothing to lose, and the exit code is that of the end.
#[test]
#[cfg(target_os = "linux")]
fn an_end_without_an_answer_needs_no_standard_output() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let register = "register --netuid 3 --yes --threads 1 -vv";
    let register = program::with(&wallet, chain.endpoint(), register);
    let mut shell = std::process::Command::new("sh");
    shell
        .env_clear()
        .args(["-c", "exec \"$0\" \"$@\" >/dev/full"])
        .arg(register.get_program())
        .args(register.get_args());
    let program = Program::start(shell);
    program.says("best block number=1");
    program.signal("INT");
    let told = program.end().exits(130);
    assert!(!told.stderr.contains("standard output"), "{told}");
}

/// A submission cannot be called back.
#[test]
fn a_signal_after_the_submission_says_what_may_come() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let program = Program::start(program::with(&wallet, chain.endpoint(), REGISTER));
    program.says("submitted; waiting");
    program.signal("INT");
    program
        .end()
        .exits(130)
        .saying(&[
            "interrupted; what was sent may still be included",
            "btpow doctor",
        ])
        .answering(json!({ "status": "interrupted", "submissions": 1 }));
    chain.block();
    assert_eq!(chain.uid(1, &BOB), Some(0));
}

#[test]
fn a_time_limit_has_an_answer() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    // On a busy machine the search may not have begun by then.
    let mut told = [1, 4, 16, 64].into_iter().map(|seconds| {
        let arguments =
            format!("register --netuid 3 --yes --json --threads 1 --timeout {seconds}s");
        program::run(program::with(&wallet, chain.endpoint(), &arguments)).exits(5)
    });
    let told = told.find(|told| !told.stderr.contains("before the search began"));
    told.expect("it searched")
        .saying(&["time is up; nothing was sent"])
        .answering(json!({ "status": "timed_out", "submissions": 0 }));
}
