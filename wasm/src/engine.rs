//! The one solver of a page: it takes the workers' answers, and says what to post to them next.

use alloc::{vec, vec::Vec};
use core::cell::RefCell;

use btpow_core::{
    Fault, Find, Generation, Micros, Runner, Search, Share, Slot, SlotId, Solver, Statistics, Step,
    statistics::Rates,
};

use crate::{Remote, remote::Kind};

/// A solver and a runner for each worker.
#[derive(Debug)]
pub struct Engine {
    shared: Shared,
    runners: Vec<Runner<Remote>>,
    /// Which workers get no new round.
    parked: Vec<bool>,
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "it is matched at once, and never stored"
)]
pub enum Progress {
    /// There is nothing to do: step again after an answer, or once there is a search.
    Waiting,
    /// The worker has an [assignment](Engine::take_assignment).
    Assigned,
    /// This is the lowest solution of a round: step again.
    Found(Find),
    /// The worker gets no more work; every step says so.
    Dropped(Fault),
}

/// The solver in a cell, since everything here happens in one thread.
#[derive(Debug)]
struct Shared(RefCell<Solver<Vec<Slot>>>);

impl Share for Shared {
    type Slots = Vec<Slot>;

    fn with<R>(&self, f: impl FnOnce(&mut Solver<Self::Slots>) -> R) -> R {
        f(&mut self.0.borrow_mut())
    }
}

impl Engine {
    /// An engine for `workers` workers followed by `gpus` GPUs, which all have to prove known answers
    /// first. One that never answers costs nothing.
    pub fn new(workers: usize, gpus: usize) -> Self {
        let kind = |slot| {
            if slot < workers {
                Kind::Wasm
            } else {
                Kind::WebGpu
            }
        };
        let runners: Vec<_> = (0..workers + gpus)
            .map(|slot| Runner::new(Remote::new(kind(slot)), SlotId(slot)))
            .collect();
        let slots = vec![Slot::default(); runners.len()];
        Self {
            shared: Shared(RefCell::new(Solver::new(slots))),
            parked: vec![false; runners.len()],
            runners,
        }
    }

    /// Makes every worker do `search` from its next round on. Returns its generation.
    pub fn set_search(&self, search: Search, now: Micros) -> Generation {
        self.shared.with(|solver| solver.set_search(search, now))
    }

    /// Gives workers no more work until the search resumes. Rounds under way still count.
    pub fn pause(&self) {
        self.shared.with(Solver::pause);
    }

    /// Continues a paused search where it stopped; does nothing to one that is not paused.
    pub fn resume(&self, now: Micros) {
        self.shared.with(|solver| solver.resume(now));
    }

    /// Gives one worker no new round, or gives it rounds again. Its round under way still counts.
    pub fn park(&mut self, worker: usize, parked: bool) {
        if let Some(rests) = self.parked.get_mut(worker) {
            *rests = parked;
        }
    }

    /// Takes the next step for a worker; one that does not exist waits forever.
    pub fn step(&mut self, worker: usize, now: Micros) -> Progress {
        let Some(runner) = self.runners.get_mut(worker) else {
            return Progress::Waiting;
        };
        loop {
            if self.parked[worker] && runner.device().is_free() {
                return Progress::Waiting;
            }
            let step = runner.step(&self.shared, || now);
            match step {
                Step::Working if runner.device().is_assigned() => return Progress::Assigned,
                Step::Working if runner.device().is_posted() => return Progress::Waiting,
                Step::Working => {}
                Step::Found(find) => return Progress::Found(find),
                Step::Idle => return Progress::Waiting,
                Step::Dropped(fault) => return Progress::Dropped(fault),
            }
        }
    }

    /// Takes the assignment to post to a worker, once.
    pub fn take_assignment(&self, worker: usize) -> Option<Vec<u32>> {
        self.runners.get(worker)?.device().take_assignment()
    }

    /// Takes a worker's answer; the worker can then take its next [step](Self::step).
    pub fn deliver(&self, worker: usize, answer: Vec<u32>) {
        if let Some(runner) = self.runners.get(worker) {
            runner.device().deliver(answer);
        }
    }

    /// Notes that a worker is gone; its next step drops it if it was needed.
    pub fn lose(&self, worker: usize, code: i32) {
        if let Some(runner) = self.runners.get(worker) {
            runner.device().lose(code);
        }
    }

    /// Why a worker was dropped, if it was.
    pub fn fault(&self, worker: usize) -> Option<Fault> {
        self.shared.with(|solver| solver.fault(SlotId(worker)))
    }

    /// Whether a find is for the present challenge, not an earlier one.
    pub fn is_current(&self, find: &Find) -> bool {
        self.shared
            .with(|solver| solver.generation() == find.generation)
    }

    /// The lowest solution of the present challenge.
    pub fn best(&self) -> Option<Find> {
        self.shared.with(|solver| solver.best().copied())
    }

    /// How the search is going; `None` without one.
    pub fn statistics(&self, now: Micros) -> Option<Statistics> {
        self.shared.with(|solver| solver.statistics(now))
    }

    /// The rates of one worker; `None` for one that does not exist.
    pub fn rates(&self, worker: usize, now: Micros) -> Option<Rates> {
        self.shared.with(|solver| solver.rates(SlotId(worker), now))
    }
}

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty, Order, Position};

    use super::*;
    use crate::assignment;

    fn search(difficulty: u64) -> Search {
        Search {
            challenge: Challenge::legacy(Order::Little, [1; 32], [2; 32]),
            difficulty: Difficulty::new(difficulty).expect("not zero"),
            block_number: Some(7),
            start: Position(100),
        }
    }

    /// Lets a worker take one step. Also returns what it hashed, as first position and length.
    fn work(
        engine: &mut Engine,
        worker: usize,
        now: &mut Micros,
    ) -> (Progress, Option<(u64, u64)>) {
        *now += 20_000; // the time that a round should take, so that rounds do not grow
        let progress = engine.step(worker, *now);
        let assignment = engine.take_assignment(worker);
        let range = assignment.as_ref().map(|assignment| {
            let (_, round) = assignment::read(assignment).expect("an assignment");
            (round.start.0, round.len)
        });
        if let Some(assignment) = assignment {
            engine.deliver(worker, assignment::Kernel::default().scan(&assignment));
        }
        (progress, range)
    }

    /// Takes a worker past the self-test, which has three assignments.
    fn tested(engine: &mut Engine, worker: usize, now: &mut Micros) {
        for _ in 0..3 {
            assert_eq!(work(engine, worker, now).0, Progress::Assigned);
        }
    }

    #[test]
    fn a_pause_loses_no_nonce_and_no_solution() {
        let (mut engine, mut now) = (Engine::new(1, 0), 0);
        engine.set_search(search(100), now);
        tested(&mut engine, 0, &mut now);
        let (_, first) = work(&mut engine, 0, &mut now);
        assert_eq!(first, Some((100, 1_024)));
        engine.pause();
        assert!(engine.statistics(now).is_none());
        let Progress::Found(find) = work(&mut engine, 0, &mut now).0 else {
            panic!("a round under way still counts");
        };
        assert_eq!(work(&mut engine, 0, &mut now), (Progress::Waiting, None));
        assert_eq!(engine.best(), Some(find));
        engine.resume(now);
        assert_eq!(engine.best(), Some(find));
        let (_, second) = work(&mut engine, 0, &mut now);
        assert_eq!(second.map(|(first, _)| first), Some(1_124));
    }

    #[test]
    fn a_parked_worker_hands_in_its_round_and_rests() {
        let (mut engine, mut now) = (Engine::new(2, 0), 0);
        engine.set_search(search(100), now);
        tested(&mut engine, 0, &mut now);
        let (_, first) = work(&mut engine, 0, &mut now);
        assert_eq!(first, Some((100, 1_024)));
        engine.park(0, true);
        let Progress::Found(find) = work(&mut engine, 0, &mut now).0 else {
            panic!("a round under way still counts");
        };
        assert_eq!(engine.best(), Some(find));
        assert_eq!(work(&mut engine, 0, &mut now), (Progress::Waiting, None));
        tested(&mut engine, 1, &mut now);
        let (_, of_the_other) = work(&mut engine, 1, &mut now);
        assert_eq!(of_the_other.map(|(first, _)| first), Some(1_124));
        engine.park(0, false);
        let (_, second) = work(&mut engine, 0, &mut now);
        let next = of_the_other.map(|(first, len)| first + len);
        assert_eq!(second.map(|(first, _)| first), next, "none was left out");
        engine.park(2, true); // there is no third
    }

    #[test]
    fn the_lowest_seal_of_the_present_challenge_stays() {
        let (mut engine, mut now) = (Engine::new(1, 0), 0);
        let earlier = engine.set_search(search(50), now);
        tested(&mut engine, 0, &mut now);
        let mut lowest = None;
        for _ in 0..20 {
            if let (Progress::Found(find), _) = work(&mut engine, 0, &mut now) {
                let value = find.solution.value();
                lowest = Some(lowest.map_or(value, |lowest| value.min(lowest)));
            }
        }
        assert!(lowest.is_some());
        assert_eq!(engine.best().map(|find| find.solution.value()), lowest);
        let mut other = search(50);
        other.challenge = Challenge::legacy(Order::Little, [3; 32], [2; 32]);
        // One round of the old challenge is still under way, or already answered.
        engine.set_search(other, now);
        assert!(engine.best().is_none());
        if let (Progress::Found(find), _) = work(&mut engine, 0, &mut now) {
            assert_eq!(find.generation, earlier);
            assert!(!engine.is_current(&find));
            assert!(engine.best().is_none());
        }
    }

    #[test]
    fn a_lost_worker_is_dropped_and_the_others_go_on() {
        let (mut engine, mut now) = (Engine::new(2, 0), 0);
        engine.set_search(search(1_000), now);
        tested(&mut engine, 0, &mut now);
        tested(&mut engine, 1, &mut now);
        engine.lose(0, 3);
        let lost = Fault::Device(btpow_core::DeviceError::Lost { code: 3 });
        assert_eq!(work(&mut engine, 0, &mut now).0, Progress::Dropped(lost));
        assert_eq!(work(&mut engine, 1, &mut now).0, Progress::Assigned);
        assert_eq!(engine.step(2, now), Progress::Waiting, "there is no third");
    }

    #[test]
    fn a_worker_that_misses_known_answers_is_dropped() {
        let (mut engine, now) = (Engine::new(1, 0), 0);
        engine.set_search(search(1_000), now);
        assert_eq!(engine.step(0, now), Progress::Assigned);
        engine.take_assignment(0).expect("assigned");
        engine.deliver(0, vec![0]);
        let progress = engine.step(0, now);
        let missed = matches!(
            progress,
            Progress::Dropped(Fault::SelfTest {
                missed: 33,
                wrong: 0
            })
        );
        assert!(missed, "{progress:?}");
    }

    #[test]
    fn two_workers_and_a_gpu_never_hash_the_same() {
        let (mut engine, mut now) = (Engine::new(2, 1), 0);
        engine.set_search(search(1 << 40), now);
        let mut ranges = Vec::new();
        for _ in 0..12 {
            for worker in 0..3 {
                ranges.extend(work(&mut engine, worker, &mut now).1);
            }
        }
        // The self-tests of all come first.
        ranges.drain(..9);
        ranges.sort_unstable();
        assert!(ranges.len() > 10);
        for pair in ranges.windows(2) {
            assert_eq!(pair[0].0 + pair[0].1, pair[1].0);
        }
    }
}
