//! The known answers, through the program and through the readers of its flags.

mod common;

use btpow::cli::{Cli, Command};
use clap::Parser as _;
use common::{btpow, object, run, text, told, vectors};
use serde_json::Value;

/// The flags for the challenge of a known answer.
fn flags(vector: &Value, legacy_order: &str) -> String {
    let block_hash = text(vector, "block_hash");
    match vector.get("netuid") {
        Some(netuid) => format!(
            "--netuid {netuid} --block-hash 0x{block_hash} --hotkey 0x{} --coldkey 0x{}",
            text(vector, "hotkey"),
            text(vector, "coldkey"),
        ),
        None => format!(
            "--protocol legacy --order {legacy_order} --block-hash {block_hash} --hotkey 0x{}",
            text(vector, "key"),
        ),
    }
}

#[test]
fn every_seal_through_the_library() {
    for file in ["seal_v1.json", "seal_legacy.json"] {
        for vector in vectors(file) {
            for order in ["big", "little"] {
                let flags = flags(&vector, order);
                let line = format!("btpow seal {flags} --nonce {}", text(&vector, "nonce"));
                let cli = Cli::try_parse_from(line.split_whitespace()).expect("valid flags");
                let Command::Seal(args) = cli.command else {
                    panic!("another command");
                };
                let task = args.challenge.task().expect("all flags");
                let nonce = args.nonce.expect("a nonce");
                let seal = task.challenge.seal(nonce).to_string();
                assert_eq!(seal, format!("0x{}", text(&vector, "seal")), "{vector}");
            }
        }
    }
}

#[test]
fn some_seals_through_the_program() {
    for file in ["seal_v1.json", "seal_legacy.json"] {
        for vector in vectors(file).iter().step_by(7) {
            let command = format!(
                "seal {} --nonce {}",
                flags(vector, "big"),
                text(vector, "nonce")
            );
            let seal = format!("0x{}", text(vector, "seal"));
            let (code, stdout, stderr) = told(&run(&command));
            assert_eq!((code, stdout), (Some(0), format!("{seal}\n")), "{stderr}");
            let json = object(&run(&format!("{command} --json")).stdout);
            assert_eq!(json["seal"], seal);
            assert_eq!(json["nonce"], vector["nonce"]);
        }
    }
}

#[test]
fn every_first_solution_is_valid_and_needs_its_order_and_seal() {
    for vector in vectors("first_solution.json") {
        let (nonce, seal) = (text(&vector, "nonce"), text(&vector, "seal"));
        let command = format!(
            "verify {} --difficulty {} --nonce {nonce} --seal 0x{seal}",
            flags(&vector, text(&vector, "order")),
            text(&vector, "difficulty"),
        );
        let (code, stdout, stderr) = told(&run(&command));
        assert_eq!(code, Some(0), "{vector}: {stdout}{stderr}");
        assert!(stdout.starts_with("valid: "), "{stdout}");

        let json = btpow(&command).arg("--json").output().expect("starts");
        let json = object(&json.stdout);
        assert_eq!(
            (&json["valid"], &json["reason"]),
            (&true.into(), &Value::Null)
        );
        assert_eq!(json["difficulty"], vector["difficulty"]);

        // The next nonce has another seal.
        let next = nonce.parse::<u64>().expect("a nonce").wrapping_add(1);
        let other = command.replace(&format!("--nonce {nonce}"), &format!("--nonce {next}"));
        let (code, stdout, _) = told(&run(&other));
        assert_eq!(code, Some(1));
        assert!(stdout.contains("the seal differs"), "{stdout}");
    }
}

#[test]
fn a_nonce_before_the_first_solution_loses_by_some_factor() {
    let all = vectors("first_solution.json");
    let mut checked = 0;
    for vector in &all {
        let (start, nonce) = (text(vector, "start"), text(vector, "nonce"));
        if start == nonce {
            continue;
        }
        let command = format!(
            "verify {} --difficulty {} --nonce {start}",
            flags(vector, text(vector, "order")),
            text(vector, "difficulty"),
        );
        let (code, stdout, _) = told(&run(&command));
        assert_eq!(code, Some(1), "{vector}");
        assert!(stdout.contains("is not met"), "{stdout}");
        let json = object(&run(&format!("{command} --json")).stdout);
        assert_eq!(json["valid"], false);
        assert_eq!(json["reason"], "difficulty_not_met");
        let factor = json["factor"].as_f64().expect("a number");
        assert!(factor > 1.0, "{factor}");
        assert!(stdout.contains(&format!("{factor:.3} times")), "{stdout}");
        checked += 1;
    }
    assert!(checked > 10, "only {checked} of {}", all.len());
}
