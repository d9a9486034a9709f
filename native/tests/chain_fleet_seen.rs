//! What people see of a fleet: a coordinator at work, a rig, and a real server between them.

#![cfg(unix)]

mod chain;
mod common;
#[expect(dead_code, reason = "others use all of it")]
mod fleet;

use btpow_devnet::{ALICE, BOB};
use chain::{
    client::Client,
    program::{self, Program},
    state::{Chain, HARD},
    terminal::Terminal,
    wallet::Wallet,
};
use common::{btpow, dashboard, object, schema};
use fleet::{
    lead, leading, rig,
    server::{Server, VIEWER},
};
use serde_json::Value;

/// A coordinator that never finds anything, a rig, and what their server is.
struct Fleet {
    chain: Chain,
    server: Server,
    _wallet: Wallet,
    coordinator: Program,
    client: Client,
    rig: Program,
}

impl Fleet {
    /// Gives the coordinator these flags, and waits until it knows how fast the rig is.
    fn start(flags: &str) -> Self {
        let (chain, server) = (Chain::easy(), Server::start());
        chain.set_difficulty(1, HARD);
        let wallet = Wallet::new(&ALICE, &BOB);
        let flags = format!("register --netuid 1 --yes --api 127.0.0.1:0 {flags}");
        let coordinator = lead(&server, &wallet, chain.endpoint(), &flags);
        let client = Client::of(&coordinator);
        let rig = rig(&server, 0);
        client.status_with(|it| rate(&it["fleet"]["rigs"][0]) > 0.0);
        Self {
            chain,
            server,
            _wallet: wallet,
            coordinator,
            client,
            rig,
        }
    }

    /// What somebody is told who may only look.
    fn asked(&self, flags: &str) -> String {
        let mut command = btpow(&format!("fleet status {flags}"));
        command.args(["--fleet", &self.server.address()]);
        command.arg("--fleet-creds").arg(self.server.secret(VIEWER));
        let told = program::run(command);
        told.exits(0).stdout
    }
}

/// Hashes per second.
fn rate(of: &Value) -> f64 {
    of["hash_rate"].as_f64().unwrap_or_default()
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn rigs_are_in_the_status_the_metrics_and_top() {
    let fleet = Fleet::start("--no-local");
    let status = fleet.client.status();
    schema::check("status", &status);
    let seen = &status["fleet"];
    assert_eq!(
        (&seen["role"], &seen["connected"]),
        (&"leads".into(), &true.into()),
        "{seen}"
    );
    assert_eq!(seen["rigs"][0]["devices"][0]["name"], "cpu", "{seen}");
    let lost = &seen["rigs"][0]["lost"];
    assert!(
        lost["joining"].as_f64().is_some_and(|it| it > 0.0),
        "{lost}"
    );
    // Nothing hashes here, and a proof is expected all the same.
    let goal = &status["goals"][0];
    assert!(goal["expected_time"].is_f64(), "{goal}");
    assert_eq!(fleet.client.get("/healthz").code, 200);

    let metrics = fleet.client.get("/metrics").body;
    let value = |series: &str| {
        let line = metrics.lines().find_map(|it| it.strip_prefix(series));
        let value = line.and_then(|it| it.trim().parse::<f64>().ok());
        value.unwrap_or_else(|| panic!("{series} in:\n{metrics}"))
    };
    assert!(value("btpow_fleet_hash_rate_hertz ") > 0.0);
    assert!(value("btpow_rig_hash_rate_hertz{rig=\"rig-1\"} ") > 0.0);
    assert!(value("btpow_rig_hashes_total{rig=\"rig-1\"} ") > 0.0);
    assert_eq!(value("btpow_fleet_rigs "), 1.0);
    assert_eq!(value("btpow_fleet_leads "), 1.0);
    assert_eq!(value("btpow_fleet_changes_total{change=\"joined\"} "), 1.0);

    let mut top = Terminal::start(&btpow(&format!("top {}", fleet.client.address)));
    top.shows("Rigs: 1, ");
    top.shows("rig-1");
    top.types_key(b'q');
    assert_eq!(top.end().0, 0);
    fleet.coordinator.signal("USR1");
    fleet.coordinator.says(", 1 rig, expected ");
    fleet.coordinator.says("fleet: 1 rig, ");
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn whoever_may_look_sees_what_each_rig_does() {
    let fleet = Fleet::start("--no-local");
    let number = fleet.chain.block();
    let does = |it: &Value| it["fleet"]["rigs"][0]["block_number"] == number;
    fleet.client.status_with(does);
    let answer = object(fleet.asked("--json").as_bytes());
    schema::check("fleet-status", &answer);
    assert_eq!(
        (&answer["head"], &answer["block_number"]),
        (&number.into(), &number.into())
    );
    assert_eq!(answer["rigs"][0]["label"], "rig-1", "{answer}");
    assert!(rate(&answer) > 0.0, "{answer}");
    let text = fleet.asked("");
    let row = text.lines().find(|it| it.starts_with("rig-1 "));
    let row = row.unwrap_or_else(|| panic!("{text}"));
    assert!(
        row.contains("H/s") && row.contains(&format!(" {number} ")),
        "{text}"
    );
    assert!(text.lines().all(|it| it.chars().count() <= 80), "{text}");

    // Once it has gone nobody is left.
    fleet.rig.signal("INT");
    let is_gone = |it: &Value| it["fleet"]["rigs"].as_array().is_some_and(Vec::is_empty);
    fleet.client.status_with(is_gone);
    let health = fleet.client.get("/healthz");
    assert_eq!(
        (health.code, health.body.as_str()),
        (503, "no rig has joined the fleet\n")
    );
    assert!(fleet.asked("").contains("no rigs"));
    fleet.rig.end().exits(130);
}

/// Where somebody looks, rigs are lines below the devices.
#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn rigs_are_lines_of_their_own_at_a_terminal() {
    let (chain, server) = (Chain::easy(), Server::start());
    chain.set_difficulty(1, HARD);
    let wallet = Wallet::new(&ALICE, &BOB);
    let arguments = "register --netuid 1 --yes --device cpu --threads 1";
    let command = program::with(&wallet, chain.endpoint(), arguments);
    let mut command = leading(command, &server);
    command.env("TERM", "xterm");
    let mut terminal = Terminal::start(&command);
    let _rig = rig(&server, 0);
    terminal.shows("rig rig-1 joined");
    terminal.shows("H/s, 1 rig, expected ");
    terminal.shows("cpu  ");
    terminal.shows("fleet  1 rig, ");
    terminal.shows("rig-1  ");
    terminal.signal("INT");
    assert_eq!(terminal.end().0, 130);
}

#[test]
#[ignore = "needs nats-server, which `cargo xtask test nats` installs"]
fn the_dashboard_of_a_fleet_asks_for_what_is_printed() {
    let fleet = Fleet::start("--device cpu --threads 1");
    let page = fleet.client.get("/metrics").body;
    let queries = dashboard::queries("btpow-fleet.json");
    dashboard::check(&queries, &page);
    let all: String = queries.into_iter().map(|(query, _)| query).collect();
    for metric in dashboard::printed(&page).keys() {
        let is_of_rigs = metric.starts_with("btpow_fleet_") || metric.starts_with("btpow_rig");
        let is_seen = dashboard::names(&all).any(|it| it == *metric);
        assert!(
            is_seen || !is_of_rigs || metric.ends_with("_info"),
            "{metric}"
        );
    }
}
