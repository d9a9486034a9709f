//! What coordinators do, and how they die of it.

use btpow_registration::Progress;

use crate::{
    chain::Sender,
    life::Deed,
    world::{Mail, Node, SECOND, Step, World},
};

impl World {
    /// Does what a coordinator says, unless it dies meanwhile.
    pub(crate) fn perform(&mut self, place: usize, deeds: Vec<Deed>) {
        let Some(life) = self.lives[place].as_ref() else {
            return;
        };
        let life = life.number;
        for deed in deeds {
            let deadly = if matches!(deed, Deed::Submit(..)) {
                25
            } else {
                0
            };
            if !self.is_calm && self.rng.chance(deadly) {
                self.kill(place);
                return;
            }
            self.perform_one(place, life, deed);
        }
        let it = self.lives[place].as_ref();
        if it.is_some_and(|it| it.number == life && it.is_over()) {
            self.say(|| format!("coordinator {place} has what it wants"));
            self.end(place);
        }
    }

    fn perform_one(&mut self, place: usize, life: u64, deed: Deed) {
        let node = Node::Coordinator(place);
        let from = |want| Sender { place, life, want };
        let later = self.rng.between(0, SECOND / 3);
        match deed {
            Deed::Announce(bytes) => {
                self.check_announcement(place, &bytes);
                self.last_announced.clone_from(&bytes);
                self.post(node, &Mail::Announced(bytes));
            }
            Deed::Send(rig, bytes) => self.post_to(node, &rig, bytes),
            Deed::Submit(want, submission) if self.blind[place] => {
                let lost = Progress::Lost("no connection".to_owned());
                self.plan(later, Step::News(from(want), submission.id, lost));
            }
            Deed::Submit(want, submission) => {
                self.tally.submissions += 1;
                self.plan(later, Step::Submit(from(want), submission));
            }
            Deed::Confirm(..) if self.blind[place] => {}
            Deed::Confirm(want, numbers) => self.plan(later, Step::Confirm(from(want), numbers)),
        }
    }

    /// News comes in its order.
    pub(crate) fn news(&mut self, to: Sender, id: u64, progress: Progress) {
        let due = self.now + self.rng.between(0, SECOND / 3);
        let last = self.told.entry(to).or_default();
        *last = due.max(*last);
        let later = *last - self.now;
        self.plan(later, Step::News(to, id, progress));
    }

    /// A coordinator ends by itself. It is started again if a key is not registered after all.
    fn end(&mut self, place: usize) {
        // Its last word, unless something keeps it from it.
        if self.rng.chance(70)
            && let Some(life) = self.lives[place].as_mut()
        {
            let number = life.number;
            for deed in life.fleet(self.now, |it, now| it.end("done", now)) {
                self.perform_one(place, number, deed);
            }
        }
        self.lives[place] = None;
        self.left = self.now;
        self.start_if_wanted(place);
    }

    /// Starts a coordinator that has ended by itself, if a key that it wants is not registered.
    pub(crate) fn start_if_wanted(&mut self, place: usize) {
        let wanted = &self.rules.of[place];
        if self.is_started[place] && self.lives[place].is_none() && !self.chain.has_all(wanted) {
            let later = self.rng.between(SECOND, 15 * SECOND);
            self.plan(later, Step::Start(place));
        }
    }

    pub(crate) fn kill(&mut self, place: usize) {
        if let Some(life) = self.lives[place].take() {
            self.say(|| format!("coordinator {place} dies, {}", life.id));
            self.tally.kills += 1;
            let later = self.rng.between(SECOND, 15 * SECOND);
            self.plan(later, Step::Start(place));
        }
    }
}
