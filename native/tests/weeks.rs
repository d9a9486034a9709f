//! A search at work for long, with everything that goes wrong meanwhile: what it holds does not grow.

#![cfg(target_os = "linux")]

mod chain;
mod common;

use core::time::Duration;
use std::{fs, io::Write as _, thread, time::Instant};

use btpow_devnet::{ALICE, BOB, keys};
use chain::{
    client::Client,
    process::{self, Held},
    program::{self, Program},
    proxy::{Fate, Proxy, SUBMIT},
    state::{Chain, EASY, HARD},
    text::PATIENCE,
    wallet::Wallet,
};
use serde_json::{Value, json};

/// The time between two blocks, about the shortest that the program believes.
const BLOCK: Duration = Duration::from_millis(250);

/// Blocks of an hour on a public chain.
const HOUR: u64 = 300;

/// For how long the idle program is looked at, with a block now and then.
const IDLE: Duration = Duration::from_secs(60);

/// The variable that says how many hours [`hours_of_trouble_cost_no_memory`] takes: `cargo xtask soak` sets it.
const HOURS: &str = "BTPOW_SOAK_HOURS";

/// A search for three goals through two endpoints, and whoever watches it.
struct Work {
    chain: Chain,
    proxies: [Proxy; 2],
    program: Program,
    client: Client,
    /// How many submissions were refused, and how many blocks made.
    refused: u64,
    blocks: u64,
    _wallet: Wallet,
    folder: tempfile::TempDir,
}

impl Work {
    fn start() -> Self {
        let chain = Chain::easy();
        for netuid in [1, 2, 3] {
            chain.set_difficulty(netuid, HARD);
        }
        chain.block();
        let proxies = [(); 2].map(|()| Proxy::before(chain.endpoint()));
        for proxy in &proxies {
            let refusal = json!({ "code": 1010, "message": "Invalid Transaction" });
            proxy.on_request(move |method, _| match method {
                SUBMIT => Fate::Refused(refusal.clone()),
                _ => Fate::Passed,
            });
        }
        let (wallet, folder) = (
            Wallet::new(&ALICE, &BOB),
            tempfile::tempdir().expect("a folder"),
        );
        let arguments = format!(
            "register --netuid 1 --netuid 2 --netuid 3 --wait-open --max-difficulty {} --attempts 1000 --yes \
             --json --device cpu --threads 1 --nice 19 --api 127.0.0.1:0",
            2 * HARD
        );
        let mut command = program::with(&wallet, &proxies[0].endpoint(), &arguments);
        command.args(["--network", &proxies[1].endpoint()]);
        command
            .args(["--on-event", "cat >> events"])
            .current_dir(folder.path());
        command.env("PATH", std::env::var_os("PATH").expect("a path"));
        command.arg("--log-file").arg(folder.path().join("log"));
        let program = Program::start(command);
        let client = Client::of(&program);
        let mut work = Self {
            chain,
            proxies,
            program,
            client,
            refused: 0,
            blocks: 0,
            _wallet: wallet,
            folder,
        };
        work.hashes_for_the_newest_block();
        work
    }

    /// A block in its time.
    fn block(&mut self) -> u64 {
        thread::sleep(BLOCK);
        self.blocks += 1;
        match self.chain.new_block() {
            Ok(number) => number,
            Err(error) => panic!("no block: {error:#}\n{}", self.chain.log()),
        }
    }

    /// Makes blocks until the program hashes for one: it may have lost its chain when some came.
    fn hashes_for_the_newest_block(&mut self) {
        self.until(|status, newest| {
            status["chain"]["connected"] == true
                && status["paused"] == false
                && status["chain"]["block_number"] == newest
        });
    }

    /// Makes blocks until the status is as wished, by the number of the last.
    #[track_caller]
    fn until(&mut self, is_it: impl Fn(&Value, u64) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let newest = self.block();
            let next = Instant::now() + 2 * BLOCK;
            while Instant::now() < next {
                let status = self.client.status();
                if is_it(&status, newest) {
                    return;
                }
                assert!(
                    Instant::now() < deadline,
                    "it stays so: {status:#}\n{}",
                    self.program.said()
                );
                thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// Everything once.
    fn round(&mut self) {
        // The chain makes it easier by itself.
        for netuid in [1, 2, 3] {
            self.chain.set_difficulty(netuid, HARD);
        }
        self.lose_endpoints();
        self.reorganise();
        self.pause_for_difficulty();
        self.refuse_a_proof();
        self.open_and_close_a_subnet();
        self.ask();
        self.hashes_for_the_newest_block();
    }

    /// Both connections break; then one endpoint is gone for a while.
    fn lose_endpoints(&mut self) {
        for proxy in &self.proxies {
            proxy.cut();
        }
        self.hashes_for_the_newest_block();
        for gone in 0..2 {
            self.proxies[gone].close();
            self.proxies[gone].cut();
            self.hashes_for_the_newest_block();
            self.proxies[gone].open();
        }
    }

    fn reorganise(&mut self) {
        let height = self.chain.height();
        self.chain
            .set_head(height - 2)
            .expect("there is such a block");
        self.blocks += 1;
        self.hashes_for_the_newest_block();
    }

    /// Two goals have too much to do, and the third is closed.
    fn pause_for_difficulty(&mut self) {
        for netuid in [1, 3] {
            self.chain.set_difficulty(netuid, 4 * HARD);
        }
        self.until(|status, _| status["paused"] == true);
        for netuid in [1, 3] {
            self.chain.set_difficulty(netuid, HARD);
        }
        self.hashes_for_the_newest_block();
    }

    /// A proof is found, and the pool does not take it.
    fn refuse_a_proof(&mut self) {
        let before = self.refused;
        self.chain.set_difficulty(1, EASY);
        self.until(|status, _| submissions(status) > before);
        self.chain.set_difficulty(1, HARD);
        self.hashes_for_the_newest_block();
        self.refused = submissions(&self.client.status());
    }

    fn open_and_close_a_subnet(&mut self) {
        let key = keys::subnet_key("NetworkPowRegistrationAllowed", 2);
        let is_closed = |status: &Value| status["goals"][1]["phase"] == "waiting";
        self.chain.set(key.clone(), Some(vec![1]));
        self.until(|status, _| !is_closed(status));
        self.chain.set(key, Some(vec![0]));
        self.until(|status, _| is_closed(status));
    }

    /// Prometheus, a supervisor, a person, and somebody who goes away in the middle of a request.
    fn ask(&self) {
        assert_eq!(self.client.get("/metrics").code, 200);
        assert_eq!(self.client.get("/healthz").code, 200);
        assert_eq!(self.client.get("/nothing").code, 404);
        let mut half = self.client.connect();
        half.write_all(b"GET /status HTTP/1.1\r\nHost: ")
            .expect("it reads");
        drop(half);
        self.program.signal("USR1");
    }

    /// What the program holds, once it holds no more threads and descriptors than `before`.
    #[track_caller]
    fn holds(&self, before: Option<Held>) -> Held {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let held = process::held(self.program.id());
            let is_more = before
                .is_some_and(|it| held.threads > it.threads || held.descriptors > it.descriptors);
            if !is_more {
                return held;
            }
            assert!(
                Instant::now() < deadline,
                "it held {before:?}, and holds {held:?}: {:?}",
                process::descriptors(self.program.id())
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The end, as a person ends it.
    fn end(self) {
        self.program.signal("INT");
        let told = self.program.end().exits(130);
        let lines = told.stdout.lines();
        let answers = lines.map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        for answer in answers {
            assert_eq!(answer["status"], "interrupted", "{answer:#}");
        }
        let events = fs::read_to_string(self.folder.path().join("events")).expect("events");
        for event in [
            "chain_lost",
            "chain_back",
            "paused",
            "resumed",
            "proof_found",
        ] {
            assert!(
                events.contains(&format!("\"{event}\"")),
                "{event}: {events}"
            );
        }
    }
}

/// How many proofs were sent for all goals.
fn submissions(status: &Value) -> u64 {
    let goals = status["goals"].as_array().expect("goals").iter();
    goals
        .map(|goal| goal["submissions"].as_u64().expect("a number"))
        .sum()
}

/// The middle one of some numbers.
fn median(mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

#[test]
fn trouble_leaves_no_thread_and_no_descriptor_behind() {
    let mut work = Work::start();
    work.round();
    let before = work.holds(None);
    for _ in 0..2 {
        work.round();
        println!("{:?}", work.holds(Some(before)));
    }
    work.end();
}

/// So many hours of a public chain, whose blocks come 48 times as fast here.
#[test]
#[ignore = "takes half an hour for a day: `cargo xtask soak`"]
fn hours_of_trouble_cost_no_memory() {
    let hours = std::env::var(HOURS).expect(HOURS);
    let hours: u64 = hours.parse().expect("a number of hours");
    let (begun, mut work) = (Instant::now(), Work::start());
    let mut held = Vec::new();
    while work.blocks < hours * HOUR {
        work.round();
        // What the first minute brings may stay.
        if begun.elapsed() < Duration::from_secs(60) {
            continue;
        }
        let now = work.holds(held.first().copied());
        println!("block {}: {now:?}", work.blocks);
        held.push(now);
    }
    // Both ends are some rounds, since a round more or less of anything is no growth.
    let some = held.len().div_ceil(8);
    let resident = |some: &[Held]| median(some.iter().map(|it| it.resident).collect());
    let (first, last) = (
        resident(&held[..some]),
        resident(&held[held.len() - some..]),
    );
    println!(
        "{first} bytes after a minute, {last} at the end, {} blocks later",
        work.blocks
    );
    assert!(
        last <= first + (1 << 20),
        "it grew by {} bytes",
        last - first
    );
    idle(&mut work);
    work.end();
}

/// All goals wait, and blocks come as on a public chain.
fn idle(work: &mut Work) {
    for netuid in [1, 3] {
        work.chain.set_difficulty(netuid, 4 * HARD);
    }
    work.until(|status, _| status["paused"] == true);
    let (begun, before) = (Instant::now(), process::processor_time(work.program.id()));
    while begun.elapsed() < IDLE {
        thread::sleep(Duration::from_secs(12));
        work.chain.block();
    }
    let spent = process::processor_time(work.program.id()) - before;
    let share = spent.div_duration_f64(begun.elapsed());
    println!(
        "idle: {spent:?} of processor time, {:.3} % of a core",
        100.0 * share
    );
    assert!(share < 0.002, "{share}");
}
