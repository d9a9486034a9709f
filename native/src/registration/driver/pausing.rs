//! When nothing is hashed: pauses, what they show, and the rate that some of them depend on.

use core::time::Duration;
use std::{sync::Arc, time::Instant};

use btpow_registration::session::Pause;
use tokio::time::Instant as Moment;

use super::{Cause, Driver, DriverError, Ended};
use crate::{
    chain::Connection,
    events::Event,
    registration::{pauses::Reason, words},
    report::{Counts, Snapshot},
};

/// How long devices work before their rate counts: a little longer than the rate needs to forget what was before.
const SETTLING: Duration = Duration::from_secs(3);

/// How often the rate is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// How long a search that takes too long pauses before the rate is measured again: something else may have slowed the
/// devices down.
const DOUBT: Duration = Duration::from_secs(600);

impl Driver<'_, '_> {
    /// Whether nothing is hashed now.
    pub(super) const fn is_paused(&self) -> bool {
        self.watch.is_paused() || self.setup.session.pause().is_some()
    }

    /// The state of the search, and what else goes on; none before the first block.
    pub(super) fn snapshot(&self) -> Option<Snapshot> {
        let now = Snapshot::of(self.setup.rig, &self.setup.crew.rows);
        // A paused search has no state of its own.
        let mut snapshot = now.or_else(|| self.paused.clone())?;
        let session = &self.setup.session;
        snapshot.phase = self.watch.phase(session.phase(), session.pause());
        snapshot.is_paused = self.is_paused();
        snapshot.pauses = self.pauses.tallies(Instant::now());
        let endpoint = |(connection, _): &(Arc<Connection>, _)| connection.endpoint().to_string();
        let endpoint = self.latest.as_ref().map(endpoint);
        snapshot.sight = endpoint.and_then(|it| self.watch.sight(it));
        snapshot.counts = Counts {
            proofs: self.proofs,
            submissions: session.sent(),
        };
        Some(snapshot)
    }

    /// A proof may count no longer.
    pub(super) fn expire(&mut self) {
        self.keep_state();
        let told = self.watch.expire();
        self.setup.rig.pause();
        self.pauses.set(Some(Reason::Chain), Instant::now());
        self.tell_pause(Reason::Chain, &told);
        self.status.say(&told);
    }

    /// The session searches for nothing now.
    pub(super) fn rest(&mut self, pause: Pause) {
        self.keep_state();
        self.setup.rig.pause();
        let session = &self.setup.session;
        if let Some((head, difficulty)) = session.asks() {
            let (rig, rows) = (self.setup.rig, &self.setup.crew.rows);
            let idle = || Snapshot::idle(rig, rows, head, difficulty);
            let total = &mut self.paused.get_or_insert_with(idle).total;
            (total.block_number, total.block_hash) = (Some(head.number), head.hash);
            total.difficulty = difficulty.get();
        }
        let now = Instant::now();
        if self.pauses.set(Some(pause.into()), now).is_some() {
            let again = matches!(pause, Pause::TooLong { .. }).then_some(now + DOUBT);
            self.measuring = again.map(Moment::from_std);
            let told = words::pause(&pause);
            self.tell_pause(pause.into(), &told);
            self.status.say(&told);
        }
    }

    /// There is something to search for.
    pub(super) fn goes_on(&mut self) {
        let paused = self.pauses.set(None, Instant::now()).flatten();
        if let Some(reason) = paused {
            self.setup.events.tell(&Event::Resumed {
                reason: reason.name(),
            });
            let number = self.setup.session.asks().map(|(head, _)| head.number);
            self.status.say(&words::resumed(reason, number));
        }
        if self.setup.session.wants_rate() && (paused.is_some() || self.measuring.is_none()) {
            self.measuring = Some(Moment::now() + SETTLING);
        }
    }

    /// A device has joined, and its rate is not known.
    pub(super) fn forget_rate(&mut self) -> Result<Option<Ended>, DriverError> {
        if !self.setup.session.wants_rate() {
            return Ok(None);
        }
        let actions = self.setup.session.measured(None);
        let ended = self.act(actions, Cause::Progress)?;
        // What pauses for another reason has no rate.
        self.measuring = (!self.is_paused()).then(|| Moment::now() + SETTLING);
        Ok(ended)
    }

    /// It is time to look at the rate, or to doubt it.
    pub(super) fn measure(&mut self) -> Result<Option<Ended>, DriverError> {
        if self.is_paused() {
            return self.forget_rate();
        }
        self.measuring = Some(Moment::now() + LOOK);
        let rate = self.setup.rig.measured();
        let actions = rate.map_or_else(Vec::new, |rate| self.setup.session.measured(Some(rate)));
        self.act(actions, Cause::Progress)
    }

    /// Keeps the state of a search that is about to pause.
    fn keep_state(&mut self) {
        let now = Snapshot::of(self.setup.rig, &self.setup.crew.rows);
        self.paused = now.or_else(|| self.paused.take());
    }
}
