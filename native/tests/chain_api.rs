//! What a running search answers to those who ask.

mod chain;
mod common;

use core::time::Duration;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    path::Path,
    thread,
};

use btpow_devnet::{ALICE, BOB};
use chain::{
    client::Client,
    program::{self, Program, Told},
    search::{REGISTER, Search},
    state::{Chain, HARD},
};
use serde_json::{Value, json};

const API: &str = "--api 127.0.0.1:0";

const TOKEN: &str = "0123456789abcdef";

/// A search for what nobody finds, with these flags.
fn mining(chain: &Chain, flags: &str) -> Program {
    chain.set_difficulty(1, HARD);
    let (hotkey, coldkey) = (BOB.ss58, ALICE.ss58);
    let arguments =
        format!("mine --netuid 1 --threads 1 --hotkey {hotkey} --coldkey {coldkey} -vv {flags}");
    Program::start(program::at(chain.endpoint(), &arguments))
}

fn hashes(status: &Value) -> u64 {
    let text = status["statistics"]["nonces_total"].as_str();
    text.map_or(0, |text| text.parse().expect("a number"))
}

/// The value of a line of metrics.
fn value(metrics: &str, line: &str) -> Option<f64> {
    let value = metrics.lines().find_map(|it| it.strip_prefix(line));
    value.map(|it| it.trim().parse().expect("a number"))
}

#[test]
fn a_search_answers_how_it_goes_at_the_moment() {
    let chain = Chain::easy();
    let program = mining(&chain, API);
    let client = Client::of(&program);
    let first = client.status_with(|it| hashes(it) > 0);
    // More was hashed since, whenever that is.
    let status = client.status_with(|it| hashes(it) > hashes(&first));
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["command"], "mine");
    assert_eq!(status["paused"], false);
    assert_eq!(status["trouble"], Value::Null);
    let goal = &status["goals"][0];
    let label = format!("1/{}", BOB.ss58);
    for (name, value) in [
        ("goal", json!(label)),
        ("netuid", json!(1)),
        ("hotkey", json!(BOB.ss58)),
        ("coldkey", json!(ALICE.ss58)),
        ("phase", json!("searching")),
        ("difficulty", json!(HARD.to_string())),
        ("proofs", json!(0)),
        ("submissions", json!(0)),
    ] {
        assert_eq!(goal[name], value, "{name}: {status:#}");
    }
    assert!(goal["expected_time"].as_f64().expect("a time") > 0.0);
    assert!(goal["chance"].as_f64().expect("a chance") > 0.0);
    let chain_fields = &status["chain"];
    assert_eq!(chain_fields["connected"], true);
    assert_eq!(chain_fields["block_number"], 1);
    assert!(chain_fields["block_age"].as_f64().expect("an age") >= 0.0);
    let endpoint = common::text(chain_fields, "endpoint");
    assert_eq!(
        endpoint.trim_end_matches('/'),
        chain.endpoint().trim_end_matches('/')
    );
    let device = &status["devices"][0];
    assert_eq!(
        (&device["name"], &device["kind"]),
        (&json!("cpu"), &json!("cpu"))
    );
    assert_eq!(device["up"], true);
    assert!(device.get("temperature").is_some() && device.get("power").is_some());
    let said = status["log"].as_array().expect("lines");
    let is_first = |line: &Value| common::text(line, "line").starts_with("Mining v1 for netuid 1");
    assert!(said.iter().any(is_first), "{status:#}");

    chain.block();
    client.status_with(|it| it["chain"]["block_number"] == 2);
    let health = client.get("/healthz");
    assert_eq!((health.code, health.body.as_str()), (200, "ok\n"));
}

#[test]
fn the_same_is_there_for_prometheus() {
    let chain = Chain::easy();
    let program = mining(&chain, API);
    let client = Client::of(&program);
    let status = client.status_with(|it| hashes(it) > 0);
    let classic = client.get("/metrics");
    let kind = classic.header("content-type").expect("a type");
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    let counter = "# TYPE btpow_hashes_total counter\nbtpow_hashes_total{device=\"cpu\"} ";
    assert!(classic.body.contains(counter), "{}", classic.body);
    let host = format!("Host: {}", client.address);
    let accept = "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
    let answer = client.ask("GET /metrics", &[&host, accept]);
    assert_eq!(answer.code, 200);
    let kind = answer.header("content-type").expect("a type");
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let metrics = &answer.body;
    assert!(metrics.ends_with("# EOF\n"), "{metrics}");
    let goal = format!("goal=\"1/{}\"", BOB.ss58);
    let value =
        |line: &str| value(metrics, line).unwrap_or_else(|| panic!("no {line} in:\n{metrics}"));
    assert!(value("btpow_hashes_total{device=\"cpu\"}") >= hashes(&status) as f64);
    assert!(value("btpow_hash_rate_hertz{device=\"cpu\"}") >= 0.0);
    assert_eq!(value("btpow_device_up{device=\"cpu\"}"), 1.0);
    assert_eq!(value(&format!("btpow_difficulty{{{goal}}}")), HARD as f64);
    assert!(value(&format!("btpow_chance_ratio{{{goal}}}")) > 0.0);
    assert!(value(&format!("btpow_expected_time_seconds{{{goal}}}")) > 0.0);
    assert_eq!(value(&format!("btpow_proofs_found_total{{{goal}}}")), 0.0);
    assert_eq!(value(&format!("btpow_submissions_total{{{goal}}}")), 0.0);
    let phase = |phase| format!("btpow_goal_phase{{{goal},phase=\"{phase}\"}}");
    assert_eq!(value(&phase("searching")), 1.0);
    assert_eq!(value(&phase("submitted")), 0.0);
    assert_eq!(value("btpow_block_number"), 1.0);
    assert!(value("btpow_block_age_seconds") >= 0.0);
    assert_eq!(value("btpow_chain_connected"), 1.0);
    assert_eq!(value("btpow_paused"), 0.0);
    assert!(value("process_start_time_seconds") > 1.7e9);
    assert!(metrics.contains("btpow_build_info{version="), "{metrics}");
    if cfg!(target_os = "linux") && !common::is_for_windows() {
        assert!(value("process_resident_memory_bytes") > 1e6);
    }
}

#[test]
fn a_pause_that_is_wished_is_no_trouble() {
    let chain = Chain::easy();
    let program = mining(&chain, &format!("{API} --max-difficulty 1M"));
    let client = Client::of(&program);
    program.says("mining pauses");
    let status = client.status_with(|it| it["goals"][0]["phase"] == "waiting");
    let message = common::text(&status["goals"][0], "message");
    assert!(message.contains("above --max-difficulty"), "{message}");
    assert_eq!(status["paused"], true);
    assert_eq!(status["statistics"]["pauses"][0]["reason"], "difficulty");
    assert_eq!(client.get("/healthz").code, 200);
    let metrics = client.get("/metrics").body;
    assert_eq!(value(&metrics, "btpow_paused"), Some(1.0));
    assert_eq!(
        value(&metrics, "btpow_pauses_total{reason=\"difficulty\"}"),
        Some(1.0)
    );
    let spent = "btpow_pause_seconds_total{reason=\"difficulty\"}";
    assert!(value(&metrics, spent).expect("a time") >= 0.0);
    assert_eq!(
        value(&metrics, "btpow_hash_rate_hertz{device=\"cpu\"}"),
        Some(0.0)
    );
}

#[test]
fn a_registration_is_seen_on_its_way() {
    let search = Search::start(&format!("{REGISTER} {API}"), 1);
    let client = Client::of(&search.program);
    assert_eq!(client.status()["command"], "register");
    search.relax();
    let status = client.status_with(|it| it["goals"][0]["phase"] == "submitted");
    let goal = &status["goals"][0];
    assert_eq!(goal["submissions"], 1, "{status:#}");
    assert!(
        goal["proofs"].as_u64().expect("a number") >= 1,
        "{status:#}"
    );
    search.registers(1);
}

#[test]
fn a_lost_chain_is_seen() {
    let search = Search::start(&format!("{REGISTER} {API}"), 1);
    let client = Client::of(&search.program);
    client.status_with(|it| it["chain"]["connected"] == true);
    search.proxies[0].close();
    search.proxies[0].cut();
    let status = client.status_with(|it| it["chain"]["connected"] == false);
    assert_eq!(status["goals"][0]["phase"], "offline", "{status:#}");
    // It is mined on for some blocks' time.
    assert_eq!(client.get("/healthz").code, 200);
    let metrics = client.get("/metrics").body;
    assert_eq!(value(&metrics, "btpow_chain_connected"), Some(0.0));
    assert_eq!(value(&metrics, "btpow_warnings_total"), Some(1.0));
}

#[test]
fn a_search_of_no_chain_answers_as_well() {
    let program = Program::start(common::btpow(&format!(
        "solve --netuid 7 --block-hash {{BLOCK}} --hotkey {{BOB}} --coldkey {{ALICE}} \
         --difficulty 18446744073709551615 --threads 1 {API}"
    )));
    let client = Client::of(&program);
    let status = client.status_with(|it| hashes(it) > 0);
    assert_eq!(status["goals"][0]["netuid"], 7);
    assert_eq!(status["chain"], Value::Null);
    assert_eq!(client.get("/healthz").code, 200);
}

#[test]
fn nothing_can_be_changed_and_pages_of_elsewhere_get_nothing() {
    let chain = Chain::easy();
    let program = mining(&chain, API);
    let client = Client::of(&program);
    let host = format!("Host: {}", client.address);
    for request in ["POST /status", "PUT /status", "DELETE /", "OPTIONS /status"] {
        let answer = client.ask(request, &[&host]);
        assert_eq!(answer.code, 405, "{request}");
        assert_eq!(answer.header("allow"), Some("get, head"));
    }
    for path in ["/", "/status/", "/metrics2", "/..", "//status"] {
        assert_eq!(client.get(path).code, 404, "{path}");
    }
    for foreign in [
        "Host: evil.example",
        "Host: localhost.evil.example:80",
        "X: y",
    ] {
        let answer = client.ask("GET /status", &[foreign]);
        assert_eq!(answer.code, 421, "{foreign}");
        assert!(!answer.body.contains("version"), "{answer:?}");
    }
    let origin = "Origin: http://evil.example";
    let answer = client.ask("GET /status", &[&host, origin]);
    assert!(!answer.head.contains("access-control"), "{answer:?}");
    assert_eq!(client.ask("GET /status", &["Host: localhost"]).code, 200);
    let answer = client.ask("HEAD /metrics", &[&host]);
    assert_eq!((answer.code, answer.body.as_str()), (200, ""));
}

#[test]
#[cfg(unix)]
fn whoever_has_a_token_wants_to_be_shown_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = secret(folder.path(), TOKEN, 0o600);
    let chain = Chain::easy();
    let flags = format!("{API} --api-token-file {file}");
    let program = mining(&chain, &flags);
    let client = Client::of(&program);
    let host = format!("Host: {}", client.address);
    for path in ["/status", "/metrics", "/nothing"] {
        for wrong in [
            "X: y".to_owned(),
            "Authorization: Bearer".to_owned(),
            format!("Authorization: Bearer {TOKEN}0"),
            format!("Authorization: Bearer {}", &TOKEN[1..]),
            format!("Authorization: Basic {TOKEN}"),
        ] {
            let answer = client.ask(&format!("GET {path}"), &[&host, &wrong]);
            assert_eq!(answer.code, 401, "{path} {wrong}");
            assert_eq!(answer.header("www-authenticate"), Some("bearer"));
        }
    }
    let right = format!("Authorization: Bearer {TOKEN}");
    for path in ["/status", "/metrics"] {
        // A proxy may have asked for it by another name.
        for host in [host.as_str(), "Host: miner.example"] {
            assert_eq!(
                client.ask(&format!("GET {path}"), &[host, &right]).code,
                200
            );
        }
    }
    let health = client.ask("GET /healthz", &[&host]).code;
    assert!(matches!(health, 200 | 503), "{health}");
    assert_eq!(
        client.ask("GET /healthz", &["Host: miner.example"]).code,
        421
    );
    assert!(!program.said().contains(TOKEN));
}

#[test]
fn slow_and_hostile_clients_do_not_hold_up_the_search() {
    let chain = Chain::easy();
    let program = mining(&chain, API);
    let client = Client::of(&program);
    client.status_with(|it| hashes(it) > 0);
    // One never ends its request, one byte after the other.
    let mut slow = client.connect();
    let mut reader = slow.try_clone().expect("the same");
    let dripping = thread::spawn(move || {
        while slow.write_all(b"G").is_ok() {
            thread::sleep(Duration::from_secs(1));
        }
    });
    // Many say nothing.
    let mut silent: Vec<_> = (0..200).map(|_| client.connect()).collect();
    // One has much to say.
    let mut long = client.connect();
    let head = format!(
        "GET /status HTTP/1.1\r\nHost: localhost\r\nX: {}",
        "x".repeat(1 << 20)
    );
    // It need not be read to its end.
    let _ = long.write_all(head.as_bytes());
    let mut answer = Vec::new();
    let _ = long.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431 "),
        "{answer}"
    );

    assert_eq!(client.get("/healthz").code, 200);
    let before = hashes(&client.status());
    client.status_with(|it| hashes(it) > before);
    // The oldest had to go.
    assert!(matches!(silent[0].read(&mut [0]), Ok(0) | Err(_)));
    assert!(matches!(reader.read(&mut [0]), Ok(0) | Err(_)));
    dripping.join().expect("it was sent away");
    chain.block();
    client.status_with(|it| it["chain"]["block_number"] == 2);
}

#[test]
fn a_client_that_takes_its_time_is_sent_away() {
    let chain = Chain::easy();
    let program = mining(&chain, API);
    let client = Client::of(&program);
    let mut silent = client.connect();
    silent
        .write_all(b"GET /status HTTP/1.1\r\n")
        .expect("it reads");
    // Nobody else wants its place.
    let mut answer = String::new();
    let _ = silent.read_to_string(&mut answer);
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
}

/// A file with a token, open to those whom `mode` names.
#[cfg(unix)]
fn secret(folder: &Path, text: &str, mode: u32) -> String {
    use std::os::unix::fs::PermissionsExt as _;

    let file = folder.join(format!("token-{}-{mode:o}", text.len()));
    fs::write(&file, text).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("changed");
    file.display().to_string()
}

/// Runs a search with flags that are wrong. Nothing listens at its endpoint, so that one that starts ends otherwise.
fn refused(flags: &str) -> Told {
    let (hotkey, coldkey) = (BOB.ss58, ALICE.ss58);
    let mine = format!("mine --netuid 1 --hotkey {hotkey} --coldkey {coldkey} {flags}");
    let told = program::run(program::at("ws://127.0.0.1:1", &mine)).exits(2);
    assert_eq!(told.stderr.lines().count(), 1, "{told}");
    assert!(told.stdout.is_empty(), "{told}");
    told
}

#[test]
fn an_address_that_cannot_be_is_refused_at_once() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().expect("an address");
    refused(&format!("--api {taken}")).complaining(&["--api: ", "is in use", "port 0"]);
    // No machine has this one.
    refused(&format!("--api 192.0.2.1:0 --api-token-file {}", file!()))
        .complaining(&["--api-token-file: "]);
    for wrong in [
        "4720",
        "localhost:4720",
        "127.0.0.1",
        "127.0.0.1:65536",
        "here",
    ] {
        refused(&format!("--api {wrong}")).complaining(&["--api: ", wrong, "127.0.0.1:4720"]);
    }
    for open in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        refused(&format!("--api {open}")).complaining(&[
            "--api-token-file: missing",
            "others can reach",
            "127.0.0.1",
        ]);
    }
    refused("--api-token-file /nowhere").complaining(&["--api"]);
}

#[test]
#[cfg(unix)]
fn a_token_that_is_none_is_refused_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("missing").display().to_string();
    for (file, words) in [
        (missing, "there is no file"),
        (folder.path().display().to_string(), "is not a file"),
        (secret(folder.path(), TOKEN, 0o644), "chmod"),
        (secret(folder.path(), "", 0o600), "is empty"),
        (
            secret(folder.path(), "0123456789abcde\n", 0o600),
            "fewer than 16",
        ),
        (
            secret(folder.path(), "two lines\nof a file", 0o600),
            "on one line",
        ),
    ] {
        let flags = format!("{API} --api-token-file {file}");
        refused(&flags).complaining(&["--api-token-file: ", words]);
    }
}
