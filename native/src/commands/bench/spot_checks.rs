//! Finds hits that a bench's devices missed beyond the run whose hits are known.
//!
//! The known run is 2^28 positions, which a GPU finishes in a tenth of a second. When the time is up, the CPU
//! searches parts of what comes after it, spread over all finished rounds.

use core::{num::NonZeroUsize, time::Duration};
use std::{thread, time::Instant};

use btpow_core::{Isa, Position, Protocol, Round};

use super::{known_hits::KnownHits, recorder::Log};

/// The most positions of a part: a quarter of a hit, so that hits come from many places.
const PART: u64 = 1 << 18;

/// The most parts: what 16 cores search in half a second.
const PARTS: u64 = 1_024;

/// The longest time that the CPU searches.
const LIMIT: Duration = Duration::from_secs(1);

/// How many hits the CPU found in parts of what the devices finished beyond the known run, and how many of
/// those the devices reported.
pub(super) fn run(protocol: Protocol, logs: &[Log]) -> (usize, usize) {
    let parts = parts(&KnownHits::of(protocol), logs);
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let deadline = Instant::now() + LIMIT;
    let search = |first: usize| {
        let mut hits = Vec::new();
        for part in parts.iter().skip(first).step_by(threads) {
            if Instant::now() >= deadline {
                break;
            }
            hits.extend(KnownHits::search(protocol, *part, Isa::best()));
        }
        hits
    };
    let hits: Vec<Position> = thread::scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|i| scope.spawn(move || search(i)))
            .collect();
        let ended = started.into_iter().filter_map(|thread| thread.join().ok());
        ended.flatten().collect()
    });
    let reported = |hit: &&Position| logs.iter().any(|log| log.reported.contains(hit));
    (hits.len(), hits.iter().filter(reported).count())
}

/// Parts of the rounds that begin beyond the known run, in an order that covers them evenly however few are
/// searched.
fn parts(known: &KnownHits, logs: &[Log]) -> Vec<Round> {
    let run = Round {
        start: known.start(),
        len: KnownHits::LEN,
    };
    let rounds = logs.iter().flat_map(|log| &log.rounds);
    let beyond: Vec<&Round> = rounds.filter(|round| !run.contains(round.start)).collect();
    let total: u64 = beyond.iter().map(|round| round.len).sum();
    let mut parts = Vec::new();
    for i in 1..=PARTS {
        // Multiples of the golden ratio, modulo 1, are evenly spread however many there are. Here they are
        // 64-bit fractions.
        let share = u128::from(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut place = ((share * u128::from(total)) >> 64) as u64;
        for round in &beyond {
            if place < round.len {
                parts.push(Round {
                    start: round.start.after(place),
                    len: PART.min(round.len - place),
                });
                break;
            }
            place -= round.len;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_in_finished_rounds_beyond_the_run() {
        let known = KnownHits::of(Protocol::V1);
        let after = |offset: u64, len| Round {
            start: known.start().after(offset),
            len,
        };
        let log = |rounds: &[Round]| Log {
            rounds: rounds.to_vec(),
            ..Log::default()
        };
        assert!(parts(&known, &[log(&[after(0, 1_000)])]).is_empty());
        let rounds = [
            after(KnownHits::LEN, 1 << 20),
            after(KnownHits::LEN << 1, 1 << 30),
        ];
        let logs = [log(&rounds[..1]), log(&rounds[1..])];
        let parts = parts(&known, &logs);
        assert_eq!(parts.len() as u64, PARTS);
        let ends = |part: &Round| [part.start, part.start.after(part.len - 1)];
        assert!(parts.iter().all(|part| {
            rounds
                .iter()
                .any(|round| ends(part).iter().all(|end| round.contains(*end)))
        }));
        let early = parts[..16]
            .iter()
            .filter(|part| part.start.0 - rounds[1].start.0 < 1 << 29);
        assert!(
            (5..12).contains(&early.count()),
            "spread from the beginning"
        );
    }

    #[test]
    fn a_hit_that_was_not_reported_is_missed() {
        let known = KnownHits::of(Protocol::V1);
        let round = Round {
            start: known.start().after(KnownHits::LEN),
            len: 1 << 21,
        };
        let mut log = Log {
            rounds: vec![round],
            reported: KnownHits::search(Protocol::V1, round, Isa::best()),
            ..Log::default()
        };
        let (expected, found) = run(Protocol::V1, core::slice::from_ref(&log));
        assert!(expected > 0, "the part holds hits");
        assert_eq!(expected, found);
        log.reported.clear();
        assert_eq!(run(Protocol::V1, &[log]).1, 0);
    }
}
