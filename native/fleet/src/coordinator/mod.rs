//! The coordinator: which rigs there are, what they search for, and what becomes of their finds.
//!
//! - **Rigs are not believed.** A nonce counts if the reference accepts it for a challenge of one of the coordinator's
//!   goals. One that it does not accept, for a challenge that this coordinator has announced, is a lie; after three the rig
//!   is cut off. Each name may send so much in a second and no more.
//! - **A challenge is one broadcast.** It is repeated every second, for rigs that missed it, and to show that the
//!   coordinator lives.
//! - **Of several coordinators one leads**: that of the highest term. The others hear the finds of all rigs, but neither
//!   answer nor sign. When the one that leads falls silent for five seconds, another takes over.
//! - Finds of challenges that an earlier coordinator announced count, too: they carry all that is needed to judge them.

mod action;
mod judge;
mod lead;
mod rigs;

#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;

use btpow_core::{Difficulty, Micros};

pub use self::action::{Action, Event, Found, Settings, Which};
use self::{
    judge::Judged,
    lead::{Reach, Role, Sight},
    rigs::{Gate, Rigs},
};
use crate::{
    Asked, Id, RigName, Task,
    message::{
        Announcement, Beat, Find, FromRig, Order, Progress, Refusal, Status, Text, ToRig,
        Unreadable, VERSION, read, write,
    },
};

/// How often what was announced is announced again.
pub const ANNOUNCE: Micros = 1_000_000;

/// After how long without a word from whoever leads a standby takes over, and how soon a rig is lost.
pub const TAKEOVER: Micros = 5_000_000;

/// How long a new coordinator listens before it leads, so that it hears whoever leads already: more than they announce in.
pub const LISTEN: Micros = 1_500_000;

/// How often it looks for rigs that fell silent.
const SWEEP: Micros = 1_000_000;

/// One of the coordinators of a fleet. See the [module](self) for its rules.
#[derive(Debug)]
pub struct Coordinator {
    settings: Settings,
    role: Role,
    term: u64,
    /// The highest term that was heard.
    heard_term: u64,
    sequence: u64,
    sight: Sight,
    reach: Reach,
    /// Until when it listens before it leads for the first time.
    listens_until: Micros,
    /// Whether it was told what rigs shall do.
    has_order: bool,
    has_led: bool,
    /// Whether this is its last word.
    ends: bool,
    holds: bool,
    /// Coordinators that may sign with an account of this one's goals, newest last.
    sharing: VecDeque<Id>,
    is_impersonated: bool,
    head: Option<u64>,
    order: Order,
    /// The last challenges, each with the lowest seal that was found: first those of others, newest first, then its own, newest
    /// last.
    tasks: VecDeque<Judged>,
    rigs: Rigs,
    progress: Progress,
    next_announcement: Micros,
    next_sweep: Micros,
}

impl Coordinator {
    /// A coordinator that knows of no block and no rig. It leads once it has been told of a block and what to do, and has
    /// [listened](LISTEN) for a moment, unless it is a standby; until then it must not sign. What that means is in the actions.
    pub fn new(settings: Settings, now: Micros) -> (Self, Vec<Action>) {
        let mut it = Self {
            role: Role::nobody(now),
            term: settings.term,
            heard_term: 0,
            sequence: 0,
            sight: Sight::Blind,
            reach: Reach::default(),
            listens_until: now + LISTEN,
            has_order: false,
            has_led: false,
            ends: false,
            holds: false,
            sharing: VecDeque::new(),
            is_impersonated: false,
            head: None,
            order: Order::Rest {
                reason: Text::new("waiting for a block"),
            },
            tasks: VecDeque::new(),
            rigs: Rigs::new(settings.id.0, settings.most_rigs),
            progress: Progress::default(),
            next_announcement: now,
            next_sweep: now,
            settings,
        };
        let mut actions = Vec::new();
        it.hold_if_needed(&mut actions);
        (it, actions)
    }

    /// The chain has a new best block. A challenge for it is announced with [`search`](Self::search).
    pub fn head(&mut self, number: u64, now: Micros) -> Vec<Action> {
        self.head = Some(number);
        let mut actions = Vec::new();
        match self.sight {
            // What it last said to rigs is of an older block, and so is what it would sign.
            Sight::Blind => self.sight = Sight::Head,
            // The block before was looked at, and changed nothing.
            Sight::Head if self.has_order => {
                self.sight = Sight::Clear;
                self.take_over_if_due(now, &mut actions);
            }
            Sight::Head | Sight::Clear => {}
        }
        actions
    }

    /// The chain is out of sight. Another coordinator may see it, and leads until this one does again.
    pub fn blind(&mut self, now: Micros) -> Vec<Action> {
        self.sight = Sight::Blind;
        let mut actions = Vec::new();
        if self.leads() {
            self.role = Role::nobody(now);
            self.hold_if_needed(&mut actions);
        }
        actions
    }

    /// What a goal asks that rigs do not search for now. They may have a find for it from when they did, perhaps for another
    /// coordinator.
    pub fn asks(&mut self, task: Task) {
        self.remember(task);
    }

    /// All rigs shall search for this from now on.
    pub fn search(&mut self, task: Task, now: Micros) -> Vec<Action> {
        self.remember(task);
        self.order = Order::Search {
            patience_s: self.settings.patience_s,
            task,
        };
        let mut actions = Vec::new();
        if !self.ordered(now, &mut actions) {
            self.announce(now, &mut actions);
        }
        actions
    }

    /// All rigs shall rest.
    pub fn rest(&mut self, reason: &str, now: Micros) -> Vec<Action> {
        let reason = Text::new(reason);
        let mut actions = Vec::new();
        let order = Order::Rest { reason };
        let is_news = core::mem::replace(&mut self.order, order.clone()) != order;
        if !self.ordered(now, &mut actions) && is_news {
            self.announce(now, &mut actions);
        }
        actions
    }

    /// The last that it is told: rigs rest, if it leads, and whoever waits need not wait until it is missed. If it does not lead,
    /// it must not take over only to say so.
    pub fn end(&mut self, reason: &str, now: Micros) -> Vec<Action> {
        let mut actions = Vec::new();
        if self.leads() {
            let reason = Text::new(reason);
            self.order = Order::Rest { reason };
            self.ends = true;
            self.announce(now, &mut actions);
        }
        actions
    }

    /// It knows what rigs shall do. Whether it leads since now; then that was announced.
    fn ordered(&mut self, now: Micros, actions: &mut Vec<Action>) -> bool {
        self.has_order = true;
        if self.sight == Sight::Head {
            self.sight = Sight::Clear;
        }
        self.take_over_if_due(now, actions)
    }

    /// What came on a rig's subject.
    pub fn received(&mut self, from: &RigName, bytes: &[u8], now: Micros) -> Vec<Action> {
        let mut actions = Vec::new();
        match self.rigs.gate(from, now) {
            Gate::Open => {}
            Gate::Flood => {
                self.progress.flooded += 1;
                return actions;
            }
            Gate::Refuse(reason) => {
                self.refuse(from, None, reason, now, &mut actions);
                return actions;
            }
        }
        match read(bytes) {
            Ok(FromRig::Beat(beat)) => self.beat(from, beat, now, &mut actions),
            Ok(FromRig::Find(find)) => self.find(from, &find, now, &mut actions),
            Ok(FromRig::Bye { session }) => {
                if let Some(rig) = self.rigs.leave(from, session) {
                    self.progress.left += 1;
                    if self.rigs.is_news(from, now) {
                        actions.push(Action::Tell(Event::Left(rig)));
                    }
                }
            }
            Err(error) => {
                self.progress.unreadable += 1;
                if let Unreadable::Version(version) = error {
                    let reason = Refusal::Version { speaks: VERSION };
                    self.refuse(from, None, reason, now, &mut actions);
                    if self.rigs.is_new_version(from, version, now) {
                        let event = Event::OtherVersion(from.clone(), version);
                        actions.push(Action::Tell(event));
                    }
                }
            }
        }
        actions
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Micros) -> Vec<Action> {
        let mut actions = Vec::new();
        self.take_over_if_due(now, &mut actions);
        if now >= self.next_announcement {
            self.announce(now, &mut actions);
        }
        if now >= self.next_sweep {
            self.next_sweep = now + SWEEP;
            for rig in self.rigs.sweep(now) {
                self.progress.lost += 1;
                if self.rigs.is_news(&rig.name, now) {
                    actions.push(Action::Tell(Event::Lost(rig)));
                }
            }
        }
        actions
    }

    /// When to [tick](Self::tick) next, if nothing else happens.
    pub fn next_tick(&self) -> Micros {
        let due = self.next_announcement.min(self.next_sweep);
        self.takeover_at().map_or(due, |at| due.min(at))
    }

    /// How the fleet is.
    pub fn status(&self, now: Micros) -> Status {
        let rigs = self.rigs.report(now);
        let mut status = Status {
            coordinator: self.settings.id,
            program: self.settings.program.clone(),
            head: self.head.unwrap_or_default(),
            block: match &self.order {
                Order::Search { task, .. } => Some(task.block().0),
                Order::Rest { .. } => None,
            },
            rate: self.rigs.rate(),
            finds: self.rigs.finds(),
            progress: self.progress,
            rigs,
            more_rigs: 0,
            cut_off: self.rigs.cut_off(),
        };
        status.fit();
        status
    }

    /// Hashes per second of all rigs.
    pub fn rate(&self) -> f64 {
        self.rigs.rate()
    }

    /// How many nonces all rigs have tried while this coordinator led, as they say.
    pub const fn nonces(&self) -> u64 {
        self.rigs.nonces()
    }

    /// How many rigs there are.
    pub const fn rigs(&self) -> usize {
        self.rigs.len()
    }

    /// Whether it leads.
    pub const fn leads(&self) -> bool {
        matches!(self.role, Role::Leads)
    }

    fn announcement(&mut self) -> Announcement {
        self.sequence += 1;
        Announcement {
            coordinator: self.settings.id,
            term: self.term,
            sequence: self.sequence,
            head: self.head.unwrap_or_default(),
            order: self.order.clone(),
            ends: self.ends,
        }
    }

    /// Tells all rigs what to do, if it leads.
    fn announce(&mut self, now: Micros, actions: &mut Vec<Action>) {
        self.next_announcement = now + ANNOUNCE;
        if self.leads() {
            let announcement = self.announcement();
            actions.push(Action::Announce(write(&announcement)));
        }
    }

    fn send(&self, to: &RigName, message: &ToRig, actions: &mut Vec<Action>) {
        if self.leads() {
            actions.push(Action::Send(to.clone(), write(message)));
        }
    }

    /// Tells a rig why nothing of it counts, but not as often as it asks.
    fn refuse(
        &mut self,
        to: &RigName,
        session: Option<Id>,
        reason: Refusal,
        now: Micros,
        actions: &mut Vec<Action>,
    ) {
        if self.leads() && self.rigs.may_refuse(to, now) {
            self.send(to, &ToRig::Refused { session, reason }, actions);
        }
    }

    fn beat(&mut self, from: &RigName, beat: Beat, now: Micros, actions: &mut Vec<Action>) {
        let (session, claimed) = (beat.session, beat.range);
        let counts = self.leads();
        let Some((range, is_new)) = self.rigs.beat(from, beat, counts, now) else {
            self.refuse(from, Some(session), Refusal::Full, now, actions);
            if self.rigs.is_full_news(from, now) {
                actions.push(Action::Tell(Event::Full(from.clone())));
            }
            return;
        };
        if is_new {
            self.progress.joined += 1;
            if self.rigs.is_news(from, now) {
                let rig = self.rigs.which(from, range);
                actions.push(Action::Tell(Event::Joined(rig, range)));
            }
        }
        if claimed != Some(range) {
            let announcement = self.announcement();
            let welcome = ToRig::Welcome {
                session,
                range,
                announcement,
            };
            self.send(from, &welcome, actions);
        }
    }

    /// The difficulty of the last challenge of a goal.
    fn difficulty(&self, asked: Asked) -> Option<Difficulty> {
        let mut tasks = self.tasks.iter().rev();
        let last = tasks.find(|judged| judged.task.asked() == asked);
        last.map(|judged| judged.task.difficulty())
    }

    fn find(&mut self, from: &RigName, find: &Find, now: Micros, actions: &mut Vec<Action>) {
        let (verdict, found) = self.judge(from, find);
        self.rigs.count(from, find.session, verdict);
        let answer = ToRig::Answer {
            session: find.session,
            number: find.number,
            coordinator: self.settings.id,
            verdict,
        };
        if let Some(found) = found {
            // Before the answer: whoever is told that it is taken may forget it.
            actions.push(Action::Found(found));
        }
        self.send(from, &answer, actions);
        if self.rigs.cut_off_if_due(from, now) {
            actions.push(Action::Tell(Event::CutOff(from.clone())));
            self.refuse(from, None, Refusal::CutOff, now, actions);
        }
    }
}
