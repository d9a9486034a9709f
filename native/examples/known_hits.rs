//! Prints the table of `src/commands/bench/known_hits.rs`, in some minutes.

use btpow::commands::bench::known_hits::KnownHits;
use btpow_core::{Isa, Position, Protocol, Round};

/// The number of positions at the start of a run that must hold many hits.
const NEAR: u64 = 1 << 17;

/// The end of a group, in positions, shortly before which a run begins.
const BEFORE: u64 = 0x5eed << 32;

fn main() {
    for (protocol, name) in Protocol::ALL
        .into_iter()
        .zip(["V1", "LEGACY_BIG", "LEGACY_LITTLE"])
    {
        let from = Position(BEFORE - KnownHits::LEN);
        let looked_at = Round {
            start: from,
            len: 2 * KnownHits::LEN,
        };
        let hits = KnownHits::search(protocol, looked_at, Isa::best());
        let near = |start: &&Position| {
            let (start, len) = (**start, NEAR);
            let near = Round { start, len };
            hits.iter().filter(|&&hit| near.contains(hit)).count()
        };
        let starts = hits.iter().filter(|hit| hit.0 < BEFORE);
        let first = starts.max_by_key(near).expect("some hit of 256");
        let start = first.0 - 1_000;

        println!("#[rustfmt::skip]\nconst {name}: KnownHits = KnownHits {{");
        println!("    start: {start:#x},\n    offsets: &[");
        let offsets = hits.iter().map(|hit| hit.0.wrapping_sub(start));
        let offsets = offsets.filter(|&offset| offset < KnownHits::LEN);
        let offsets: Vec<_> = offsets.map(|offset| offset.to_string()).collect();
        for line in offsets.chunks(10) {
            println!("        {},", line.join(", "));
        }
        println!("    ],\n}};\n");
    }
}
