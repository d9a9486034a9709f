//! All that happens in a schedule, in the order of time. Everything follows from its seed.

use alloc::{collections::BinaryHeap, rc::Rc};
use core::cmp::Reverse;
use std::collections::HashMap;

use btpow_core::Difficulty;
use btpow_fleet::{Coordinator, Fleet, RigName};
use btpow_registration::{Progress, session::Submission};

use crate::{
    chain::{Chain, News, Sender},
    checks::{Guided, Tracked},
    life::{Deed, Life},
    rigs::{Honest, Liar},
    rng::Rng,
    rules::{COORDINATORS, LIARS, RIGS, Rules},
    tally::Tally,
};

pub(crate) const SECOND: u64 = 1_000_000;

/// More than any schedule needs.
const MOST_STEPS: u64 = 1_000_000;

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Node {
    Coordinator(usize),
    Rig(usize),
    Liar(usize),
}

/// A message that the server passes on.
#[derive(Clone, Debug)]
pub(crate) enum Mail {
    Announced(Vec<u8>),
    FromRig(RigName, Vec<u8>),
    ToRig(Vec<u8>),
}

#[derive(Debug)]
pub(crate) enum Step {
    Deliver(Node, Mail),
    Wake(Node),
    Find(usize, u64),
    Lie(usize),
    Block,
    Reorganise,
    See(usize),
    Submit(Sender, Box<Submission>),
    Confirm(Sender, Vec<u64>),
    News(Sender, u64, Progress),
    Fault,
    Start(usize),
    StartRig(usize),
    ServerUp,
    Heal(Node),
    Sight(usize),
    Watch,
    Calm,
    Steady,
    End,
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) now: u64,
    steps: BinaryHeap<Reverse<(u64, u64)>>,
    plans: HashMap<u64, Step>,
    count: u64,
    wakes: HashMap<Node, u64>,
    pub(crate) rules: Rc<Rules>,
    pub(crate) chain: Chain,
    pub(crate) lives: [Option<Life>; COORDINATORS],
    /// How each coordinator is started.
    standby: [bool; COORDINATORS],
    /// Which of them were started.
    pub(crate) is_started: [bool; COORDINATORS],
    /// When one last ended by itself.
    pub(crate) left: u64,
    /// When the last news comes of what was sent.
    pub(crate) told: HashMap<Sender, u64>,
    pub(crate) rigs: Vec<Option<Honest>>,
    pub(crate) liars: Vec<Liar>,
    pub(crate) is_up: bool,
    /// Who has no connection to the server, and which coordinators none to the chain.
    pub(crate) cut: Vec<Node>,
    pub(crate) blind: [bool; COORDINATORS],
    /// Of a hundred messages so many are lost.
    pub(crate) loss: u64,
    pub(crate) is_calm: bool,
    pub(crate) born: u64,
    pub(crate) finds: Vec<Tracked>,
    /// What a coordinator has said last.
    pub(crate) last_announced: Vec<u8>,
    /// What was last asked of each goal and block.
    pub(crate) asked: HashMap<(usize, [u8; 32]), Difficulty>,
    /// For how long each rig could have known what to do.
    pub(crate) guided: Vec<Guided>,
    pub(crate) tally: Tally,
    speaks: bool,
}

impl World {
    pub(crate) fn new(seed: u64, speaks: bool) -> Self {
        let mut rng = Rng::new(seed);
        let second = rng.between(0, 3);
        let name = |name: String| name.parse().expect("a name");
        let rules = Rc::new(Rules::new(&mut rng));
        let mut world = Self {
            chain: Chain::new(Rc::clone(&rules), &mut rng),
            loss: [0, 10, 30][rng.below(3)],
            rng,
            rules,
            now: 0,
            steps: BinaryHeap::new(),
            plans: HashMap::new(),
            count: 0,
            wakes: HashMap::new(),
            lives: [None, None],
            // A standby on purpose, or two by mistake.
            standby: [false, second < 3],
            is_started: [true, second > 0],
            left: 0,
            told: HashMap::new(),
            rigs: (0..RIGS).map(|_| None).collect(),
            liars: (0..LIARS)
                .map(|it| Liar::new(name(format!("liar-{it}"))))
                .collect(),
            is_up: true,
            cut: Vec::new(),
            blind: [false; COORDINATORS],
            is_calm: false,
            born: 0,
            finds: Vec::new(),
            last_announced: Vec::new(),
            asked: HashMap::new(),
            guided: vec![Guided::default(); RIGS],
            tally: Tally::default(),
            speaks,
        };
        world.plan(0, Step::Start(0));
        world.say(|| {
            let rules = &world.rules;
            let (of, most, wait) = (&rules.of, rules.most_rigs, rules.wait);
            let honest = if rules.deceives {
                "deceive"
            } else {
                "are honest"
            };
            format!("goals {of:?}, {most} rigs at most, {wait:?}, endpoints {honest}")
        });
        if second > 0 {
            let later = world.rng.between(0, 30 * SECOND);
            world.plan(later, Step::Start(1));
        }
        for rig in 0..RIGS {
            let later = world.rng.between(0, 10 * SECOND);
            world.plan(later, Step::StartRig(rig));
        }
        for liar in 0..LIARS {
            world.plan(SECOND, Step::Lie(liar));
        }
        let calm = world.rng.between(100, 250) * SECOND;
        world.plan(SECOND, Step::Block);
        world.plan(SECOND / 2, Step::Watch);
        world.plan(5 * SECOND, Step::Fault);
        world.plan(calm, Step::Calm);
        world.plan(calm + 110 * SECOND, Step::Steady);
        world.plan(calm + 600 * SECOND, Step::End);
        world
    }

    /// Lets everything happen.
    pub(crate) fn run(mut self) -> Tally {
        while let Some(Reverse((now, number))) = self.steps.pop() {
            assert!(self.count < MOST_STEPS, "it never ends");
            let step = self.plans.remove(&number).expect("it was planned");
            self.now = now;
            if matches!(step, Step::End) {
                break;
            }
            self.step(step);
            if self.is_over() {
                break;
            }
        }
        self.check_end();
        self.tally
    }

    pub(crate) fn plan(&mut self, later: u64, step: Step) {
        self.count += 1;
        self.steps.push(Reverse((self.now + later, self.count)));
        self.plans.insert(self.count, step);
    }

    pub(crate) fn say(&self, what: impl FnOnce() -> String) {
        if self.speaks {
            println!("{:9.3} {}", self.now as f64 / SECOND as f64, what());
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Deliver(to, mail) => {
                if self.is_connected(to) {
                    self.deliver(to, mail);
                }
            }
            Step::Wake(node) => {
                if self.wakes.get(&node) == Some(&self.now) {
                    self.wakes.remove(&node);
                    match node {
                        Node::Coordinator(it) => {
                            // The server answers now and then, if it can.
                            let is_there = self.is_connected(Node::Coordinator(it));
                            self.fleet(it, |it, now| {
                                it.fleet(now, |it, now| {
                                    if is_there {
                                        it.server_spoke(now);
                                    }
                                    it.tick(now)
                                })
                            });
                        }
                        Node::Rig(it) => {
                            self.rig(it, |it, now| it.tell(now, |it, now| it.tick(now)));
                        }
                        Node::Liar(_) => {}
                    }
                }
            }
            Step::Find(rig, life) => self.find(rig, life),
            Step::Lie(liar) => self.lie(liar),
            Step::Block => self.block(),
            Step::Reorganise => self.reorganise(),
            Step::See(it) => {
                if !self.blind[it] {
                    self.chain(it, |it, chain, now| it.block(chain, now));
                }
            }
            Step::Submit(from, submission) => {
                self.say(|| format!("{from:?} sends {}", submission.work.proof.work_block));
                let id = submission.id;
                let progress = self.chain.submit(from, *submission);
                self.news(from, id, progress);
            }
            Step::Confirm(from, numbers) => {
                if self.is_alive(from) {
                    self.chain(from.place, |it, chain, now| {
                        it.confirmed(chain, from.want, &numbers, now)
                    });
                }
            }
            Step::News(to, id, progress) => {
                if self.is_alive(to) {
                    self.fleet(to.place, |it, now| it.progress(to.want, id, progress, now));
                }
            }
            Step::Fault => self.fault(),
            Step::Start(it) => self.start(it),
            Step::StartRig(rig) => self.start_rig(rig),
            Step::ServerUp => {
                self.is_up = true;
                self.reach(Coordinator::hears);
                self.say(|| "the server is up".to_owned());
                (0..RIGS).for_each(|rig| self.reconnect(rig));
            }
            Step::Heal(node) => {
                self.cut.retain(|cut| *cut != node);
                self.say(|| format!("{node:?} is connected"));
                if let Node::Rig(rig) = node {
                    self.reconnect(rig);
                }
            }
            Step::Sight(it) => {
                self.blind[it] = false;
                self.plan(0, Step::See(it));
            }
            Step::Watch => {
                self.watch();
                self.plan(SECOND / 2, Step::Watch);
            }
            Step::Calm => self.calm(),
            Step::Steady => {
                self.check_steady();
                self.chain.open();
            }
            Step::End => {}
        }
    }

    fn is_alive(&self, from: Sender) -> bool {
        let life = self.lives[from.place].as_ref();
        life.is_some_and(|it| it.number == from.life)
    }

    pub(crate) fn is_connected(&self, node: Node) -> bool {
        self.is_up && !self.cut.contains(&node)
    }

    fn start(&mut self, place: usize) {
        if self.lives[place].is_some() {
            return;
        }
        self.born += 1;
        let (standby, rules) = (self.standby[place], &self.rules);
        let (mut life, deeds) =
            Life::new(self.born, place, standby, rules, self.now, &mut self.rng);
        if self.is_calm {
            life.deceit = None;
        }
        self.say(|| format!("coordinator {place} starts, {}", life.id));
        self.lives[place] = Some(life);
        self.perform(place, deeds);
        let later = self.rng.between(0, SECOND);
        self.plan(later, Step::See(place));
        self.wake(Node::Coordinator(place));
    }

    /// Has a coordinator do something, and does what it says.
    pub(crate) fn fleet(&mut self, place: usize, tell: impl FnOnce(&mut Life, u64) -> Vec<Deed>) {
        self.chain(place, |life, _, now| tell(life, now));
    }

    /// The same for what it does with the chain.
    fn chain(&mut self, place: usize, tell: impl FnOnce(&mut Life, &Chain, u64) -> Vec<Deed>) {
        if let Some(life) = &mut self.lives[place] {
            let deeds = tell(life, &self.chain, self.now);
            self.perform(place, deeds);
            self.wake(Node::Coordinator(place));
        }
    }

    pub(crate) fn wake(&mut self, node: Node) {
        let due = match node {
            Node::Coordinator(it) => {
                let life = self.lives[it].as_ref();
                life.map(|life| life.clock.real(life.coordinator.next_tick()))
            }
            Node::Rig(it) => {
                let rig = self.rigs[it].as_ref();
                rig.map(|rig| rig.clock.real(rig.worker.next_tick()))
            }
            Node::Liar(_) => None,
        };
        if let Some(due) = due {
            let due = due.max(self.now + 1);
            if self.wakes.insert(node, due) != Some(due) {
                self.plan(due - self.now, Step::Wake(node));
            }
        }
    }

    fn block(&mut self) {
        let before = self.chain.registered;
        let news = self.chain.block(&mut self.rng);
        self.pass_news(news);
        let registered = self.chain.registered;
        // By chance alone a registration would hardly ever be undone.
        if registered != before && !self.is_calm && self.rng.chance(20) {
            let later = self.rng.between(SECOND, 14 * SECOND);
            self.plan(later, Step::Reorganise);
        }
        self.say(|| format!("block {}, {registered:?}", self.chain.number()));
        self.show_block();
        let later = self.rng.between(15 * SECOND, 25 * SECOND);
        self.plan(later, Step::Block);
    }

    /// Blocks are replaced.
    pub(crate) fn reorganise(&mut self) {
        let news = self.chain.reorganise(&mut self.rng);
        self.say(|| format!("blocks are replaced, {:?}", self.chain.registered));
        self.pass_news(news);
        (0..COORDINATORS).for_each(|place| self.start_if_wanted(place));
        self.show_block();
    }

    fn pass_news(&mut self, news: News) {
        for (to, id, progress) in news {
            self.news(to, id, progress);
        }
    }

    /// Coordinators see the newest block, some later than others.
    pub(crate) fn show_block(&mut self) {
        for place in 0..COORDINATORS {
            let later = self.rng.between(0, 3 * SECOND / 2);
            self.plan(later, Step::See(place));
        }
    }
}

/// Whoever reads a subject of the fleet.
pub(crate) fn fleet() -> Fleet {
    "simulation".parse().expect("a name")
}
