//! The rigs of a fleet: they search for what the devices search for, and their finds are finds.
//!
//! Which coordinator signs, where there are several, is decided elsewhere; here nothing is signed while it is another one.

use std::time::Instant;

use btpow_core::Search;
use btpow_fleet::{Task, coordinator};
use btpow_registration::Work;

use super::{Actions, Cause, Driver, DriverError, Ended};
use crate::{
    fleet::{
        Lead,
        lead::{self, Event, Taken},
    },
    registration::words,
};

/// The fleet that a run leads, or would lead.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) lead: Lead,
    /// Whether another coordinator may sign with the same account.
    holds: bool,
}

impl Fleet {
    /// One that does not lead yet.
    pub(super) const fn new(lead: Lead) -> Self {
        Self { lead, holds: true }
    }

    /// What happens next.
    pub(super) async fn next(fleet: &mut Option<Self>) -> Option<Event> {
        match fleet {
            Some(fleet) => fleet.lead.event().await,
            None => core::future::pending().await,
        }
    }
}

impl Driver<'_, '_> {
    /// Whether nothing may be signed, as another coordinator may sign.
    pub(super) fn is_held_by_fleet(&self) -> bool {
        self.fleet.as_ref().is_some_and(|fleet| fleet.holds)
    }

    /// How many rigs search for the same.
    pub(super) fn rigs(&self) -> usize {
        self.fleet.as_ref().map_or(0, |fleet| fleet.lead.rigs())
    }

    /// Hashes per second of the rigs.
    pub(super) fn rigs_rate(&self) -> f64 {
        self.fleet.as_ref().map_or(0.0, |fleet| fleet.lead.rate())
    }

    /// How many nonces rigs have tried, and for how long, in seconds.
    pub(super) fn rigs_effort(&self) -> (u64, f64) {
        let fleet = self.fleet.as_ref();
        fleet.map_or((0, 0.0), |fleet| fleet.lead.effort())
    }

    /// Has rigs search for what the devices search for.
    pub(super) fn announce(&self, place: usize, search: &Search) {
        if let Some(fleet) = &self.fleet
            && let Some(task) = self.task(place, search)
        {
            fleet.lead.search(task);
        }
    }

    /// Tells what each goal asks, also those that are not searched for: rigs may have finds for them from before.
    pub(super) fn tell_goals(&self) {
        let Some(fleet) = &self.fleet else {
            return;
        };
        for (place, lane) in self.lanes.iter().enumerate() {
            let task = lane.wish.and_then(|search| self.task(place, &search));
            if let Some(task) = task {
                fleet.lead.asks(task);
            }
        }
    }

    /// What a rig needs to know of a search; none of one that no rig can do.
    fn task(&self, place: usize, search: &Search) -> Option<Task> {
        let session = &self.lanes[place].session;
        let asked = lead::asked(session.goal(), session.protocol())?;
        let block = (search.block_number?, search.challenge.block_hash());
        Task::new(asked, block, search.difficulty).ok()
    }

    /// Says once more what rigs do, after the chain was out of sight: there may be no new block for long.
    pub(super) fn announce_again(&self) {
        let Some(fleet) = &self.fleet else {
            return;
        };
        let block = self.open().find_map(|lane| lane.session.asks());
        if let Some((head, _)) = block {
            fleet.lead.head(head.number);
            match (self.turn.active, self.turn.searched()) {
                (Some(place), Some(search)) => self.announce(place, search),
                _ => fleet.lead.rest(words::NOTHING_TO_DO),
            }
        }
    }

    /// Something happened in the fleet; none once the coordinator has failed.
    pub(super) fn fleet_event(
        &mut self,
        event: Option<Event>,
    ) -> Result<Option<Ended>, DriverError> {
        let Some(event) = event else {
            self.fleet = None;
            self.status.say(words::COORDINATOR_FAILED);
            return self.release();
        };
        match event {
            Event::Found(found, taken) => return self.rig_found(*found, taken),
            Event::Hold(holds) => {
                if let Some(fleet) = &mut self.fleet {
                    fleet.holds = holds;
                }
                if !holds {
                    return self.release();
                }
                for place in 0..self.lanes.len() {
                    self.hold(place);
                }
            }
            Event::Leads => self.status.say(words::LEADS),
            Event::Say(line) => self.status.say(&line),
            Event::Tell(event) => {
                self.status.say(&words::fleet(&event));
                if matches!(event, coordinator::Event::Joined(..)) {
                    return self.rig_joined();
                }
            }
        }
        Ok(None)
    }

    /// Signs again what may be signed.
    fn release(&mut self) -> Result<Option<Ended>, DriverError> {
        let all = self.share_accounts();
        self.act(all, Cause::Progress)
    }

    /// A rig found a proof. It is answered once the session has it.
    fn rig_found(
        &mut self,
        found: coordinator::Found,
        taken: Taken,
    ) -> Result<Option<Ended>, DriverError> {
        let cause = Cause::Found(Instant::now());
        let (number, hash) = found.task.block();
        let work = Work::new(number, hash, found.task.difficulty(), found.solution);
        let actions = self.lane_of(&found.task).map(|place| {
            self.tell_find(place, &work, Some(&found.rig));
            self.hold(place);
            let session = &mut self.lanes[place].session;
            let actions = if found.is_own {
                session.find(work)
            } else {
                session.restore([work])
            };
            (place, actions)
        });
        taken.tell();
        let all: Vec<(usize, Actions)> = actions.into_iter().collect();
        self.act(all, cause)
    }

    /// The pursuit that a task is for. Of several that ask the same, as legacy ones of one hotkey do, it is that which is
    /// searched for: another one would sign the same nonce once more.
    fn lane_of(&self, task: &Task) -> Option<usize> {
        let asks = |place: &usize| {
            let lane = &self.lanes[*place];
            let asked = lead::asked(lane.session.goal(), lane.session.protocol());
            lane.end.is_none() && asked == Some(task.asked())
        };
        let active = self.turn.active.filter(asks);
        active.or_else(|| (0..self.lanes.len()).find(asks))
    }
}
