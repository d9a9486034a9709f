//! What pursuits share: the devices, and accounts that sign for several.

use core::time::Duration;

use btpow_core::{Generation, SEARCHES, Search};
use btpow_registration::session::Phase;
use tracing::debug;

use super::{Actions, Cause, Driver, pursuit::Lane};
use crate::registration::words;

/// Which search the devices do, and whose.
#[derive(Debug, Default)]
pub(super) struct Turn {
    /// The pursuit that is searched for now.
    pub(super) active: Option<usize>,
    /// What they search for.
    searched: Option<Search>,
    /// The last searches with their pursuits, newest first: as many as the solver knows.
    searches: Vec<(Generation, usize)>,
    /// The last search, the rig's age when it was set, and how long before that its block was seen.
    last: Option<(Generation, Duration, Duration)>,
    /// How many nonces had been tried when the last were credited to a pursuit.
    credited: u64,
    /// How long they had been tried for then, in seconds without pauses.
    credited_time: f64,
    /// The same of rigs.
    credited_rigs_time: f64,
}

/// How much a pursuit needs the devices.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Need {
    /// It has no proof.
    Proof,
    /// A proof is on its way, and may come to nothing.
    HasProof,
    /// What is found now comes to nothing if the other registration of its hotkey does not.
    Later,
}

impl Turn {
    /// What the devices search for, or did last.
    pub(super) const fn searched(&self) -> Option<&Search> {
        self.searched.as_ref()
    }
}

impl Driver<'_, '_> {
    /// Whose search a generation was.
    pub(super) fn pursuit_of(&self, generation: Generation) -> Option<usize> {
        let mut searches = self.turn.searches.iter();
        let found = searches.find(|(known, _)| *known == generation);
        found.map(|(_, place)| *place)
    }

    /// Has the devices search for the goal whose proof is expected first, which is the one with the lowest difficulty.
    /// Those come last that a proof would not help now: it is on its way, or the chain will want a later one after another
    /// registration of the same hotkey.
    pub(super) fn choose(&mut self, cause: Cause) {
        // There will be a block, or the connection again; or it ends once the proofs have their ends.
        if self.watch.is_paused() || self.loss.is_some() {
            return;
        }
        if matches!(cause, Cause::Block(_)) {
            self.tell_goals();
        }
        let lanes = self.lanes.iter().enumerate();
        let wishes = lanes.filter_map(|(place, lane)| {
            let search = lane.wish?;
            let need = if lane.has_proof() {
                Need::HasProof
            } else if self.lanes.iter().any(|other| other.precedes(lane)) {
                Need::Later
            } else {
                Need::Proof
            };
            Some(((need, search.difficulty, place), search))
        });
        match wishes.min_by_key(|(rank, _)| *rank) {
            Some(((_, _, place), search)) => self.search(place, search, cause),
            None => self.rest(),
        }
    }

    fn search(&mut self, place: usize, search: Search, cause: Cause) {
        let is_new = core::mem::take(&mut self.lanes[place].is_new);
        if self.turn.active == Some(place) && !is_new {
            return;
        }
        self.leave();
        self.goes_on();
        let set = self.setup.rig.age();
        let search = self.lanes[place].continued(search);
        let generation = self.setup.rig.set_search(search);
        self.announce(place, &search);
        let since = match cause {
            Cause::Block(seen) => seen.elapsed(),
            Cause::Found(_) | Cause::Progress => Duration::ZERO,
        };
        let turn = &mut self.turn;
        (turn.active, turn.searched) = (Some(place), Some(search));
        turn.searches.insert(0, (generation, place));
        turn.searches.truncate(SEARCHES);
        turn.last = Some((generation, set, since));
    }

    /// The devices leave the search of the pursuit whose turn it was.
    pub(super) fn leave(&mut self) {
        self.credit();
        let next = self.setup.rig.next();
        let lane = self.turn.active.and_then(|place| self.lanes.get_mut(place));
        if let Some(lane) = lane
            && let Some(searched) = self.turn.searched
        {
            lane.left = next.map(|next| (searched.challenge, next));
        }
    }

    /// Credits what was hashed to the pursuit that it was hashed for.
    pub(super) fn credit(&mut self) {
        let (of_rigs, rigs_time) = self.rigs_effort();
        let hashed = self.setup.rig.nonces_total().saturating_add(of_rigs);
        let new = hashed.saturating_sub(self.turn.credited);
        self.turn.credited = hashed;
        let time = self.setup.rig.statistics();
        let time = time.map_or(self.turn.credited_time, |it| it.rates.time_spent_total);
        // They search at the same time.
        let new_time = (time - self.turn.credited_time)
            .max(rigs_time - self.turn.credited_rigs_time)
            .max(0.0);
        (self.turn.credited_time, self.turn.credited_rigs_time) = (time, rigs_time);
        let lane = self.turn.active.and_then(|place| self.lanes.get_mut(place));
        if let Some(lane) = lane
            && let Some(search) = self.turn.searched
        {
            lane.hashed += new;
            lane.time += new_time;
            lane.expected_proofs += new as f64 / search.difficulty.get() as f64;
        }
    }

    /// Whether another pursuit may use the next nonce of the account.
    fn is_account_taken(&self, place: usize) -> bool {
        let lane = &self.lanes[place];
        let Some((head, nonce)) = lane.session.next_nonce() else {
            return false;
        };
        let account = lane.account();
        let others = self.lanes.iter().enumerate();
        let mut others = others.filter(|(other, _)| *other != place);
        others.any(|(_, it)| it.account() == account && it.session.claims(nonce, head))
    }

    /// Keeps a pursuit from signing until [`share_accounts`](Self::share_accounts), where its account has several, or
    /// another coordinator may sign. Called before anything that may sign.
    pub(super) fn hold(&mut self, place: usize) {
        let account = self.lanes[place].account();
        let sharing = self.lanes.iter().filter(|it| it.account() == account);
        if sharing.count() > 1 || self.is_held_by_fleet() {
            let lane = &mut self.lanes[place];
            lane.is_held = true;
            // Nothing follows from it until it ends.
            drop(lane.session.account_busy(true));
        }
    }

    /// Lets pursuits sign whose account is free: the one first whose proof counts for the fewest blocks.
    pub(super) fn share_accounts(&mut self) -> Vec<(usize, Actions)> {
        if self.is_held_by_fleet() {
            self.tell_holds();
            return Vec::new();
        }
        let lanes = self.lanes.iter().enumerate();
        let held = lanes.filter(|(_, lane)| lane.is_held);
        let mut held: Vec<_> = held.map(|(place, lane)| (lane.urgency(), place)).collect();
        held.sort_unstable();
        let mut all = Vec::new();
        for (_, place) in held {
            if !self.is_account_taken(place) {
                let lane = &mut self.lanes[place];
                (lane.is_held, lane.knows_of_hold) = (false, false);
                let actions = lane.session.account_busy(false);
                if !actions.is_empty() {
                    all.push((place, actions));
                }
            }
        }
        self.tell_holds();
        all
    }

    /// Tells of proofs that wait for their account.
    fn tell_holds(&mut self) {
        let why = if self.is_held_by_fleet() {
            words::fleet::NOT_LEADING
        } else {
            words::ACCOUNT_BUSY
        };
        let waits = |lane: &&mut Lane<'_>| {
            let is_open = lane.end.is_none();
            is_open && lane.is_held && !lane.knows_of_hold && lane.session.phase() == Phase::Held
        };
        for lane in self.lanes.iter_mut().filter(waits) {
            lane.knows_of_hold = true;
            self.status.say(&lane.line(why));
        }
    }

    /// Logs how long the last block took to reach every device.
    pub(super) fn log_reach(&self) {
        if let Some((generation, set, since)) = self.turn.last
            && let Some(reached) = self.setup.rig.reached(generation)
        {
            let time = reached.saturating_sub(set) + since;
            debug!(ms = time.as_secs_f64() * 1e3, "from block to all devices");
        }
    }
}
