//! What becomes of a submission, and what follows.

use alloc::{string::String, vec::Vec};

use super::{Action, End, Event, Limit, Policy, Session, Setback, Stage, Wait};
use crate::{
    DispatchRefusal, Goal, Head, Outcome, Place, PoolRefusal, Progress, Standing, State, Unfit,
    meaning::Meaning,
};

impl Session {
    /// News of a submission.
    pub fn progress(&mut self, id: u64, progress: Progress) -> Vec<Action> {
        let mut actions = Vec::new();
        let Some(flight) = &mut self.flight else {
            return actions;
        };
        if flight.submission.id != id || flight.stage == Stage::Ready || self.ended {
            return actions;
        }
        match progress {
            Progress::Waiting => {
                flight.taken = true;
                actions.push(Action::Tell(Event::Waiting));
            }
            Progress::InBlock { place, outcome } => self.included(place, outcome, &mut actions),
            Progress::Retracted => {
                flight.included = None;
                actions.push(Action::Tell(Event::Retracted));
            }
            Progress::Finalized => match flight.included.take() {
                Some((place, outcome)) => self.done(outcome, place, &mut actions),
                // The block could not be read; the next one will tell.
                None => flight.stage = Stage::Lost,
            },
            Progress::Refused(refusal) => self.refused(refusal, &mut actions),
            Progress::Gone(gone) => {
                if !self.arrived(&mut actions) {
                    self.came_to_nothing(Setback::Gone(gone), &mut actions);
                }
            }
            Progress::Lost(reason) => {
                if !self.arrived(&mut actions) {
                    self.lose_sight(reason, &mut actions);
                }
            }
        }
        actions
    }

    /// Learns from a block what became of a submission that nobody reports on.
    pub(super) fn settle(&mut self, head: Head, state: &State, actions: &mut Vec<Action>) {
        let Some(flight) = &self.flight else {
            return;
        };
        let work = flight.submission.work;
        let (proof, stage) = (work.proof, flight.stage.clone());
        let standing = self.standing(state);
        let over = head.number > proof.work_block + self.protocol.max_work_age();
        let silent = match stage {
            Stage::Ready => return,
            Stage::Watched => {
                if flight.included.is_some() || !over {
                    return;
                }
                true
            }
            _ => false,
        };
        let mut is_closed = false;
        match standing {
            Standing::Open => {}
            // The session goes on, so what was sent must have its end: it may be in a block already.
            Standing::Denied(obstacle) if self.settings.patience.waits_for(obstacle) => {
                is_closed = true;
            }
            // Somebody else was faster, perhaps with this very key: `proceed` says so.
            Standing::Denied(_) => {
                self.flight = None;
                return;
            }
            // `proceed` says so: whoever watched it kept silent.
            Standing::Registered { .. } => {
                if let Some(flight) = self.flight.as_mut().filter(|_| silent) {
                    flight.stage = Stage::Lost;
                }
                return;
            }
        }
        if let Stage::Refused(refusal) = stage {
            if is_closed {
                return self.release();
            }
            return self.explain(refusal, state, actions);
        }
        // A used nonce is in a block. While it is not used, sending once more cannot make it two.
        let used = state.account.nonce > flight.submission.payload.nonce();
        let given = state.account.free.saturating_sub(flight.free);
        let faucet = matches!(self.goal, Goal::Faucet { .. });
        if used && faucet && given > 0 {
            let place = None;
            return self.end(
                End::Given {
                    amount: given,
                    place,
                },
                actions,
            );
        }
        match stage {
            Stage::Lost if used => {
                self.ledger.forget(proof.seal);
                self.fail(Setback::FailedInBlock, actions);
            }
            Stage::Lost => self.release(),
            Stage::Pooled | Stage::Occupied if used => self.fail(Setback::Replaced, actions),
            Stage::Pooled | Stage::Occupied => {
                if self.ledger.blocks_left(proof.work_block) == 0 {
                    self.fail(Setback::NotIncluded, actions);
                } else if stage == Stage::Occupied {
                    self.set_ready();
                }
            }
            _ => self.fail(Setback::NotIncluded, actions),
        }
    }

    /// What a refusal without a reason meant, by the block that came after it.
    fn explain(&mut self, refusal: PoolRefusal, state: &State, actions: &mut Vec<Action>) {
        let Some(flight) = &self.flight else {
            return;
        };
        let work = flight.submission.work;
        match self.unfit(&work, state) {
            Some(Unfit::Stale) => self.fail(Setback::TooLate, actions),
            Some(Unfit::TooHigh) => self.fail(Setback::DifficultyRose, actions),
            // It is as good as before.
            _ if state.is_full() => self.release(),
            _ => {
                self.ledger.refuse(work.proof.seal);
                self.last_is_dead = true;
                self.fail(Setback::Refused(refusal), actions);
            }
        }
    }

    /// Lets a signed proof be sent again. A program chooses anew among all that it has; for a person, who
    /// signs one at a time, it is this one that goes on.
    fn release(&mut self) {
        match self.settings.policy {
            Policy::Offer { .. } => self.set_ready(),
            Policy::Send { .. } | Policy::Show => self.flight = None,
        }
    }

    /// Has the same bytes sent again as soon as a block allows it.
    fn set_ready(&mut self) {
        if let Some(flight) = &mut self.flight {
            flight.stage = Stage::Ready;
            flight.again = true;
        }
    }

    /// A block holds the submission.
    fn included(&mut self, place: Place, outcome: Outcome, actions: &mut Vec<Action>) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        flight.taken = true;
        match outcome {
            Outcome::Failed(refusal) => self.failed(refusal, actions),
            Outcome::Unknown(reason) => {
                flight.stage = Stage::Lost;
                actions.push(Action::Tell(Event::Unreadable { reason }));
            }
            outcome if self.settings.wait == Wait::Inclusion => self.done(outcome, place, actions),
            outcome => {
                let uid = match &outcome {
                    Outcome::Registered { uid, .. } => Some(*uid),
                    _ => None,
                };
                actions.push(Action::Tell(Event::Included { place, uid }));
                flight.included = Some((place, outcome));
            }
        }
    }

    fn done(&mut self, outcome: Outcome, place: Place, actions: &mut Vec<Action>) {
        let place = Some(place);
        let end = match outcome {
            Outcome::Registered { uid, .. } => End::Registered {
                uid,
                place,
                already: false,
            },
            Outcome::Given { amount } => End::Given { amount, place },
            // Neither is kept as included.
            Outcome::Failed(_) | Outcome::Unknown(_) => return,
        };
        self.end(end, actions);
    }

    /// Ends it if the present block has what a pool or a watcher gave up.
    fn arrived(&mut self, actions: &mut Vec<Action>) -> bool {
        let standing = self.now.map(|(_, state)| self.standing(&state));
        let Some(Standing::Registered { uid }) = standing else {
            return false;
        };
        self.end_registered(uid, actions);
        true
    }

    fn lose_sight(&mut self, reason: String, actions: &mut Vec<Action>) {
        if let Some(flight) = &mut self.flight {
            flight.stage = Stage::Lost;
        }
        let told = reason.clone();
        self.last = Some(Setback::Lost { reason });
        actions.push(Action::Tell(Event::LostSight { reason: told }));
    }

    /// The pool gave up the submission, at a moment when the next block tells whether another try is worth
    /// it. What was sent before may be in a block that is not seen yet.
    fn came_to_nothing(&mut self, setback: Setback, actions: &mut Vec<Action>) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        if flight.again {
            flight.stage = Stage::Lost;
            self.last = Some(setback.clone());
            return actions.push(Action::Tell(Event::Doubtful(setback)));
        }
        // The nonce or the runtime may be behind by a block. The next one brings the right ones, for a
        // proof of a newer block: this one was signed.
        self.ledger.refuse(flight.submission.work.proof.seal);
        self.last_is_dead = true;
        self.not_at = self.now.map(|(head, _)| head.number);
        self.fail(setback, actions);
    }

    /// The pool did not take the submission.
    fn refused(&mut self, refusal: PoolRefusal, actions: &mut Vec<Action>) {
        if self.arrived(actions) {
            return;
        }
        let patience = self.settings.patience;
        let Some(flight) = &mut self.flight else {
            return;
        };
        let owner = self.now.and_then(|(_, state)| state.hotkey.owner);
        let meaning = self.goal.meaning_of_pool(self.protocol, &refusal, owner);
        match meaning {
            Meaning::Final(denial) if !patience.waits_out(&denial) => {
                return self.end(End::Denied(denial), actions);
            }
            Meaning::Final(_) | Meaning::Unknown => {
                return self.came_to_nothing(Setback::Refused(refusal), actions);
            }
            _ => {}
        }
        // Until a block tells more, or the proof's window ends, nothing else is signed.
        flight.stage = match &refusal {
            PoolRefusal::Known => Stage::Pooled,
            PoolRefusal::Occupied | PoolRefusal::NoRoom => Stage::Occupied,
            other => Stage::Refused(other.clone()),
        };
        actions.push(Action::Tell(Event::Refused(refusal)));
    }

    /// The call failed in its block.
    fn failed(&mut self, refusal: DispatchRefusal, actions: &mut Vec<Action>) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        self.not_at = self.now.map(|(head, _)| head.number);
        let owner = self.now.and_then(|(_, state)| state.hotkey.owner);
        let seal = flight.submission.work.proof.seal;
        match (self.goal).meaning_of_failure(self.protocol, &refusal, owner) {
            Meaning::Final(denial) if !self.settings.patience.waits_out(&denial) => {
                self.end(End::Denied(denial), actions);
            }
            Meaning::BlockFull => self.fail(Setback::BlockFull, actions),
            Meaning::DifficultyRose => self.fail(Setback::DifficultyRose, actions),
            Meaning::TooLate => {
                self.ledger.forget(seal);
                self.fail(Setback::TooLate, actions);
            }
            Meaning::NextBlock => {}
            Meaning::Final(_) | Meaning::Unknown => {
                self.ledger.forget(seal);
                self.fail(Setback::Failed(refusal), actions);
            }
        }
    }

    /// A submission, or a signature, came to nothing.
    pub(super) fn fail(&mut self, setback: Setback, actions: &mut Vec<Action>) {
        self.flight = None;
        self.held = None;
        self.last = Some(setback.clone());
        let mut attempts = None;
        if let Policy::Send { attempts: most, .. } = self.settings.policy
            && setback.costs_an_attempt()
        {
            self.failed += 1;
            let failed = self.failed;
            if failed >= most {
                return self.exhaust(Limit::Attempts(failed), actions);
            }
            attempts = Some(super::Attempts { failed, most });
        }
        if !self.check_signatures(actions) {
            actions.push(Action::Tell(Event::Failed { setback, attempts }));
        }
    }

    /// Ends it when a person has made all signatures that are allowed, and nothing is under way. Whether it did.
    pub(super) fn check_signatures(&mut self, actions: &mut Vec<Action>) -> bool {
        let Policy::Offer { signatures } = self.settings.policy else {
            return false;
        };
        let over = self.flight.is_none() && self.signed.len() >= signatures as usize;
        if over {
            self.exhaust(Limit::Signatures(signatures), actions);
        }
        over
    }

    pub(super) fn exhaust(&mut self, limit: Limit, actions: &mut Vec<Action>) {
        let last = self.last.clone();
        self.end(End::Exhausted { limit, last }, actions);
    }
}
