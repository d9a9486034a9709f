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
        let from = (place, life.number);
        for deed in deeds {
            let deadly = if matches!(deed, Deed::Submit(_)) {
                25
            } else {
                0
            };
            if !self.is_calm && self.rng.chance(deadly) {
                self.kill(place);
                return;
            }
            self.perform_one(from, deed);
        }
    }

    fn perform_one(&mut self, from: Sender, deed: Deed) {
        let node = Node::Coordinator(from.0);
        let later = self.rng.between(0, SECOND / 3);
        match deed {
            Deed::Announce(bytes) => {
                self.check_announcement(from.0, &bytes);
                self.last_announced.clone_from(&bytes);
                self.post(node, &Mail::Announced(bytes));
            }
            Deed::Send(rig, bytes) => self.post_to(node, &rig, bytes),
            Deed::Submit(submission) if self.blind[from.0] => {
                let lost = Progress::Lost("no connection".to_owned());
                self.plan(later, Step::News(from, submission.id, lost));
            }
            Deed::Submit(submission) => {
                self.tally.submissions += 1;
                self.plan(later, Step::Submit(from, submission));
            }
            Deed::Confirm(_) if self.blind[from.0] => {}
            Deed::Confirm(numbers) => self.plan(later, Step::Confirm(from, numbers)),
        }
    }

    pub(crate) fn news(&mut self, to: Sender, id: u64, progress: Progress) {
        let later = self.rng.between(0, SECOND / 3);
        self.plan(later, Step::News(to, id, progress));
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
