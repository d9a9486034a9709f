//! A solver that keeps to a shard: what it hands out, and what happens at its end.

use core::num::NonZeroU64;

use btpow_conformance::device::challenges;
use btpow_core::{
    Candidates, Difficulty, Fault, Info, Position, Round, Search, Shard, Slot, SlotId, Solver,
};
use proptest::prelude::*;

const DEVICES: usize = 3;

const INFO: Info<'_> = Info {
    name: "fake",
    batch: 16,
    round: 1_000,
    budget: 0,
};

/// How many shards make each of them some hundred positions long.
fn count() -> impl Strategy<Value = u64> {
    (1_u64 << 55)..(1 << 57)
}

fn shard(index: u64, count: u64) -> Shard {
    let count = NonZeroU64::new(count).expect("not zero");
    Shard::new(index % count, count).expect("there are more")
}

fn search(start: Position) -> Search {
    Search {
        challenge: challenges(1)[0],
        difficulty: Difficulty::new(u64::MAX).expect("not zero"),
        block_number: None,
        start,
    }
}

/// Has the devices work in turn until none gets any more. Returns the rounds.
fn exhaust(solver: &mut Solver<Vec<Slot>>, shard: Shard) -> Vec<Round> {
    solver.set_search(search(shard.first()), 0);
    let mut rounds = Vec::new();
    let mut now = 0;
    loop {
        assert!(!solver.is_exhausted(), "not before each has asked in vain");
        let leases = (0..DEVICES).map(|slot| solver.lease(SlotId(slot), &INFO, now));
        let leases: Vec<_> = leases.collect();
        now += 1_000;
        for (slot, lease) in leases.iter().enumerate() {
            let Some(lease) = lease else {
                continue;
            };
            rounds.push(lease.round);
            let times = (now - 1_000, now);
            let done = solver.complete(SlotId(slot), &INFO, lease, &Candidates::new(), times);
            assert_eq!(done, Ok(None));
        }
        if leases.iter().all(Option::is_none) {
            return rounds;
        }
    }
}

proptest! {
    #[test]
    fn its_devices_hash_each_position_once_and_no_other(count in count(), index: u64) {
        let shard = shard(index, count);
        let mut solver = Solver::new(vec![Slot::default(); DEVICES]);
        solver.keep_to(shard);
        let mut rounds = exhaust(&mut solver, shard);
        prop_assert!(solver.is_exhausted() && !solver.has_work());
        rounds.sort_by_key(|round| round.start);
        let mut next = shard.first();
        for round in rounds {
            prop_assert_eq!(round.start, next);
            prop_assert!(round.len > 0);
            next = next.after(round.len);
        }
        prop_assert_eq!(next, shard.last().after(1));
    }
}

#[test]
fn the_next_search_begins_again() {
    let shard = shard(7, 1 << 56);
    let mut solver = Solver::new(vec![Slot::default(); DEVICES]);
    solver.keep_to(shard);
    let first = exhaust(&mut solver, shard);
    assert_eq!(exhaust(&mut solver, shard).first(), first.first());
    // A pause makes no new positions.
    solver.pause();
    solver.resume(0);
    assert!(solver.is_exhausted());
}

/// One that is dropped with its round hands it in to nobody.
#[test]
fn a_dropped_device_does_not_hold_the_end_up() {
    let shard = shard(7, 1 << 60);
    let mut solver = Solver::new(vec![Slot::default(); 2]);
    solver.keep_to(shard);
    solver.set_search(search(shard.first()), 0);
    let last = solver.lease(SlotId(0), &INFO, 0).expect("work");
    assert_eq!(last.round.len, 16);
    assert_eq!(solver.lease(SlotId(1), &INFO, 0), None);
    assert!(!solver.is_exhausted(), "a round is under way");
    solver.drop_device(SlotId(0), Fault::Panicked);
    assert!(solver.is_exhausted());
}

#[test]
fn all_positions_have_no_end() {
    let mut solver = Solver::new(vec![Slot::default()]);
    solver.set_search(search(Position(u64::MAX)), 0);
    let lease = solver.lease(SlotId(0), &INFO, 0).expect("work");
    assert_eq!(lease.round.len, 16);
    assert_eq!(solver.next(), Some(Position(15)));
    assert!(solver.has_work());
}
