//! Decides what to search, what to send and when it is over. It has neither network nor clock: the
//! driver brings blocks, finds and news of what was sent, and does what it is told.
//!
//! The rules:
//!
//! - Every best block is searched for at once; finds for earlier ones count until their window ends.
//! - One submission at a time. Meanwhile the search goes on, and the lowest seal of each block waits.
//! - Nothing is sent while the best block is full: the pool would refuse it.
//! - What became of a submission that is out of sight is read from the chain before anything else
//!   is sent. Two of one account have the same nonce, so only one of them can land.
//! - Of each block's proofs one is signed at most, and once: what is sent again has the same bytes.
//!   There is a limit to signatures, whatever becomes of them, so that an endpoint that swallows or
//!   refuses them cannot collect as many as it likes.

mod action;
mod outcome;

#[cfg(test)]
mod tests;

use btpow_core::{Difficulty, Find, Protocol};
use btpow_registration::{Payload, Runtime, Standing, Subnet};
use indicatif::HumanCount;

pub use self::action::{Action, End, Limit, Settings, Submission, Use, Wait};
use super::{
    denial::Denial,
    goal::Goal,
    ledger::{Ledger, Preference, Work},
};
use crate::{
    chain::{Head, State, refusal::PoolRefusal, submission::Outcome},
    report::units,
};

/// A submission under way.
#[derive(Clone, Debug, PartialEq)]
struct Flight {
    submission: Submission,
    /// What the signer had before, in rao.
    free: u64,
    /// The block that holds it, and what it did there.
    included: Option<([u8; 32], Outcome)>,
    /// Who tells what becomes of it.
    sight: Sight,
    /// The same bytes were sent before, so that a block may hold them already.
    again: bool,
    /// The pool refused it with a code that does not say why. The next block may explain.
    refused: Option<PoolRefusal>,
}

/// Who tells what becomes of a submission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sight {
    /// The node that has it.
    Watched,
    /// Nobody any more. The next block shows whether it is to be sent again.
    Lost,
    /// Nobody, but the pool has it. Blocks show whether it is taken.
    Pooled,
    /// Nobody: the pool has another one with its nonce. Unless a block takes that, it is sent again.
    Occupied,
}

/// One goal on its way. See the [module](self) for its rules.
#[derive(Clone, Debug)]
pub struct Session {
    goal: Goal,
    protocol: Protocol,
    settings: Settings,
    ledger: Ledger,
    now: Option<(Head, State)>,
    /// What the runtime of the next block takes.
    runtime: Option<Runtime>,
    flight: Option<Flight>,
    /// All that was signed.
    signed: Vec<Payload>,
    sent: u64,
    failed: u32,
    /// What happened to the last submission.
    last: String,
    /// Blocks were replaced, and it is not yet known which ones are there now.
    unsure: bool,
    /// The block of the proof that was shown last.
    shown: Option<Work>,
    /// Whether the user knows that a proof is held back.
    held: bool,
    /// Nothing is sent before the head after this one.
    not_at: Option<u64>,
    ended: bool,
}

impl Session {
    /// Nothing known, nothing sent.
    pub const fn new(goal: Goal, protocol: Protocol, settings: Settings) -> Self {
        Self {
            goal,
            protocol,
            settings,
            ledger: Ledger::new(protocol),
            now: None,
            runtime: None,
            flight: None,
            signed: Vec::new(),
            sent: 0,
            failed: 0,
            last: String::new(),
            unsure: false,
            shown: None,
            held: false,
            not_at: None,
            ended: false,
        }
    }

    /// A registration that a block holds which is not final yet: the UID, and the block.
    pub fn not_final(&self) -> Option<(u16, [u8; 32])> {
        match self.flight.as_ref()?.included.as_ref()? {
            (block, Outcome::Registered { uid, .. }) => Some((*uid, *block)),
            _ => None,
        }
    }

    /// How many submissions were made.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// There is a new best block; `runtime` will execute the next one.
    pub fn block(&mut self, head: Head, state: State, runtime: &Runtime) -> Vec<Action> {
        let mut actions = Vec::new();
        self.runtime = Some(runtime.clone());
        let gone = match self.goal.protocol(runtime) {
            Ok(protocol) if protocol == self.protocol => None,
            Ok(other) => Some(Denial::Chain {
                reason: format!(
                    "its runtime was upgraded and takes {other} proofs now; run the command again"
                ),
            }),
            Err(refused) => Some(refused.into()),
        };
        if let Some(denial) = gone {
            self.now = Some((head, state));
            match self.goal.standing(&state) {
                // It was in time.
                Standing::Registered { uid } => self.end_registered(uid, &mut actions),
                _ => self.end(End::Denied(denial), &mut actions),
            }
            return actions;
        }
        let before = self.now.replace((head, state));
        let difficulty = self.goal.difficulty(&state);
        let search = self
            .goal
            .search(self.protocol, head, difficulty, self.settings.start);
        // First of all: whatever else is to be done, the devices work on the new block.
        actions.push(Action::Search(search));
        if self.ledger.block(head) {
            actions.push(Action::Say(format!(
                "block {}: the chain was re-organised; proofs are checked again",
                head.number
            )));
            self.unsure = true;
        }
        if self.unsure {
            // Asked again with every block until there is an answer.
            let blocks = self.ledger.work_blocks();
            self.unsure = !blocks.is_empty();
            if self.unsure {
                actions.push(Action::Confirm(blocks));
            }
        }
        self.say_difficulty(before.as_ref(), difficulty, &mut actions);
        self.settle(head, &state, &mut actions);
        self.proceed(&mut actions);
        actions
    }

    /// The blocks that were asked for by [`Action::Confirm`]; none where there is none.
    pub fn confirmed(&mut self, blocks: &[(u64, Option<[u8; 32]>)]) -> Vec<Action> {
        for (number, hash) in blocks {
            self.ledger.confirm(*number, *hash);
        }
        self.unsure = false;
        let mut actions = Vec::new();
        self.proceed(&mut actions);
        actions
    }

    /// A device found something.
    pub fn find(&mut self, find: Find) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.ledger.add(find) {
            self.proceed(&mut actions);
        }
        actions
    }

    /// What the search is for just now, and for how many blocks the best proof still counts.
    pub fn best(&self, preference: Preference) -> Option<(&Work, u64)> {
        let (_, state) = self.now.as_ref()?;
        let target = self.goal.difficulty(state).target();
        let after = state.hotkey.last_work;
        let may = |work: &Work| self.settings.usage == Use::Show || self.may_be_signed(work);
        let work = self.ledger.best(target, after, preference, may)?;
        Some((work, self.ledger.blocks_left(work.proof.work_block)))
    }

    /// What is signed to send a proof.
    fn payload(&self, work: &Work) -> Option<Payload> {
        let (_, state) = self.now.as_ref()?;
        let call = self.goal.call(self.protocol, work.proof);
        let runtime = self.runtime.as_ref()?;
        // It takes such a call, or the session would be over.
        let payload = runtime.payload(call, work.block_hash, state.account.nonce);
        payload.ok()
    }

    /// Whether it is the first of its block to be signed, or was signed just so.
    fn may_be_signed(&self, work: &Work) -> bool {
        let of_block =
            |payload: &&Payload| payload.call().proof().work_block == work.proof.work_block;
        let mut signed = self.signed.iter().filter(of_block);
        signed.all(|payload| Some(*payload) == self.payload(work))
    }

    /// Sends, holds back or ends, whatever the present block asks for.
    fn proceed(&mut self, actions: &mut Vec<Action>) {
        let Some((head, state)) = self.now.filter(|_| !self.ended) else {
            return;
        };
        match self.goal.standing(&state) {
            Standing::Open => {}
            Standing::Registered { uid } => return self.registered(uid, actions),
            // What is under way has its own end.
            Standing::Denied(_) if self.flight.is_some() => return,
            Standing::Denied(denial) => return self.end(End::Denied(denial.into()), actions),
        }
        if self.flight.is_some() || self.unsure || self.not_at == Some(head.number) {
            return;
        }
        let preference = match self.settings.usage {
            Use::Send => Preference::Lowest,
            Use::Show => Preference::Newest,
        };
        let Some((&work, blocks_left)) = self.best(preference) else {
            self.held = false;
            return;
        };
        if self.settings.usage == Use::Show {
            return self.show(work, blocks_left, actions);
        }
        if state.subnet.as_ref().is_some_and(Subnet::is_full) {
            if !self.held {
                actions.push(Action::Say(format!(
                    "proof found; held back, as block {} has all the registrations that it may have; \
                     mining on",
                    head.number
                )));
            }
            self.held = true;
            return;
        }
        self.held = false;
        let Some(payload) = self.payload(&work) else {
            return;
        };
        let again = self.signed.contains(&payload);
        if !again {
            let limit = self.settings.signatures;
            if self.signed.len() >= limit as usize {
                let end = End::Exhausted {
                    limit: Limit::Signatures(limit),
                    last: self.last.clone(),
                };
                return self.end(end, actions);
            }
            self.signed.push(payload);
            self.ledger.sign(work.proof.seal);
        }
        self.sent += 1;
        let submission = Submission {
            id: self.sent,
            payload,
            work,
        };
        actions.push(Action::Say(format!(
            "proof for block {}, seal {}; counts for {}; submitting",
            work.proof.work_block,
            work.proof.seal,
            units::more_blocks(blocks_left)
        )));
        self.flight = Some(Flight {
            submission,
            free: state.account.free,
            included: None,
            sight: Sight::Watched,
            again,
            refused: None,
        });
        actions.push(Action::Send(submission));
    }

    /// Shows a proof of a newer block than the last one, or one in the place of a lost one.
    fn show(&mut self, work: Work, blocks_left: u64, actions: &mut Vec<Action>) {
        let newest = self.shown.is_none_or(|shown| {
            shown.proof.work_block != work.proof.work_block || shown.block_hash != work.block_hash
        });
        if newest {
            self.shown = Some(work);
            let call = self.goal.call(self.protocol, work.proof);
            actions.push(Action::Show(call, work, blocks_left));
        }
    }

    /// The best block says that the key is registered. Whoever watches the submission knows more, and
    /// is waited for.
    fn registered(&mut self, uid: u16, actions: &mut Vec<Action>) {
        let watched = |flight: &Flight| flight.sight == Sight::Watched;
        if !self.flight.as_ref().is_some_and(watched) {
            self.end_registered(uid, actions);
        }
    }

    fn end_registered(&mut self, uid: u16, actions: &mut Vec<Action>) {
        let included = self.flight.as_ref().and_then(|it| it.included.as_ref());
        let end = End::Registered {
            uid,
            block: included.map(|(block, _)| *block),
            already: self.sent == 0 && self.shown.is_none(),
        };
        self.end(end, actions);
    }

    fn end(&mut self, end: End, actions: &mut Vec<Action>) {
        if !self.ended {
            self.ended = true;
            actions.push(Action::End(end));
        }
    }

    fn say_difficulty(
        &self,
        before: Option<&(Head, State)>,
        difficulty: Difficulty,
        actions: &mut Vec<Action>,
    ) {
        let Some((_, before)) = before else {
            return;
        };
        // It falls a little with every block; only a rise is news, and not when we caused it.
        let ours = self
            .flight
            .as_ref()
            .is_some_and(|flight| flight.included.is_some());
        if difficulty > self.goal.difficulty(before) && !ours {
            actions.push(Action::Say(format!(
                "the difficulty rose to {}",
                HumanCount(difficulty.get())
            )));
        }
    }
}
