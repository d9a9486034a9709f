//! The program's rig, for one owner in Python.

use core::{
    num::{NonZeroU64, NonZeroUsize},
    time::Duration,
};
use std::{
    collections::VecDeque,
    process,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use btpow::{
    cli::RigArgs,
    commands::common::hashing,
    crew::Crew,
    devices::DevicesError,
    environment::Environment,
    exit::Failure,
    rig::{Event, Rig},
};
use btpow_core::{Find, Generation, Position, Search};
use btpow_cuda::shape::{Threads, WARP};
use pyo3::{
    Bound, Py, PyAny, PyErr, PyResult, Python,
    exceptions::{PyRuntimeError, PyValueError},
    pyclass, pymethods,
    types::{PyBytes, PyBytesMethods as _, PyDict, PyDictMethods as _},
};

use crate::{DeviceError, challenge::Challenge, numbers, warnings};

/// How long a wait lasts before it looks for Ctrl-C and for the end of the engine.
const LOOK: Duration = Duration::from_millis(50);

/// Devices at work. Dropping or closing it stops them.
#[pyclass(module = "btpow._native", frozen)]
pub(crate) struct Engine {
    /// The process that made it: threads do not survive a fork.
    process: u32,
    working: Mutex<Option<Arc<Working>>>,
}

struct Working {
    rig: Rig,
    told: Mutex<Told>,
}

/// What the rig has told, as far as nobody has heard it.
struct Told {
    crew: Crew,
    pending: VecDeque<News>,
    /// The best of the newest search that told of one.
    best: Option<Find>,
}

/// What there is to tell the owner.
enum News {
    Found(Box<Find>),
    Line(String),
}

#[pymethods]
impl Engine {
    /// Opens the devices with these names and starts a thread for each; without names, all that the program would
    /// use.
    #[new]
    #[pyo3(signature = (devices, threads=None, round=None, threads_per_block=None))]
    fn new(
        py: Python<'_>,
        devices: Vec<String>,
        threads: Option<usize>,
        round: Option<u64>,
        threads_per_block: Option<u32>,
    ) -> PyResult<Self> {
        warnings::keep();
        let positive = |name, number: u64| {
            PyValueError::new_err(format!("{name}: {number} is too few; give 1 or more"))
        };
        let tpb = threads_per_block.map(Threads::new).transpose();
        let tpb = tpb.map_err(|wrong| {
            let (step, most) = (WARP, Threads::MAX);
            PyValueError::new_err(format!(
                "threads_per_block: {wrong}; give a multiple of {step} up to {most}, or none for the fastest"
            ))
        })?;
        let args = RigArgs {
            devices,
            threads: threads
                .map(|it| NonZeroUsize::new(it).ok_or_else(|| positive("threads", 0)))
                .transpose()?,
            update_interval: round
                .map(|it| NonZeroU64::new(it).ok_or_else(|| positive("round", 0)))
                .transpose()?,
            threads_per_block: tpb,
            ..RigArgs::default()
        };
        let environment = Environment {
            isa: std::env::var("BTPOW_ISA").ok().filter(|it| !it.is_empty()),
            ..Environment::default()
        };
        let opened = py.detach(|| {
            let devices = hashing::devices(&args, &environment)?;
            let (rig, crew) = hashing::rig(&devices, |units| units)?;
            Ok(Working {
                rig,
                told: Mutex::new(Told {
                    crew,
                    pending: VecDeque::new(),
                    best: None,
                }),
            })
        });
        Ok(Self {
            process: process::id(),
            working: Mutex::new(Some(Arc::new(opened.map_err(failed)?))),
        })
    }

    /// Makes every device work on this challenge from its next round on. Returns the number of the search.
    #[pyo3(signature = (challenge, difficulty, block_number=None, start=None))]
    fn set_search(
        &self,
        challenge: &Challenge,
        difficulty: u64,
        block_number: Option<u64>,
        start: Option<u64>,
    ) -> PyResult<u64> {
        let working = self.working()?;
        let challenge = challenge.0;
        let start = match start {
            Some(nonce) => Position::of_nonce(nonce, challenge.protocol()),
            None => hashing::random_start().map_err(failed)?,
        };
        let Generation(number) = working.rig.set_search(Search {
            challenge,
            difficulty: numbers::difficulty(difficulty)?,
            block_number,
            start,
        });
        Ok(number)
    }

    /// Gives the devices a rest: rounds under way still count.
    fn pause(&self) -> PyResult<()> {
        self.working()?.rig.pause();
        Ok(())
    }

    /// Goes on where `pause` stopped.
    fn resume(&self) -> PyResult<()> {
        self.working()?.rig.resume();
        Ok(())
    }

    /// The next thing to know, at most `seconds` from now: a dict with what was found, a line for the user, or None.
    fn wait<'py>(&self, py: Python<'py>, seconds: f64) -> PyResult<Option<Bound<'py, PyAny>>> {
        let until = Instant::now() + Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LOOK);
        loop {
            // In each turn: somebody may have closed it.
            let working = self.working()?;
            if let Some(news) = working.next()? {
                return news.to_python(py, &working.rig).map(Some);
            }
            let now = Instant::now();
            let event = py.detach(|| working.rig.wait(Some(until.min(now + LOOK))));
            match event {
                Some(event) => working.note(event),
                None if Instant::now() >= until => return Ok(None),
                None => {}
            }
            // The last owner joins the devices' threads, and must not hold up Python meanwhile.
            py.detach(|| drop(working));
            py.check_signals()?;
        }
    }

    /// The state of the search; None while there is none.
    fn statistics<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(it) = self.working()?.rig.statistics() else {
            return Ok(None);
        };
        let dict = PyDict::new(py);
        dict.set_item("time_spent_total", it.rates.time_spent_total)?;
        dict.set_item("rounds_total", it.rates.rounds_total)?;
        dict.set_item("time_average", it.rates.time_average)?;
        dict.set_item("time_spent", it.rates.time_spent)?;
        dict.set_item("hash_rate_perpetual", it.rates.hash_rate_perpetual)?;
        dict.set_item("hash_rate", it.rates.hash_rate)?;
        dict.set_item("difficulty", it.difficulty)?;
        dict.set_item("block_number", it.block_number)?;
        dict.set_item("nonces_total", it.rates.nonces_total)?;
        dict.set_item("expected_time", it.expected_time)?;
        dict.set_item("chance", it.chance)?;
        Ok(Some(dict))
    }

    /// The devices: name, kind, description, hash rate, nonces tried, and why it was dropped.
    fn devices<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let working = self.working()?;
        let (_, rates) = working.rig.measurements();
        let rows = working.rig.messenger().rows();
        let row = |row: &btpow::devices::Row| {
            let slots = row.slots.clone();
            let of_row = rates.get(slots.clone()).unwrap_or_default();
            let fault = slots
                .filter_map(|slot| working.rig.fault(btpow_core::SlotId(slot)))
                .next();
            let dict = PyDict::new(py);
            dict.set_item("name", &row.listed.name)?;
            dict.set_item("kind", row.listed.kind)?;
            dict.set_item("description", &row.listed.description)?;
            dict.set_item("threads", row.listed.threads.map(NonZeroUsize::get))?;
            dict.set_item("isa", row.listed.isa)?;
            dict.set_item(
                "hash_rate",
                of_row.iter().map(|it| it.hash_rate).sum::<f64>(),
            )?;
            let nonces: u64 = of_row.iter().map(|it| it.nonces_total).sum();
            dict.set_item("nonces_total", nonces)?;
            dict.set_item("fault", fault.map(|it| it.to_string()))?;
            Ok(dict)
        };
        rows.iter().map(row).collect()
    }

    /// Whether it still works.
    #[getter]
    fn is_open(&self) -> bool {
        self.process == process::id() && self.lock().is_some()
    }

    /// Stops the devices. Doing it again does nothing.
    fn close(&self, py: Python<'_>) {
        if self.process != process::id() {
            return;
        }
        let working = self.lock().take();
        py.detach(|| drop(working));
    }
}

impl Engine {
    fn lock(&self) -> MutexGuard<'_, Option<Arc<Working>>> {
        self.working.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn working(&self) -> PyResult<Arc<Working>> {
        if self.process != process::id() {
            return Err(PyRuntimeError::new_err(
                "this solver belongs to the process that made it; make another one after a fork",
            ));
        }
        let working = self.lock().as_ref().map(Arc::clone);
        working.ok_or_else(|| PyRuntimeError::new_err("this solver is closed; make another one"))
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let working = self.working.get_mut();
        let Some(working) = working.unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        if self.process == process::id() {
            Python::attach(|py| py.detach(|| drop(working)));
        } else {
            // Its threads are the other process's, and would never be joined here.
            core::mem::forget(working);
        }
    }
}

impl Working {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What nobody has heard yet; an error once no device is left.
    fn next(&self) -> PyResult<Option<News>> {
        let mut told = self.told();
        if let Some(news) = told.pending.pop_front() {
            return Ok(Some(news));
        }
        let left = told.crew.check();
        left.map_err(|error| DeviceError::new_err(error.to_string()))?;
        Ok(None)
    }

    fn note(&self, event: Event) {
        let mut told = self.told();
        if let Event::Found(find) = event {
            told.found(find);
            return;
        }
        let is_dropped = matches!(event, Event::Dropped(..));
        let line = told.crew.note(event, &self.rig);
        told.pending.extend(line.map(News::Line));
        // Anything right that a dropped device found before still counts.
        if is_dropped && let Some(best) = self.rig.best() {
            told.found(best);
        }
    }
}

impl Told {
    /// A find, which may have been told before as the best of a dropped device.
    fn found(&mut self, find: Find) {
        let of = |find: &Find| (find.generation, find.solution.nonce());
        if self.best.as_ref().is_some_and(|best| of(best) == of(&find)) {
            return;
        }
        let is_best = self.best.is_none_or(|best| {
            (best.generation, find.solution.value()) < (find.generation, best.solution.value())
        });
        if is_best {
            self.best = Some(find);
        }
        self.pending.push_back(News::Found(find.into()));
    }
}

impl News {
    fn to_python<'py>(&self, py: Python<'py>, rig: &Rig) -> PyResult<Bound<'py, PyAny>> {
        let dict = PyDict::new(py);
        match self {
            Self::Line(line) => dict.set_item("line", line)?,
            Self::Found(find) => {
                let challenge = Py::new(py, Challenge(find.search.challenge))?;
                let seal = PyBytes::new(py, &find.solution.seal().0);
                debug_assert_eq!(seal.as_bytes().len(), 32);
                dict.set_item("challenge", challenge)?;
                dict.set_item("nonce", find.solution.nonce())?;
                dict.set_item("seal", seal)?;
                dict.set_item("difficulty", find.search.difficulty.get())?;
                dict.set_item("block_number", find.search.block_number)?;
                dict.set_item("search", find.generation.0)?;
                dict.set_item("device", rig.name(find.slot))?;
            }
        }
        Ok(dict.into_any())
    }
}

/// In the words of a program that types no flags.
fn failed(failure: Failure) -> PyErr {
    match failure {
        Failure::Devices(DevicesError::Unknown {
            selector,
            why,
            names,
        }) => {
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            PyValueError::new_err(format!(
                "devices: there is no device {selector:?}{why}; choose among: {}",
                names.join(", ")
            ))
        }
        Failure::Devices(DevicesError::Open { name, error }) => DeviceError::new_err(format!(
            "{name} cannot be opened: {error}; name another device"
        )),
        Failure::Usage(usage) => PyValueError::new_err(usage.to_string()),
        other => DeviceError::new_err(other.to_string()),
    }
}
