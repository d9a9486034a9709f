//! A coordinator from its start to its death: the real session of a registration around the real coordinator of a fleet.

use std::{
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

use btpow_core::{Position, Protocol, Solution};
use btpow_fleet::{
    Asked, Coordinator, Id, RigName, Task,
    coordinator::{self, Event, Found},
    message::Text,
};
use btpow_forgery::Forgery;
use btpow_registration::{
    Action, Identity, Payload, Progress, Runtime, Session, Work,
    session::{End, Patience, Policy, Settings, Submission, Wait},
};

use crate::{
    chain::{COLDKEY, Chain, GOAL, HOTKEY},
    rng::{Clock, Rng},
};

pub(crate) const ASKED: Asked = Asked::V1 {
    netuid: 1,
    hotkey: HOTKEY,
    coldkey: COLDKEY,
};

/// What a coordinator has the world do.
#[derive(Debug)]
pub(crate) enum Deed {
    Announce(Vec<u8>),
    Send(RigName, Vec<u8>),
    Submit(Box<Submission>),
    Confirm(Vec<u64>),
}

#[derive(Debug)]
pub(crate) struct Life {
    /// Which of the lives of all coordinators.
    pub(crate) number: u64,
    pub(crate) id: Id,
    pub(crate) clock: Clock,
    pub(crate) coordinator: Coordinator,
    session: Session,
    /// The blocks that it has announced challenges of.
    announced: HashSet<[u8; 32]>,
    signed: Vec<Payload>,
    /// The lowest solution of each block that the session was given.
    pub(crate) given: HashMap<[u8; 32], Solution>,
    /// The newest block that it has seen.
    pub(crate) seen: u64,
    pub(crate) end: Option<End>,
    pub(crate) cut_off: HashSet<RigName>,
}

fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let [metadata, _] = Forgery::of_475();
        let identity = Identity {
            name: "btpow-test",
            spec_version: 475,
            transaction_version: 1,
            genesis: [0x45; 32],
        };
        Runtime::compare(identity, &metadata.encode())
    })
}

impl Life {
    pub(crate) fn new(
        number: u64,
        is_standby: bool,
        real: u64,
        rng: &mut Rng,
    ) -> (Self, Vec<Deed>) {
        let settings = Settings {
            policy: Policy::Send {
                attempts: 1_000,
                signatures: 1_000,
            },
            wait: Wait::Inclusion,
            patience: Patience::default(),
            start: Position(0),
        };
        let clock = Clock::new(rng);
        // Ranges begin where it says: they meet those that rigs still have.
        let id = Id(rng.next() << 16 | rng.between(1, 4));
        let fleet = coordinator::Settings {
            id,
            // The clock on the wall is wrong, too.
            term: rng.between(0, 1 << 41) * rng.between(0, 1),
            is_standby,
            goals: vec![ASKED],
            program: Text::new("simulation"),
            patience_s: 100,
            most_rigs: 100,
        };
        let (coordinator, actions) = Coordinator::new(fleet, clock.shows(real));
        let mut life = Self {
            number,
            id,
            clock,
            coordinator,
            session: Session::new(GOAL, Protocol::V1, settings),
            announced: HashSet::new(),
            signed: Vec::new(),
            given: HashMap::new(),
            seen: 0,
            end: None,
            cut_off: HashSet::new(),
        };
        let mut deeds = Vec::new();
        life.follow(actions, real, &mut deeds);
        (life, deeds)
    }

    /// What the coordinator of the fleet does with what it is told.
    pub(crate) fn fleet(
        &mut self,
        real: u64,
        tell: impl FnOnce(&mut Coordinator, u64) -> Vec<coordinator::Action>,
    ) -> Vec<Deed> {
        let actions = tell(&mut self.coordinator, self.clock.shows(real));
        let mut deeds = Vec::new();
        self.follow(actions, real, &mut deeds);
        deeds
    }

    /// It sees the newest block.
    pub(crate) fn block(&mut self, chain: &Chain, real: u64) -> Vec<Deed> {
        let head = chain.head();
        self.seen = head.number;
        let mut deeds = self.fleet(real, |it, now| it.head(head.number, now));
        let actions = self.session.block(head, chain.state(), runtime());
        self.act(actions, real, &mut deeds);
        deeds
    }

    /// It is told which blocks there are.
    pub(crate) fn confirmed(&mut self, chain: &Chain, numbers: &[u64], real: u64) -> Vec<Deed> {
        let blocks: Vec<_> = numbers.iter().map(|&it| (it, chain.hash(it))).collect();
        let actions = self.session.confirmed(&blocks);
        let mut deeds = Vec::new();
        self.act(actions, real, &mut deeds);
        deeds
    }

    /// There is news of what it sent.
    pub(crate) fn progress(&mut self, id: u64, progress: Progress, real: u64) -> Vec<Deed> {
        let actions = self.session.progress(id, progress);
        let mut deeds = Vec::new();
        self.act(actions, real, &mut deeds);
        deeds
    }

    fn follow(&mut self, actions: Vec<coordinator::Action>, real: u64, deeds: &mut Vec<Deed>) {
        for action in actions {
            match action {
                coordinator::Action::Announce(bytes) => deeds.push(Deed::Announce(bytes)),
                coordinator::Action::Send(rig, bytes) => deeds.push(Deed::Send(rig, bytes)),
                coordinator::Action::Found(found) => self.found(&found, real, deeds),
                coordinator::Action::Hold(holds) => {
                    let actions = self.session.account_busy(holds);
                    self.act(actions, real, deeds);
                }
                coordinator::Action::Tell(Event::CutOff(rig)) => {
                    self.cut_off.insert(rig);
                }
                coordinator::Action::Tell(_) => {}
            }
        }
    }

    fn found(&mut self, found: &Found, real: u64, deeds: &mut Vec<Deed>) {
        let (number, hash) = found.task.block();
        let is_own = self.announced.contains(&hash);
        assert_eq!(found.is_own, is_own, "block {number}");
        let work = Work::new(number, hash, found.task.difficulty(), found.solution);
        let given = self.given.entry(hash).or_insert(found.solution);
        if found.solution.value() < given.value() {
            *given = found.solution;
        }
        let actions = if found.is_own {
            self.session.find(work)
        } else {
            self.session.restore([work])
        };
        self.act(actions, real, deeds);
    }

    fn act(&mut self, actions: Vec<Action>, real: u64, deeds: &mut Vec<Deed>) {
        for action in actions {
            match action {
                Action::Search(search) => {
                    let number = search.block_number.expect("a block of the chain");
                    let block = (number, search.challenge.block_hash());
                    self.announced.insert(block.1);
                    let task = Task::new(ASKED, block, search.difficulty).expect("not the root");
                    assert_eq!(task.challenge(), search.challenge);
                    deeds.extend(self.fleet(real, |it, now| it.search(task, now)));
                }
                Action::Send(submission) => {
                    self.check(&submission);
                    deeds.push(Deed::Submit(Box::new(submission)));
                }
                Action::Confirm(numbers) => deeds.push(Deed::Confirm(numbers)),
                Action::End(end) => {
                    self.end = Some(end);
                    deeds.extend(self.fleet(real, |it, now| it.rest("over", now)));
                }
                Action::Pause(pause) => panic!("nothing is waited for: {pause:?}"),
                Action::Show(_) => panic!("nothing is shown"),
                Action::Tell(_) => {}
            }
        }
    }

    /// Whoever does not lead signs nothing new, and nobody signs two proofs of a block.
    fn check(&mut self, submission: &Submission) {
        let payload = submission.payload;
        if self.signed.contains(&payload) {
            return;
        }
        let leads = self.coordinator.leads();
        assert!(leads, "it signs though another one may lead");
        let block = |payload: &Payload| payload.call().proof().work_block;
        let mut signed = self.signed.iter();
        let twice = signed.any(|other| block(other) == block(&payload));
        assert!(!twice, "two proofs of block {}", block(&payload));
        self.signed.push(payload);
    }
}
