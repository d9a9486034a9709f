//! A coordinator from its start to its death: the real sessions of registrations around the real coordinator of a fleet.

use alloc::rc::Rc;
use std::{collections::HashSet, sync::OnceLock};

use btpow_core::Position;
use btpow_fleet::{
    Coordinator, Id, RigName, Task,
    coordinator::{self, Event, Found},
    message::{Announcement, Order, Text, read},
};
use btpow_forgery::Forgery;
use btpow_registration::{
    Action, Identity, Progress, Runtime, Session, Work,
    session::{End, Patience, Phase, Policy, Settings, Submission},
};

use crate::{
    chain::Chain,
    lane::Lane,
    rng::{Clock, Rng},
    rules::Rules,
};

/// What a coordinator has the world do.
#[derive(Debug)]
pub(crate) enum Deed {
    Announce(Vec<u8>),
    Send(RigName, Vec<u8>),
    /// For which of the goals.
    Submit(usize, Box<Submission>),
    Confirm(usize, Vec<u64>),
}

#[derive(Debug)]
pub(crate) struct Life {
    /// Which of the lives of all coordinators.
    pub(crate) number: u64,
    pub(crate) id: Id,
    pub(crate) clock: Clock,
    pub(crate) coordinator: Coordinator,
    rules: Rc<Rules>,
    /// What its endpoint says of difficulties, if that is not so.
    pub(crate) deceit: Option<u64>,
    pub(crate) lanes: Vec<Lane>,
    /// Which goal the rigs search for, and for which block.
    asks: Option<(usize, Task)>,
    /// Whether another coordinator may sign.
    holds: bool,
    /// Those that have said that they want something of the same account: each may sign at any time while it leads.
    rivals: HashSet<Id>,
    /// The newest block that it has seen.
    pub(crate) seen: u64,
    pub(crate) cut_off: HashSet<RigName>,
    /// When it last had as many rigs as it takes.
    pub(crate) full: Option<u64>,
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
        place: usize,
        is_standby: bool,
        rules: &Rc<Rules>,
        real: u64,
        rng: &mut Rng,
    ) -> (Self, Vec<Deed>) {
        let settings = Settings {
            policy: Policy::Send {
                attempts: 1_000,
                signatures: 1_000,
            },
            wait: rules.wait,
            patience: Patience::default(),
            start: Position(0),
        };
        let clock = Clock::new(rng);
        // Ranges begin where it says: they meet those that rigs still have.
        let id = Id(rng.next() << 16 | rng.between(1, 4));
        let wants = rules.of[place].iter();
        let lanes = wants.map(|&want| Lane::new(want, rules.want(want), settings));
        let fleet = coordinator::Settings {
            id,
            // The clock on the wall is wrong, too.
            term: rng.between(0, 1 << 41) * rng.between(0, 1),
            is_standby,
            goals: rules.of[place]
                .iter()
                .map(|&it| rules.want(it).asked())
                .collect(),
            program: Text::new("simulation"),
            patience_s: 100,
            most_rigs: rules.most_rigs,
        };
        let (coordinator, actions) = Coordinator::new(fleet, clock.shows(real));
        let mut life = Self {
            number,
            id,
            clock,
            coordinator,
            rules: Rc::clone(rules),
            deceit: rules.deceives.then(|| rng.between(0, 2)),
            lanes: lanes.collect(),
            asks: None,
            holds: false,
            rivals: HashSet::new(),
            seen: 0,
            cut_off: HashSet::new(),
            full: None,
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

    /// It hears what a coordinator announces.
    pub(crate) fn overhear(&mut self, bytes: &[u8], real: u64) -> Vec<Deed> {
        if let Ok(Announcement {
            coordinator,
            order: Order::Search { task, .. },
            ..
        }) = read(bytes)
        {
            let account = self.rules.want(self.rules.want_of(&task)).account;
            let is_same = self.lanes.iter().any(|lane| lane.account == account);
            if is_same && coordinator != self.id {
                self.rivals.insert(coordinator);
            }
        }
        self.fleet(real, |it, now| it.overheard(bytes, now))
    }

    /// It sees the newest block.
    pub(crate) fn block(&mut self, chain: &Chain, real: u64) -> Vec<Deed> {
        let head = chain.head();
        self.seen = head.number;
        let mut deeds = self.fleet(real, |it, now| it.head(head.number, now));
        for place in 0..self.lanes.len() {
            let state = chain.state(self.lanes[place].want, self.deceit);
            self.tell(place, &mut deeds, |it| it.block(head, state, runtime()));
        }
        self.choose(real, &mut deeds);
        deeds
    }

    /// It is told which blocks there are.
    pub(crate) fn confirmed(
        &mut self,
        chain: &Chain,
        want: usize,
        numbers: &[u64],
        real: u64,
    ) -> Vec<Deed> {
        let blocks: Vec<_> = numbers.iter().map(|&it| (it, chain.hash(it))).collect();
        self.of(want, real, |it| it.confirmed(&blocks))
    }

    /// There is news of what it sent.
    pub(crate) fn progress(
        &mut self,
        want: usize,
        id: u64,
        progress: Progress,
        real: u64,
    ) -> Vec<Deed> {
        self.of(want, real, |it| it.progress(id, progress))
    }

    /// Whether all that it wants has its end.
    pub(crate) fn is_over(&self) -> bool {
        self.lanes.iter().all(|lane| lane.end.is_some())
    }

    /// The lane of a goal, if it has it.
    pub(crate) fn lane_of(&self, want: usize) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.want == want)
    }

    /// Something is told to the session of a goal.
    fn of(
        &mut self,
        want: usize,
        real: u64,
        tell: impl FnOnce(&mut Session) -> Vec<Action>,
    ) -> Vec<Deed> {
        let mut deeds = Vec::new();
        let mut lanes = self.lanes.iter();
        let place = lanes.position(|lane| lane.want == want);
        self.tell(place.expect("its own goal"), &mut deeds, tell);
        self.choose(real, &mut deeds);
        deeds
    }

    fn follow(&mut self, actions: Vec<coordinator::Action>, real: u64, deeds: &mut Vec<Deed>) {
        for action in actions {
            match action {
                coordinator::Action::Announce(bytes) => deeds.push(Deed::Announce(bytes)),
                coordinator::Action::Send(rig, bytes) => deeds.push(Deed::Send(rig, bytes)),
                coordinator::Action::Found(found) => self.found(&found, real, deeds),
                coordinator::Action::Hold(holds) => {
                    self.holds = holds;
                    self.share(deeds);
                    self.choose(real, deeds);
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
        let want = self.rules.want_of(&found.task);
        let mut lanes = self.lanes.iter();
        let place = lanes.position(|lane| lane.want == want);
        let place = place.expect("a find for a goal of its own");
        let lane = &mut self.lanes[place];
        assert_eq!(found.is_own, lane.known.contains(&hash), "block {number}");
        let work = Work::new(number, hash, found.task.difficulty(), found.solution);
        let given = lane.given.entry(hash).or_insert(found.solution);
        if found.solution.value() < given.value() {
            *given = found.solution;
        }
        let is_own = found.is_own;
        self.tell(place, deeds, |it| {
            if is_own {
                it.find(work)
            } else {
                it.restore([work])
            }
        });
        self.choose(real, deeds);
    }

    /// Tells something to a session, and does what it says. Of an account that signs for several, one at a time may.
    fn tell(
        &mut self,
        place: usize,
        deeds: &mut Vec<Deed>,
        tell: impl FnOnce(&mut Session) -> Vec<Action>,
    ) {
        let account = self.lanes[place].account;
        let sharing = self.lanes.iter().filter(|lane| lane.account == account);
        if sharing.count() > 1 {
            // Nothing follows from it until it ends.
            drop(self.lanes[place].session.account_busy(true));
        }
        let actions = tell(&mut self.lanes[place].session);
        self.act(place, actions, deeds);
        self.share(deeds);
    }

    /// Lets those sign whose account is free.
    fn share(&mut self, deeds: &mut Vec<Deed>) {
        for place in 0..self.lanes.len() {
            let is_busy = self.holds || self.is_taken(place);
            let actions = self.lanes[place].session.account_busy(is_busy);
            self.act(place, actions, deeds);
        }
    }

    /// Whether another goal may use the next nonce of an account.
    fn is_taken(&self, place: usize) -> bool {
        let lane = &self.lanes[place];
        let Some((head, nonce)) = lane.session.next_nonce() else {
            return false;
        };
        let mut others = self.lanes.iter().filter(|other| other.want != lane.want);
        others.any(|other| other.account == lane.account && other.session.claims(nonce, head))
    }

    fn act(&mut self, place: usize, actions: Vec<Action>, deeds: &mut Vec<Deed>) {
        let lead = self.coordinator.follows();
        let is_rival = lead.is_none_or(|lead| self.rivals.contains(&lead));
        let may_sign = self.coordinator.leads() || !(self.holds || is_rival);
        let lane = &mut self.lanes[place];
        for action in actions {
            match action {
                Action::Search(search) => lane.wish = Some(search),
                Action::Send(submission) => {
                    lane.check(&submission, may_sign);
                    deeds.push(Deed::Submit(lane.want, Box::new(submission)));
                }
                Action::Confirm(numbers) => deeds.push(Deed::Confirm(lane.want, numbers)),
                Action::End(end) => {
                    assert!(matches!(end, End::Registered { .. }), "{end:?}");
                    (lane.end, lane.wish) = (Some(end), None);
                }
                Action::Pause(pause) => panic!("nothing is waited for: {pause:?}"),
                Action::Show(_) => panic!("nothing is shown"),
                Action::Tell(_) => {}
            }
        }
    }

    /// Has rigs search for the goal that has no proof yet, of two the one with the lower difficulty, as the program has its
    /// devices do.
    fn choose(&mut self, real: u64, deeds: &mut Vec<Deed>) {
        let mut wishes = Vec::new();
        for (place, lane) in self.lanes.iter_mut().enumerate() {
            let Some(search) = lane.wish else { continue };
            let number = search.block_number.expect("a block of the chain");
            let block = (number, search.challenge.block_hash());
            let asked = self.rules.want(lane.want).asked();
            let task = Task::new(asked, block, search.difficulty).expect("not the root");
            assert_eq!(task.challenge(), search.challenge);
            lane.known.insert(block.1);
            self.coordinator.asks(task);
            let has_proof = lane.session.phase() != Phase::Searching;
            wishes.push(((has_proof, search.difficulty, place), task));
        }
        let first = wishes.into_iter().min_by_key(|(rank, _)| *rank);
        let asks = first.map(|((.., place), task)| (place, task));
        if core::mem::replace(&mut self.asks, asks) == asks {
            return;
        }
        match asks {
            Some((_, task)) => deeds.extend(self.fleet(real, |it, now| it.search(task, now))),
            None if self.is_over() => {
                deeds.extend(self.fleet(real, |it, now| it.end("over", now)));
            }
            None => {}
        }
    }
}
