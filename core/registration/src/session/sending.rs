//! From a proof to a submission: what is signed, shown, held back or sent.

use alloc::vec::Vec;

use super::{Action, Event, Flight, Hold, Limit, Session, Setback, Shown, Stage, Submission};
use crate::{Head, Payload, State, Unfit, Work};

impl Session {
    /// Shows a proof for a newer block than the last one, or one in the place of a lost one.
    pub(super) fn show(&mut self, actions: &mut Vec<Action>) {
        let Some((&work, blocks_left)) = self.best() else {
            return;
        };
        let known = self.shown.is_some_and(|shown| {
            shown.proof.work_block == work.proof.work_block && shown.block_hash == work.block_hash
        });
        if !known {
            self.shown = Some(work);
            let call = self.goal.call(self.protocol, work.proof);
            actions.push(Action::Show(Shown {
                call,
                work,
                blocks_left,
            }));
        }
    }

    /// Signs the best proof and sends it, or sends it again.
    pub(super) fn sign_and_send(
        &mut self,
        head: Head,
        state: &State,
        signatures: u32,
        actions: &mut Vec<Action>,
    ) {
        let Some((&work, _)) = self.best() else {
            self.held = None;
            return;
        };
        if self.hold_back(head, state, actions) {
            return;
        }
        let Some(payload) = self.payload(&work) else {
            return;
        };
        let again = self.signed.contains(&payload);
        if !again {
            if self.signed.len() >= signatures as usize {
                return self.exhaust(Limit::Signatures(signatures), actions);
            }
            self.sign(&payload, &work);
        }
        self.begin_flight(payload, work, again);
        self.send(actions);
    }

    /// Sends what is signed, unless it is no longer fit, or the block is full.
    pub(super) fn send_ready(&mut self, head: Head, state: &State, actions: &mut Vec<Action>) {
        let Some(flight) = &self.flight else {
            return;
        };
        let work = flight.submission.work;
        let sent = flight.again;
        match self.unfit(&work, state) {
            Some(unfit) if !sent => {
                let work_block = work.proof.work_block;
                self.fail(Setback::SignedInVain { work_block, unfit }, actions);
            }
            Some(Unfit::TooHigh) => self.fail(Setback::DifficultyRose, actions),
            Some(_) => {
                let lost = self
                    .last
                    .take_if(|last| matches!(last, Setback::Lost { .. }));
                self.fail(lost.unwrap_or(Setback::NotIncluded), actions);
            }
            None => {
                if !self.hold_back(head, state, actions) {
                    self.send(actions);
                }
            }
        }
    }

    /// Whether nothing can be sent now. The user is told once that the best block is full; that the account is busy, the
    /// driver knows.
    pub(super) fn hold_back(
        &mut self,
        head: Head,
        state: &State,
        actions: &mut Vec<Action>,
    ) -> bool {
        let why = if state.is_full() {
            Some(Hold::Full)
        } else {
            self.account_is_busy.then_some(Hold::Account)
        };
        if why == Some(Hold::Full) && self.held != why {
            let block = head.number;
            actions.push(Action::Tell(Event::HeldBack { block }));
        }
        self.held = why;
        why.is_some()
    }

    pub(super) fn sign(&mut self, payload: &Payload, work: &Work) {
        self.signed.push(*payload);
        self.last_is_dead = false;
        self.ledger.sign(work.proof.seal);
    }

    /// What is signed is ready to be sent.
    pub(super) fn begin_flight(&mut self, payload: Payload, work: Work, again: bool) {
        let id = self.sent;
        self.flight = Some(Flight {
            submission: Submission { id, payload, work },
            stage: Stage::Ready,
            free: self.now.map_or(0, |(_, state)| state.account.free),
            included: None,
            taken: false,
            again,
        });
    }

    /// Has the driver send the submission.
    pub(super) fn send(&mut self, actions: &mut Vec<Action>) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        self.sent += 1;
        flight.submission.id = self.sent;
        flight.stage = Stage::Watched;
        let (submission, again) = (flight.submission, flight.again);
        let proof = submission.work.proof;
        actions.push(Action::Tell(Event::Submitting {
            work_block: proof.work_block,
            seal: proof.seal,
            blocks_left: self.ledger.blocks_left(proof.work_block),
            again,
        }));
        actions.push(Action::Send(submission));
    }
}
