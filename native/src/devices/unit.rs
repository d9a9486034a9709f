//! A device of any kind.

use core::fmt;

use btpow_core::{Candidates, Device, DeviceError, Info, Jobs, Poll, Round};

/// A device of any kind, driven by one thread.
pub struct Unit(Box<dyn Device + Send>);

impl Unit {
    /// Hides the kind of `device`.
    pub fn new(device: impl Device + Send + 'static) -> Self {
        Self(Box::new(device))
    }
}

impl Device for Unit {
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
        self.0.poll(found)
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unit({})", self.info().name)
    }
}
