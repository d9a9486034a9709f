//! Mining for a signature elsewhere, and for no chain at all.

mod chain;
mod common;

use btpow_core::{Position, Protocol};
use btpow_devnet::{ALICE, Account, BOB, Variant};
use chain::{
    program::{self, Program},
    proxy::{Proxy, SUBMIT},
    state::Chain,
    terminal::Terminal,
    wallet::Wallet,
};
use common::{run, text};
use serde_json::{Value, json};

const MINE: &str = "mine --netuid 1 --threads 1";

/// The flags of two keys, without any wallet.
fn keys(hotkey: &Account, coldkey: &Account) -> String {
    format!("--hotkey {} --coldkey {}", hotkey.ss58, coldkey.ss58)
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.strip_prefix("0x").expect("0x").as_bytes();
    let pairs = digits
        .chunks(2)
        .map(|pair| core::str::from_utf8(pair).expect("ASCII"));
    let bytes = pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal"));
    bytes.collect()
}

fn number(proof: &Value, field: &str) -> u64 {
    text(proof, field).parse().expect("a number")
}

/// The call, written from the protocol alone: 84 bytes.
fn pow_register(proof: &Value, hotkey: &Account) -> Vec<u8> {
    let mut call = vec![7, 152];
    call.extend(1_u16.to_le_bytes());
    call.extend(
        proof["block_number"]
            .as_u64()
            .expect("a number")
            .to_le_bytes(),
    );
    call.extend(number(proof, "nonce").to_le_bytes());
    call.extend(bytes(text(proof, "seal")));
    call.extend(hotkey.public);
    assert_eq!(call.len(), 84);
    call
}

/// The call of the old runtimes: the length precedes the work, and the coldkey is named.
fn register(proof: &Value, hotkey: &Account, coldkey: &Account) -> Vec<u8> {
    let mut call = vec![7, 6];
    call.extend(1_u16.to_le_bytes());
    call.extend(
        proof["block_number"]
            .as_u64()
            .expect("a number")
            .to_le_bytes(),
    );
    call.extend(number(proof, "nonce").to_le_bytes());
    call.push(32 << 2);
    call.extend(bytes(text(proof, "seal")));
    call.extend(hotkey.public);
    call.extend(coldkey.public);
    call
}

/// The reference accepts it.
fn verified(proof: &Value) {
    let field = |name| text(proof, name);
    let common = format!(
        "verify --json --block-hash {} --hotkey {} --nonce {} --seal {} --difficulty {}",
        field("block_hash"),
        field("hotkey"),
        field("nonce"),
        field("seal"),
        field("difficulty")
    );
    let special = match field("protocol") {
        "v1" => format!(
            "--netuid {} --coldkey {}",
            proof["netuid"],
            field("coldkey")
        ),
        _ => format!("--protocol legacy --order {}", field("order")),
    };
    let output = run(&format!("{common} {special}"));
    assert!(output.status.success(), "{proof}");
    assert_eq!(common::object(&output.stdout)["valid"], true, "{proof}");
}

#[test]
fn a_proof_comes_with_the_call_that_carries_it() {
    let chain = Chain::easy();
    let genesis = chain.rpc("chain_getBlockHash", json!([0])).expect("a hash");
    let head = chain.rpc("chain_getBlockHash", json!([1])).expect("a hash");
    // With keys alone, and with a wallet that has no secret.
    let arguments = format!("{MINE} --once --json {}", keys(&BOB, &ALICE));
    let by_keys = program::at(chain.endpoint(), &arguments);
    let wallet = Wallet::public(&ALICE, &BOB);
    let arguments = format!("{MINE} --once --json");
    let by_wallet = program::with(&wallet, chain.endpoint(), &arguments);
    for command in [by_keys, by_wallet] {
        let told = program::run(command).exits(0).answering(json!({
            "protocol": "v1",
            "order": "little",
            "netuid": 1,
            "block_number": 1,
            "block_hash": head,
            "genesis": genesis,
            "last_block": 6,
            "spec_version": 475,
            "hotkey": BOB.ss58,
            "coldkey": ALICE.ss58,
            "signer": ALICE.ss58,
        }));
        let proof = told.json();
        assert_eq!(
            bytes(text(&proof, "call")),
            pow_register(&proof, &BOB),
            "{told}"
        );
        assert_eq!(
            proof["call_json"],
            json!({
                "pallet": "SubtensorModule",
                "call": "pow_register",
                "arguments": {
                    "netuid": "1",
                    "work_block": "1",
                    "nonce": proof["nonce"],
                    "work": proof["seal"],
                    "hotkey": BOB.ss58,
                },
            })
        );
        verified(&proof);
    }
}

#[test]
fn legacy_proofs_are_signed_by_the_hotkey() {
    for (variant, order) in [
        (Variant::LegacyBig, "big"),
        (Variant::LegacyLittle, "little"),
    ] {
        let chain = Chain::of(variant);
        let arguments = format!("{MINE} --once --json {}", keys(&BOB, &ALICE));
        let told = program::run(program::at(chain.endpoint(), &arguments)).exits(0);
        let told = told.answering(json!({
            "protocol": "legacy",
            "order": order,
            "signer": BOB.ss58,
            "last_block": 3,
        }));
        let proof = told.json();
        assert_eq!(
            bytes(text(&proof, "call")),
            register(&proof, &BOB, &ALICE),
            "{told}"
        );
        verified(&proof);
    }
}

#[test]
fn people_are_told_what_to_sign_and_with_what() {
    let chain = Chain::easy();
    let arguments = format!("{MINE} --once {}", keys(&BOB, &ALICE));
    let told = program::run(program::at(chain.endpoint(), &arguments)).exits(0);
    let sign = format!(
        "sign     SubtensorModule.pow_register with the coldkey {}",
        ALICE.ss58
    );
    // Before the first proof, what it does and with which devices.
    let heading = "Mining v1 for netuid 1, block 1, difficulty 1,000; on cpu: ";
    let (_time, first) = told.stderr.split_once(' ').expect("a time");
    assert!(first.starts_with(heading), "{told}");
    for words in [
        "proof    for block 1, counts until block 6",
        "call     0x07980100",
        &sign,
    ] {
        assert!(told.stdout.contains(words), "{words:?} is missing: {told}");
    }
}

#[test]
fn a_shard_has_proofs_of_its_own() {
    let chain = Chain::easy();
    for (shard, last) in [("0/4", 0), ("3/4", 3)] {
        let arguments = format!(
            "{MINE} --once --json --shard {shard} {}",
            keys(&BOB, &ALICE)
        );
        let told = program::run(program::at(chain.endpoint(), &arguments)).exits(0);
        let words = format!("; shard {shard} of the nonces");
        let proof = told.saying(&[&words]).json();
        verified(&proof);
        let nonce = number(&proof, "nonce");
        assert_eq!(Position::of_nonce(nonce, Protocol::V1).0 >> 62, last);
    }
}

/// A proof for every block, for as long as the key is not registered.
#[test]
fn proofs_are_refreshed_until_somebody_registers_the_key() {
    let chain = Chain::easy();
    let proxy = Proxy::before(chain.endpoint());
    let arguments = format!("{MINE} --json {}", keys(&BOB, &ALICE));
    let miner = Program::start(program::at(&proxy.endpoint(), &arguments));
    for block in 1..=4 {
        let line = miner.answer(block);
        let proof: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(
            (&proof["block_number"], &proof["last_block"]),
            (&json!(block), &json!(block + 5))
        );
        assert_eq!(bytes(text(&proof, "call")), pow_register(&proof, &BOB));
        verified(&proof);
        if block < 4 {
            chain.block();
        }
    }
    assert_eq!(proxy.count(SUBMIT), 0);

    let wallet = Wallet::new(&ALICE, &BOB);
    let elsewhere = "register --netuid 1 --yes --threads 1";
    let signer = Program::start(program::with(&wallet, chain.endpoint(), elsewhere));
    signer.says("submitted; waiting");
    chain.block();
    signer.end().exits(0);
    let told = miner.end().exits(0);
    let told = told.saying(&["the hotkey is now registered on subnet 1, as UID 0"]);
    let last = told.stdout.lines().last().expect("a line");
    let registered = |status: &str| json!({ "status": status, "netuid": 1, "uid": 0, "hotkey": BOB.ss58, "coldkey": ALICE.ss58 });
    assert_eq!(
        serde_json::from_str::<Value>(last).expect("JSON"),
        registered("registered")
    );

    let told = program::run(program::at(chain.endpoint(), &arguments)).exits(0);
    let told = told.saying(&["already registered on subnet 1, as UID 0"]);
    told.answering(registered("already_registered"));
}

/// The status is drawn on the same terminal.
#[test]
#[cfg(unix)]
fn a_proof_on_a_terminal_begins_on_a_line_of_its_own() {
    let chain = Chain::easy();
    let arguments = format!("{MINE} --device cpu {}", keys(&BOB, &ALICE));
    let mut command = program::at(chain.endpoint(), &arguments);
    command.env("TERM", "xterm");
    let mut terminal = Terminal::start(&command);
    terminal.shows("Mining v1 for netuid 1, block 1");
    for block in 1..=3 {
        terminal.shows(&format!("proof    for block {block}"));
        // The status is drawn again before the next one.
        terminal.shows("H/s");
        chain.block();
    }
    terminal.types_key(3);
    let (code, text) = terminal.end();
    assert_eq!(code, 130, "{text}");
    let proofs: Vec<_> = text.match_indices("proof    for block").collect();
    assert!(proofs.len() >= 3, "{text}");
    for (place, _) in proofs {
        let line = text[..place]
            .rsplit(['\n', '\r'])
            .next()
            .unwrap_or_default();
        let cleared = line.replace("\u{1b}[2K", "").replace("\u{1b}[K", "");
        assert_eq!(cleared, "", "{text:?}");
    }
    assert!(text.contains("interrupted\r\n"), "{text:?}");
}

/// Its number is not new, but the block is.
#[test]
fn a_replaced_block_asks_for_another_proof() {
    let chain = Chain::easy();
    chain.block();
    let arguments = format!("{MINE} --json {}", keys(&BOB, &ALICE));
    let program = Program::start(program::at(chain.endpoint(), &arguments));
    let first: Value = serde_json::from_str(&program.answer(1)).expect("JSON");
    chain.set_head(1).expect("a block");
    chain.block();
    program.says("the chain was re-organised");
    let hash = chain.rpc("chain_getBlockHash", json!([2])).expect("a hash");
    assert_ne!(first["block_hash"], hash);
    // A proof for block 1, which was briefly the newest, may come before it.
    let proofs = (2..=3).map(|number| {
        let proof: Value = serde_json::from_str(&program.answer(number)).expect("JSON");
        verified(&proof);
        proof
    });
    let mut proofs = proofs.filter(|proof| proof["block_number"] == 2);
    assert_eq!(proofs.next().expect("a proof")["block_hash"], hash);
}

#[test]
fn mining_ends_by_time_and_by_signal() {
    let chain = Chain::easy();
    let endless = format!("mine --netuid 3 --threads 1 -vv {}", keys(&BOB, &ALICE));
    // On a busy machine the search may not have begun by then.
    let timed = [1, 4, 16, 64].map(|seconds| format!("{endless} --timeout {seconds}s"));
    let mut told = timed
        .iter()
        .map(|line| program::run(program::at(chain.endpoint(), line)).exits(5));
    let told = told.find(|told| !told.stderr.contains("before the search began"));
    told.expect("it searched").saying(&["time is up"]);
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let program = Program::start(program::at(chain.endpoint(), &endless));
        program.says("best block number=1");
        program.signal(signal);
        let told = program.end().exits(code);
        assert_eq!(told.stdout, "");
    }
}

#[test]
fn mining_needs_two_keys() {
    for (flags, missing) in [
        ("", "--hotkey"),
        (&*format!("--hotkey {}", BOB.ss58), "--coldkey"),
        (&*format!("--coldkey {}", ALICE.ss58), "--hotkey"),
    ] {
        let told = program::run(program::at("ws://127.0.0.1:1", &format!("{MINE} {flags}")));
        told.exits(2)
            .complaining(&[missing, "missing", "--wallet-name"]);
    }
}

/// The challenge is the chain's, and the user can paste the line that checks the answer.
#[test]
fn solve_takes_its_challenge_from_a_chain() {
    let chain = Chain::easy();
    let head = chain.rpc("chain_getBlockHash", json!([1])).expect("a hash");
    let arguments = format!("solve --netuid 1 --threads 1 {}", keys(&BOB, &ALICE));
    let told = program::run(program::at(
        chain.endpoint(),
        &format!("{arguments} --json"),
    ));
    let told = told.exits(0).answering(json!({
        "protocol": "v1",
        "netuid": 1,
        "block_number": 1,
        "block_hash": head,
        "difficulty": "1000",
    }));
    verified(&told.json());

    let told = program::run(program::at(chain.endpoint(), &arguments)).exits(0);
    let check = told
        .stdout
        .lines()
        .find_map(|line| line.strip_prefix("check "));
    let check = check.expect("how to check it").trim();
    let output = run(check.strip_prefix("btpow ").expect("a command"));
    assert!(output.status.success(), "{check}");

    // Solving sends nothing, so any difficulty is allowed, and on a runtime that burns, any kind of seal.
    let own = format!("{arguments} --json --difficulty 77");
    let told = program::run(program::at(chain.endpoint(), &own)).exits(0);
    told.answering(json!({ "difficulty": "77" }));
}

#[test]
fn solve_says_what_it_cannot_take() {
    let chain = Chain::of(Variant::Burning);
    let solve = |more: &str| {
        let arguments = format!("solve --threads 1 --hotkey {} {more}", BOB.ss58);
        program::run(program::at(chain.endpoint(), &arguments))
    };
    let burnt = format!("--netuid 1 --coldkey {}", ALICE.ss58);
    solve(&burnt)
        .exits(4)
        .complaining(&["runtime 425 takes no proof of work"]);
    solve("--netuid 1 --protocol legacy --order little").exits(0);
    solve("--netuid 9 --protocol legacy --order little")
        .exits(4)
        .complaining(&["subnet 9 does not exist"]);
    solve(&format!("{burnt} --block-hash {}", common::BLOCK))
        .exits(2)
        .complaining(&["--block-hash", "newest block", "drop it"]);
}
