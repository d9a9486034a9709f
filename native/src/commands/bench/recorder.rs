//! Records what a device does during a bench, between the device and the rig.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use btpow_core::{Candidates, Device, DeviceError, Info, Jobs, Poll, Position, Round};

use crate::devices::Unit;

/// A device whose finished rounds are recorded; otherwise it works as usual.
#[derive(Debug)]
pub(super) struct Recorded {
    unit: Unit,
    /// Only rounds that begin in here are recorded, which leaves out those of the self-test.
    within: Round,
    /// The round in flight, if it will be recorded.
    round: Option<(Round, Instant)>,
    log: Arc<Mutex<Log>>,
}

/// What a device did.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    /// Finished rounds.
    pub(super) rounds: Vec<Round>,
    /// The hits reported in them.
    pub(super) reported: Vec<Position>,
    /// When the first round was done.
    pub(super) first: Option<Instant>,
    /// How many of the rounds were done before the measurement.
    pub(super) before: usize,
    /// When the first round of the measurement was submitted, and when the last was done.
    pub(super) measured: Option<(Instant, Instant)>,
}

impl Recorded {
    /// Records the rounds of `unit` that begin `within` a range of positions.
    pub(super) fn new(unit: Unit, within: Round) -> (Self, Arc<Mutex<Log>>) {
        let log = Arc::new(Mutex::new(Log::default()));
        let recorded = Self {
            unit,
            within,
            round: None,
            log: Arc::clone(&log),
        };
        (recorded, log)
    }
}

impl Device for Recorded {
    fn info(&self) -> Info<'_> {
        self.unit.info()
    }

    fn load(&mut self, jobs: &Jobs) -> Result<(), DeviceError> {
        self.unit.load(jobs)
    }

    fn submit(&mut self, round: Round) -> Result<(), DeviceError> {
        self.round = self
            .within
            .contains(round.start)
            .then(|| (round, Instant::now()));
        self.unit.submit(round)
    }

    fn poll(&mut self, found: &mut Candidates) -> Result<Poll, DeviceError> {
        let poll = self.unit.poll(found)?;
        if poll == Poll::Done
            && let Some((round, began)) = self.round.take()
        {
            let now = Instant::now();
            // A poisoned log means that its reader panicked and has no more use for it.
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.rounds.push(round);
            log.reported.extend(found.positions());
            log.first.get_or_insert(now);
            let began = log.measured.map_or(began, |(began, _)| began);
            log.measured = Some((began, now));
        }
        Ok(poll)
    }
}

impl Log {
    /// Whether a finished round holds `position`.
    pub(super) fn tried(&self, position: Position) -> bool {
        self.rounds.iter().any(|round| round.contains(position))
    }

    /// Begins the measurement: only the rate of rounds that are done from now on counts.
    pub(super) fn measure(&mut self) {
        self.before = self.rounds.len();
        self.measured = None;
    }

    /// Hashes per second from the first measured round to the last; zero before one is done.
    pub(super) fn hash_rate(&self) -> f64 {
        let rounds = self.rounds.get(self.before..).unwrap_or_default();
        let nonces: u64 = rounds.iter().map(|round| round.len).sum();
        self.measured.map_or(0.0, |(began, ended)| {
            nonces as f64 / (ended - began).as_secs_f64().max(1e-9)
        })
    }
}
