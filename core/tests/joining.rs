//! A device that joins a search under way.

use btpow_conformance::device::challenges;
use btpow_core::{Candidates, Difficulty, Info, Position, Search, Slot, SlotId, Solver};

const INFO: Info<'_> = Info {
    name: "fake",
    batch: 16,
    round: 1_000,
    budget: 0,
};

#[test]
fn a_device_that_joins_gets_work_that_nobody_has() {
    let mut solver = Solver::new(Vec::<Slot>::new());
    assert_eq!(solver.add_slot(), SlotId(0));
    let generation = solver.set_search(
        Search {
            challenge: challenges(1)[0],
            difficulty: Difficulty::new(u64::MAX).expect("not zero"),
            block_number: None,
            start: Position(5),
        },
        0,
    );
    let first = solver.lease(SlotId(0), &INFO, 0).expect("work");
    assert_eq!(solver.lease(SlotId(1), &INFO, 10), None, "not there yet");

    assert_eq!(solver.add_slot(), SlotId(1));
    assert_eq!((solver.devices_left(), solver.leased(SlotId(1))), (2, None));
    let second = solver.lease(SlotId(1), &INFO, 1_000).expect("work");
    assert_eq!(second.generation, generation);
    assert_eq!(second.round.start, first.round.start.after(first.round.len));
    assert_eq!(solver.leased(SlotId(1)), Some((generation, 1_000)));

    // Its rate counts from its own beginning.
    let done = solver.complete(
        SlotId(1),
        &INFO,
        &second,
        &Candidates::new(),
        (1_000, 2_000),
    );
    assert_eq!(done, Ok(None));
    let rates = solver.rates(SlotId(1), 2_000).expect("it is there");
    assert_eq!(rates.nonces_total, 16);
    assert!((rates.hash_rate - 16_000.0).abs() < 1.0, "{rates:?}");
}
