//! Refusals by the program and by the chain: a message, an exit code, and nothing sent.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB, FERDIE, Options, Variant, keys};
use chain::{
    program::{self, Program},
    proxy::{Fate, Proxy, SUBMIT, dead_endpoint},
    search::refused,
    state::{Chain, options},
    wallet::Wallet,
};
use serde_json::json;

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1";

/// There, `register` would burn the signer's money and ignore the proof.
#[test]
fn a_burning_runtime_is_refused_by_every_command() {
    let chain = Chain::of(Variant::Burning);
    let words = [
        "runtime 425 takes no proof of work",
        "burns TAO",
        "nothing was sent",
    ];
    for arguments in [
        REGISTER,
        "register --netuid 1 --yes",
        "mine --netuid 1",
        "mine --netuid 1 --once --json",
        "doctor",
        "doctor --netuid 1",
        "subnets",
    ] {
        let with_keys = !arguments.starts_with("subnets");
        let told = if with_keys {
            refused(chain.endpoint(), &ALICE, &BOB, arguments)
        } else {
            program::run(program::at(chain.endpoint(), arguments))
        };
        told.exits(4).complaining(&words);
    }
    let told = refused(chain.endpoint(), &ALICE, &BOB, "doctor --netuid 1 --json");
    told.exits(4).complaining(&words).answering(json!({
        "protocol": null,
        "ready": false,
        "reason": "runtime",
        "spec_version": 425,
    }));
    assert_eq!((chain.nonce(&ALICE), chain.nonce(&BOB)), (0, 0));
    assert_eq!(chain.height(), 1);
}

#[test]
fn what_the_chain_would_refuse_is_not_mined_for() {
    let chain = Chain::start(&Options {
        storage: vec![
            (keys::account_key(&ALICE.public), None),
            // Somebody else's hotkey, which is on no subnet.
            (keys::owner_key(&BOB.public), Some(FERDIE.public.to_vec())),
        ],
        ..options()
    });
    for (netuid, hotkey, code, reason, words) in [
        (
            1,
            &BOB,
            6,
            "owned_by_other",
            ["belongs to the coldkey", FERDIE.ss58, "another hotkey"],
        ),
        (
            4,
            &FERDIE,
            6,
            "registered_by_other",
            ["subnet 4 as UID 0", FERDIE.ss58, "owns it"],
        ),
        (
            2,
            &ALICE,
            4,
            "pow_off",
            ["subnet 2", "its owner has not enabled it", "btpow subnets"],
        ),
        (
            9,
            &ALICE,
            4,
            "no_subnet",
            ["subnet 9 does not exist", "on this chain", "btpow subnets"],
        ),
    ] {
        let netuid = format!("--netuid {netuid}");
        let run = |command: &str| {
            refused(
                chain.endpoint(),
                &ALICE,
                hotkey,
                &format!("{command} {netuid}"),
            )
        };
        let denied = json!({ "status": "denied", "reason": reason, "submissions": 0, "uid": null });
        let register = run("register --yes --json").exits(code);
        register.complaining(&words).answering(denied);
        run("register --yes").exits(code).complaining(&words);
        run("mine --json").exits(code).complaining(&words);
        let doctor = run("doctor --json").exits(code).complaining(&words);
        doctor.answering(json!({ "ready": false, "reason": reason }));
    }
}

#[test]
fn the_root_is_no_subnet_to_mine_for() {
    for command in ["register --yes --json", "mine", "doctor", "solve"] {
        // Nothing is connected for that.
        let arguments = format!("{command} --netuid 0");
        let told = program::run(program::at(&dead_endpoint(), &arguments)).exits(2);
        told.complaining(&["--netuid", "root subnet"]);
    }
}

/// A subnet that fills up in mid-search: only the block tells.
#[test]
fn a_full_subnet_is_told_by_its_block() {
    let chain = Chain::start(&Options {
        storage: vec![
            (keys::account_key(&ALICE.public), None),
            (keys::subnet_key("SubnetOwner", 4), None),
        ],
        ..options()
    });
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 4 --yes --json --threads 1";
    let program = Program::start(program::with(&wallet, &proxy.endpoint(), arguments));
    program.says("submitted; waiting");
    let owner = FERDIE.public.to_vec();
    chain.set(keys::subnet_key("SubnetOwner", 4), Some(owner));
    chain.block();
    let told = program.end().exits(6);
    told.complaining(&["subnet 4 is full", "try again later"])
        .answering(json!({ "status": "denied", "reason": "full", "submissions": 1 }));
    assert_eq!((chain.uid(4, &BOB), proxy.count(SUBMIT)), (None, 1));
}

/// The pool says why, and no block will change it.
#[test]
fn what_does_not_pass_by_waiting_ends_at_once() {
    let chain = Chain::easy();
    for (code, reason, words) in [
        (0, "swap_announced", "is announced"),
        (21, "swap_disputed", "is disputed"),
        (3, "no_subnet", "does not exist"),
    ] {
        let proxy = Proxy::before(chain.endpoint());
        proxy.on_request(move |method, _| match method {
            SUBMIT => Fate::Refused(json!({
                "code": 1010,
                "message": "Invalid Transaction",
                "data": format!("Custom error: {code}"),
            })),
            _ => Fate::Passed,
        });
        let wallet = Wallet::new(&ALICE, &BOB);
        let told = program::run(program::with(&wallet, &proxy.endpoint(), REGISTER)).exits(4);
        told.complaining(&[words])
            .answering(json!({ "status": "denied", "reason": reason, "submissions": 1 }));
    }
}

/// Reasons that keep a subnet shut although proofs of work are on.
#[test]
fn a_subnet_without_places_is_refused() {
    let chain = Chain::easy();
    for (item, reason, words) in [
        (
            "MaxRegistrationsPerBlock",
            "no_registrations",
            "allows no registrations in a block",
        ),
        ("MaxAllowedUids", "no_places", "has no place for any key"),
    ] {
        chain.set(keys::subnet_key(item, 1), Some(vec![0, 0]));
        let told = refused(chain.endpoint(), &ALICE, &BOB, REGISTER).exits(4);
        told.complaining(&[words])
            .answering(json!({ "status": "denied", "reason": reason }));
    }
}

/// It has some, but not enough: only the pool knows.
#[test]
fn a_fee_above_the_balance_is_told_by_the_pool() {
    let chain = Chain::start(&Options {
        variant: Variant::LegacyLittle,
        ..options()
    });
    let proxy = Proxy::before(chain.endpoint());
    proxy.on_request(|method, _| match method {
        SUBMIT => Fate::Refused(json!({
            "code": 1010,
            "message": "Invalid Transaction",
            "data": "Inability to pay some fees (e.g. account balance too low)",
        })),
        _ => Fate::Passed,
    });
    let wallet = Wallet::new(&ALICE, &BOB);
    let told = program::run(program::with(&wallet, &proxy.endpoint(), REGISTER)).exits(4);
    told.complaining(&[BOB.ss58, "cannot pay", "give it some TAO"])
        .answering(json!({ "status": "denied", "reason": "cannot_pay", "submissions": 1 }));
}

#[test]
fn flags_that_cannot_be_meant() {
    let wallet = Wallet::public(&ALICE, &BOB);
    for (arguments, words) in [
        (
            "register --netuid 1 --yes --attempts 0",
            ["--attempts", "1 to 1000"],
        ),
        (
            "register --netuid 1 --yes --attempts many",
            ["--attempts", "1 to 1000"],
        ),
        (
            "register --netuid 1 --yes --wait soon",
            ["--wait", "inclusion or finality"],
        ),
        (
            "register --netuid 1 --yes --timeout 0",
            ["--timeout", "90s"],
        ),
        (
            "register --netuid 1 --yes --password-fd x",
            ["--password-fd", "like 3"],
        ),
        (
            "register --netuid 1 --yes --threads 0",
            ["--threads", "1 to 1024"],
        ),
        (
            "register --netuid 1 --yes --device gpu:7",
            ["--device", "gpu:7"],
        ),
        ("register --netuid 65536 --yes", ["--netuid", "1 to 65535"]),
        ("register --yes", ["--netuid", "missing"]),
        ("faucet --yes --attempts 0", ["--attempts", "1 to 1000"]),
        ("mine --netuid 1 --timeout soon", ["--timeout", "90s"]),
        ("mine --netuid 1 --hotkey bob", ["--hotkey", "SS58"]),
        ("doctor --netuid one", ["--netuid", "1 to 65535"]),
    ] {
        // Nothing is connected for that.
        let told = program::run(program::with(&wallet, "ws://127.0.0.1:1", arguments));
        assert_eq!(told.code, Some(2), "{arguments}: {told}");
        told.complaining(&words);
    }
}
