//! Hashes per second with every instruction set of this processor, for each protocol.
//!
//! Each timed scan must find exactly the candidates that the reference finds.

use std::{collections::HashMap, sync::LazyLock};

use btpow_conformance::device::challenges;
use btpow_core::{Challenge, Difficulty, Group, Isa, Jobs, Offsets, Position, Protocol, Target};
use divan::{Bencher, counter::ItemsCount};

/// Nonces in a timed scan.
const NONCES: u32 = 1 << 18;

const GROUP: Group = Group::new(0x0012_3456);

/// How many of them are candidates, according to the reference.
static EXPECTED: LazyLock<HashMap<Protocol, usize>> = LazyLock::new(|| {
    let count = |challenge: &Challenge| {
        let protocol = challenge.protocol();
        let is_candidate = |&offset: &u32| {
            let seal = challenge.seal(Position::new(GROUP, offset).nonce(protocol));
            Target::tested_word(&seal, protocol.order()) <= target().threshold()
        };
        (0..NONCES).filter(is_candidate).count()
    };
    challenges(6)
        .iter()
        .map(|challenge| (challenge.protocol(), count(challenge)))
        .collect()
});

fn main() {
    divan::main();
}

fn target() -> Target {
    Difficulty::new(10_000).expect("not zero").target()
}

/// Each instruction set with each protocol, by name.
fn cases() -> Vec<String> {
    let of = |isa: Isa| Protocol::ALL.map(|protocol| format!("{isa} {protocol}"));
    Isa::available().flat_map(of).collect()
}

#[divan::bench(args = cases())]
fn scan(bencher: Bencher, case: &str) {
    let (isa, protocol) = case.split_once(' ').expect("two parts");
    let isa = Isa::named(isa).expect("available");
    let challenge = challenges(6)
        .into_iter()
        .find(|challenge| challenge.protocol().to_string() == protocol)
        .expect("one of all protocols");
    let job = Jobs::new(&challenge, &target()).group(GROUP);
    let all = Offsets::new(0, NONCES - 1).expect("not empty");
    let expected = EXPECTED[&challenge.protocol()];
    bencher.counter(ItemsCount::new(NONCES)).bench(|| {
        let mut found = 0;
        isa.scan(&job, all, &mut |_| found += 1);
        assert_eq!(found, expected, "{case}");
    });
}
