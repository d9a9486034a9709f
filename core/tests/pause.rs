//! A paused solver: what it hands out, what it keeps, and what it counts.

use core::ops::Range;

use btpow_conformance::device::challenges;
use btpow_core::{
    Candidates, Difficulty, Find, Generation, Info, Lease, Micros, Position, Search, Slot, SlotId,
    Solution, Solver,
};
use proptest::{collection::vec, prelude::*};

const DEVICES: usize = 3;

/// The info of every device: all rounds have the same length.
const INFO: Info<'_> = Info {
    name: "fake",
    batch: 16,
    round: 1_000,
    budget: 0,
};

/// Where every search begins, so that the last rounds of a case go past the end.
const START: Position = Position(u64::MAX - 100);

fn search(seed: u8, difficulty: u64) -> Search {
    Search {
        challenge: challenges(seed)[0],
        difficulty: Difficulty::new(difficulty).expect("not zero"),
        block_number: Some(seed.into()),
        start: START,
    }
}

/// What an honest device finds.
fn scan(search: &Search, lease: &Lease) -> (Candidates, Vec<Solution>) {
    let (mut found, mut solutions) = (Candidates::new(), Vec::new());
    let protocol = search.challenge.protocol();
    for offset in 0..lease.round.len {
        let position = lease.round.start.after(offset);
        let nonce = position.nonce(protocol);
        if let Ok(solution) =
            Solution::verify(&search.challenge, &search.difficulty.target(), nonce)
        {
            found.push(position);
            solutions.push(solution);
        }
    }
    (found, solutions)
}

fn lease(solver: &mut Solver<Vec<Slot>>, slot: usize, now: Micros) -> Option<Lease> {
    solver.lease(SlotId(slot), &INFO, now)
}

fn solver() -> Solver<Vec<Slot>> {
    Solver::new(vec![Slot::default(); DEVICES])
}

#[test]
fn a_paused_search_resumes_where_it_stopped() {
    let mut solver = solver();
    solver.pause();
    assert!(!solver.is_searching(), "there is nothing to pause");
    solver.resume(0);
    assert!(!solver.is_searching(), "nor to resume");
    assert_eq!(lease(&mut solver, 0, 0), None);

    let asked = search(1, 1);
    let generation = solver.set_search(asked, 0);
    let first = lease(&mut solver, 0, 0).expect("there is work");
    solver.pause();
    assert_eq!(lease(&mut solver, 1, 10), None);
    assert_eq!(solver.statistics(10), None);
    // The round under way still counts.
    let (found, _) = scan(&asked, &first);
    let find = solver.complete(SlotId(0), &INFO, &first, &found, (0, 1_000));
    let find = find.expect("honest").expect("every nonce wins");
    assert_eq!(solver.best(), Some(&find));
    assert_eq!(lease(&mut solver, 0, 1_000), None);

    solver.resume(5_000);
    assert_eq!(solver.generation(), generation);
    assert_eq!(solver.best(), Some(&find));
    let second = lease(&mut solver, 1, 5_000).expect("it goes on");
    assert_eq!(second.generation, generation);
    assert_eq!(second.round.start, first.round.start.after(first.round.len));
    assert!(solver.jobs(generation).is_some());

    // A new challenge ends a pause too.
    solver.pause();
    let next = solver.set_search(search(2, 1), 6_000);
    assert!(next > generation);
    assert_eq!(solver.best(), None);
    assert_eq!(solver.previous_best(), Some(&find));
    assert!(lease(&mut solver, 0, 6_000).is_some());
}

#[test]
fn the_moving_average_leaves_out_a_pause() {
    let mut solver = solver();
    solver.set_search(search(1, u64::MAX), 0);
    let run = |solver: &mut Solver<_>, times: Range<Micros>| {
        let first = lease(solver, 0, times.start).expect("there is work");
        let times = (times.start, times.end);
        let done = solver.complete(SlotId(0), &INFO, &first, &Candidates::new(), times);
        assert_eq!(done, Ok(None));
    };
    // Sixteen nonces in a second, long enough for a sample, before and after a minute's rest.
    run(&mut solver, 0..1_000_000);
    solver.pause();
    assert_eq!(lease(&mut solver, 0, 1_000_000), None);
    solver.resume(61_000_000);
    run(&mut solver, 61_000_000..62_000_000);
    let total = solver.statistics(62_000_000).expect("searching").rates;
    let device = solver.rates(SlotId(0), 62_000_000).expect("slot 0");
    for rates in [total, device] {
        assert_eq!((rates.nonces_total, rates.rounds_total), (32, 2));
        assert!((rates.hash_rate - 16.0).abs() < 1e-9, "{rates:?}");
        // Wall time passes all the same.
        assert!((rates.time_spent_total - 62.0).abs() < 1e-9, "{rates:?}");
    }
}

/// What may happen to a solver.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// The device hands in the round that it has, if any, and asks for another.
    Turn(usize),
    Pause,
    Resume,
    /// Another challenge.
    Block,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => (0..DEVICES).prop_map(Event::Turn),
        2 => Just(Event::Pause),
        2 => Just(Event::Resume),
        1 => Just(Event::Block),
    ]
}

/// What a solver should answer.
#[derive(Default)]
struct Model {
    search: Option<(Search, Generation)>,
    paused: bool,
    next: Option<Position>,
    lowest: Option<Find>,
    nonces: u64,
}

proptest! {
    #[test]
    fn no_pause_loses_a_position_or_the_best(events in vec(event(), 0..120)) {
        let (mut solver, mut model) = (solver(), Model::default());
        let mut under_way: [Option<(Search, Lease)>; DEVICES] = [None; DEVICES];
        for (now, event) in (0..).step_by(1_000).zip(events) {
            match event {
                Event::Pause => {
                    solver.pause();
                    model.paused = model.search.is_some();
                }
                Event::Resume => {
                    solver.resume(now);
                    model.paused = false;
                }
                Event::Block => {
                    let seed = model.search.map_or(0, |(_, generation)| generation.0);
                    let asked = search(u8::try_from(seed).expect("few events"), 20);
                    let generation = solver.set_search(asked, now);
                    model.search = Some((asked, generation));
                    (model.paused, model.next, model.lowest) = (false, Some(START), None);
                }
                Event::Turn(device) => {
                    if let Some((asked, lease)) = under_way[device].take() {
                        let (found, solutions) = scan(&asked, &lease);
                        let times = (now - 1_000, now);
                        let find = solver.complete(SlotId(device), &INFO, &lease, &found, times);
                        let find = find.expect("an honest device");
                        model.nonces += lease.round.len;
                        let lowest = solutions.into_iter().min_by_key(Solution::value);
                        let is_present = Some(lease.generation) == model.search.map(|(_, it)| it);
                        if let Some(lowest) = lowest.filter(|_| is_present) {
                            let find = find.expect("it found something");
                            prop_assert_eq!(find.solution, lowest);
                            let best = model.lowest.map(|best| best.solution.value());
                            if best.is_none_or(|best| lowest.value() < best) {
                                model.lowest = Some(find);
                            }
                        }
                    }
                    let leased = lease(&mut solver, device, now);
                    if let Some(lease) = leased {
                        let (asked, generation) = model.search.expect("there is work");
                        prop_assert!(!model.paused);
                        prop_assert_eq!(lease.generation, generation);
                        prop_assert_eq!(Some(lease.round.start), model.next);
                        model.next = Some(lease.round.start.after(lease.round.len));
                        under_way[device] = Some((asked, lease));
                    } else {
                        prop_assert!(model.paused || model.search.is_none());
                    }
                }
            }
            let searching = model.search.is_some() && !model.paused;
            prop_assert_eq!(solver.is_searching(), searching);
            prop_assert_eq!(solver.statistics(now).is_some(), searching);
            prop_assert_eq!(solver.best(), model.lowest.as_ref());
            prop_assert_eq!(solver.generation(), model.search.map_or(Generation(0), |(_, it)| it));
            if let Some(statistics) = solver.statistics(now) {
                prop_assert_eq!(statistics.rates.nonces_total, model.nonces);
            }
        }
    }
}

#[test]
fn a_paused_device_gets_no_work_and_the_others_go_on() {
    let mut solver = solver();
    solver.set_search(search(1, 1), 0);
    let first = lease(&mut solver, 0, 0).expect("there is work");
    solver.pause_device(SlotId(0));
    assert!(solver.is_device_paused(SlotId(0)) && !solver.is_device_paused(SlotId(1)));
    // The round under way still counts.
    let (found, _) = scan(&search(1, 1), &first);
    let find = solver.complete(SlotId(0), &INFO, &first, &found, (0, 1_000));
    assert!(find.expect("honest").is_some());
    assert_eq!(lease(&mut solver, 0, 1_000), None);
    let other = lease(&mut solver, 1, 1_000).expect("it is not concerned");
    // A new challenge does not end the pause of a device, nor does that of the search.
    solver.set_search(search(2, 1), 2_000);
    solver.pause();
    solver.resume(2_500);
    assert_eq!(lease(&mut solver, 0, 3_000), None);
    assert!(solver.is_searching() && solver.fault(SlotId(0)).is_none());
    solver.resume_device(SlotId(0), 4_000);
    let again = lease(&mut solver, 0, 4_000).expect("it works again");
    assert!(again.generation > other.generation);
    assert_eq!(again.round.start, START);
    // A slot that does not exist is no device.
    solver.pause_device(SlotId(DEVICES));
    assert!(!solver.is_device_paused(SlotId(DEVICES)));
}

#[test]
fn no_moving_average_spans_a_pause_of_devices() {
    let mut solver = solver();
    solver.set_search(search(1, u64::MAX), 0);
    let run = |solver: &mut Solver<_>, slot: usize, times: Range<Micros>| {
        let first = lease(solver, slot, times.start).expect("there is work");
        let times = (times.start, times.end);
        let done = solver.complete(SlotId(slot), &INFO, &first, &Candidates::new(), times);
        assert_eq!(done, Ok(None));
    };
    run(&mut solver, 0, 0..1_000_000);
    // All of them, and the first does not even ask for work meanwhile.
    (0..DEVICES).for_each(|slot| solver.pause_device(SlotId(slot)));
    solver.resume_device(SlotId(0), 61_000_000);
    run(&mut solver, 0, 61_000_000..62_000_000);
    let total = solver.statistics(62_000_000).expect("searching").rates;
    let device = solver.rates(SlotId(0), 62_000_000).expect("slot 0");
    for rates in [total, device] {
        assert_eq!(rates.nonces_total, 32);
        assert!((rates.hash_rate - 16.0).abs() < 1e-9, "{rates:?}");
    }
    // Where another works, it goes on being measured.
    solver.resume_device(SlotId(1), 62_500_000);
    run(&mut solver, 0, 62_000_000..63_000_000);
    let total = solver.statistics(63_000_000).expect("searching").rates;
    assert!((total.hash_rate - 16.0).abs() < 1e-9, "{total:?}");
}
