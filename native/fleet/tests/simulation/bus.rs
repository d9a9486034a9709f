//! The server between coordinators and rigs: it loses, repeats and reorders what it passes on.

use btpow_fleet::RigName;

use crate::world::{Mail, Node, SECOND, Step, World, fleet};

impl World {
    /// Passes a message on to everybody who may read its subject.
    pub(crate) fn post(&mut self, from: Node, mail: &Mail) {
        if !self.is_connected(from) {
            return;
        }
        let coordinators = (0..self.lives.len()).map(Node::Coordinator);
        let rigs = (0..self.rigs.len()).map(Node::Rig);
        let liars = (0..self.liars.len()).map(Node::Liar);
        let readers: Vec<_> = match mail {
            Mail::Announced(_) => coordinators.chain(rigs).chain(liars).collect(),
            Mail::FromRig(..) => coordinators.collect(),
            Mail::ToRig(_) => Vec::new(),
        };
        if let (Mail::FromRig(_, bytes), Node::Rig(_)) = (mail, from)
            && self.rng.chance(20)
        {
            for liar in &mut self.liars {
                liar.overheard.push(bytes.clone());
            }
        }
        for reader in readers {
            self.pass_on(reader, mail);
        }
    }

    /// Passes a message on to one rig.
    pub(crate) fn post_to(&mut self, from: Node, rig: &RigName, bytes: Vec<u8>) {
        if !self.is_connected(from) {
            return;
        }
        let subject = fleet().to_rig(rig);
        let mut places = 0..self.rigs.len();
        let place = places.find(|place| {
            let name = format!("rig-{place}").parse().expect("a name");
            fleet().to_rig(&name) == subject
        });
        if let Some(place) = place {
            self.pass_on(Node::Rig(place), &Mail::ToRig(bytes));
        }
    }

    fn pass_on(&mut self, to: Node, mail: &Mail) {
        let copies = if self.rng.chance(self.loss) {
            0
        } else {
            1 + u64::from(!self.is_calm && self.rng.chance(10))
        };
        for _ in 0..copies {
            // Some come so late that others overtake them.
            let late = !self.is_calm && self.rng.chance(5);
            let most = if late { 5 * SECOND } else { SECOND / 20 };
            let later = self.rng.between(SECOND / 1_000, most);
            self.plan(later, Step::Deliver(to, mail.clone()));
        }
    }

    /// A message arrives.
    pub(crate) fn deliver(&mut self, to: Node, mail: Mail) {
        match (to, mail) {
            (Node::Coordinator(it), Mail::Announced(bytes)) => {
                self.fleet(it, |it, now| it.overhear(&bytes, now));
            }
            (Node::Coordinator(it), Mail::FromRig(name, bytes)) => {
                let sender = fleet().sender(&fleet().from_rig(&name));
                let name = sender.expect("a rig's subject");
                self.fleet(it, |it, now| {
                    it.fleet(now, |it, now| it.received(&name, &bytes, now))
                });
            }
            (Node::Rig(it), Mail::Announced(bytes)) => {
                self.rig(it, |it, now| {
                    it.tell(now, |it, now| it.announced(&bytes, now))
                });
            }
            (Node::Rig(it), Mail::ToRig(bytes)) => {
                self.rig(it, |it, now| {
                    it.tell(now, |it, now| it.received(&bytes, now))
                });
            }
            (Node::Liar(it), Mail::Announced(bytes)) => self.liars[it].hear(&bytes),
            (to, mail) => panic!("{to:?} may not read {mail:?}"),
        }
    }
}
