//! The chain through its interface: what other tests rely on. Registration itself is tested by those
//! that register: the official client and `btpow`.

use core::time::Duration;
use std::net::TcpListener;
use std::thread;
use std::time::Instant;

use btpow_devnet::{ALICE, BOB, Devnet, FERDIE, Options, RpcError, SUBNETS, Variant, keys};
use serde_json::{Value, json};

fn start(options: &Options) -> Devnet {
    Devnet::start(options).unwrap_or_else(|error| panic!("{error:#}"))
}

fn refusal(devnet: &Devnet, method: &str, params: Value) -> RpcError {
    let error = devnet.rpc(method, params).unwrap_err();
    error.downcast().unwrap_or_else(|error| panic!("{error:#}"))
}

#[test]
fn blocks_are_made_on_demand() {
    let devnet = start(&Options::default());
    let (number, hash) = devnet.head().unwrap();
    assert_eq!(number, 1);
    assert_eq!(devnet.new_block().unwrap(), 2);
    let (number, next_hash) = devnet.head().unwrap();
    assert_eq!(number, 2);
    assert_ne!(next_hash, hash);
    thread::sleep(Duration::from_millis(300));
    assert_eq!(devnet.head().unwrap().0, 2, "no block by itself");
}

#[test]
fn blocks_are_made_by_the_timer() {
    let devnet = start(&Options {
        block_time: Some(Duration::from_millis(200)),
        ..Options::default()
    });
    wait_for_block(&devnet, 4);
    devnet.pause_blocks().unwrap();
    // One may have been in the making.
    thread::sleep(Duration::from_secs(2));
    let (paused_at, _) = devnet.head().unwrap();
    thread::sleep(Duration::from_secs(1));
    assert_eq!(devnet.head().unwrap().0, paused_at);
    devnet.resume_blocks().unwrap();
    wait_for_block(&devnet, paused_at + 2);
}

fn wait_for_block(devnet: &Devnet, number: u64) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while devnet.head().unwrap().0 < number {
        assert!(
            Instant::now() < deadline,
            "no block {number}: {}",
            devnet.log()
        );
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn each_variant_is_what_it_says() {
    for variant in Variant::ALL {
        let devnet = start(&Options {
            variant,
            ..Options::default()
        });
        let version = devnet.rpc("state_getRuntimeVersion", json!([])).unwrap();
        assert_eq!(version["specName"], "btpow-test");
        assert_eq!(version["specVersion"], variant.spec_version());
        assert_eq!(version["transactionVersion"], 1);
        let metadata = devnet.rpc("state_getMetadata", json!([])).unwrap();
        let metadata = metadata.as_str().unwrap();
        let mentions = |name: &str| metadata.contains(&hex(name));
        assert_eq!(
            mentions("pow_register"),
            matches!(variant, Variant::V1 | Variant::V1Next),
            "{variant}"
        );
        assert!(mentions("SubtensorTransactionExtension") && mentions("faucet"));
    }
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_genesis_is_as_documented() {
    let devnet = start(&Options {
        difficulty: 12_345,
        storage: vec![(keys::subnet_key("MaxAllowedUids", 2), Some(vec![9, 0]))],
        ..Options::default()
    });
    let number = |item, netuid| {
        let value = devnet
            .storage(&keys::subnet_key(item, netuid))
            .unwrap()
            .unwrap();
        value
            .iter()
            .rev()
            .fold(0, |number, &byte| number << 8 | u64::from(byte))
    };
    for subnet in SUBNETS {
        let expected = subnet.difficulty.unwrap_or(12_345);
        assert_eq!(number("Difficulty", subnet.netuid), expected);
        assert_eq!(
            number("NetworkPowRegistrationAllowed", subnet.netuid),
            u64::from(subnet.pow)
        );
    }
    assert_eq!(number("MaxAllowedUids", 2), 9, "an option replaces it");
    let ferdie = devnet.storage(&keys::uids_key(4, &FERDIE.public)).unwrap();
    assert_eq!(ferdie, Some(vec![0, 0]));
    let account = devnet
        .storage(&keys::account_key(&ALICE.public))
        .unwrap()
        .unwrap();
    assert_eq!(account[16..24], btpow_devnet::FUNDS.to_le_bytes());
    let nonce = devnet
        .rpc("system_accountNextIndex", json!([BOB.ss58]))
        .unwrap();
    assert_eq!(nonce, 0);
}

#[test]
fn storage_can_be_changed() {
    let devnet = start(&Options::default());
    let difficulty = keys::subnet_key("Difficulty", 1);
    let room = keys::subnet_key("RegistrationsThisBlock", 1);
    let head = devnet.head().unwrap();
    let double = 20_000_000_u64.to_le_bytes().to_vec();
    devnet
        .set_storage(&[
            (difficulty.clone(), Some(double.clone())),
            (room.clone(), Some(vec![1, 0])),
        ])
        .unwrap();
    assert_eq!(devnet.head().unwrap(), head, "no new block");
    assert_eq!(devnet.storage(&difficulty).unwrap(), Some(double.clone()));

    // The next block goes on from it: its counter is new, its difficulty a block's decay lower.
    devnet.new_block().unwrap();
    assert_eq!(devnet.storage(&room).unwrap(), Some(vec![0, 0]));
    let decayed = devnet.storage(&difficulty).unwrap().unwrap();
    let decayed = u64::from_le_bytes(decayed.try_into().unwrap());
    assert!((19_950_000..20_000_000).contains(&decayed), "{decayed}");

    devnet.set_storage(&[(difficulty.clone(), None)]).unwrap();
    assert_eq!(devnet.storage(&difficulty).unwrap(), None);
}

#[test]
fn a_reorganisation_makes_other_blocks() {
    let devnet = start(&Options::default());
    for _ in 0..3 {
        devnet.new_block().unwrap();
    }
    let hash_of = |number: u64| devnet.rpc("chain_getBlockHash", json!([number])).unwrap();
    let [second, third] = [2, 3].map(hash_of);
    let mut seen = vec![third];
    for _ in 0..2 {
        devnet.set_head(2).unwrap();
        assert_eq!(devnet.head().unwrap().0, 2);
        assert_eq!(hash_of(2), second);
        assert_eq!(hash_of(3), Value::Null);
        assert_eq!(devnet.new_block().unwrap(), 3);
        let third = hash_of(3);
        assert!(!seen.contains(&third), "the same block again");
        seen.push(third);
    }
    let error = refusal(&devnet, "devnet_setHead", json!([99]));
    assert!(error.message.contains("no block 99"), "{error}");
}

#[test]
fn the_runtime_can_be_upgraded() {
    let devnet = start(&Options::default());
    let version_at = |number: u64| {
        let hash = devnet.rpc("chain_getBlockHash", json!([number])).unwrap();
        let version = devnet
            .rpc("state_getRuntimeVersion", json!([hash]))
            .unwrap();
        version["specVersion"].as_u64().unwrap()
    };
    devnet.upgrade(Variant::V1Next).unwrap();
    assert_eq!(devnet.head().unwrap().0, 2, "the upgrade is a block");
    assert_eq!([1, 2].map(version_at), [475, 476]);
    devnet.new_block().unwrap();
    assert_eq!(version_at(3), 476);
}

#[test]
fn refusals_are_worded_as_by_a_node() {
    let devnet = start(&Options::default());
    let unknown = refusal(&devnet, "no_such_method", json!([]));
    assert_eq!(unknown.code, -32601);

    // A signed remark of //Alice whose signature is all zeros: version 4, sr25519, immortal,
    // nonce 0, no tip, no metadata hash; the call is System.remark of nothing.
    let alice: String = ALICE
        .public
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let body = format!("8400{alice}01{}00000000000000", "00".repeat(64));
    let length = body.len() / 2;
    let prefix = u16::try_from(length << 2 | 1).unwrap().to_le_bytes();
    let forged = format!("0x{:02x}{:02x}{body}", prefix[0], prefix[1]);
    for method in ["author_submitExtrinsic", "author_submitAndWatchExtrinsic"] {
        let error = refusal(&devnet, method, json!([forged]));
        assert_eq!(error.code, 1010, "{error}");
        assert_eq!(error.message, "Invalid Transaction");
        assert_eq!(error.data, Some(json!("Transaction has a bad signature")));
    }
}

#[test]
fn a_taken_port_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Devnet::start(&Options {
        port,
        ..Options::default()
    });
    let error = error.err().unwrap().to_string();
    assert!(
        error.contains(&format!("cannot listen at 127.0.0.1:{port}")),
        "{error}"
    );
}

#[test]
fn a_dropped_chain_is_gone() {
    let devnet = start(&Options::default());
    let address = devnet.endpoint().trim_start_matches("ws://").to_owned();
    drop(devnet);
    assert!(std::net::TcpStream::connect(address).is_err());
}
