//! Decides what to search for, what to send and when it is over. A session has neither network nor clock: its
//! driver reports blocks, finds, signatures and news of what was sent, and does what it is told.
//!
//! The rules:
//!
//! - Every best block is searched for at once, unless the user's [`Patience`] says to wait; proofs for earlier ones count until their window ends.
//! - One submission at a time. Meanwhile the search goes on, and the lowest seal of each block waits.
//! - Nothing is sent while the best block is full: the pool would refuse it.
//! - Nothing is signed with a nonce that another session of the same account may still use.
//! - What became of a submission that is out of sight is read from the chain before anything else is
//!   sent. Two of one account have the same nonce, so only one of them can be included.
//! - For each block number one proof is signed at most, and once: what is sent again has the same bytes.
//!   The number of signatures has a limit, whatever becomes of them, so an endpoint that swallows or
//!   refuses them cannot collect as many as it likes.
//!
//! Who signs is a [`Policy`], and all that differs between a program and a page follows from it.

mod account;
mod action;
mod flight;
mod offer;
mod outcome;
mod patience;
mod sending;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use btpow_core::Protocol;

use self::account::Hold;
pub use self::action::{
    Action, Attempts, End, Event, Limit, Phase, Policy, Request, Setback, Settings, Shown,
    Submission, Wait,
};
use self::flight::{Flight, Stage};
pub use self::patience::{Patience, Pause};
use crate::{
    Denial, Goal, Head, Payload, Place, Runtime, Standing, State, Unfit, Work,
    ledger::{Demand, Ledger},
    submission::Outcome,
};

/// One goal on its way. See the [module](self) for its rules.
#[derive(Clone, Debug)]
pub struct Session {
    goal: Goal,
    protocol: Protocol,
    settings: Settings,
    ledger: Ledger,
    now: Option<(Head, State)>,
    /// How many hashes per second the devices do.
    rate: Option<f64>,
    /// Why nothing is searched for.
    pause: Option<Pause>,
    /// Whether the search goes on only to learn the rate, after a pause because a proof would take too long.
    is_trial: bool,
    /// What the runtime of the next block takes.
    runtime: Option<Runtime>,
    /// What a person was asked to sign.
    asked: Option<Request>,
    flight: Option<Flight>,
    /// All that was signed, and whether the pool has refused the last for good.
    signed: Vec<Payload>,
    last_is_dead: bool,
    requests: u64,
    sent: u64,
    failed: u32,
    /// What happened to the last submission.
    last: Option<Setback>,
    /// Blocks were replaced, and it is not known yet which ones are there now.
    unsure: bool,
    /// The proof that was shown last.
    shown: Option<Work>,
    /// Why a proof is held back.
    held: Option<Hold>,
    /// Whether another session may use the account's next nonce.
    account_is_busy: bool,
    /// Nothing new is signed before the head after this one.
    not_at: Option<u64>,
    ended: bool,
}

impl Session {
    /// A session that knows nothing yet and has sent nothing.
    pub const fn new(goal: Goal, protocol: Protocol, settings: Settings) -> Self {
        Self {
            goal,
            protocol,
            settings,
            ledger: Ledger::new(protocol),
            now: None,
            rate: None,
            pause: None,
            is_trial: false,
            runtime: None,
            asked: None,
            flight: None,
            signed: Vec::new(),
            last_is_dead: false,
            requests: 0,
            sent: 0,
            failed: 0,
            last: None,
            unsure: false,
            shown: None,
            held: None,
            account_is_busy: false,
            not_at: None,
            ended: false,
        }
    }

    /// What is wanted.
    pub const fn goal(&self) -> Goal {
        self.goal
    }

    /// Which proofs it is about.
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// A registration that a block holds which is not final yet: the UID, and the block.
    pub fn not_final(&self) -> Option<(u16, Place)> {
        match self.flight.as_ref()?.included.as_ref()? {
            (place, Outcome::Registered { uid, .. }) => Some((*uid, *place)),
            _ => None,
        }
    }

    /// What it waits for.
    pub fn phase(&self) -> Phase {
        match &self.flight {
            Some(flight) if flight.included.is_some() => Phase::Included,
            Some(flight) if flight.stage != Stage::Ready => Phase::Submitted,
            _ if self.held.is_some() => Phase::Held,
            _ => Phase::Searching,
        }
    }

    /// How many submissions were made.
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// What was signed, if something was and its end is not known: whether the pool has it.
    pub fn submitted(&self) -> Option<bool> {
        self.flight.as_ref().map(|flight| flight.taken)
    }

    /// The proofs that may still be signed, for keeping.
    pub fn proofs(&self) -> impl Iterator<Item = &Work> {
        let works = self.ledger.unsigned();
        works.filter(|work| self.payloads_of(work).next().is_none())
    }

    /// In how many blocks to come a proof may still be included.
    pub fn blocks_left(&self, work: &Work) -> u64 {
        self.ledger.blocks_left(work.proof.work_block)
    }

    /// There is a new best block; `runtime` will execute the next one.
    pub fn block(&mut self, head: Head, state: State, runtime: &Runtime) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.ended {
            return actions;
        }
        self.runtime = Some(runtime.clone());
        let before = self.now.replace((head, state));
        if let Some(denial) = self.denial(runtime) {
            match self.standing(&state) {
                // It was in time.
                Standing::Registered { uid } => self.end_registered(uid, &mut actions),
                _ => self.end(End::Denied(denial), &mut actions),
            }
            return actions;
        }
        let was_closed = matches!(self.pause, Some(Pause::Closed(_)));
        // First of all: whatever else is to be done, the devices work on the new block.
        actions.push(self.search(head, &state));
        if self.ledger.block(head) {
            let block = head.number;
            actions.push(Action::Tell(Event::Reorganised { block }));
            self.unsure = true;
        }
        if self.unsure {
            // Asked again at every block until there is an answer.
            self.confirm(&mut actions);
        }
        // A closed subnet may have had no difficulty.
        if let Some((_, before)) = before.filter(|_| !was_closed) {
            self.tell_rise(&before, &state, &mut actions);
        }
        self.settle(head, &state, &mut actions);
        self.proceed(&mut actions);
        self.check_signatures(&mut actions);
        actions
    }

    /// The runtime of the next block, where nothing else could be read at this one.
    pub fn upgraded(&mut self, runtime: &Runtime) -> Vec<Action> {
        let mut actions = Vec::new();
        if let Some(denial) = self.denial(runtime) {
            self.end(End::Denied(denial), &mut actions);
        }
        actions
    }

    /// The blocks that [`Action::Confirm`] asked for, with their hashes; none where there is no such block.
    pub fn confirmed(&mut self, blocks: &[(u64, Option<[u8; 32]>)]) -> Vec<Action> {
        for &(number, hash) in blocks {
            self.ledger.confirm(number, hash);
        }
        self.unsure = false;
        let mut actions = Vec::new();
        self.proceed(&mut actions);
        actions
    }

    /// A nonce won.
    pub fn find(&mut self, work: Work) -> Vec<Action> {
        let mut actions = Vec::new();
        if !self.ended && self.ledger.add(work) {
            self.proceed(&mut actions);
        }
        actions
    }

    /// Proofs that were kept from an earlier session with the same goal, or found for another one. Whether their blocks are
    /// on the best chain has to be asked first, unless that is known, or asked already.
    pub fn restore(&mut self, works: impl IntoIterator<Item = Work>) -> Vec<Action> {
        let mut actions = Vec::new();
        let mut asked = Vec::new();
        if self.unsure {
            asked = self.ledger.work_blocks();
        }
        let (mut is_news, mut is_sure) = (false, true);
        for work in works {
            let number = work.proof.work_block;
            if self.ledger.add(work) {
                is_news = true;
                is_sure &= self.ledger.knows(number) || asked.contains(&number);
            }
        }
        if is_news && !self.ended {
            if !is_sure {
                self.confirm(&mut actions);
            }
            self.proceed(&mut actions);
        }
        actions
    }

    /// Why a runtime ends it.
    fn denial(&self, runtime: &Runtime) -> Option<Denial> {
        match self.goal.protocol(runtime) {
            Ok(protocol) if protocol == self.protocol => None,
            Ok(protocol) => Some(Denial::Upgraded { protocol }),
            Err(refusal) => Some(refusal.into()),
        }
    }

    /// Asks which blocks are there, if there are proofs for some.
    fn confirm(&mut self, actions: &mut Vec<Action>) {
        let blocks = self.ledger.work_blocks();
        self.unsure = !blocks.is_empty();
        if self.unsure {
            actions.push(Action::Confirm(blocks));
        }
    }

    fn standing(&self, state: &State) -> Standing {
        let patience = &self.settings.patience;
        patience.standing(&self.goal, self.protocol, state)
    }

    fn demand(&self, state: &State) -> Demand {
        Demand {
            target: self.goal.difficulty(state).target(),
            after: state.hotkey.last_work,
        }
    }

    fn unfit(&self, work: &Work, state: &State) -> Option<Unfit> {
        self.ledger.unfit(work, self.demand(state))
    }

    /// The best proof that may be used, and in how many blocks to come it may still be included.
    fn best(&self) -> Option<(&Work, u64)> {
        let (_, state) = self.now.as_ref()?;
        let preference = self.settings.policy.preference();
        let may = |work: &Work| self.may_be_used(work);
        let work = self.ledger.best(self.demand(state), preference, may)?;
        Some((work, self.blocks_left(work)))
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

    /// What was signed for blocks with the number of a proof's block.
    fn payloads_of(&self, work: &Work) -> impl Iterator<Item = &Payload> {
        let block = work.proof.work_block;
        let payloads = self.signed.iter();
        payloads.filter(move |payload| payload.call().proof().work_block == block)
    }

    /// Whether a proof may be signed, or sent with the signature that it has.
    fn may_be_used(&self, work: &Work) -> bool {
        let mut signed = self.payloads_of(work);
        match self.settings.policy {
            Policy::Send { .. } => signed.all(|payload| Some(*payload) == self.payload(work)),
            Policy::Offer { .. } => signed.next().is_none(),
            Policy::Show => true,
        }
    }

    /// Sends, shows, holds back or ends, whatever the present block asks for.
    fn proceed(&mut self, actions: &mut Vec<Action>) {
        let Some((head, state)) = self.now.filter(|_| !self.ended) else {
            return;
        };
        let stage = self.flight.as_ref().map(|flight| &flight.stage);
        match self.standing(&state) {
            Standing::Open => {}
            // Whoever watches the submission knows more, and is waited for.
            Standing::Registered { .. } if stage == Some(&Stage::Watched) => return,
            Standing::Registered { uid } => return self.end_registered(uid, actions),
            // What is under way has its own end.
            Standing::Denied(_) if stage.is_some_and(|stage| *stage != Stage::Ready) => return,
            Standing::Denied(obstacle) if self.settings.patience.waits_for(obstacle) => {
                // What was to be sent now would be refused. When the subnet opens, another proof counts.
                (self.flight, self.held) = (None, None);
                return;
            }
            Standing::Denied(obstacle) => return self.end(End::Denied(obstacle.into()), actions),
        }
        if self.unsure {
            return;
        }
        match (stage, self.settings.policy) {
            (Some(Stage::Ready), _) => self.send_ready(head, &state, actions),
            // It is under way, or a person decides.
            (Some(_), _) | (None, Policy::Offer { .. }) => {}
            _ if self.not_at == Some(head.number) => {}
            (None, Policy::Show) => self.show(actions),
            (None, Policy::Send { signatures, .. }) => {
                self.sign_and_send(head, &state, signatures, actions);
            }
        }
    }

    fn end_registered(&mut self, uid: u16, actions: &mut Vec<Action>) {
        let included = self.flight.as_ref().and_then(|it| it.included.as_ref());
        let end = End::Registered {
            uid,
            place: included.map(|(place, _)| *place),
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

    /// Tells of a rise of the difficulty. It falls a little with every block, so only a rise is news, and
    /// not if this session's own registration caused it.
    fn tell_rise(&self, before: &State, state: &State, actions: &mut Vec<Action>) {
        let difficulty = self.goal.difficulty(state);
        let included = self.flight.as_ref().is_some_and(|it| it.included.is_some());
        let ours = included || matches!(self.standing(state), Standing::Registered { .. });
        if difficulty > self.goal.difficulty(before) && !ours {
            actions.push(Action::Tell(Event::DifficultyRose { difficulty }));
        }
    }
}
