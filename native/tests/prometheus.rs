//! The dashboard for Grafana asks for what a running search prints, and Prometheus, which asks for it, has an answer to each
//! question.

#![cfg(target_os = "linux")]

mod chain;
mod common;

use core::time::Duration;
use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Instant,
};

use btpow_devnet::{ALICE, BOB};
use chain::{
    client::Client,
    program::{self, Program},
    state::{Chain, HARD},
    text::PATIENCE,
};
use common::{dashboard, markdown::Page};
use serde_json::Value;

/// A search that has paused and goes on, with the cards of the emulated driver.
struct Running {
    chain: Chain,
    _program: Program,
    client: Client,
}

impl Running {
    fn start() -> Self {
        let chain = Chain::easy();
        chain.set_difficulty(1, 4 * HARD);
        let (hotkey, coldkey) = (BOB.ss58, ALICE.ss58);
        let mine = format!(
            "mine --netuid 1 --device cpu --device cuda:0 --threads 1 --hotkey {hotkey} --coldkey {coldkey} \
             --max-difficulty {} --api 127.0.0.1:0",
            2 * HARD
        );
        let mut command = program::at(chain.endpoint(), &mine);
        common::add_cards(&mut command);
        let program = Program::start(command);
        let client = Client::of(&program);
        program.says("mining pauses");
        chain.set_difficulty(1, HARD);
        chain.block();
        program.says("mining goes on");
        client.status_with(|it| {
            let devices = it["devices"].as_array().map_or(&[][..], Vec::as_slice);
            let has_sensors = devices.iter().any(|it| !it["power"].is_null());
            has_sensors && it["goals"][0]["phase"] == "searching"
        });
        Self {
            chain,
            _program: program,
            client,
        }
    }
}

/// Those of the dashboard, with the labels that their legends show.
fn queries() -> Vec<(String, Vec<String>)> {
    dashboard::queries("btpow.json")
}

#[test]
fn the_dashboard_asks_for_what_is_printed() {
    let running = Running::start();
    let answer = running.client.get("/metrics").body;
    let printed = dashboard::printed(&answer);
    assert_eq!(printed["btpow_device_power_watts"], ["device"]);
    assert_eq!(printed["btpow_goal_phase"], ["goal", "phase"]);
    dashboard::check(&queries(), &answer);
    // And nothing but the age of things is printed that nobody can see.
    let all: String = queries().into_iter().map(|(query, _)| query).collect();
    for metric in printed.keys() {
        let is_about = metric.ends_with("_info");
        let is_seen = dashboard::names(&all).any(|it| it == *metric);
        assert!(
            is_seen || is_about || METRICS_UNSEEN.contains(metric),
            "{metric}"
        );
    }
}

/// What is for alerts rather than for a look.
const METRICS_UNSEEN: [&str; 3] = ["btpow_block_number", "btpow_device_paused", "btpow_paused"];

/// Prometheus at work. Dropping it kills it.
struct Prometheus {
    child: Child,
    client: Client,
}

impl Prometheus {
    /// Asks `target` as the book has it, but five times a second.
    fn start(folder: &Path, target: &str) -> Self {
        let config = folder.join("prometheus.yml");
        let page = Page::read("docs/src/watch.md");
        let of_page = page.block("yaml").replace("127.0.0.1:4720", target);
        assert!(of_page.contains(target), "{of_page}");
        let text =
            format!("global: {{ scrape_interval: 200ms, scrape_timeout: 200ms }}\n{of_page}");
        fs::write(&config, text).expect("written");
        // It takes no port of the system's choice, so this one may be lost to somebody else, but hardly is.
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address").to_string();
        drop(free);
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            .arg("--log.level=error")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus is installed: cargo xtask test prometheus");
        let client = Client { address };
        Self { child, client }
    }

    /// The result of a query; none while it does not answer.
    fn ask(&self, query: &str) -> Option<Value> {
        let escaped: String = query.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let answer = self
            .client
            .try_get(&format!("/api/v1/query?query={escaped}"))?;
        if answer.code == 503 {
            return None;
        }
        assert_eq!(answer.code, 200, "{query}: {answer:?}");
        // Its length is known, or it comes in pieces.
        let body = answer.whole_body();
        let answer: Value = serde_json::from_str(&body).expect("JSON");
        Some(answer["data"]["result"].clone())
    }

    /// Waits until there is data.
    fn has_data(&self, query: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.ask(query) {
                Some(Value::Array(series)) if !series.is_empty() => return Value::Array(series),
                found => assert!(Instant::now() < deadline, "{query}: {found:?}"),
            }
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs prometheus, which `cargo xtask test prometheus` installs"]
fn prometheus_has_data_for_each_query_of_the_dashboard() {
    let running = Running::start();
    let folder = tempfile::tempdir().expect("a folder");
    let prometheus = Prometheus::start(folder.path(), &running.client.address);
    prometheus.has_data("up == 1");
    // Rates need two scrapes.
    prometheus.has_data("count_over_time(btpow_hashes_total[1m]) >= 3");
    for (query, _) in queries() {
        let query = query
            .replace("$instance", ".*")
            .replace("$__rate_interval", "1m");
        prometheus.has_data(&query);
    }
    let number = running.chain.block();
    prometheus.has_data(&format!("btpow_block_number == {number}"));
    let hashes = prometheus.has_data("sum(rate(btpow_hashes_total[1m])) > 0");
    assert_eq!(hashes.as_array().map(Vec::len), Some(1));
    // It knows them for what they are.
    let known = prometheus
        .client
        .try_get("/api/v1/metadata?metric=btpow_hashes_total");
    let known = known.expect("it answers").whole_body();
    assert!(
        known.contains("\"counter\"") || known.contains("\"data\":{}"),
        "{known}"
    );
}

#[test]
#[ignore = "needs prometheus, which `cargo xtask test prometheus` installs"]
fn promtool_finds_nothing_wrong_with_the_metrics() {
    let running = Running::start();
    let host = format!("Host: {}", running.client.address);
    let plain = running
        .client
        .ask("GET /metrics", &[&host, "Accept: text/plain"]);
    let mut tool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool is installed: cargo xtask test prometheus");
    let mut input = tool.stdin.take().expect("piped");
    input.write_all(plain.body.as_bytes()).expect("it reads");
    drop(input);
    let told = tool.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&told.stderr);
    assert!(
        told.status.success() && said.is_empty(),
        "{said}\n{}",
        plain.body
    );
}
