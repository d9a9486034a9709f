//! What devices report of searches that are over.

use btpow_conformance::device::challenges;
use btpow_core::{
    Candidates, Difficulty, Find, Info, Lease, Position, SEARCHES, Search, Slot, SlotId, Solver,
};

const INFO: Info<'_> = Info {
    name: "fake",
    batch: 4,
    round: 1_000,
    budget: 0,
};

type One = Solver<[Slot; 1]>;

/// The `number`-th search, which every nonce wins.
fn search(number: u8) -> Search {
    Search {
        challenge: challenges(number)[0],
        difficulty: Difficulty::new(1).expect("not zero"),
        block_number: Some(number.into()),
        start: Position(u64::from(number) << 40),
    }
}

/// Hands in a round of which every position is a candidate.
fn hand_in(solver: &mut One, lease: &Lease) -> Option<Find> {
    let mut found = Candidates::new();
    for offset in 0..lease.round.len {
        found.push(lease.round.start.after(offset));
    }
    let done = solver.complete(SlotId(0), &INFO, lease, &found, (0, 1));
    done.expect("it is honest")
}

/// Begins so many searches and takes a round of each, which is still under way when the next begins.
fn begin(searches: usize) -> (One, Vec<Lease>) {
    let mut solver = Solver::new([Slot::default()]);
    let numbers = (1..).take(searches);
    let leases = numbers.map(|number| {
        solver.set_search(search(number), 0);
        let lease = solver.lease(SlotId(0), &INFO, 0);
        lease.expect("there is work")
    });
    let leases = leases.collect();
    (solver, leases)
}

#[test]
fn rounds_of_every_remembered_search_count_whatever_their_order() {
    let (mut solver, leases) = begin(SEARCHES);
    for backwards in [false, true] {
        let numbered = leases.iter().zip(1_u64..);
        let mut order: Vec<_> = numbered.collect();
        if backwards {
            order.reverse();
        }
        for (lease, number) in order {
            let find = hand_in(&mut solver, lease).expect("every nonce wins");
            assert_eq!(find.generation, lease.generation);
            assert_eq!(find.search.block_number, Some(number));
            assert!(lease.round.contains(Position::of_nonce(
                find.solution.nonce(),
                find.search.challenge.protocol()
            )));
        }
    }
    let numbers = [solver.best(), solver.previous_best()].map(|it| it.map(|it| it.search));
    let last = u8::try_from(SEARCHES).expect("a few");
    assert_eq!(numbers, [Some(search(last)), Some(search(last - 1))]);
}

#[test]
fn the_oldest_search_is_forgotten_and_its_round_is_counted_all_the_same() {
    let (mut solver, leases) = begin(SEARCHES + 1);
    assert_eq!(hand_in(&mut solver, &leases[0]), None);
    assert!(hand_in(&mut solver, &leases[1]).is_some());
    let rates = solver.rates(SlotId(0), 1).expect("slot 0");
    assert_eq!((rates.rounds_total, rates.nonces_total), (2, 8));
}

#[test]
fn a_lie_about_an_earlier_search_is_found_out() {
    let (mut solver, leases) = begin(3);
    let mut found = Candidates::new();
    found.push(leases[1].round.start);
    // The position is of another search's round.
    let done = solver.complete(SlotId(0), &INFO, &leases[0], &found, (0, 1));
    assert!(done.is_err(), "{done:?}");
    assert_eq!(solver.devices_left(), 0);
}
