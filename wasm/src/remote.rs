//! A worker as the solver sees it: a device that gets rounds by post and answers them.

use alloc::vec::Vec;
use core::cell::RefCell;

use btpow_core::{Candidates, Device, DeviceError, Info, Jobs, Micros, Poll, Round};

use crate::assignment;

/// What hashes at the other end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A WebAssembly kernel.
    Wasm,
    /// A GPU, whose device cuts the rounds into dispatches.
    WebGpu,
}

impl Kind {
    /// The kind alone; JavaScript adds the number.
    const fn name(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::WebGpu => "webgpu",
        }
    }

    /// Nonces of the first round. For WebAssembly less than a millisecond, and a whole number of blocks
    /// of any instruction set; for a GPU whole workgroups of any size.
    const fn batch(self) -> u64 {
        match self {
            Self::Wasm => 1_024,
            Self::WebGpu => 1 << 14,
        }
    }

    /// Duration of a round, within which a new challenge arrives. The way to a worker and back takes
    /// a tenth of a millisecond, which costs half a percent. A GPU also waits for the browser to say
    /// that it is done; its dispatches take 20 milliseconds, and two of them are in flight.
    const fn round(self) -> Micros {
        match self {
            Self::Wasm => 20_000,
            Self::WebGpu => 40_000,
        }
    }
}

/// The code of [`DeviceError::Lost`] for an answer without a single word: a bug in the worker.
const EMPTY_ANSWER: i32 = -1;

/// A worker. Nothing here blocks: [`poll`](Device::poll) is pending until an answer arrives.
#[derive(Debug)]
pub struct Remote {
    kind: Kind,
    jobs: Option<Jobs>,
    /// It changes through a shared reference, because a [`Runner`](btpow_core::Runner) owns its device.
    state: RefCell<State>,
}

#[derive(Debug)]
enum State {
    Free,
    /// Ready to post.
    Assigned(Round, Vec<u32>),
    /// The worker is hashing it.
    Posted(Round),
    Answered(Round, Vec<u32>),
    Lost(i32),
}

impl Remote {
    /// A worker of this kind.
    pub const fn new(kind: Kind) -> Self {
        Self {
            kind,
            jobs: None,
            state: RefCell::new(State::Free),
        }
    }

    /// Whether it has no round: neither one to do nor one to hand in.
    pub fn is_free(&self) -> bool {
        matches!(*self.state.borrow(), State::Free)
    }

    /// Whether there is an assignment to post.
    pub fn is_assigned(&self) -> bool {
        matches!(*self.state.borrow(), State::Assigned(..))
    }

    /// Whether the worker is hashing.
    pub fn is_posted(&self) -> bool {
        matches!(*self.state.borrow(), State::Posted(_))
    }

    /// Takes the assignment to post to the worker, once.
    pub fn take_assignment(&self) -> Option<Vec<u32>> {
        let mut state = self.state.borrow_mut();
        let State::Assigned(round, assignment) = &mut *state else {
            return None;
        };
        let (round, assignment) = (*round, core::mem::take(assignment));
        *state = State::Posted(round);
        Some(assignment)
    }

    /// Takes the worker's answer; ignores one that nobody waits for.
    pub fn deliver(&self, answer: Vec<u32>) {
        let mut state = self.state.borrow_mut();
        if let State::Posted(round) = *state {
            *state = State::Answered(round, answer);
        }
    }

    /// The worker is gone.
    pub fn lose(&self, code: i32) {
        *self.state.borrow_mut() = State::Lost(code);
    }

    fn must_be_free(&self) -> Result<(), DeviceError> {
        match *self.state.borrow() {
            State::Free => Ok(()),
            State::Lost(code) => Err(DeviceError::Lost { code }),
            State::Assigned(..) | State::Posted(_) | State::Answered(..) => Err(DeviceError::Busy),
        }
    }
}

impl Device for Remote {
    fn info(&self) -> Info<'_> {
        Info {
            name: self.kind.name(),
            batch: self.kind.batch(),
            round: self.kind.round(),
            budget: 0,
        }
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        self.must_be_free()?;
        self.jobs = Some(*jobs);
        Ok(())
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        let jobs = self.jobs.as_ref().ok_or(DeviceError::NotLoaded)?;
        self.must_be_free()?;
        *self.state.get_mut() = State::Assigned(round, assignment::write(jobs, &round));
        Ok(())
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        let state = self.state.get_mut();
        match state {
            State::Lost(code) => return Err(DeviceError::Lost { code: *code }),
            State::Free | State::Assigned(..) | State::Posted(_) => return Ok(Poll::Pending),
            State::Answered(round, answer) => {
                let [overflow, offsets @ ..] = answer.as_slice() else {
                    return Err(DeviceError::Lost { code: EMPTY_ANSWER });
                };
                for &offset in offsets {
                    found.push(round.start.after(u64::from(offset)));
                }
                // The worker's list is as long as this one, which is now full: these only count.
                let surplus = u64::from(*overflow).min(round.len);
                (0..surplus).for_each(|_| found.push(round.start));
            }
        }
        *state = State::Free;
        Ok(Poll::Done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A worker in the same thread.
    struct Loopback(Remote);

    impl Device for Loopback {
        fn info(&self) -> Info<'_> {
            self.0.info()
        }

        fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
            self.0.load(jobs)
        }

        fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
            self.0.submit(round)
        }

        fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
            if let Some(assignment) = self.0.take_assignment() {
                assert_eq!(self.0.poll(found), Ok(Poll::Pending), "it is under way");
                self.0
                    .deliver(assignment::Kernel::default().scan(&assignment));
            }
            self.0.poll(found)
        }
    }

    #[test]
    fn a_worker_passes_the_conformance_suite() {
        for kind in [Kind::Wasm, Kind::WebGpu] {
            btpow_conformance::device::check(&mut Loopback(Remote::new(kind)));
        }
    }

    #[test]
    fn a_lost_worker_takes_no_more_work() {
        let mut remote = Remote::new(Kind::Wasm);
        remote.lose(7);
        let jobs = jobs();
        let lost = DeviceError::Lost { code: 7 };
        assert_eq!(remote.load(&jobs), Err(lost));
        assert_eq!(remote.poll(&mut Candidates::new()), Err(lost));
    }

    #[test]
    fn an_answer_that_nobody_waits_for_is_dropped() {
        let mut remote = Remote::new(Kind::Wasm);
        remote.deliver(vec![0, 1]);
        let mut found = Candidates::new();
        assert_eq!(remote.poll(&mut found), Ok(Poll::Pending));
        remote.load(&jobs()).expect("it is free");
        let round = Round {
            start: btpow_core::Position(0),
            len: 9,
        };
        remote.submit(round).expect("it is free");
        assert!(remote.take_assignment().is_some());
        assert!(remote.take_assignment().is_none(), "it is posted once");
        remote.deliver(vec![]);
        let lost = DeviceError::Lost { code: EMPTY_ANSWER };
        assert_eq!(remote.poll(&mut found), Err(lost));
    }

    fn jobs() -> Jobs {
        let [challenge, ..] = btpow_conformance::device::challenges(1);
        let target = btpow_core::Difficulty::new(9).expect("not zero").target();
        Jobs::new(&challenge, &target)
    }
}
