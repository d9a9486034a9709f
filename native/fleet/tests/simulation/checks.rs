//! What has to hold, whatever happens.

use std::collections::{HashMap, HashSet};

use crate::{
    life::Life,
    world::{Node, SECOND, World},
};
use btpow_core::{Protocol, Solution};
use btpow_fleet::{
    Task,
    message::{Announcement, Order, Refusal, read},
    worker::Why,
};

/// Why a rig waits that there is no room for.
const FULL: Why = Why::Refused(Refusal::Full);

/// How often it is looked.
const LOOK: u64 = SECOND / 2;

/// A solution of an honest rig, and for how long it could have reached each coordinator.
#[derive(Debug)]
pub(crate) struct Tracked {
    rig: (usize, u64),
    task: Task,
    solution: Solution,
    /// For how long without a break, by life of a coordinator.
    covered: HashMap<u64, u64>,
    is_counted: bool,
    /// Whether the rig had no connection when it found it.
    is_apart: bool,
}

/// For how long a rig has seen one leader, and what that is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Guided {
    by: Option<(u64, u64)>,
    lasted: u64,
}

impl Tracked {
    pub(crate) fn new(rig: (usize, u64), task: Task, solution: Solution, is_apart: bool) -> Self {
        Self {
            rig,
            task,
            solution,
            covered: HashMap::new(),
            is_counted: false,
            is_apart,
        }
    }
}

impl World {
    /// Something happened that rigs have to get over first.
    pub(crate) fn begin_again(&mut self) {
        self.guided.fill(Guided::default());
        for find in &mut self.finds {
            find.covered.clear();
        }
    }

    /// For how long a rig and a coordinator that leads must see each other until a find has reached it. A message is sent
    /// again after a second by a slow clock, and comes and is answered half of the time when 30 % are lost.
    const fn enough(&self) -> u64 {
        match self.loss {
            0 => 15 * SECOND,
            10 => 20 * SECOND,
            _ => 40 * SECOND,
        }
    }

    /// **No valid proof is lost that could still count.** A find of a rig that lives, while the next block may still
    /// include it, reaches the session of every coordinator that leads, sees the chain, and is connected with the rig for
    /// long enough: the session is given it, or a lower one for the same block.
    pub(crate) fn watch(&mut self) {
        let finds = core::mem::take(&mut self.finds);
        let kept = finds.into_iter().filter_map(|it| self.watch_find(it));
        let kept: Vec<_> = kept.collect();
        self.finds.extend(kept);
        (0..self.rigs.len()).for_each(|rig| self.watch_rig(rig));
        for life in self.lives.iter().flatten() {
            let honest = self.rigs.iter().flatten();
            let mut named = honest.map(|it| &it.name);
            let cut_off = named.find(|name| life.cut_off.contains(name));
            assert_eq!(cut_off, None, "an honest rig was cut off");
        }
        self.watch_room();
    }

    /// **A coordinator takes no more rigs than it may.**
    fn watch_room(&mut self) {
        let most = self.rules.most_rigs;
        for life in self.lives.iter_mut().flatten() {
            let count = life.coordinator.rigs();
            assert!(count <= most, "{count} rigs of {most}");
            if count == most {
                life.full = Some(self.now);
            }
        }
    }

    /// **No rig rests while somebody knows what to do.** One that lives and is connected with the only coordinator that leads, for
    /// long enough, hashes what that one says.
    fn watch_rig(&mut self, place: usize) {
        let lives = self.lives.iter().enumerate();
        let leading = lives.filter_map(|(place, life)| {
            let life = life.as_ref()?;
            let leads = life.coordinator.leads() && !life.is_over();
            (leads && self.is_connected(Node::Coordinator(place)) && !self.blind[place])
                .then_some(life)
        });
        let leading: Vec<_> = leading.collect();
        let rig = self.rigs[place].as_ref();
        let rig = rig.filter(|_| self.is_connected(Node::Rig(place)));
        let ([leader], Some(rig)) = (&leading[..], rig) else {
            self.guided[place] = Guided::default();
            return;
        };
        let by = Some((leader.number, rig.life));
        let before = self.guided[place];
        let lasted = if before.by == by {
            before.lasted + LOOK
        } else {
            0
        };
        self.guided[place] = Guided { by, lasted };
        if lasted >= self.enough() {
            if rig.worker.waits_for() == Some(&FULL) {
                // It asks again after half a minute by its clock; what is lost then, after another one.
                let soon = 45 * SECOND + self.enough();
                let full = leader.full.unwrap_or_default();
                let is_due = lasted > soon && full + soon < self.now;
                assert!(!is_due || self.loss > 0, "there is room for {rig:?}");
                self.tally.full += 1;
                return;
            }
            let task = rig.worker.task();
            let (number, _) = task.unwrap_or_else(|| panic!("{rig:?} waits")).block();
            // With all that is lost and late, it is no block that counts no longer.
            assert!(number + 2 >= leader.seen, "{} is behind", rig.name);
            self.tally.guided += 1;
        }
    }

    /// Nobody has rigs rest while there is something to search for.
    pub(crate) fn check_announcement(&mut self, place: usize, bytes: &[u8]) {
        let announcement: Announcement = read(bytes).expect("a message");
        let life = self.lives[place].as_ref().expect("it lives");
        let rests = matches!(announcement.order, Order::Rest { .. });
        assert!(!rests || life.is_over(), "it has rigs rest");
        if let Order::Search { task, .. } = announcement.order {
            let want = self.rules.want_of(&task);
            let asked = task.difficulty();
            let before = self.asked.insert((want, task.block().1), asked);
            self.tally.differ += u64::from(before.is_some_and(|before| before != asked));
        }
    }

    fn watch_find(&mut self, mut find: Tracked) -> Option<Tracked> {
        let (rig, life) = find.rig;
        let is_alive = self.rigs[rig].as_ref().is_some_and(|it| it.life == life);
        // A chain may go back by two blocks.
        if !is_alive || self.chain.number() > find.task.last_head() + 2 {
            return None;
        }
        for (place, life) in self.lives.iter().enumerate() {
            let Some(life) = life else { continue };
            let is_covered = self.is_connected(Node::Rig(rig))
                && self.is_connected(Node::Coordinator(place))
                && !self.blind[place]
                && self.could_count(&find, life);
            let covered = find.covered.entry(life.number).or_default();
            *covered = if is_covered { *covered + LOOK } else { 0 };
            if *covered < self.enough() {
                continue;
            }
            let (_, hash) = find.task.block();
            let want = self.rules.want_of(&find.task);
            let given = life.lane_of(want).and_then(|lane| lane.given.get(&hash));
            let has = given.is_some_and(|given| given.value() <= find.solution.value());
            assert!(has, "lost: {find:?}");
            self.tally.covered += u64::from(!find.is_counted);
            self.tally.apart += u64::from(!find.is_counted && find.is_apart);
            self.tally.second += u64::from(!find.is_counted && want > 0);
            find.is_counted = true;
        }
        Some(find)
    }

    /// Whether the next block could include a find that this coordinator has.
    fn could_count(&self, find: &Tracked, life: &Life) -> bool {
        let want = self.rules.want_of(&find.task);
        let Some(lane) = life.lane_of(want) else {
            return false;
        };
        let shown = lane.wish.map(|search| search.difficulty);
        let asked = shown.max(Some(self.chain.difficulty(want)));
        let asked = asked.expect("the chain's own");
        let (number, _) = find.task.block();
        lane.end.is_none()
            && life.coordinator.leads()
            && (number..=find.task.last_head()).contains(&life.seen)
            && asked.target().admits(&find.solution.seal(), Protocol::V1)
    }

    /// When all has gone well for a while: one coordinator leads, all rigs that it has room for hash for the newest block, no
    /// two in the same range, and whoever goes on lying is cut off.
    pub(crate) fn check_steady(&mut self) {
        // Whoever has what it wants leaves, and another one takes over.
        if self.has_all() || self.now < self.left + 60 * SECOND {
            return;
        }
        let lives = self.lives.iter().flatten();
        let leading: Vec<_> = lives.filter(|life| life.coordinator.leads()).collect();
        let [leader] = leading[..] else {
            panic!("{} coordinators lead", leading.len());
        };
        let mut ranges = HashSet::new();
        for rig in &self.rigs {
            let rig = rig.as_ref().expect("all live");
            assert_eq!(rig.worker.follows(), Some(leader.id));
            if rig.worker.waits_for() == Some(&FULL) {
                continue;
            }
            let task = rig.worker.task();
            let (number, _) = task.unwrap_or_else(|| panic!("{rig:?} waits")).block();
            // The newest may be on its way.
            let is_new = number == leader.seen || number + 1 == leader.seen;
            assert!(is_new, "{} hashes for block {number}", rig.name);
            let range = rig.worker.range().expect("it hashes");
            assert!(ranges.insert(range), "two rigs in one range");
        }
        let room = self.rules.most_rigs.min(self.rigs.len());
        assert_eq!(ranges.len(), room, "rigs that hash");
        for liar in &self.liars {
            let is_cut = leader.cut_off.contains(&liar.name);
            assert!(is_cut, "{} still lies", liar.name);
        }
        self.tally.cut_off += self.liars.len() as u64;
        self.tally.steady += 1;
    }

    /// Whether all keys are registered that somebody wants.
    fn has_all(&self) -> bool {
        let places = self.rules.of.iter().zip(self.is_started);
        let mut wanted = places.filter(|(_, is_started)| *is_started);
        wanted.all(|(wants, _)| self.chain.has_all(wants))
    }

    /// Whether all is registered, and everybody had time to send something that they should not.
    pub(crate) fn is_over(&self) -> bool {
        let last = self.chain.registered.iter().flatten().max();
        self.has_all() && last.is_some_and(|block| self.chain.number() > block + 2)
    }

    pub(crate) fn check_end(&mut self) {
        assert!(self.has_all(), "nobody has registered");
        self.tally.registered += 1;
        self.tally.failed += self.chain.failed;
        self.tally.undone += self.chain.undone;
    }
}
