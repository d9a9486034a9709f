//! What goes wrong, until it is calm.

use btpow_fleet::{
    Coordinator, Id, RigName,
    message::{Announcement, Beat, FromRig, Lost, Order, Text, read, write},
};

use crate::world::{Mail, Node, SECOND, Step, World};

impl World {
    /// One thing goes wrong, for a while.
    pub(crate) fn fault(&mut self) {
        if self.is_calm {
            return;
        }
        self.tally.faults += 1;
        let while_ = self.rng.between(2 * SECOND, 35 * SECOND);
        let place = usize::from(self.rng.chance(50));
        let rig = self.rng.below(self.rigs.len());
        match self.rng.between(0, 8) {
            0 => {
                self.is_up = false;
                self.reach(|it, _| it.deaf());
                self.say(|| "the server is down".to_owned());
                self.plan(while_ / 4, Step::ServerUp);
            }
            1 => self.part(Node::Rig(rig), while_),
            2 => self.part(Node::Coordinator(place), while_),
            3 => self.kill(place),
            4 if self.rigs[rig].take().is_some() => {
                self.say(|| format!("rig {rig} dies"));
                self.plan(while_ / 2, Step::StartRig(rig));
            }
            5 => {
                self.say(|| format!("coordinator {place} sees no chain"));
                self.blind[place] = true;
                self.fleet(place, |it, now| it.fleet(now, |it, now| it.blind(now)));
                self.plan(while_, Step::Sight(place));
            }
            6 => self.forge(),
            7 => self.be_another(rig),
            _ => self.reorganise(),
        }
        let later = self.rng.waiting(25 * SECOND);
        self.plan(later, Step::Fault);
    }

    /// Coordinators learn what became of their server.
    pub(crate) fn reach(&mut self, learn: fn(&mut Coordinator, u64)) {
        for place in 0..self.lives.len() {
            self.fleet(place, |it, now| {
                it.fleet(now, |it, now| {
                    learn(it, now);
                    Vec::new()
                })
            });
        }
    }

    /// Somebody has a coordinator's key, and says in the name of another one what nobody can exceed.
    fn forge(&mut self) {
        let Ok(genuine) = read::<Announcement>(&self.last_announced) else {
            return;
        };
        self.say(|| format!("somebody speaks in the name of {}", genuine.coordinator));
        self.tally.forged += 1;
        // For some seconds rigs believe it.
        self.begin_again();
        let forged = Announcement {
            term: u64::MAX,
            sequence: u64::MAX,
            head: u64::MAX,
            order: Order::Rest {
                reason: Text::new("forged"),
            },
            ..genuine
        };
        self.post(Node::Liar(0), &Mail::Announced(write(&forged)));
    }

    /// Another process has the name of a rig: one of another version, and some that come and go.
    fn be_another(&mut self, rig: usize) {
        let name: RigName = format!("rig-{rig}").parse().expect("a name");
        let mut all = vec![br#"{"v":2}"#.to_vec()];
        for _ in 0..self.rng.between(0, 3) {
            let session = Id(self.rng.next());
            all.push(write(&FromRig::Beat(Beat {
                session,
                program: Text::new("another"),
                range: None,
                block: None,
                lost: Lost::default(),
                devices: Vec::new(),
            })));
            if self.rng.chance(50) {
                all.push(write(&FromRig::Bye { session }));
            }
        }
        for bytes in all {
            self.post(Node::Rig(rig), &Mail::FromRig(name.clone(), bytes));
        }
    }

    /// Somebody loses the server.
    fn part(&mut self, node: Node, while_: u64) {
        self.say(|| format!("{node:?} is cut off from the server"));
        if !self.cut.contains(&node) {
            self.cut.push(node);
        }
        self.plan(while_, Step::Heal(node));
    }

    /// From now on all goes well.
    pub(crate) fn calm(&mut self) {
        self.say(|| "it is calm".to_owned());
        self.is_calm = true;
        self.loss = 0;
        // What was lost until now is sent again later.
        self.begin_again();
        for life in self.lives.iter_mut().flatten() {
            life.deceit = None;
        }
        self.plan(0, Step::ServerUp);
        for node in self.cut.clone() {
            self.plan(0, Step::Heal(node));
        }
        for place in 0..self.blind.len() {
            if self.blind[place] {
                self.plan(0, Step::Sight(place));
            }
        }
    }
}
