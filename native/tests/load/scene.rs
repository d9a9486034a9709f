//! A coordinator at work, with all that it needs.

use core::{fmt, time::Duration};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Instant,
};

use btpow_devnet::{ALICE, BOB};
use btpow_fleet::Fleet;
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::json;

use crate::{
    chain::{
        extrinsic::Signed,
        process,
        program::{self, Program},
        proxy::{Fate, Proxy, SUBMIT},
        state::Chain,
        text::PATIENCE,
        wallet::Wallet,
    },
    crowd::Crowd,
    server::Server,
};

/// How often it is looked whether something has come.
const LOOK: Duration = Duration::from_millis(2);

/// For how many blocks a proof counts.
const WINDOW: u64 = 5;

/// The time between two blocks that nothing is measured at, about the shortest that the program believes.
const QUICK: Duration = Duration::from_millis(250);

/// All of it.
pub(crate) struct Scene {
    pub(crate) rigs: usize,
    crowd: Crowd,
    program: Program,
    told: Arc<Mutex<Told>>,
    proxy: Proxy,
    chain: Chain,
    server: Server,
    finds: Mutex<usize>,
    _wallet: Wallet,
}

/// What the chain told the coordinator, and what it was sent.
#[derive(Debug, Default)]
struct Told {
    /// When the node told of a block.
    heads: BTreeMap<u64, Instant>,
    /// When a proof came, by its block and nonce.
    proofs: BTreeMap<(u64, u64), Instant>,
}

/// What has been spent so far.
pub(crate) struct Spent {
    at: Instant,
    coordinator: Duration,
    server: Duration,
    crowd: Duration,
    /// Bytes of the coordinator, and of the server.
    resident: [u64; 2],
}

impl Scene {
    /// Starts everything, and returns when all rigs have a range and a challenge.
    pub(crate) fn start(rigs: usize) -> Self {
        allow_descriptors(rigs + 200);
        let (server, chain) = (Server::with(""), Chain::easy());
        let proxy = Proxy::before(chain.endpoint());
        let told: Arc<Mutex<Told>> = Arc::default();
        let note = Arc::clone(&told);
        proxy.on_head(move |head| {
            let number = head["number"].as_str().expect("a number");
            let number = u64::from_str_radix(&number[2..], 16).expect("a number");
            let mut note = note.lock().unwrap_or_else(PoisonError::into_inner);
            note.heads.entry(number).or_insert_with(Instant::now);
            vec![head]
        });
        let note = Arc::clone(&told);
        proxy.on_request(move |method, parameters| {
            if method != SUBMIT {
                return Fate::Passed;
            }
            let now = Instant::now();
            let proof = Signed::read(parameters[0].as_str().expect("digits")).proof;
            let mut note = note.lock().unwrap_or_else(PoisonError::into_inner);
            note.proofs
                .entry((proof.work_block, proof.nonce))
                .or_insert(now);
            // So the search goes on.
            Fate::Refused(json!({ "code": 1010, "message": "Invalid Transaction" }))
        });
        let wallet = Wallet::new(&ALICE, &BOB);
        let arguments = format!(
            "register --netuid 1 --yes --json --attempts 1000 --no-local --fleet {}",
            server.address()
        );
        let program = Program::start(program::with(&wallet, &proxy.endpoint(), &arguments));
        program.says("this coordinator leads the fleet");
        let fleet: Fleet = "main".parse().expect("a name");
        let crowd = Crowd::start(server.socket(), &fleet, rigs);
        let scene = Self {
            rigs,
            crowd,
            program,
            told,
            proxy,
            chain,
            server,
            finds: Mutex::new(0),
            _wallet: wallet,
        };
        scene.until(|scene| scene.crowd.seen().joined >= rigs, "all join");
        scene
    }

    /// A block after a time; its number.
    pub(crate) fn block(&self, time: Duration) -> u64 {
        let begun = Instant::now();
        let number = self.chain.block();
        thread::sleep(time.saturating_sub(begun.elapsed()));
        number
    }

    /// When the node told of a block, and when every rig had its challenge.
    pub(crate) fn arrivals(&self, block: u64) -> (Instant, Vec<Instant>) {
        let all = |scene: &Self| {
            let seen = scene.crowd.seen();
            seen.arrivals.get(&block).map_or(0, Vec::len) == scene.rigs
        };
        self.until(all, "every rig has every block");
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        (
            told.heads[&block],
            self.crowd.seen().arrivals[&block].clone(),
        )
    }

    /// At a moment after a block, a rig finds something for it; how long that takes to the node.
    pub(crate) fn find(&self, rig: usize, time: Duration, moment: Duration) -> Duration {
        // What was refused is sent again for as long as it may count; until then nothing else is signed.
        for _ in 0..WINDOW {
            self.block(QUICK);
        }
        let begun = Instant::now();
        let block = self.chain.block();
        self.arrivals(block);
        thread::sleep(moment.saturating_sub(begun.elapsed()));
        let made = self.crowd.find(rig);
        assert_eq!(made.block, block, "the newest");
        let proof = (made.block, made.nonce);
        let at = |scene: &Self| {
            let told = scene.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.proofs.get(&proof).copied()
        };
        self.until(|scene| at(scene).is_some(), "the find is submitted");
        let is_taken = |scene: &Self| scene.crowd.seen().taken.contains_key(&made.nonce);
        self.until(is_taken, "the rig is told that it is taken");
        *self.finds.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        thread::sleep(time.saturating_sub(begun.elapsed()));
        at(self).expect("just seen").duration_since(made.at)
    }

    /// What was spent so far.
    pub(crate) fn spent(&self) -> Spent {
        let resident = |id| process::held(id).resident;
        let ids = [self.program.id(), self.server.id()];
        Spent {
            at: Instant::now(),
            coordinator: process::processor_time(ids[0]),
            server: process::processor_time(ids[1]),
            crowd: process::processor_time(std::process::id()),
            resident: ids.map(resident),
        }
    }

    /// Ends it, and looks whether all was right.
    pub(crate) fn end(self) {
        let complaints = core::mem::take(&mut self.crowd.seen().complaints);
        assert!(complaints.is_empty(), "{complaints:?}");
        let finds = *self.finds.lock().unwrap_or_else(PoisonError::into_inner);
        // No proof is sent that no rig has found, and none is signed twice.
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(told.proofs.len(), finds);
        let sent: BTreeSet<_> = self.proxy.submitted().into_iter().collect();
        assert_eq!(sent.len(), finds);
        drop(told);
        self.program.signal("INT");
        self.program.end().exits(130);
    }

    #[track_caller]
    fn until(&self, is_so: impl Fn(&Self) -> bool, what: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self) {
            assert!(
                Instant::now() < deadline,
                "it is not so that {what}: {:?}\n{}",
                self.crowd.seen().complaints,
                self.program.said()
            );
            thread::sleep(LOOK);
        }
    }
}

/// Lets this process and those that it starts have so many.
fn allow_descriptors(count: usize) {
    let count = count as u64;
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < count) {
        let most = limit.maximum.unwrap_or(count);
        assert!(most >= count, "`ulimit -Hn` is {most}: {count} are needed");
        limit.current = Some(count);
        setrlimit(Resource::Nofile, limit).expect("no more than it may");
    }
}

impl Spent {
    /// What was spent since then.
    pub(crate) fn since(&self, before: &Self) -> impl fmt::Display {
        let time = self.at.duration_since(before.at);
        let share = |now: Duration, then: Duration| 100.0 * (now - then).div_duration_f64(time);
        let [coordinator, server] = self.resident.map(|it| it as f64 / f64::from(1 << 20));
        format!(
            "in {:.0} s: coordinator {:.1} % of a core and {coordinator:.1} MiB, server {:.1} % and {server:.1} MiB, \
             crowd {:.1} %",
            time.as_secs_f64(),
            share(self.coordinator, before.coordinator),
            share(self.server, before.server),
            share(self.crowd, before.crowd),
        )
    }
}
