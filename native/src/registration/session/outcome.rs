//! What becomes of a submission, and what follows.

use btpow_core::PublicKey;
use btpow_registration::{Standing, Subnet, standing};

use super::{
    Session, Sight,
    action::{Action, End, Limit, Wait},
};
use crate::{
    chain::{
        Head, State,
        refusal::{DispatchRefusal, PoolRefusal},
        submission::{Outcome, Progress},
    },
    registration::{denial::Denial, goal::Goal},
};

impl Session {
    /// News of a submission.
    pub fn progress(&mut self, id: u64, progress: Progress) -> Vec<Action> {
        let mut actions = Vec::new();
        let Some(flight) = &mut self.flight else {
            return actions;
        };
        if flight.submission.id != id || self.ended {
            return actions;
        }
        match progress {
            Progress::Waiting => actions.push(Action::Say("submitted; waiting for a block".into())),
            Progress::InBlock { block, outcome } => self.included(block, outcome, &mut actions),
            Progress::Retracted => {
                flight.included = None;
                let text = "the block that held the registration was replaced; waiting on";
                actions.push(Action::Say(text.into()));
            }
            Progress::Finalized { block } => {
                let outcome = flight.included.take().map(|(_, outcome)| outcome);
                match outcome {
                    Some(outcome) => self.done(outcome, Some(block), &mut actions),
                    // The block could not be read; the next one will tell.
                    None => flight.sight = Sight::Lost,
                }
            }
            Progress::Refused(refusal) => self.refused(refusal, &mut actions),
            Progress::Gone(how) => self.gone(how, &mut actions),
            Progress::Lost(reason) => {
                flight.sight = Sight::Lost;
                let lost = format!("lost sight of the submission ({reason})");
                actions.push(Action::Say(format!(
                    "{lost}; the chain will be asked what became of it"
                )));
                self.last = lost;
            }
        }
        actions
    }

    /// Learns from a block what became of a submission that nobody tells about.
    pub(super) fn settle(&mut self, head: Head, state: &State, actions: &mut Vec<Action>) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        let proof = flight.submission.work.proof;
        let used = state.account.nonce > flight.submission.payload.nonce();
        let over = head.number > proof.work_block + self.protocol.max_work_age();
        if let Some(refusal) = flight.refused.clone() {
            let subnet = state.subnet.as_ref();
            let stale = self.ledger.blocks_left(proof.work_block) == 0;
            let target = self.goal.difficulty(state).target();
            let explained = subnet.is_some_and(Subnet::is_full)
                || !target.admits(&proof.seal, self.protocol)
                || self.goal.standing(state) != Standing::Open;
            self.flight = None;
            if stale {
                self.fail("the proof came too late".to_owned(), actions);
            } else if !explained {
                self.ledger.refuse(proof.seal);
                self.fail(format!("the pool refused the proof: {refusal}"), actions);
            }
        } else if flight.sight != Sight::Watched {
            // Whether it registered the key is for `proceed` to see. If the nonce was used, it is in
            // a block; if not, sending once more cannot make it two.
            let given = state.account.free.saturating_sub(flight.free);
            if used && matches!(self.goal, Goal::Faucet { .. }) && given > 0 {
                let amount = given;
                self.end(
                    End::Given {
                        amount,
                        block: None,
                    },
                    actions,
                );
            } else if matches!(self.goal.standing(state), Standing::Denied(_)) {
                // Somebody else was faster, perhaps with this very key: `proceed` says so.
                self.flight = None;
            } else if state.hotkey.uid.is_some() {
                // It is registered, as `proceed` says.
            } else if flight.sight == Sight::Lost {
                self.flight = None;
                if used {
                    self.ledger.forget(proof.seal);
                    self.fail("the submission failed in its block".to_owned(), actions);
                }
            } else if used {
                let what = "another transaction of the account was taken instead";
                self.fail(what.to_owned(), actions);
            } else if self.ledger.blocks_left(proof.work_block) == 0 {
                self.fail("no block took the proof in time".to_owned(), actions);
            } else if flight.sight == Sight::Occupied
                && !state.subnet.as_ref().is_some_and(Subnet::is_full)
            {
                self.sent += 1;
                flight.submission.id = self.sent;
                flight.sight = Sight::Watched;
                actions.push(Action::Send(flight.submission));
            }
        } else if flight.included.is_none() && over {
            if matches!(self.goal.standing(state), Standing::Denied(_)) {
                self.flight = None;
            } else if state.hotkey.uid.is_some() {
                // A block took it, and nobody told.
                flight.sight = Sight::Lost;
            } else {
                self.fail("no block took the proof in time".to_owned(), actions);
            }
        }
    }

    /// A block holds the submission.
    fn included(&mut self, block: [u8; 32], outcome: Outcome, actions: &mut Vec<Action>) {
        let Some(flight) = &mut self.flight else {
            return;
        };
        match outcome {
            Outcome::Failed(refusal) => self.failed(&refusal, actions),
            Outcome::Unknown(reason) => {
                flight.sight = Sight::Lost;
                actions.push(Action::Say(format!(
                    "a block holds the submission, but cannot be read ({reason}); the next one will tell"
                )));
            }
            outcome if self.settings.wait == Wait::Inclusion => {
                self.done(outcome, Some(block), actions);
            }
            outcome => {
                let what = match &outcome {
                    Outcome::Registered { uid, .. } => format!("registered as UID {uid}"),
                    _ => "given".to_owned(),
                };
                actions.push(Action::Say(format!(
                    "{what}; waiting until the block is final"
                )));
                flight.included = Some((block, outcome));
            }
        }
    }

    fn done(&mut self, outcome: Outcome, block: Option<[u8; 32]>, actions: &mut Vec<Action>) {
        let end = match outcome {
            Outcome::Registered { uid, .. } => End::Registered {
                uid,
                block,
                already: false,
            },
            Outcome::Given { amount } => End::Given { amount, block },
            // Neither is kept as included.
            Outcome::Failed(_) | Outcome::Unknown(_) => return,
        };
        self.end(end, actions);
    }

    /// The pool took the submission and let it go.
    fn gone(&mut self, how: &str, actions: &mut Vec<Action>) {
        let what = format!("the pool let the proof go ({how})");
        if self.arrived(actions) || self.may_have_arrived(&what, actions) {
            return;
        }
        // The next block tells whether another try is worth it.
        if let Some(flight) = &self.flight {
            self.ledger.refuse(flight.submission.work.proof.seal);
        }
        self.not_at = self.now.as_ref().map(|(head, _)| head.number);
        self.fail(what, actions);
    }

    /// Ends it where the present block has what a pool or a watcher gave up.
    fn arrived(&mut self, actions: &mut Vec<Action>) -> bool {
        let standing = self.now.map(|(_, state)| self.goal.standing(&state));
        let (Some(flight), Some(Standing::Registered { uid })) = (&mut self.flight, standing)
        else {
            return false;
        };
        flight.sight = Sight::Lost;
        self.registered(uid, actions);
        true
    }

    /// Whether the next block is to tell what became of a submission that came to nothing, as it was sent
    /// before and may be in a block that was not seen yet.
    fn may_have_arrived(&mut self, what: &str, actions: &mut Vec<Action>) -> bool {
        let Some(flight) = self.flight.as_mut().filter(|flight| flight.again) else {
            return false;
        };
        flight.sight = Sight::Lost;
        what.clone_into(&mut self.last);
        actions.push(Action::Say(format!(
            "{what}; a block may have it already: the next one will tell"
        )));
        true
    }

    /// The pool did not take the submission.
    fn refused(&mut self, refusal: PoolRefusal, actions: &mut Vec<Action>) {
        if self.arrived(actions) {
            return;
        }
        let Some(flight) = &mut self.flight else {
            return;
        };
        let seal = flight.submission.work.proof.seal;
        let head = self.now.as_ref().map(|(head, _)| head.number);
        match refusal {
            // Until a block tells more, or the proof's window ends, nothing else is signed.
            PoolRefusal::Known | PoolRefusal::Occupied => {
                flight.sight = if refusal == PoolRefusal::Known {
                    Sight::Pooled
                } else {
                    Sight::Occupied
                };
                actions.push(Action::Say(format!("{refusal}; waiting for a block")));
            }
            PoolRefusal::Custom(_) => {
                actions.push(Action::Say(format!(
                    "the pool did not take the proof: {refusal}; the next block will tell more"
                )));
                flight.refused = Some(refusal);
            }
            PoolRefusal::Payment => {
                let signer = self.goal.signer(self.protocol);
                self.end(End::Denied(Denial::CannotPay { signer }), actions);
            }
            refusal => {
                let what = format!("the pool refused the proof: {refusal}");
                if self.may_have_arrived(&what, actions) {
                    return;
                }
                // The nonce or the runtime is behind by a block. The next one brings the right ones, for a
                // proof of a newer block: this one was signed.
                self.ledger.refuse(seal);
                self.not_at = head;
                self.fail(what, actions);
            }
        }
    }

    /// The call failed in its block.
    fn failed(&mut self, refusal: &DispatchRefusal, actions: &mut Vec<Action>) {
        let Some(flight) = self.flight.take() else {
            return;
        };
        let proof = flight.submission.work.proof;
        self.not_at = self.now.as_ref().map(|(head, _)| head.number);
        let netuid = match self.goal {
            Goal::Register { netuid, .. } => netuid,
            Goal::Faucet { .. } => 0,
        };
        match refusal.name.as_str() {
            // The proof is as good as before.
            "TooManyRegistrationsThisBlock" | "TooManyRegistrationsThisInterval" => {
                actions.push(Action::Say(
                    "somebody else took the block's registration; the proof is kept for the next"
                        .into(),
                ));
            }
            // Somebody was faster. Should the difficulty fall in time, the proof counts again.
            "InvalidDifficulty" => {
                actions.push(Action::Say(
                    "the difficulty rose before the proof was included; mining on".into(),
                ));
            }
            // The next block shows as what and for whom.
            "HotKeyAlreadyRegisteredInSubNet" => {}
            "NoNeuronIdAvailable" => self.end(End::Denied(Denial::Full { netuid }), actions),
            "SubNetRegistrationDisabled" => {
                let denial = standing::Denial::PowOff { netuid };
                self.end(End::Denied(denial.into()), actions);
            }
            "SubnetNotExists" => {
                let denial = standing::Denial::NoSubnet { netuid };
                self.end(End::Denied(denial.into()), actions);
            }
            "NonAssociatedColdKey" => {
                let owner = self.owner();
                let reason = refusal.to_string();
                let denial = owner.map_or(Denial::Chain { reason }, |owner| {
                    standing::Denial::OwnedByOther { owner }.into()
                });
                self.end(End::Denied(denial), actions);
            }
            // No proof will ever change these.
            "CannotUseSystemAccount"
            | "TooManyStakingHotkeys"
            | "TransactorAccountShouldBeHotKey" => {
                let reason = refusal.to_string();
                self.end(End::Denied(Denial::Chain { reason }), actions);
            }
            _ => {
                self.ledger.forget(proof.seal);
                self.fail(format!("the chain refused the proof: {refusal}"), actions);
            }
        }
    }

    fn owner(&self) -> Option<PublicKey> {
        self.now.and_then(|(_, state)| state.hotkey.owner)
    }

    /// A submission came to nothing.
    fn fail(&mut self, what: String, actions: &mut Vec<Action>) {
        self.flight = None;
        self.failed += 1;
        self.last.clone_from(&what);
        if self.failed >= self.settings.attempts {
            let end = End::Exhausted {
                limit: Limit::Attempts(self.failed),
                last: what,
            };
            return self.end(end, actions);
        }
        actions.push(Action::Say(format!(
            "{what}; mining on ({} of {} attempts)",
            self.failed, self.settings.attempts
        )));
    }
}
