//! When nothing is hashed: pauses, what they show, and the rate that some of them depend on.

use core::time::Duration;
use std::{sync::Arc, time::Instant};

use btpow_core::odds;
use btpow_registration::session::Pause;
use tokio::time::Instant as Moment;

use super::{Cause, Driver, DriverError, Ended, pursuit::Lane};
use crate::{
    chain::Connection,
    events::Event,
    pauses::Reason,
    registration::{watch::Phase, words},
    report::{Counts, GoalState, Snapshot, Stage},
};

/// How long devices work before their rate counts: a little longer than the rate needs to forget what was before.
const SETTLING: Duration = Duration::from_secs(3);

/// The same of rigs, which tell of their rate every five seconds.
const SETTLING_OF_RIGS: Duration = Duration::from_secs(12);

/// How often the rate is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long a search that takes too long pauses before the rate is measured again: something else may have slowed the
/// devices down.
const DOUBT: Duration = Duration::from_secs(600);

impl Driver<'_, '_> {
    /// Whether nothing is hashed now.
    pub(super) fn is_paused(&self) -> bool {
        let mut open = self.open().peekable();
        let rests = open.peek().is_some() && open.all(|lane| lane.session.pause().is_some());
        self.watch.is_paused() || rests || self.no_device_works().is_some()
    }

    /// Why nothing is hashed though there is a search, if that is so.
    fn no_device_works(&self) -> Option<Reason> {
        let paused = self.setup.rig.messenger().paused();
        paused.filter(|_| self.rigs() == 0)
    }

    /// The pursuits that have not ended.
    pub(super) fn open(&self) -> impl Iterator<Item = &Lane<'_>> {
        self.lanes.iter().filter(|lane| lane.end.is_none())
    }

    /// Whether a session wants to be told how fast the devices are.
    fn wants_rate(&self) -> bool {
        self.open().any(|lane| lane.session.wants_rate())
    }

    /// The state of the search, and what else goes on; none before the first block.
    pub(super) fn snapshot(&mut self) -> Option<Snapshot> {
        self.credit();
        let now = Snapshot::of(self.setup.rig, &self.setup.crew.rows);
        // A paused search has no state of its own.
        let mut snapshot = now.or_else(|| self.paused.clone())?;
        let view = self.fleet.as_ref().map(|fleet| fleet.lead.view());
        let is_shared = self.lanes.len() > 1 || view.is_some();
        if let Some(view) = view {
            snapshot.join(view, self.rigs_effort().1);
        }
        let rate = snapshot.rate();
        let shown = self.turn.active.map(|place| &self.lanes[place]);
        if let Some(lane) = shown.or_else(|| self.open().next()) {
            snapshot.phase = self.phase(lane);
            if is_shared {
                snapshot.total.chance = lane.chance();
            }
        }
        let lanes = self.lanes.iter().enumerate();
        let goals = lanes.map(|(place, lane)| self.goal_state(place, lane, rate));
        snapshot.goals = goals.collect();
        snapshot.is_paused = self.is_paused();
        snapshot.pauses = self.pauses.tallies(Instant::now());
        // Those are never at the same time.
        snapshot.pauses.extend(self.setup.rig.messenger().pauses());
        let endpoint = |(connection, _): &(Arc<Connection>, _)| connection.endpoint().to_string();
        let endpoint = self.latest.as_ref().map(endpoint);
        snapshot.sight = endpoint.and_then(|it| self.watch.sight(it));
        let counts = self.lanes.iter().map(Lane::counts);
        snapshot.counts = counts.fold(Counts::default(), |sum, it| Counts {
            proofs: sum.proofs + it.proofs,
            submissions: sum.submissions + it.submissions,
        });
        Some(snapshot)
    }

    fn phase(&self, lane: &Lane<'_>) -> Option<Phase> {
        let phase = self.watch.phase(lane.session.phase(), lane.session.pause());
        // That no device works matters less than what becomes of a proof.
        phase.or_else(|| self.no_device_works().map(Phase::Resting))
    }

    fn goal_state(&self, place: usize, lane: &Lane<'_>, rate: f64) -> GoalState {
        let difficulty = lane.session.asks().map(|(_, difficulty)| difficulty);
        let is_searched = self.turn.active == Some(place) && !self.is_paused();
        GoalState {
            goal: lane.session.goal(),
            name: lane.name.clone(),
            stage: lane.end.as_ref().map_or_else(
                || Stage::Open {
                    phase: self.phase(lane),
                    is_searched,
                },
                |end| Stage::Ended(end.clone()),
            ),
            difficulty,
            chance: lane.chance(),
            expected_time: difficulty.and_then(|it| odds::expected_seconds(it, rate)),
            counts: lane.counts(),
        }
    }

    /// A proof may count no longer.
    pub(super) fn expire(&mut self) {
        self.credit();
        self.keep_state();
        let told = self.watch.expire();
        self.setup.rig.pause();
        if let Some(fleet) = &mut self.fleet {
            fleet.lead.rest(words::fleet::NO_BLOCK);
            fleet.go_blind();
        }
        self.pauses.set(Some(Reason::Chain), Instant::now());
        self.tell_pause(None, Reason::Chain, &told);
        self.status.say(&told);
    }

    /// No session searches for anything now.
    pub(super) fn rest(&mut self) {
        let Some((lane, pause)) = self.open().find_map(|it| Some((it, it.session.pause()?))) else {
            return;
        };
        let asks = lane.session.asks();
        self.leave();
        self.turn.active = None;
        self.keep_state();
        self.setup.rig.pause();
        self.rest_rigs(&words::waiting(&pause));
        if let Some((head, difficulty)) = asks {
            let (rig, rows) = (self.setup.rig, &self.setup.crew.rows);
            let idle = || Snapshot::idle(rig, rows, head, difficulty);
            let total = &mut self.paused.get_or_insert_with(idle).total;
            (total.block_number, total.block_hash) = (Some(head.number), head.hash);
            total.difficulty = difficulty.get();
        }
        let now = Instant::now();
        let is_news = self.pauses.set(Some(pause.into()), now).is_some();
        let pauses = self.open().filter_map(|lane| lane.session.pause());
        let is_too_long = { pauses }.any(|pause| matches!(pause, Pause::TooLong { .. }));
        if !is_too_long {
            self.measuring = None;
        } else if is_news || self.measuring.is_none() {
            self.measuring = Some(Moment::from_std(now + DOUBT));
        }
    }

    /// There is something to search for.
    pub(super) fn goes_on(&mut self) {
        let paused = self.pauses.set(None, Instant::now()).flatten();
        if paused == Some(Reason::Chain) {
            self.say_resumed(None, Reason::Chain);
        }
        if self.wants_rate() && (paused.is_some() || self.measuring.is_none()) {
            self.measuring = Some(Moment::now() + self.settling());
        }
    }

    /// How long to wait for a rate that counts.
    const fn settling(&self) -> Duration {
        if self.fleet.is_some() {
            SETTLING_OF_RIGS
        } else {
            SETTLING
        }
    }

    /// A session searches for nothing now.
    pub(super) fn tell_paused(&mut self, place: usize, pause: &Pause) {
        let reason = Reason::from(*pause);
        if self.lanes[place].paused.replace(reason) != Some(reason) {
            let told = words::pause(pause, self.lanes.len() == 1);
            self.tell_pause(Some(place), reason, &told);
            self.status.say(&self.lanes[place].line(&told));
        }
    }

    /// A session searches again.
    pub(super) fn tell_resumed(&mut self, place: usize) {
        if let Some(reason) = self.lanes[place].paused.take() {
            self.say_resumed(Some(place), reason);
        }
    }

    fn say_resumed(&mut self, place: Option<usize>, reason: Reason) {
        let event = Event::Resumed {
            reason: reason.name(),
        };
        self.setup.events.tell(place, &event);
        let lane = place.map(|place| &self.lanes[place]);
        let asking = lane.or_else(|| self.open().next());
        let number = asking.and_then(|it| Some(it.session.asks()?.0.number));
        let is_all = place.is_none() || self.lanes.len() == 1;
        let line = words::resumed(reason, number, is_all);
        let line = lane.map_or_else(|| line.clone(), |lane| lane.line(&line));
        self.status.say(&line);
    }

    /// A device has joined, and its rate is not known.
    pub(super) fn forget_rate(&mut self) -> Result<Option<Ended>, DriverError> {
        if !self.wants_rate() {
            return Ok(None);
        }
        let ended = self.measured(None)?;
        // What pauses for another reason has no rate.
        self.measuring = (!self.is_paused()).then(|| Moment::now() + self.settling());
        Ok(ended)
    }

    /// A rig has joined. If the search was too long without it, it is tried again; once for all that join meanwhile.
    pub(super) fn rig_joined(&mut self) -> Result<Option<Ended>, DriverError> {
        let is_too_long =
            |lane: &Lane<'_>| matches!(lane.session.pause(), Some(Pause::TooLong { .. }));
        if self.open().any(is_too_long) {
            self.forget_rate()
        } else {
            Ok(None)
        }
    }

    /// It is time to look at the rate, or to doubt it.
    pub(super) fn measure(&mut self) -> Result<Option<Ended>, DriverError> {
        if self.is_paused() {
            return self.forget_rate();
        }
        self.measuring = Some(Moment::now() + LOOK);
        let rate = self.setup.rig.measured();
        let rate = rate.map(|rate| rate + self.rigs_rate());
        rate.map_or(Ok(None), |rate| self.measured(Some(rate)))
    }

    fn measured(&mut self, rate: Option<f64>) -> Result<Option<Ended>, DriverError> {
        let lanes = self.lanes.iter_mut().enumerate();
        let all = lanes.map(|(place, lane)| (place, lane.session.measured(rate)));
        let all: Vec<_> = all.collect();
        for place in 0..self.lanes.len() {
            let session = &self.lanes[place].session;
            // A trial that has ended well says nothing more.
            if rate.is_some() && session.pause().is_none() && self.lanes[place].wish.is_some() {
                self.tell_resumed(place);
            }
        }
        self.act(all, Cause::Progress)
    }

    /// Keeps the state of a search that is about to pause.
    fn keep_state(&mut self) {
        let now = Snapshot::of(self.setup.rig, &self.setup.crew.rows);
        self.paused = now.or_else(|| self.paused.take());
    }
}
