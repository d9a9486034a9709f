//! `doctor` and `subnets`: which proofs a chain takes, and how long one takes here.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB, FERDIE, Options, Variant, keys};
use chain::{
    program::{self, Told},
    proxy::{Proxy, SUBMIT},
    state::{Chain, options},
    wallet::Wallet,
};
use serde_json::{Value, json};

/// Runs a command with a wallet that has no secret.
fn asked(chain: &Chain, arguments: &str) -> Told {
    let wallet = Wallet::public(&ALICE, &BOB);
    program::run(program::with(&wallet, chain.endpoint(), arguments))
}

#[track_caller]
fn positive(value: &Value) -> f64 {
    let number = value.as_f64().unwrap_or_default();
    assert!(number > 0.0, "{value}");
    number
}

#[test]
fn doctor_tells_what_a_chain_takes() {
    let chain = Chain::easy();
    let told = asked(&chain, "doctor --netuid 1 --threads 1").exits(0);
    for words in [
        "block 1, at ws://127.0.0.1:",
        "takes v1 proofs by pow_register, signed by the coldkey, without a fee; has a faucet",
        "window      a proof counts for the 5 blocks after its own",
        "subnet 1    proof of work is on",
        "difficulty  1,000 (bounds 1,000 to 4,611,686,018,427,387,903)",
        "this block  0 of 1 registrations",
        "keys        0 of 256",
        BOB.ss58,
        ALICE.ss58,
        "this rig    ",
        "for a proof, on average",
        "verdict     the chain would take a proof now; `btpow register` needs ",
    ] {
        assert!(told.stdout.contains(words), "{words:?} is missing: {told}");
    }

    let told = asked(&chain, "doctor --netuid 1 --threads 1 --json").exits(0);
    let told = told.answering(json!({
        "spec_name": "btpow-test",
        "spec_version": 475,
        "block_number": 1,
        "protocol": "v1",
        "order": "little",
        "faucet": true,
        "window": 5,
        "hotkey": BOB.ss58,
        "coldkey": ALICE.ss58,
        "uid": null,
        "owner": null,
        "ready": true,
        "reason": null,
        "subnet": {
            "netuid": 1,
            "exists": true,
            "pow_allowed": true,
            "difficulty": "1000",
            "min_difficulty": "1000",
            "max_difficulty": "4611686018427387903",
            "registrations_this_block": 0,
            "max_registrations_per_block": 1,
            "uids": 0,
            "max_uids": 256,
        },
    }));
    let answer = told.json();
    let (rate, time) = (
        positive(&answer["hash_rate"]),
        positive(&answer["expected_time"]),
    );
    assert!((time * rate / 1_000.0 - 1.0).abs() < 0.01, "{told}");
}

/// A rig may have public keys alone: that is enough to mine, and not to register.
#[test]
fn doctor_names_the_key_file_that_register_lacks() {
    for (variant, file) in [
        (Variant::V1, "coldkey"),
        (Variant::LegacyLittle, "hotkeys/default"),
    ] {
        let chain = Chain::of(variant);
        let doctor = "doctor --netuid 1 --threads 1 --device cpu";
        let ask = |wallet: &Wallet, more: &str| {
            let arguments = format!("{doctor} {more}");
            program::run(program::with(wallet, chain.endpoint(), &arguments)).exits(0)
        };
        let wallet = Wallet::public(&ALICE, &BOB);
        let path = wallet.path().join("default").join(file);
        let told = ask(&wallet, "");
        let verdict = format!(
            "verdict     the chain would take a proof now; `btpow register` needs {} to sign it, which is missing; \
             `btpow mine` needs no secret\n",
            path.display()
        );
        assert!(told.stdout.ends_with(&verdict), "{told}");
        let missing = path.display().to_string();
        ask(&wallet, "--json").answering(json!({ "ready": true, "missing_key_file": missing }));

        let wallet = Wallet::new(&ALICE, &BOB);
        let told = ask(&wallet, "");
        let verdict = "verdict     `btpow register` would be accepted now\n";
        assert!(told.stdout.ends_with(verdict), "{told}");
        ask(&wallet, "--json").answering(json!({ "ready": true, "missing_key_file": null }));
    }
}

/// Without a subnet, and without keys.
#[test]
fn doctor_tells_what_it_can() {
    let chain = Chain::easy();
    let doctor = |more: &str| {
        let arguments = format!("doctor --threads 1 {more}");
        program::run(program::at(chain.endpoint(), &arguments)).exits(0)
    };
    let told = doctor("");
    for words in ["2 take proofs of work", "name a subnet with --netuid"] {
        assert!(told.stdout.contains(words), "{words:?} is missing: {told}");
    }
    let nothing = json!({
        "subnet": null, "subnets_open": 2, "hotkey": null, "coldkey": null, "ready": null,
        "expected_time": null,
    });
    doctor("--json").answering(nothing);
    let told = doctor("--netuid 1");
    let words = "verdict     the subnet takes proofs; name a wallet with --wallet-name";
    assert!(told.stdout.contains(words), "{told}");
    // One key alone gives an answer, too.
    let ferdie = format!("--netuid 4 --json --hotkey {}", FERDIE.ss58);
    doctor(&ferdie).answering(json!({ "uid": 0, "owner": FERDIE.ss58 }));
}

#[test]
fn doctor_tells_the_old_protocols() {
    for (variant, order) in [
        (Variant::LegacyBig, "big"),
        (Variant::LegacyLittle, "little"),
    ] {
        let chain = Chain::of(variant);
        let told = asked(&chain, "doctor --netuid 1 --threads 1 --json").exits(0);
        told.answering(json!({
            "protocol": "legacy", "order": order, "window": 2, "ready": true,
        }));
        let told = asked(&chain, "doctor --netuid 1 --threads 1").exits(0);
        let words =
            format!("takes legacy proofs, {order}-endian, by register, signed by the hotkey");
        assert!(told.stdout.contains(&words), "{told}");
    }
}

/// The highest possible minimum: proof of work is on but out of reach.
#[test]
fn doctor_has_words_for_ages() {
    let chain = Chain::easy();
    let highest = u64::MAX.to_le_bytes().to_vec();
    chain.set(keys::subnet_key("MinDifficulty", 1), Some(highest));
    let told = asked(&chain, "doctor --netuid 1 --threads 1 --json").exits(0);
    assert_eq!(
        told.json()["subnet"]["difficulty"],
        "18446744073709551615",
        "{told}"
    );
    assert!(positive(&told.json()["expected_time"]) > 1e9, "{told}");
    let told = asked(&chain, "doctor --netuid 1 --threads 1").exits(0);
    assert!(told.stdout.contains("years"), "{told}");
}

/// A registered key is no reason for an error.
#[test]
fn doctor_knows_a_registered_key() {
    let chain = Chain::easy();
    let arguments = format!(
        "doctor --netuid 4 --threads 1 --hotkey {0} --coldkey {0}",
        FERDIE.ss58
    );
    let told = program::run(program::at(chain.endpoint(), &arguments)).exits(0);
    assert!(
        told.stdout.contains("already registered, as UID 0"),
        "{told}"
    );
}

/// The quickest first; closed subnets and the root are not listed.
#[test]
fn subnets_are_sorted_by_difficulty() {
    let on = |item, netuid, value: &[u8]| (keys::subnet_key(item, netuid), Some(value.to_vec()));
    let mut storage = options().storage;
    for (netuid, difficulty) in [(7, 500_u64), (300, 2_000)] {
        let difficulty = difficulty.to_le_bytes();
        storage.extend([
            on("NetworksAdded", netuid, &[1]),
            on("NetworkPowRegistrationAllowed", netuid, &[1]),
            on("MinDifficulty", netuid, &difficulty),
            on("Difficulty", netuid, &difficulty),
        ]);
    }
    let chain = Chain::start(&Options {
        storage,
        ..options()
    });
    let proxy = Proxy::before(chain.endpoint());
    let told = program::run(program::at(&proxy.endpoint(), "subnets --threads 1 --json")).exits(0);
    let told = told.answering(json!({ "protocol": "v1", "spec_version": 475, "subnets_total": 6 }));
    let answer = told.json();
    let rate = positive(&answer["hash_rate"]);
    let subnets = answer["subnets"].as_array().expect("a list");
    let listed: Vec<_> = subnets
        .iter()
        .map(|subnet| (subnet["netuid"].as_u64(), subnet["difficulty"].as_str()))
        .collect();
    let expected = [
        (7, "500"),
        (1, "1000"),
        (300, "2000"),
        (3, "1000000000000"),
        // Full.
        (4, "1000"),
    ];
    assert_eq!(
        listed,
        expected.map(|(netuid, text)| (Some(netuid), Some(text))),
        "{told}"
    );
    for subnet in subnets {
        let difficulty: f64 = subnet["difficulty"]
            .as_str()
            .expect("text")
            .parse()
            .expect("a number");
        let time = positive(&subnet["expected_time"]);
        assert!((time * rate / difficulty - 1.0).abs() < 0.01, "{told}");
    }
    assert_eq!(subnets[4]["uids"], 1, "{told}");

    let told = program::run(program::at(&proxy.endpoint(), "subnets --threads 1")).exits(0);
    assert!(
        told.stdout
            .contains("4 of 6 subnets take proofs of work (v1)"),
        "{told}"
    );
    let rows: Vec<_> = told.stdout.lines().skip(3).collect();
    let netuids = rows.iter().map(|row| row.split_whitespace().next());
    assert!(netuids.eq(["7", "1", "300", "3", "4"].map(Some)), "{told}");
    assert!(rows.iter().all(|row| row.contains("of ")), "{told}");
    assert_eq!(proxy.count(SUBMIT), 0);
}

#[test]
fn a_chain_without_open_subnets_is_no_error() {
    let shut = [1, 3, 4].map(|netuid| {
        let key = keys::subnet_key("NetworkPowRegistrationAllowed", netuid);
        (key, Some(vec![0]))
    });
    let chain = Chain::start(&Options {
        storage: shut.into(),
        ..options()
    });
    let told = program::run(program::at(chain.endpoint(), "subnets --threads 1")).exits(0);
    assert!(
        told.stdout.contains("0 of 4 subnets take proofs of work"),
        "{told}"
    );
    let told = program::run(program::at(chain.endpoint(), "subnets --threads 1 --json")).exits(0);
    told.answering(json!({ "subnets": [], "subnets_total": 4 }));
}
