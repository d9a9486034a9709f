//! What rigs do, honest ones and those that lie.

use crate::{
    checks::Tracked,
    rigs::Honest,
    world::{Mail, Node, SECOND, Step, World},
};

impl World {
    pub(crate) fn start_rig(&mut self, rig: usize) {
        self.born += 1;
        let name = format!("rig-{rig}").parse().expect("a name");
        let it = Honest::new(name, self.born, self.now, &mut self.rng);
        self.say(|| format!("rig {rig} starts"));
        self.rigs[rig] = Some(it);
        self.rig(rig, |it, now| it.tell(now, |it, now| it.tick(now)));
        self.plan_find(rig, self.born);
    }

    fn plan_find(&mut self, rig: usize, life: u64) {
        let later = self.rng.waiting(40 * SECOND);
        self.plan(later, Step::Find(rig, life));
    }

    /// The client of a rig may tell that its connection is back.
    pub(crate) fn reconnect(&mut self, rig: usize) {
        if self.rng.chance(50) {
            self.rig(rig, |it, now| it.tell(now, |it, now| it.connected(now)));
        }
    }

    /// Has a rig do something, and sends what it says.
    pub(crate) fn rig(
        &mut self,
        place: usize,
        tell: impl FnOnce(&mut Honest, u64) -> Vec<Vec<u8>>,
    ) {
        if let Some(rig) = &mut self.rigs[place] {
            let name = rig.name.clone();
            for bytes in tell(rig, self.now) {
                self.post(Node::Rig(place), &Mail::FromRig(name.clone(), bytes));
            }
            self.wake(Node::Rig(place));
        }
    }

    pub(crate) fn find(&mut self, rig: usize, life: u64) {
        let Some(it) = self.rigs[rig].as_mut().filter(|it| it.life == life) else {
            return;
        };
        if let Some((task, solution)) = it.find() {
            self.tally.finds += 1;
            self.say(|| format!("rig {rig} finds {} {}", task.block().0, solution.seal()));
            let is_apart = !self.is_connected(Node::Rig(rig));
            let find = Tracked::new((rig, life), task, solution, is_apart);
            self.finds.push(find);
            let challenge = task.challenge();
            self.rig(rig, |it, now| {
                it.tell(now, |it, now| it.found(&challenge, solution, now))
            });
        }
        self.plan_find(rig, life);
    }

    pub(crate) fn lie(&mut self, place: usize) {
        let (liar, rng) = (&mut self.liars[place], &mut self.rng);
        let messages = if self.is_calm {
            liar.persist(rng)
        } else {
            liar.act(rng)
        };
        let name = liar.name.clone();
        for bytes in messages {
            self.post(Node::Liar(place), &Mail::FromRig(name.clone(), bytes));
        }
        let later = self.rng.waiting(3 * SECOND);
        self.plan(later, Step::Lie(place));
    }
}
