//! A card as a device of the solver.

use alloc::sync::Arc;
use core::{ffi::c_void, time::Duration};
use std::{thread, time::Instant};

use btpow_core::{Candidates, Device, DeviceError, Group, Info, Jobs, Micros, Poll, Round};
use cudarc::driver::{
    DriverError,
    result::{self, event, stream},
    sys::{self, CUresult},
};

use crate::{
    Card, OpenError,
    abi::{Found, Table},
    error,
    memory::{CardMemory, HostMemory},
    plan::{Kernel, Launch},
    program::Program,
};

/// Devices of a card. With two, one's kernel runs while the other hands in its round and launches the next, so
/// the card never waits for the host.
pub const QUEUES: u32 = 2;

/// How long a round takes, in microseconds: two kernels of half that, since two devices share the card. A new
/// block reaches the card within this time. `README.md` says what was weighed.
pub const ROUND: Micros = 20_000;

/// The longest time that a poll blocks, in microseconds.
const BUDGET: Micros = 10_000;

/// A kernel that has not ended after this time never will. It is a thousand times what a kernel should take; a
/// card that is lost unknown to the driver looks like this.
const STALL: Duration = Duration::from_secs(30);

/// How often a poll checks whether the kernel has ended. The other device's kernel runs meanwhile.
const INTERVAL: Duration = Duration::from_micros(250);

/// One of a card's devices: a stream, and memory for what goes there and comes back.
#[derive(Debug)]
pub struct CudaQueue {
    name: String,
    jobs: Option<Jobs>,
    flight: Option<Flight>,
    trouble: Option<OpenError>,
    round: Micros,
    stream: Stream,
    found: CardMemory<Found>,
    found_here: HostMemory<Found>,
    table: CardMemory<Table>,
    table_here: HostMemory<Table>,
    /// The group whose spans of the present jobs are in the card's table.
    table_of: Option<Group>,
    program: Arc<Program>,
}

/// The kernel in flight.
#[derive(Debug)]
struct Flight {
    launch: Launch,
    /// The rest of the round after it.
    rest: Option<Round>,
    since: Instant,
}

/// Commands that the card runs one after the other, and a mark behind the last one.
#[derive(Debug)]
struct Stream {
    program: Arc<Program>,
    raw: sys::CUstream,
    mark: sys::CUevent,
}

impl CudaQueue {
    /// Device `number` of a card.
    pub(crate) fn new(
        card: &Card,
        number: u32,
        program: Arc<Program>,
    ) -> Result<Self, DriverError> {
        Ok(Self {
            name: format!("{}/{number}", card.selector()),
            jobs: None,
            flight: None,
            trouble: None,
            round: ROUND,
            stream: Stream::new(&program)?,
            found: CardMemory::new(&program, 1)?,
            found_here: HostMemory::new(&program, 1)?,
            table: CardMemory::new(&program, 1)?,
            table_here: HostMemory::new(&program, 1)?,
            table_of: None,
            program,
        })
    }

    /// How many nonces of the present jobs, or of legacy ones, the card hashes at once. A round should be a multiple of
    /// this.
    pub fn batch(&self) -> u64 {
        let kernel = self
            .jobs
            .map_or(Kernel::LegacyLittle, |jobs| Kernel::of(jobs.protocol()));
        self.program.kernel(kernel).batch
    }

    /// How many blocks run its v1 kernel.
    pub fn blocks(&self) -> u32 {
        self.program.kernel(Kernel::V1).blocks
    }

    /// Makes its rounds take this many microseconds instead of [`ROUND`], to measure what their length costs.
    #[doc(hidden)]
    pub const fn pace(&mut self, round: Micros) {
        self.round = round;
    }

    /// Why it failed, in words for whoever must fix it; none while it works.
    pub const fn trouble(&self) -> Option<&OpenError> {
        self.trouble.as_ref()
    }

    /// Notes an error of the driver, and translates it for the solver.
    fn fail(&mut self, error: DriverError) -> DeviceError {
        self.trouble = Some(OpenError::from_driver(error.0, (0, 0)));
        if self.program.context.is_given_up() {
            return DeviceError::Silent;
        }
        DeviceError::Lost {
            code: error::code(error.0),
        }
    }

    /// Launches the next run of a round.
    fn launch(&mut self, jobs: &Jobs, round: Round) -> Result<(), DriverError> {
        self.program.context.enter()?;
        let (launch, rest) = Launch::first_of(jobs, round);
        let kernel = *self.program.kernel(launch.kernel);
        let mut run = launch.run;
        let (mut found, mut table) = (self.found.address, self.table.address);
        let mut parameters: [*mut c_void; 3] = [
            (&raw mut run).cast(),
            (&raw mut found).cast(),
            (&raw mut table).cast(),
        ];
        // The legacy kernels have no table.
        let parameters = match launch.kernel {
            Kernel::LegacyBig | Kernel::LegacyLittle => &mut parameters[..2],
            Kernel::V1 => &mut parameters[..],
        };
        let stream = self.stream.raw;
        if launch.kernel == Kernel::V1 && self.table_of != Some(launch.group) {
            // In case it fails.
            self.table_of = None;
            let table = self.table_here.values();
            for table in &mut *table {
                table.fill(jobs, launch.group);
            }
            // SAFETY: the card's memory has room for a table, and nobody writes to the host's before
            // the stream has passed the mark.
            unsafe { result::memcpy_htod_async(self.table.address, table, stream) }?;
            self.table_of = Some(launch.group);
        }
        // SAFETY: the card's memory is that large.
        unsafe { result::memset_d8_async(self.found.address, 0, size_of::<Found>(), stream) }?;
        // SAFETY: the function belongs to the loaded program. The parameters match its definition in
        // `search.cu`, and the driver copies them before it returns. They point to memory of the card
        // that lives as long as `self`, whose `Drop` waits for the stream.
        unsafe {
            result::launch_kernel(
                kernel.function,
                (kernel.blocks, 1, 1),
                (kernel.threads, 1, 1),
                kernel.shared_bytes,
                stream,
                parameters,
            )
        }?;
        let here = self.found_here.values();
        // SAFETY: nobody reads the host's memory before the stream has passed the mark.
        unsafe { result::memcpy_dtoh_async(here, self.found.address, stream) }?;
        self.stream.put_mark()?;
        self.flight = Some(Flight {
            launch,
            rest,
            since: Instant::now(),
        });
        Ok(())
    }

    /// Whether the run under way has ended. It waits no longer than the budget.
    fn wait(&self, since: Instant) -> Result<bool, DriverError> {
        self.program.context.enter()?;
        let begin = Instant::now();
        while !self.stream.passed_mark()? {
            if since.elapsed() >= STALL {
                self.program.context.give_up();
                return Err(DriverError(CUresult::CUDA_ERROR_LAUNCH_TIMEOUT));
            }
            if begin.elapsed() >= Duration::from_micros(BUDGET) {
                return Ok(false);
            }
            thread::sleep(INTERVAL);
        }
        Ok(true)
    }
}

impl Device for CudaQueue {
    fn info(&self) -> Info<'_> {
        Info {
            name: &self.name,
            batch: self.batch(),
            round: self.round,
            // A sleep may last a little longer than asked.
            budget: 2 * BUDGET,
        }
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        if self.flight.is_some() {
            return Err(DeviceError::Busy);
        }
        let same = |before: Jobs| before.to_words() == jobs.to_words();
        if !self.jobs.is_some_and(same) {
            self.table_of = None;
        }
        self.jobs = Some(*jobs);
        Ok(())
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        let jobs = self.jobs.ok_or(DeviceError::NotLoaded)?;
        if self.flight.is_some() {
            return Err(DeviceError::Busy);
        }
        self.launch(&jobs, round).map_err(|error| self.fail(error))
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        let Some((jobs, flight)) = self.jobs.zip(self.flight.as_ref()) else {
            return Ok(Poll::Pending);
        };
        let ended = self.wait(flight.since);
        if !ended.map_err(|error| self.fail(error))? {
            return Ok(Poll::Pending);
        }
        let Some(flight) = self.flight.take() else {
            return Ok(Poll::Pending);
        };
        for here in self.found_here.values() {
            flight.launch.report(here, found);
        }
        match flight.rest {
            None => Ok(Poll::Done),
            Some(rest) => {
                self.launch(&jobs, rest).map_err(|error| self.fail(error))?;
                Ok(Poll::Pending)
            }
        }
    }
}

impl Drop for CudaQueue {
    fn drop(&mut self) {
        // The memory that the card still writes to is freed after this.
        self.stream.come_to_rest();
    }
}

impl Stream {
    fn new(program: &Arc<Program>) -> Result<Self, DriverError> {
        program.context.enter()?;
        let mark = event::create(sys::CUevent_flags::CU_EVENT_DISABLE_TIMING)?;
        let raw = stream::create(stream::StreamKind::NonBlocking).inspect_err(|_| {
            // SAFETY: it was created above, and this is its only use.
            let _ = unsafe { event::destroy(mark) };
        })?;
        Ok(Self {
            program: Arc::clone(program),
            raw,
            mark,
        })
    }

    fn put_mark(&self) -> Result<(), DriverError> {
        // SAFETY: both live as long as `self`.
        unsafe { event::record(self.mark, self.raw) }
    }

    fn passed_mark(&self) -> Result<bool, DriverError> {
        // SAFETY: the mark lives as long as `self`.
        match unsafe { event::query(self.mark) } {
            Ok(()) => Ok(true),
            Err(DriverError(CUresult::CUDA_ERROR_NOT_READY)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn come_to_rest(&self) {
        if self.program.context.enter().is_ok() {
            // SAFETY: the stream lives as long as `self`. A lost card fails here, and is at rest.
            let _ = unsafe { stream::synchronize(self.raw) };
        }
    }
}

// SAFETY: a stream and an event may be used from any thread, one at a time.
unsafe impl Send for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        self.come_to_rest();
        if self.program.context.enter().is_ok() {
            // SAFETY: both were created once, and this is their last use.
            let _ = unsafe { event::destroy(self.mark) };
            // SAFETY: as above.
            let _ = unsafe { stream::destroy(self.raw) };
        }
    }
}
