//! Drives one device: self-test, lease, load, submit, poll, report; again.

use crate::{
    Candidates, Device, Fault, Micros, Poll, Slot, SlotId, Solver,
    self_test::SelfTest,
    solver::{Find, Generation, Lease},
};

/// Access to the solver that several runners share: a mutex between threads, a cell in a page.
pub trait Share {
    /// The storage of the solver's slots.
    type Slots: AsRef<[Slot]> + AsMut<[Slot]>;

    /// Calls `f` with the solver, alone.
    fn with<R>(&self, f: impl FnOnce(&mut Solver<Self::Slots>) -> R) -> R;
}

/// One device and its state.
#[derive(Debug)]
pub struct Runner<D> {
    device: D,
    slot: SlotId,
    loaded: Option<Generation>,
    state: State,
    found: Candidates,
}

#[derive(Debug)]
enum State {
    /// It proves known answers before its first round, since a kernel that misses hits gives no sign of it.
    Testing(SelfTest),
    Ready,
    Running(Lease, Micros),
    Dropped,
}

/// The result of a [`Runner::step`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is nothing to box it with, and finds are rare"
)]
pub enum Step {
    /// The device is working, or has just got work: call again.
    Working,
    /// A round ended with this solution, the lowest of the round: call again.
    Found(Find),
    /// There is nothing to search for: call again when there is.
    Idle,
    /// The device gets no more work. The call that drops it says so, and so does every later one.
    Dropped(Fault),
}

impl<D: Device> Runner<D> {
    /// A runner for the device in `slot`, which has not been tested yet.
    pub fn new(device: D, slot: SlotId) -> Self {
        let found = Candidates::new();
        let state = State::Testing(SelfTest::new());
        Self {
            device,
            slot,
            loaded: None,
            state,
            found,
        }
    }

    /// The device.
    pub const fn device(&self) -> &D {
        &self.device
    }

    /// Takes the next step, and blocks for no longer than one poll of the device. `clock` gives the
    /// time in microseconds.
    pub fn step(&mut self, share: &impl Share, clock: impl Fn() -> Micros) -> Step {
        let outcome = match &mut self.state {
            State::Testing(test) => match test.step(&mut self.device, &mut self.found) {
                Ok(Poll::Pending) => Ok(Step::Working),
                Ok(Poll::Done) => {
                    self.state = State::Ready;
                    Ok(Step::Working)
                }
                Err(fault) => Err(fault),
            },
            State::Ready => self.begin(share, &clock),
            &mut State::Running(lease, began) => self.advance(share, &clock, lease, began),
            State::Dropped => {
                let fault = share.with(|solver| solver.fault(self.slot));
                // Only this runner drops its device, and it tells the solver when it does.
                return fault.map_or(Step::Idle, Step::Dropped);
            }
        };
        outcome.unwrap_or_else(|fault| {
            self.state = State::Dropped;
            share.with(|solver| solver.drop_device(self.slot, fault));
            Step::Dropped(fault)
        })
    }

    /// Takes a lease and submits it.
    fn begin(&mut self, share: &impl Share, clock: &impl Fn() -> Micros) -> Result<Step, Fault> {
        let now = clock();
        let (slot, info) = (self.slot, self.device.info());
        let loaded = self.loaded;
        let work = share.with(|solver| {
            let lease = solver.lease(slot, &info, now)?;
            let jobs = if loaded == Some(lease.generation) {
                None
            } else {
                Some(*solver.jobs(lease.generation)?)
            };
            Some((lease, jobs))
        });
        let Some((lease, jobs)) = work else {
            return Ok(Step::Idle);
        };
        if let Some(jobs) = jobs {
            self.device.load(&jobs).map_err(Fault::Device)?;
            self.loaded = Some(lease.generation);
        }
        self.found.clear();
        self.device.submit(lease.round).map_err(Fault::Device)?;
        self.state = State::Running(lease, now);
        Ok(Step::Working)
    }

    /// Polls the present round and, once it is over, hands it in.
    fn advance(
        &mut self,
        share: &impl Share,
        clock: &impl Fn() -> Micros,
        lease: Lease,
        began: Micros,
    ) -> Result<Step, Fault> {
        if self.device.poll(&mut self.found).map_err(Fault::Device)? == Poll::Pending {
            return Ok(Step::Working);
        }
        self.state = State::Ready;
        let (slot, found, info) = (self.slot, &self.found, self.device.info());
        let times = (began, clock());
        let find = share.with(|solver| solver.complete(slot, &info, &lease, found, times))?;
        Ok(find.map_or(Step::Working, Step::Found))
    }
}
