//! The rigs of a fleet: they search for what the devices search for, and their finds are finds.
//!
//! Which coordinator signs, where there are several, is decided elsewhere; here nothing is signed while it is another one.

use core::time::Duration;
use std::time::Instant;

use btpow_core::Search;
use btpow_fleet::{
    Task,
    coordinator::{self, Which},
};
use btpow_registration::Work;
use tokio::time::Instant as Moment;

use super::{Actions, Cause, Driver, DriverError, Ended};
use crate::{
    fleet::{
        Lead,
        lead::{self, Event, Taken},
    },
    registration::words::{self, fleet::Passage},
};

/// How long the chain may be out of sight until another coordinator had better lead. Most connections are made again within
/// a second, and who has yielded leads again only when nobody is heard for some time.
const BLINK: Duration = Duration::from_secs(3);

/// How long rigs that come and go are gathered: there may be thousands.
const GATHERED: Duration = Duration::from_secs(1);

/// The fleet that a run leads, or would lead.
#[derive(Debug)]
pub(super) struct Fleet {
    pub(super) lead: Lead,
    /// Whether another coordinator may sign with the same account.
    holds: bool,
    /// Whether one is heard that does.
    pub(super) stands_by: bool,
    /// Rigs that came or went since the user was last told of some, and until when they are gathered.
    passages: Vec<(Passage, Which)>,
    gathered: Option<Moment>,
    /// When the chain will have been out of sight for too long to lead.
    blind: Option<Moment>,
    /// Whether it is.
    is_blind: bool,
    /// Whether only another block shows that it is in sight again.
    needs_block: bool,
}

impl Fleet {
    /// One that does not lead yet.
    pub(super) const fn new(lead: Lead) -> Self {
        Self {
            lead,
            holds: true,
            stands_by: false,
            passages: Vec::new(),
            gathered: None,
            blind: None,
            is_blind: false,
            needs_block: false,
        }
    }

    /// When there is something to do: to tell of the rigs that came and went, or to lead no more.
    pub(super) fn due(&self) -> Option<Moment> {
        let passages = self.gathered.filter(|_| !self.passages.is_empty());
        passages.into_iter().chain(self.blind).min()
    }

    /// The chain is out of sight.
    pub(super) fn chain_lost(&mut self) {
        if !self.is_blind {
            self.blind.get_or_insert_with(|| Moment::now() + BLINK);
        }
    }

    /// It has been so for too long: another coordinator may see it.
    pub(super) fn go_blind(&mut self) {
        (self.blind, self.is_blind) = (None, true);
        self.lead.blind();
    }

    /// The chain is in sight but makes no block, or whoever tells of it is out of order. Another coordinator may know more.
    pub(super) fn chain_silent(&mut self) {
        self.needs_block = true;
        self.go_blind();
    }

    /// There is a new block. What rigs do is told next.
    pub(super) fn head(&mut self, number: u64) {
        (self.blind, self.is_blind, self.needs_block) = (None, false, false);
        self.lead.head(number);
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

    /// Whether the devices rest, as another coordinator leads that signs with the same account.
    pub(super) fn stands_by(&self) -> bool {
        self.fleet.as_ref().is_some_and(|fleet| fleet.stands_by)
    }

    /// Whether it does not lead since it does not see the chain.
    pub(super) fn is_blind(&self) -> bool {
        self.fleet.as_ref().is_some_and(|fleet| fleet.is_blind)
    }

    /// Whether a device here works, or may come to.
    fn has_devices(&self) -> bool {
        let (rig, crew) = (self.setup.rig, &self.setup.crew);
        (crew.is_growing || !rig.is_empty()) && crew.check().is_ok()
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

    /// The chain is in sight again. If it was not for long, rigs are told once more what they do: there may be no new block
    /// for as long.
    pub(super) fn lead_again(&mut self) {
        let block = self.open().find_map(|lane| lane.session.asks());
        let Some(fleet) = self.fleet.as_mut().filter(|it| !it.needs_block) else {
            return;
        };
        fleet.blind = None;
        let (true, Some((head, _))) = (fleet.is_blind, block) else {
            return;
        };
        fleet.head(head.number);
        let pause = self.open().find_map(|lane| lane.session.pause());
        match (self.turn.active, self.turn.searched(), pause) {
            (Some(place), Some(search), _) => self.announce(place, search),
            (_, _, Some(pause)) => self.rest_rigs(&words::waiting(&pause)),
            _ => {}
        }
    }

    /// Has rigs rest.
    pub(super) fn rest_rigs(&self, reason: &str) {
        if let Some(fleet) = &self.fleet {
            fleet.lead.rest(reason);
        }
    }

    /// Does what is due.
    pub(super) fn fleet_due(&mut self) {
        let Some(fleet) = &mut self.fleet else {
            return;
        };
        if fleet.blind.is_some_and(|at| at <= Moment::now()) {
            fleet.go_blind();
        }
        if fleet.gathered.is_none_or(|until| until <= Moment::now()) {
            self.tell_passages();
        }
    }

    /// Tells which rigs came and went.
    fn tell_passages(&mut self) {
        let Some(fleet) = &mut self.fleet else {
            return;
        };
        fleet.gathered = Some(Moment::now() + GATHERED);
        let passages = core::mem::take(&mut fleet.passages);
        for what in Passage::ALL {
            let rigs = passages.iter().filter(|(it, _)| *it == what);
            let rigs: Vec<_> = rigs.map(|(_, rig)| rig.clone()).collect();
            if !rigs.is_empty() {
                self.status.say(&words::fleet::passage(what, &rigs));
            }
        }
    }

    /// A rig came or went. The first is told at once.
    fn rig_passed(&mut self, what: Passage, rig: Which) {
        if let Some(fleet) = &mut self.fleet {
            if what == Passage::Joined && rig.range.is_some() {
                fleet.passages.push((Passage::Doubled, rig.clone()));
            }
            fleet.passages.push((what, rig));
            if fleet.gathered.is_none_or(|until| until <= Moment::now()) {
                self.tell_passages();
            }
        }
    }

    /// Something happened in the fleet; none once the coordinator has failed.
    pub(super) fn fleet_event(
        &mut self,
        event: Option<Event>,
    ) -> Result<Option<Ended>, DriverError> {
        let Some(event) = event else {
            let was_held = self.is_held_by_fleet();
            self.fleet = None;
            // Whether another coordinator signs will never be known; or nobody hashes any more.
            if was_held || !self.has_devices() {
                return Err(DriverError::Fleet);
            }
            self.status.say(words::fleet::FAILED);
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
            Event::Leads => {
                self.status.say(words::fleet::LEADS);
                return self.leads_now();
            }
            Event::Say(line) => self.status.say(&line),
            Event::Tell(event) => {
                match Passage::of(&event) {
                    Some((what, rig)) => self.rig_passed(what, rig.clone()),
                    None => self.status.say(&words::fleet::event(&event)),
                }
                match event {
                    coordinator::Event::Joined(..) => return self.rig_joined(),
                    coordinator::Event::Yielded { is_same, .. } => self.stand_by(is_same),
                    coordinator::Event::TookOver => return self.leads_now(),
                    _ => {}
                }
            }
        }
        Ok(None)
    }

    /// This coordinator leads since now. How fast its rigs are is not known yet.
    fn leads_now(&mut self) -> Result<Option<Ended>, DriverError> {
        self.stand_by(false);
        self.forget_rate()
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
