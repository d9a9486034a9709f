//! What a running search answers to those who ask.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB};
use chain::{
    client::{Client, hashes},
    program::Program,
    search::{REGISTER, Search, mining},
    state::{Chain, HARD},
};
use serde_json::{Value, json};

const API: &str = "--api 127.0.0.1:0";

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
    let label = format!("subnet 1, {}", BOB.ss58);
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
    let goal = format!("goal=\"subnet 1, {}\"", BOB.ss58);
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
