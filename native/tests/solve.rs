//! `btpow solve`: its answers and their form, and its end without one.

mod common;

use btpow_core::{Order, Position, Protocol};
use common::{ALICE, BLOCK, BOB_ADDRESS, CHALLENGES, btpow, fields, isas, object, run, text, told};
use serde_json::Value;

/// The highest difficulty: the search never ends by itself.
const ENDLESS: &str = "--difficulty 18446744073709551615";

/// Whether an independent command accepts what `solve` found.
fn accepted(challenge: &str, solved: &Value) {
    let verify = format!(
        "verify {challenge} --difficulty {} --nonce {} --seal {}",
        text(solved, "difficulty"),
        text(solved, "nonce"),
        text(solved, "seal"),
    );
    let (code, stdout, stderr) = told(&run(&verify));
    assert_eq!(code, Some(0), "{verify}: {stdout}{stderr}");
}

#[test]
fn solves_each_protocol_on_each_instruction_set() {
    for isa in isas() {
        for challenge in CHALLENGES {
            for difficulty in ["1", "1K", "3e4", "300000"] {
                let command = format!("solve {challenge} --difficulty {difficulty} --json");
                let output = btpow(&command).env("BTPOW_ISA", &isa).output();
                let output = output.expect("starts");
                assert!(output.status.success(), "{isa}: {command}");
                let solved = object(&output.stdout);
                accepted(challenge, &solved);
                assert_eq!(solved["statistics"]["devices"][0]["isa"], isa);
            }
        }
    }
}

#[test]
fn the_object_has_exactly_the_documented_fields() {
    let output = run(&format!(
        "solve {} --difficulty 20000 --block-number 123 --threads 2 --json",
        CHALLENGES[0]
    ));
    let (code, written, _) = told(&output);
    assert_eq!(code, Some(0));
    let solved = object(&output.stdout);
    let top = [
        "protocol",
        "order",
        "netuid",
        "block_number",
        "block_hash",
        "hotkey",
        "coldkey",
        "difficulty",
        "nonce",
        "seal",
        "device",
        "statistics",
    ];
    assert_eq!(fields(&written, &solved), top);
    for (field, value) in [
        ("protocol", Value::from("v1")),
        ("order", "little".into()),
        ("netuid", 7.into()),
        ("block_number", 123.into()),
        ("block_hash", BLOCK.into()),
        ("hotkey", BOB_ADDRESS.into()),
        ("coldkey", ALICE.into()),
        ("difficulty", "20000".into()),
    ] {
        assert_eq!(solved[field], value, "{field}");
    }
    assert!(text(&solved, "nonce").parse::<u64>().is_ok());
    assert!(text(&solved, "seal").starts_with("0x"));
    assert!(["cpu:0", "cpu:1"].contains(&text(&solved, "device")));

    let statistics = &solved["statistics"];
    let inner = &written[written.find("\"statistics\":").expect("there")..];
    let of_rates = [
        "time_spent_total",
        "rounds_total",
        "time_average",
        "time_spent",
        "hash_rate_perpetual",
        "hash_rate",
        "nonces_total",
    ];
    let of_search = [
        "difficulty",
        "block_number",
        "block_hash",
        "expected_time",
        "chance",
        "devices",
        "pauses",
    ];
    assert_eq!(
        fields(inner, statistics),
        [&of_rates[..], &of_search].concat()
    );
    assert_eq!(statistics["difficulty"], "20000");
    assert_eq!(statistics["block_number"], 123);
    assert_eq!(statistics["block_hash"], BLOCK);
    assert!(
        text(statistics, "nonces_total")
            .parse::<u64>()
            .expect("a count")
            > 0
    );
    for rate in ["hash_rate", "hash_rate_perpetual", "expected_time"] {
        assert!(statistics[rate].as_f64().expect("a number") > 0.0, "{rate}");
    }
    let chance = statistics["chance"].as_f64().expect("a number");
    assert!(chance > 0.0 && chance <= 1.0, "{chance}");

    let device = &statistics["devices"][0];
    let inner = &inner[inner.find("\"devices\":").expect("there")..];
    let of_device = ["dropped", "paused", "pauses", "resets"];
    let expected = [&["name", "isa", "threads"], &of_rates[..], &of_device].concat();
    assert_eq!(fields(inner, device), expected);
    assert_eq!(
        (&device["name"], &device["threads"]),
        (&"cpu".into(), &2.into())
    );
    assert_eq!(device["nonces_total"], statistics["nonces_total"]);
}

#[test]
fn a_legacy_object_has_no_netuid_and_no_coldkey() {
    let output = run(&format!("solve {} --difficulty 1000 --json", CHALLENGES[1]));
    let solved = object(&output.stdout);
    assert_eq!(
        (&solved["protocol"], &solved["order"]),
        (&"legacy".into(), &"big".into())
    );
    for field in ["netuid", "coldkey", "block_number"] {
        assert_eq!(solved[field], Value::Null, "{field}");
    }
}

#[test]
fn standard_output_is_the_answer_and_its_check_holds() {
    let output = run(&format!("solve {} --difficulty 50K", CHALLENGES[2]));
    let (code, stdout, stderr) = told(&output);
    assert_eq!(code, Some(0), "{stderr}");
    let labels: Vec<_> = stdout
        .lines()
        .map(|line| &line[..line.find(' ').unwrap_or(0)])
        .collect();
    assert_eq!(
        labels,
        [
            "nonce",
            "seal",
            "difficulty",
            "device",
            "took",
            "tried",
            "check"
        ]
    );
    assert!(stderr.starts_with("Solving legacy (little-endian), difficulty 50,000; on cpu: "));
    let check = stdout
        .lines()
        .last()
        .expect("the check")
        .trim_start_matches("check");
    let check = check
        .trim_start()
        .strip_prefix("btpow ")
        .expect("a command");
    let (code, stdout, stderr) = told(&run(check));
    assert_eq!(code, Some(0), "{check}: {stdout}{stderr}");
}

#[test]
fn one_thread_from_the_same_start_finds_the_same() {
    let command = format!(
        "solve {} --difficulty 1 --start 0x123456789abcdef0 --threads 1 --json",
        CHALLENGES[0]
    );
    // At difficulty 1 every seal wins, and the round with the start holds the lowest of its seals.
    let (one, two) = (object(&run(&command).stdout), object(&run(&command).stdout));
    assert_eq!(one["nonce"], two["nonce"]);
    // The first round has 256 positions.
    let nonce: u64 = text(&one, "nonce").parse().expect("a nonce");
    let [start, at] = [0x1234_5678_9abc_def0, nonce].map(|it| Position::of_nonce(it, Protocol::V1));
    assert!(at.0 - start.0 < 256, "{nonce}");
}

#[test]
fn a_timeout_ends_with_code_5_and_the_statistics() {
    let output = run(&format!(
        "solve {} {ENDLESS} --timeout 300ms",
        CHALLENGES[0]
    ));
    let (code, stdout, stderr) = told(&output);
    assert_eq!((code, &*stdout), (Some(5), ""), "{stderr}");
    let last = stderr.lines().last().expect("a line");
    assert!(last.starts_with("time is up: tried "), "{last}");
    assert!(last.contains("H/s") && last.contains("chance"), "{last}");

    let output = run(&format!(
        "solve {} {ENDLESS} --timeout 0.3 --json",
        CHALLENGES[1]
    ));
    assert_eq!(output.status.code(), Some(5));
    let ended = object(&output.stdout);
    for field in ["nonce", "seal", "device"] {
        assert_eq!(ended[field], Value::Null, "{field}");
    }
    assert_eq!(ended["difficulty"], "18446744073709551615");
    let statistics = &ended["statistics"];
    assert!(
        text(statistics, "nonces_total")
            .parse::<u64>()
            .expect("a count")
            > 0
    );
    assert!(statistics["time_spent_total"].as_f64().expect("a time") >= 0.3);
}

#[test]
fn the_sample_says_that_it_is_one() {
    let output = run("solve --sample --timeout 100ms");
    let (code, _, stderr) = told(&output);
    // A lucky start solves it at once.
    assert!(matches!(code, Some(0 | 5)), "{stderr}");
    assert!(
        stderr.contains("built-in sample, not a block of any chain"),
        "{stderr}"
    );
    assert!(stderr.contains("difficulty 300,000,000"), "{stderr}");
}

/// Two rigs find their own proofs, each in its own half.
#[test]
fn two_shards_of_one_challenge_have_nothing_in_common() {
    for challenge in CHALLENGES {
        let found = [0_u64, 1].map(|index| {
            let command = format!(
                "solve {challenge} --difficulty 30000 --threads 1 --shard {index}/2 --json"
            );
            let output = run(&command);
            let (code, _, stderr) = told(&output);
            assert_eq!(code, Some(0), "{stderr}");
            let shard = format!("; shard {index}/2 of the nonces");
            assert!(stderr.contains(&shard), "{stderr}");
            let solved = object(&output.stdout);
            accepted(challenge, &solved);
            let nonce = text(&solved, "nonce").parse().expect("a number");
            let is_v1 = solved["protocol"] == "v1";
            let protocol = if is_v1 {
                Protocol::V1
            } else {
                // The order of the seal has no part in it.
                Protocol::Legacy(Order::Big)
            };
            let Position(position) = Position::of_nonce(nonce, protocol);
            assert_eq!(position >> 63, index, "{command}");
            nonce
        });
        assert_ne!(found[0], found[1]);
    }
}
