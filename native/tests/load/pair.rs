//! Two rigs of one thread each, and one program of two threads: both hash as fast as two cores can.

use core::time::Duration;
use std::{collections::BTreeMap, thread, time::Instant};

use btpow_devnet::{ALICE, BOB};
use btpow_fleet::{
    Fleet,
    message::{FromRig, read},
};

use crate::{
    chain::{
        client::{Client, hashes},
        program::{self, Program},
        state::{Chain, HARD},
        wallet::Wallet,
    },
    common,
    nats::ear::Ear,
    server::Server,
};

/// The time between two blocks, as on a public chain.
const BLOCK: Duration = Duration::from_secs(12);

/// For how long each is measured.
const LASTS: Duration = Duration::from_secs(60);

/// How long it is listened at a time.
const SOON: Duration = Duration::from_millis(200);

/// What nobody finds here.
const REGISTER: &str = "register --netuid 1 --yes --json --max-difficulty 1000000000000000";

/// A chain of which blocks come, and somebody who wants to register there.
struct Place {
    chain: Chain,
    wallet: Wallet,
}

impl Place {
    fn new() -> Self {
        let chain = Chain::easy();
        chain.set_difficulty(1, HARD);
        chain.block();
        Self {
            chain,
            wallet: Wallet::new(&ALICE, &BOB),
        }
    }

    fn register(&self, arguments: &str) -> Program {
        let arguments = format!("{REGISTER} {arguments}");
        Program::start(program::with(
            &self.wallet,
            self.chain.endpoint(),
            &arguments,
        ))
    }

    /// Blocks come until it is time.
    fn pass(&self) {
        let end = Instant::now() + LASTS;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            thread::sleep(BLOCK.min(left));
            if left <= BLOCK {
                return;
            }
            self.chain.block();
        }
    }

    /// Hashes per second of one program with two threads.
    fn threads(&self) -> f64 {
        let program = self.register("--device cpu --threads 2 --api 127.0.0.1:0");
        let client = Client::of(&program);
        client.status_with(|status| hashes(status) > 0);
        let at = || (Instant::now(), hashes(&client.status()));
        let before = at();
        self.pass();
        let rate = rate(before, at());
        program.signal("INT");
        program.end().exits(130);
        rate
    }

    /// Hashes per second of two rigs, as they tell their coordinator.
    fn rigs(&self) -> f64 {
        let server = Server::with("");
        let fleet: Fleet = "main".parse().expect("a name");
        let mut ear = Ear::to(server.socket(), &[fleet.from_rigs()]);
        let url = format!("--fleet {}", server.address());
        let coordinator = self.register(&format!("--no-local {url}"));
        let rigs = ["rig-1", "rig-2"].map(|name| {
            let arguments = format!("rig {url} --name {name} --device cpu --threads 1");
            Program::start(common::btpow(&arguments))
        });
        let (mut first, mut last) = (BTreeMap::new(), BTreeMap::new());
        while first.len() < rigs.len() {
            first.extend(beat(&mut ear));
        }
        thread::scope(|scope| {
            let passing = scope.spawn(|| self.pass());
            while !passing.is_finished() {
                last.extend(beat(&mut ear));
            }
        });
        for program in rigs.into_iter().chain([coordinator]) {
            program.signal("INT");
            program.end().exits(130);
        }
        let each = first.iter().map(|(name, first)| rate(*first, last[name]));
        each.sum()
    }
}

/// The next beat of a rig that has hashed, if it comes soon: who, when and how much.
fn beat(ear: &mut Ear) -> Option<(String, (Instant, u64))> {
    let (at, message) = ear.hear(SOON)?;
    let Ok(FromRig::Beat(beat)) = read(message.payload()) else {
        panic!("no rig finds anything: {message:?}");
    };
    let nonces = beat.devices.iter().map(|device| device.nonces).sum();
    (nonces > 0).then(|| (message.subject().to_owned(), (at, nonces)))
}

fn rate((from, before): (Instant, u64), (to, after): (Instant, u64)) -> f64 {
    (after - before) as f64 / (to - from).as_secs_f64()
}

/// Both in turn, so that what else this machine does meets both.
pub(crate) fn compare(turns: usize) {
    let place = Place::new();
    println!("\n| turn | two rigs | two threads | ratio |\n|---|---|---|---|");
    let mut sums = [0.0; 2];
    for turn in 1..=turns {
        let rates = [place.rigs(), place.threads()];
        println!("{}", row(&turn.to_string(), rates));
        sums = [sums[0] + rates[0], sums[1] + rates[1]];
    }
    println!("{}", row("mean", sums.map(|sum| sum / turns as f64)));
}

fn row(what: &str, [rigs, threads]: [f64; 2]) -> String {
    let [a, b] = [rigs, threads].map(|rate| rate / 1e6);
    format!("| {what} | {a:.3} MH/s | {b:.3} MH/s | {:.4} |", a / b)
}
