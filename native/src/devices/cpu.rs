//! The CPU: one device per thread, which scans its rounds with the lanes of one instruction set.

use core::num::{NonZeroU64, NonZeroUsize};
use std::{env, fs};

use btpow_core::{Candidates, Device, DeviceError, Info, Isa, Jobs, Micros, Poll, Round, Scanner};

use super::{
    Unit,
    backend::{Backend, CannotOpen, Listed, Options},
    manners::Manners,
};
#[cfg(target_os = "linux")]
use super::{backend::Sensors, hwmon};

/// Nonces of the shortest round: a whole number of blocks of every instruction set.
const BATCH: u64 = 256;

/// Duration of a round, in microseconds.
const ROUND: Micros = 5_000;

/// The processor of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Cpu {
    isa: Isa,
    threads: NonZeroUsize,
    round: Option<NonZeroU64>,
    manners: Manners,
}

/// One thread's worth of the processor.
#[derive(Debug)]
pub struct CpuThread {
    name: String,
    isa: Isa,
    /// Nonces of every round, if the user chose.
    len: Option<NonZeroU64>,
    /// How the thread is to behave, until it does.
    manners: Option<Manners>,
    scanner: Option<Scanner>,
    round: Option<Round>,
}

impl Cpu {
    /// The processor, used as the user chose.
    pub const fn new(options: Options) -> Self {
        let Options {
            isa,
            threads,
            round,
            manners,
            ..
        } = options;
        Self {
            isa,
            threads,
            round,
            manners,
        }
    }
}

impl Backend for Cpu {
    fn list(&self) -> Vec<Listed> {
        vec![Listed {
            name: "cpu".to_owned(),
            kind: "cpu",
            description: model_name().unwrap_or_else(|| env::consts::ARCH.to_owned()),
            isa: Some(self.isa.name()),
            threads: Some(self.threads),
        }]
    }

    fn may_answer(&self, selector: &str) -> bool {
        selector == "cpu"
    }

    #[cfg(target_os = "linux")]
    fn sensors(&self, _: &Listed) -> Option<Sensors> {
        hwmon::of_processor(hwmon::SYS.as_ref())
    }

    fn open(&self, _: &Listed) -> Result<Vec<Unit>, CannotOpen> {
        let thread = |index| {
            let mut thread = CpuThread::new(index, self.isa);
            thread.len = self.round;
            thread.manners = Some(self.manners);
            Unit::new(thread)
        };
        Ok((0..self.threads.get()).map(thread).collect())
    }
}

impl CpuThread {
    /// The device `cpu:index`.
    pub fn new(index: usize, isa: Isa) -> Self {
        Self {
            name: format!("cpu:{index}"),
            isa,
            len: None,
            manners: None,
            scanner: None,
            round: None,
        }
    }
}

impl Device for CpuThread {
    fn info(&self) -> Info<'_> {
        // A target of no time makes every round one batch long.
        let (batch, round) = self.len.map_or((BATCH, ROUND), |len| (len.get(), 0));
        Info {
            name: &self.name,
            batch,
            round,
            budget: 2 * ROUND,
        }
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        if self.round.is_some() {
            return Err(DeviceError::Busy);
        }
        // The thread that drives it is the first to load something.
        if let Some(manners) = self.manners.take() {
            manners.apply().map_err(|error| DeviceError::Lost {
                code: error.raw_os_error().unwrap_or(0),
            })?;
        }
        self.scanner = Some(Scanner::new(*jobs));
        Ok(())
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        if self.scanner.is_none() {
            return Err(DeviceError::NotLoaded);
        }
        if self.round.is_some() {
            return Err(DeviceError::Busy);
        }
        self.round = Some(round);
        Ok(())
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        // The round is short enough to do in one go.
        let (Some(scanner), Some(round)) = (&mut self.scanner, self.round.take()) else {
            return Ok(Poll::Pending);
        };
        scanner.scan(self.isa, round, &mut |position| found.push(position));
        Ok(Poll::Done)
    }
}

/// The maker's name of the processor, if the system has it in a file.
fn model_name() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_as_long_as_the_user_chose() {
        let options = Options {
            isa: Isa::best(),
            threads: NonZeroUsize::MIN,
            round: NonZeroU64::new(50_000),
            threads_per_block: None,
            manners: Manners::default(),
        };
        let cpu = Cpu::new(options);
        let units = cpu.open(&cpu.list()[0]).expect("a processor");
        let info = units[0].info();
        assert_eq!((info.batch, info.round), (50_000, 0));
    }

    #[test]
    fn every_instruction_set_passes_the_conformance_suite() {
        for isa in Isa::available() {
            btpow_conformance::device::check(&mut CpuThread::new(0, isa));
        }
    }
}
