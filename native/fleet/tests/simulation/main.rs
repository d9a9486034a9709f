//! Coordinators and rigs in a world where everything goes wrong: messages are lost, repeated and reordered, the server
//! restarts, processes die between any two things that they do, clocks are wrong, blocks are replaced and registrations undone,
//! calls fail in their blocks, endpoints lie about difficulties, rigs lie and flood, there is no room for all of them, and two
//! coordinators lead at once: for one key, for two of one account or of two, or each for its own. The coordinator and the worker
//! are those that run over a real server, and what signs is the session that the program drives.
//!
//! What has to hold is in `checks.rs`, `chain.rs` and `Lane::check`: no valid proof is lost that could still count, no wrong one is
//! sent, no two of a block are signed, whoever does not lead signs nothing, and in the end each key is registered, once.
//!
//! A schedule follows from its seed. The test prints the first one; `BTPOW_FLEET_SEED=N` repeats one schedule and tells what
//! happens in it (with `-- --nocapture`), and `BTPOW_FLEET_SCHEDULES=N` runs more of them.

extern crate alloc;

mod bus;
mod chain;
mod checks;
mod deeds;
mod faults;
mod lane;
mod life;
mod rig_deeds;
mod rigs;
mod rng;
mod rules;
mod tally;
mod world;

use core::hash::BuildHasher as _;
use std::{
    env,
    hash::RandomState,
    io::{self, Write as _},
    panic, thread,
};

use self::{tally::Tally, world::World};

/// How many schedules run.
const SCHEDULES: u64 = 1_000;

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

#[test]
fn nothing_valid_is_lost_and_nothing_wrong_is_sent() {
    if let Some(seed) = number("BTPOW_FLEET_SEED") {
        println!("{:?}", World::new(seed, true).run());
        return;
    }
    let first = RandomState::new().hash_one(0) >> 1;
    let count = number("BTPOW_FLEET_SCHEDULES").unwrap_or(SCHEDULES);
    // Past the test harness, which shows what is printed only when a test fails.
    let told = writeln!(
        io::stderr(),
        "{count} schedules from BTPOW_FLEET_SEED={first} on"
    );
    told.expect("standard error");
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let all = thread::scope(|scope| {
        let parts = (0..threads).map(|part| {
            let seeds = (first..first + count).skip(part).step_by(threads);
            scope.spawn(|| run(seeds))
        });
        let parts: Vec<_> = parts.collect();
        let mut all = Tally::default();
        for part in parts {
            all.add(
                &part
                    .join()
                    .unwrap_or_else(|panic| panic::resume_unwind(panic)),
            );
        }
        all
    });
    println!("{all:?}");
    all.check(count);
}

fn run(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut all = Tally::default();
    for seed in seeds {
        match panic::catch_unwind(|| World::new(seed, false).run()) {
            Ok(tally) => all.add(&tally),
            Err(_) => panic!("BTPOW_FLEET_SEED={seed} repeats it"),
        }
    }
    all
}
