//! Endpoints: which the program refuses, which it skips, and what it believes.

mod chain;
mod common;

use std::net::TcpListener;

use btpow_devnet::{ALICE, BOB};
use chain::{
    program::{self, Program},
    proxy::{Fate, Proxy, SUBMIT, dead_endpoint},
    state::Chain,
    wallet::Wallet,
};
use serde_json::{Value, json};

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1";

#[test]
fn networks_that_cannot_be_meant() {
    let pin = format!("0x{}", "11".repeat(31));
    for (arguments, words) in [
        (
            "--network fynney",
            vec!["--network", "fynney", "finney, test, dev, local"],
        ),
        (
            "--network finney --network test",
            vec!["--network", "finney"],
        ),
        (
            "--network https://node.example",
            vec!["--network", "https://", "not a WebSocket"],
        ),
        (
            "--network ws://192.0.2.1:9944",
            vec!["--network", "ws://", "wss://", "--insecure"],
        ),
        ("--network ws://node.example", vec!["ws://", "--insecure"]),
        (
            &format!("--network local --genesis {pin}"),
            vec!["--genesis", "31 bytes", "block 0"],
        ),
    ] {
        for command in [
            REGISTER,
            "mine --netuid 1",
            "doctor",
            "subnets",
            "faucet --yes",
        ] {
            let wallet = Wallet::public(&ALICE, &BOB);
            let mut command = common::btpow(&format!("{command} {arguments}"));
            if !command.get_args().any(|it| it == "subnets") {
                command.arg("--wallet-path").arg(wallet.path());
            }
            let told = program::run(command).exits(2).complaining(&words);
            assert_eq!(
                (told.stderr.lines().count(), &*told.stdout),
                (1, ""),
                "{told}"
            );
        }
    }
}

#[test]
fn every_endpoint_that_fails_is_named() {
    let (first, second) = (dead_endpoint(), dead_endpoint());
    for command in [REGISTER, "doctor", "mine --netuid 1"] {
        let wallet = Wallet::public(&ALICE, &BOB);
        let mut command = program::with(&wallet, &first, command);
        command.args(["--network", &second]);
        let told = program::run(command).exits(3);
        told.complaining(&[&first, &second, "cannot be reached", "--network"]);
    }
}

#[test]
fn a_failed_handshake_of_tls_is_told() {
    let chain = Chain::easy();
    let secure = chain.endpoint().replace("ws://", "wss://");
    let told = program::run(program::at(&secure, "doctor")).exits(3);
    told.complaining(&["cannot be reached", &secure]);
}

#[test]
fn a_dead_endpoint_is_passed_over() {
    let chain = Chain::easy();
    let wallet = Wallet::new(&ALICE, &BOB);
    let mut command = program::with(&wallet, &dead_endpoint(), REGISTER);
    command.args(["--network", chain.endpoint()]);
    let program = Program::start(command);
    program.says("submitted; waiting");
    chain.block();
    let told = program.end().exits(0);
    told.saying(&[chain.endpoint()])
        .answering(json!({ "status": "registered" }));
}

/// The hash of block 0, as a chain reports it.
fn genesis(chain: &Chain) -> String {
    let hash = chain.rpc("chain_getBlockHash", json!([0])).expect("a hash");
    hash.as_str().expect("text").to_owned()
}

#[test]
fn another_chain_than_the_pinned_one_is_refused() {
    let chain = Chain::easy();
    let (right, wrong) = (genesis(&chain), format!("0x{}", "2f".repeat(32)));
    let wallet = Wallet::public(&ALICE, &BOB);
    let pinned = |command: &str, pin: &str| {
        let arguments = format!("{command} --genesis {pin}");
        program::run(program::with(&wallet, chain.endpoint(), &arguments))
    };
    pinned("doctor --netuid 1 --threads 1", &right).exits(0);
    for command in ["doctor --netuid 1", REGISTER, "mine --netuid 1"] {
        let told = pinned(command, &wrong).exits(4);
        told.complaining(&["is not the expected chain", &right, &wrong, "--genesis"]);
    }
}

/// Lies about the hash of block 0.
fn lying(chain: &Chain, hash: &str) -> Proxy {
    let proxy = Proxy::before(chain.endpoint());
    let hash = hash.to_owned();
    proxy.on_request(move |method, params| match method {
        "chain_getBlockHash" if params[0] == 0 || params[0] == "0x0" => {
            Fate::Answered(Value::from(hash.as_str()))
        }
        _ => Fate::Passed,
    });
    proxy
}

/// The program skips a bad endpoint among several; if none is good, it says what is wrong.
#[test]
fn an_endpoint_of_another_chain_is_passed_over() {
    let chain = Chain::easy();
    let pin = genesis(&chain);
    let liar = lying(&chain, &format!("0x{}", "2f".repeat(32)));
    let arguments = format!("doctor --netuid 1 --threads 1 --json --genesis {pin}");
    for (second, code) in [(chain.endpoint(), 0), (&*dead_endpoint(), 3)] {
        let mut command = program::at(&liar.endpoint(), &arguments);
        command.args(["--network", second]);
        let told = program::run(command).exits(code);
        if code == 0 {
            assert_eq!(told.json()["endpoint"], second, "{told}");
        } else {
            told.complaining(&["is not the expected chain", second]);
        }
    }
}

/// An endpoint may claim any block 0: the signature is for the requested chain, and counts on no other.
#[test]
fn a_lie_about_the_genesis_gains_nothing() {
    let chain = Chain::easy();
    let pin = format!("0x{}", "2f".repeat(32));
    let proxy = lying(&chain, &pin);
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = format!("{REGISTER} --attempts 1 --genesis {pin}");
    let told = program::run(program::with(&wallet, &proxy.endpoint(), &arguments)).exits(5);
    told.complaining(&["its signature does not fit this chain"])
        .answering(json!({ "status": "exhausted", "submissions": 1 }));
    chain.block();
    assert_eq!((chain.uid(1, &BOB), chain.nonce(&ALICE)), (None, 0));
}

/// The runtime's name sets a Subtensor apart from all other chains.
#[test]
fn another_kind_of_chain_is_refused() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let mut version = chain
        .rpc("state_getRuntimeVersion", json!([]))
        .expect("a version");
    version["specName"] = "polkadot".into();
    proxy.on_request(move |method, _| match method {
        "state_getRuntimeVersion" => Fate::Answered(version.clone()),
        _ => Fate::Passed,
    });
    let wallet = Wallet::public(&ALICE, &BOB);
    let told = program::run(program::with(&wallet, &proxy.endpoint(), REGISTER)).exits(4);
    told.complaining(&["\"polkadot\"", "no Subtensor", "nothing was sent"]);
    assert_eq!(proxy.count(SUBMIT), 0);
}

#[test]
fn answers_that_make_no_sense_are_told() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::public(&ALICE, &BOB);
    for (wrong, answer) in [
        ("chain_getHeader", json!("what?")),
        (
            "state_getRuntimeVersion",
            json!({ "specName": "node-subtensor" }),
        ),
        ("state_call", json!("0xffff")),
        ("state_queryStorageAt", json!([{ "block": 7 }])),
    ] {
        proxy.on_request(move |method, _| match method {
            method if method == wrong => Fate::Answered(answer.clone()),
            // An old way to the same metadata.
            "state_getMetadata" => Fate::Answered("0x00".into()),
            _ => Fate::Passed,
        });
        let told = program::run(program::with(&wallet, &proxy.endpoint(), REGISTER)).exits(4);
        told.complaining(&["cannot be read", "is this a Subtensor chain?"]);
    }
    assert_eq!(proxy.count(SUBMIT), 0);
}

/// A listener that says nothing is given up after ten seconds.
#[test]
fn a_silent_endpoint_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = format!("ws://{}", listener.local_addr().expect("an address"));
    let told = program::run(program::at(&silent, "doctor")).exits(3);
    told.complaining(&[&silent, "cannot be reached"]);
}

/// Neither a question nor an error can be forged by what a node says.
#[test]
fn what_a_node_says_stays_on_its_line() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let wallet = Wallet::public(&ALICE, &BOB);
    let forged = format!(
        "finney\r\nfee        0\n\u{1b}[31m\u{7}{}",
        "x".repeat(5_000)
    );
    let refused = json!({ "code": 1, "message": forged, "data": forged });
    for method in ["system_chain", "chain_getHeader", "state_queryStorageAt"] {
        let (forged, refused) = (forged.clone(), refused.clone());
        proxy.on_request(move |called, _| match called {
            "system_chain" if called == method => Fate::Answered(forged.clone().into()),
            _ if called == method => Fate::Refused(refused.clone()),
            _ => Fate::Passed,
        });
        for arguments in ["doctor --netuid 1 --threads 1", REGISTER] {
            let told = program::run(program::with(&wallet, &proxy.endpoint(), arguments));
            let text = told.to_string();
            for control in ['\u{1b}', '\r', '\u{7}'] {
                assert!(!text.contains(control), "{method}: {control:?} in {text:?}");
            }
            assert!(!text.contains("\nfee        0\n"), "{method}: {text}");
            let longest = text.lines().map(str::len).max().unwrap_or_default();
            assert!(longest < 1_000, "{method}: a line of {longest}");
        }
    }
}
