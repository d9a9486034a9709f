//! A rig: what its devices hash, and the finds that it keeps.
//!
//! - It follows one coordinator: of two that speak, the one of the higher term, unless it has heard nothing from that for
//!   five seconds.
//! - It hashes what that one announced last, from where it left off, in its own range of positions. It needs no answer before
//!   it does.
//! - It keeps the lowest find of each challenge for an hour, whatever a coordinator says, and sends it to each coordinator that it
//!   follows until that one has it. So a coordinator may die with all that it was told.
//! - It never asks what time it is: what counts until when is a matter of block numbers.

mod action;
mod finds;

#[cfg(test)]
mod tests;

use alloc::collections::VecDeque;

use btpow_core::{Challenge, Micros, Position, Solution};

pub use self::action::{Action, Event, Settings, Why};
use self::finds::Finds;
use crate::{
    Id, Range, Task,
    message::{
        Announcement, Beat, Device, FromRig, Lost, MOST_DEVICES, Order, Refusal, ToRig, Unreadable,
        VERSION, Verdict, read, write,
    },
};

/// How often a rig tells that it is there.
pub const BEAT: Micros = 5_000_000;

/// How often it asks for a range, or for a coordinator.
const JOIN: Micros = 1_000_000;

/// How often it asks whether it is still refused.
const REFUSED: Micros = 30_000_000;

/// After how long without a word from its coordinator it follows any other, and tells its user.
pub const SILENCE: Micros = 5_000_000;

/// How many challenges it remembers: devices may report finds of the ones before.
const TASKS: usize = 16;

/// What the devices do.
#[derive(Clone, Debug, PartialEq)]
enum Doing {
    Waiting(Why),
    Searching(Task, Range),
}

/// The coordinator that is followed.
#[derive(Clone, Debug)]
struct Lead {
    announcement: Announcement,
    heard: Micros,
}

/// One rig of a fleet. See the [module](self) for its rules.
#[derive(Debug)]
pub struct Worker {
    settings: Settings,
    lead: Option<Lead>,
    range: Option<Range>,
    refused: Option<Refusal>,
    doing: Doing,
    /// Since when it does that, as far as it is not in `lost` yet.
    since: Micros,
    lost: Lost,
    /// The last challenges, newest last, and how far the devices were.
    tasks: VecDeque<(Task, Option<Position>)>,
    finds: Finds,
    devices: Vec<Device>,
    next_beat: Micros,
    /// Whether the user was told that nothing is heard of the coordinator.
    told_quiet: bool,
    /// The version that the user was told of.
    other_version: Option<u32>,
}

impl Worker {
    /// A rig that has heard of nobody. Its first beat is due at once.
    pub fn new(settings: Settings, now: Micros) -> Self {
        Self {
            finds: Finds::new(settings.session),
            settings,
            lead: None,
            range: None,
            refused: None,
            doing: Doing::Waiting(Why::Joining),
            since: now,
            lost: Lost::default(),
            tasks: VecDeque::new(),
            devices: Vec::new(),
            next_beat: now,
            told_quiet: false,
            other_version: None,
        }
    }

    /// What came on the subject of announcements.
    pub fn announced(&mut self, bytes: &[u8], now: Micros) -> Vec<Action> {
        let mut actions = Vec::new();
        match read(bytes) {
            Ok(announcement) => {
                self.hear(announcement, now, &mut actions);
                self.proceed(now, &mut actions);
            }
            Err(error) => self.complain(error, &mut actions),
        }
        actions
    }

    /// What came on the rig's own subject.
    pub fn received(&mut self, bytes: &[u8], now: Micros) -> Vec<Action> {
        let mut actions = Vec::new();
        match read(bytes) {
            Ok(ToRig::Welcome {
                session,
                range,
                announcement,
            }) if session == self.settings.session => {
                let from = announcement.coordinator;
                self.hear(announcement, now, &mut actions);
                if self.follows() == Some(from) {
                    self.join(range, &mut actions);
                }
            }
            Ok(ToRig::Answer {
                session,
                number,
                coordinator,
                verdict,
            }) if session == self.settings.session => {
                self.answer(number, coordinator, verdict, now, &mut actions);
            }
            Ok(ToRig::Refused { session, reason }) if self.is_refused(session, reason) => {
                self.refuse(reason, now, &mut actions);
            }
            // For another process of this name.
            Ok(_) => {}
            Err(error) => self.complain(error, &mut actions),
        }
        self.proceed(now, &mut actions);
        actions
    }

    /// The reference accepted a nonce for a challenge that was searched for here.
    pub fn found(&mut self, challenge: &Challenge, solution: Solution, now: Micros) -> Vec<Action> {
        let mut tasks = self.tasks.iter().rev();
        // Of one challenge there may have been several difficulties. What does not reach the one that it names is a lie.
        let wins = tasks.find(|(task, _)| {
            let target = task.difficulty().target();
            task.challenge() == *challenge
                && target.admits(&solution.seal(), task.asked().protocol())
        });
        if let Some((task, _)) = wins {
            self.finds.keep(*task, solution, now);
        }
        self.tick(now)
    }

    /// Where the devices go on. Told before anything that may give them something else to do, so that they need
    /// not begin again when they come back to a challenge.
    pub fn at(&mut self, next: Position) {
        if let Doing::Searching(task, range) = self.doing
            && range.contains(next)
        {
            for (known, place) in &mut self.tasks {
                if known.is_same(&task) {
                    *place = Some(next);
                }
            }
        }
    }

    /// How the devices are, for the next beat. What is beyond 64 of them, or has no room in a message, is added up in the last.
    pub fn devices(&mut self, mut devices: Vec<Device>) {
        devices.iter_mut().for_each(Device::be_sound);
        let mut len = 0;
        let fits = |device: &Device| {
            // With the comma after it.
            len += serde_json::to_vec(device).map_or(Beat::LONGEST_DEVICES, |it| it.len()) + 1;
            len <= Beat::LONGEST_DEVICES
        };
        let room = devices.iter().map(fits).take_while(|fits| *fits).count();
        let room = room.min(MOST_DEVICES);
        if devices.len() > room {
            let rest = devices.split_off(room.saturating_sub(1));
            devices.push(Device::sum(&rest));
        }
        self.devices = devices;
    }

    /// The connection to the server is there again: what is due is sent at once.
    pub fn connected(&mut self, now: Micros) -> Vec<Action> {
        self.next_beat = now;
        self.finds.hurry(now);
        self.tick(now)
    }

    /// Does what is due.
    pub fn tick(&mut self, now: Micros) -> Vec<Action> {
        let mut actions = Vec::new();
        self.proceed(now, &mut actions);
        actions
    }

    /// When to [tick](Self::tick) next, if nothing else happens.
    pub fn next_tick(&self) -> Micros {
        let find = self.finds.next_due(self.head(), self.follows());
        let silence = match &self.doing {
            Doing::Searching(..) => self.silent_at(),
            Doing::Waiting(_) => None,
        };
        let quiet = self.quiet_at().filter(|_| !self.told_quiet);
        let mut due = self.next_beat;
        for moment in find.into_iter().chain(silence).chain(quiet) {
            due = due.min(moment);
        }
        due
    }

    /// The last message before the rig ends.
    pub fn bye(&self) -> Vec<u8> {
        let session = self.settings.session;
        write(&FromRig::Bye { session })
    }

    /// What the rig hashes; none while it waits.
    pub const fn task(&self) -> Option<&Task> {
        match &self.doing {
            Doing::Searching(task, _) => Some(task),
            Doing::Waiting(_) => None,
        }
    }

    /// Why it waits, if it does.
    pub const fn waits_for(&self) -> Option<&Why> {
        match &self.doing {
            Doing::Searching(..) => None,
            Doing::Waiting(why) => Some(why),
        }
    }

    /// Its range of positions.
    pub const fn range(&self) -> Option<Range> {
        self.range
    }

    /// The finds that it keeps and its coordinator has not taken, as far as they count: challenge and nonce.
    pub fn open_finds(&self) -> impl Iterator<Item = (&Task, u64)> {
        self.finds.open(self.head(), self.follows())
    }

    /// The coordinator that it follows.
    pub fn follows(&self) -> Option<Id> {
        self.lead.as_ref().map(|lead| lead.announcement.coordinator)
    }

    /// Whether nothing has been heard of the coordinator for [some time](SILENCE), though it has not ended.
    pub fn is_quiet(&self, now: Micros) -> bool {
        self.quiet_at().is_some_and(|at| now >= at)
    }

    fn quiet_at(&self) -> Option<Micros> {
        let lead = self.lead.as_ref().filter(|it| !it.announcement.ends);
        lead.map(|lead| lead.heard.saturating_add(SILENCE))
    }

    fn head(&self) -> Option<u64> {
        self.lead.as_ref().map(|lead| lead.announcement.head)
    }

    /// When it will have heard nothing for too long.
    fn silent_at(&self) -> Option<Micros> {
        let Lead {
            announcement,
            heard,
        } = self.lead.as_ref()?;
        match announcement.order {
            Order::Search { patience_s, .. } => {
                Some(heard.saturating_add(Micros::from(patience_s) * 1_000_000))
            }
            Order::Rest { .. } => None,
        }
    }

    /// Whether nobody has been heard for so long that any coordinator is followed. One that begins shall know soon who is there.
    fn hears_nobody(&self, now: Micros) -> bool {
        let lead = self.lead.as_ref();
        lead.is_none_or(|lead| lead.announcement.ends || now.saturating_sub(lead.heard) > SILENCE)
    }

    /// Takes an announcement, unless it is an old one or somebody's who does not lead.
    fn hear(&mut self, announcement: Announcement, now: Micros, actions: &mut Vec<Action>) {
        let coordinator = announcement.coordinator;
        let before = self.follows();
        if let Some(Lead {
            announcement: last,
            heard,
        }) = &self.lead
        {
            let is_news = if coordinator == last.coordinator {
                (announcement.term, announcement.sequence) > (last.term, last.sequence)
            } else {
                last.ends || (announcement.term, coordinator) > (last.term, last.coordinator)
            };
            // Also of the same one: somebody may have said in its name what it can never exceed.
            if !is_news && now.saturating_sub(*heard) <= SILENCE {
                return;
            }
        }
        if let Order::Search { task, .. } = &announcement.order {
            self.remember(*task, now);
        }
        self.lead = Some(Lead {
            announcement,
            heard: now,
        });
        if before != Some(coordinator) {
            // It may know nothing of this rig.
            self.next_beat = now;
            self.told_quiet = false;
            actions.push(Action::Tell(Event::Follows(coordinator)));
        }
    }

    fn remember(&mut self, task: Task, now: Micros) {
        let same = |(known, _): &&(Task, _)| known.is_same(&task);
        let mut place = None;
        for (known, left) in self.tasks.iter().filter(same) {
            if known.difficulty() == task.difficulty() {
                return;
            }
            place = *left;
        }
        if self.tasks.len() >= TASKS {
            self.tasks.pop_front();
        }
        self.tasks.push_back((task, place));
        // What did not count for the last block may for this one.
        self.finds.hurry(now);
    }

    fn join(&mut self, range: Range, actions: &mut Vec<Action>) {
        self.refused = None;
        if self.range.replace(range) != Some(range) {
            for (_, place) in &mut self.tasks {
                *place = None;
            }
            actions.push(Action::Tell(Event::Joined(range)));
        }
    }

    fn answer(
        &mut self,
        number: u32,
        coordinator: Id,
        verdict: Verdict,
        now: Micros,
        actions: &mut Vec<Action>,
    ) {
        let Some((task, nonce)) = self.finds.answer(number, coordinator, verdict, now) else {
            return;
        };
        match verdict {
            Verdict::Taken => actions.push(Action::Tell(Event::Taken { task, nonce })),
            Verdict::Wrong => actions.push(Action::Tell(Event::Disbelieved { task, nonce })),
            Verdict::Known | Verdict::Late | Verdict::Keep => {}
        }
    }

    /// Whether a refusal is meant for this process. What only one process did is not for all of its name.
    fn is_refused(&self, session: Option<Id>, reason: Refusal) -> bool {
        let is_own = session == Some(self.settings.session);
        match reason {
            Refusal::CutOff => is_own || session.is_none(),
            Refusal::Full => is_own,
            // Somebody else of this name speaks another version; this one does not.
            Refusal::Version { speaks } => speaks != VERSION && (is_own || session.is_none()),
        }
    }

    fn refuse(&mut self, reason: Refusal, now: Micros, actions: &mut Vec<Action>) {
        // To ask for a range is to ask whether it is still so.
        self.range = None;
        self.next_beat = now + REFUSED;
        if self.refused.replace(reason) != Some(reason) {
            actions.push(Action::Tell(Event::Refused(reason)));
        }
    }

    fn complain(&mut self, error: Unreadable, actions: &mut Vec<Action>) {
        if let Unreadable::Version(version) = error
            && self.other_version.replace(version) != Some(version)
        {
            actions.push(Action::Tell(Event::OtherVersion(version)));
        }
    }

    /// What the devices should do now.
    fn wanted(&self, now: Micros) -> Doing {
        let wait = |why| Doing::Waiting(why);
        if let Some(reason) = self.refused {
            return wait(Why::Refused(reason));
        }
        let Some(lead) = &self.lead else {
            return wait(Why::Joining);
        };
        let announcement = &lead.announcement;
        match (&announcement.order, self.range) {
            (Order::Rest { reason }, _) if announcement.ends => wait(Why::Over(reason.clone())),
            (Order::Rest { reason }, _) => wait(Why::Resting(reason.clone())),
            _ if self.silent_at().is_some_and(|at| now >= at) => wait(Why::Silent),
            (Order::Search { .. }, None) => wait(Why::Joining),
            (Order::Search { task, .. }, Some(range)) => Doing::Searching(*task, range),
        }
    }

    /// Has the devices do what they should, and sends what is due.
    fn proceed(&mut self, now: Micros, actions: &mut Vec<Action>) {
        self.count_lost(now);
        let wanted = self.wanted(now);
        if wanted != self.doing {
            self.doing = wanted;
            actions.push(match &self.doing {
                Doing::Searching(task, range) => {
                    let mut tasks = self.tasks.iter();
                    let known = tasks.find(|(known, _)| known.is_same(task));
                    let left = known.and_then(|(_, place)| *place);
                    Action::Search(task.search(left.unwrap_or(range.start())))
                }
                Doing::Waiting(why) => Action::Pause(why.clone()),
            });
        }
        let is_quiet = self.is_quiet(now);
        if core::mem::replace(&mut self.told_quiet, is_quiet) != is_quiet {
            let left = self.silent_at().map(|at| at.saturating_sub(now));
            actions.push(Action::Tell(if is_quiet {
                Event::Quiet(left)
            } else {
                Event::Heard
            }));
        }
        self.beat(now, actions);
        let (head, lead) = (self.head(), self.follows());
        let due = self.finds.due(head, lead, now);
        actions.extend(due.map(|find| Action::Send(write(&FromRig::Find(find)))));
    }

    fn beat(&mut self, now: Micros, actions: &mut Vec<Action>) {
        if now < self.next_beat {
            return;
        }
        self.next_beat = now
            + match (self.refused, self.range) {
                (Some(_), _) => REFUSED,
                (None, None) => JOIN,
                (None, Some(_)) if self.hears_nobody(now) => JOIN,
                (None, Some(_)) => BEAT,
            };
        let beat = Beat {
            session: self.settings.session,
            program: self.settings.program.clone(),
            range: self.range,
            block: self.task().map(|task| task.block().0),
            lost: self.lost,
            devices: self.devices.clone(),
        };
        actions.push(Action::Send(write(&FromRig::Beat(beat))));
    }

    fn count_lost(&mut self, now: Micros) {
        let passed = now.saturating_sub(self.since) as f64 / 1e6;
        self.since = self.since.max(now);
        match &self.doing {
            Doing::Searching(..) => {}
            Doing::Waiting(Why::Joining | Why::Over(_) | Why::Refused(_)) => {
                self.lost.joining_s += passed
            }
            Doing::Waiting(Why::Silent) => self.lost.silent_s += passed,
            Doing::Waiting(Why::Resting(_)) => self.lost.resting_s += passed,
        }
    }
}
