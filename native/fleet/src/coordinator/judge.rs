//! What becomes of a find.

use btpow_core::{Difficulty, Solution};

use super::{Coordinator, Found};
use crate::{
    RigName, Task,
    message::{Find, Verdict},
};

/// How far a challenge of another coordinator may be ahead of the newest block here.
const AHEAD: u64 = 8;

/// How many challenges it remembers of those that it announced: those that count, of dozens of goals.
const TASKS: usize = 256;

/// How many challenges of other coordinators are remembered: those that count, of dozens of goals.
const FOREIGN: usize = 256;

/// How many blocks with one number the rigs of a name may have: of another coordinator, before and after the chain went back.
/// Each has to be asked of the chain.
const FORKS: usize = 8;

/// A challenge, and the lowest seal that was found for it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) task: Task,
    /// Whether this coordinator announced it.
    pub(super) is_own: bool,
    lowest: Option<Solution>,
    /// Who has told of it, if this coordinator did not announce it.
    by: Option<RigName>,
}

impl Judged {
    pub(super) const fn own(task: Task) -> Self {
        Self {
            task,
            is_own: true,
            lowest: None,
            by: None,
        }
    }
}

impl Coordinator {
    /// What to answer, and what was found.
    pub(super) fn judge(&mut self, from: &RigName, find: &Find) -> (Verdict, Option<Found>) {
        let task = &find.task;
        let Some(head) = self.head.filter(|_| self.is_goal(task)) else {
            return (Verdict::Keep, None);
        };
        // By the protocol's rule: what the message says of it is not believed.
        if head > task.last_head() {
            return (Verdict::Late, None);
        }
        let mut known = self.tasks.iter().rev();
        let known = known.find(|judged| judged.task.is_same(task));
        let is_known = known.is_some();
        let is_own = known.is_some_and(|judged| judged.is_own);
        let lowest = known.and_then(|judged| judged.lowest);
        // A find that does not reach what is asked now would be of no use now. One that reaches what its own challenge asked is
        // kept nevertheless: the difficulty may fall.
        let asked = self.difficulty(task.asked());
        let own = known.filter(|_| is_own).map(|it| it.task.difficulty());
        let difficulty = own.into_iter().chain(asked).min();
        let Some(difficulty) = difficulty.filter(|_| is_own || task.block().0 <= head + AHEAD)
        else {
            return (Verdict::Keep, None);
        };
        match Solution::verify(&task.challenge(), &difficulty.target(), find.nonce) {
            Err(_) if is_lie(find, difficulty) => {
                self.rigs.lied(from, task.block().1, find.nonce);
                (Verdict::Wrong, None)
            }
            Err(_) => (Verdict::Keep, None),
            Ok(_) if !is_known && self.forks(from, task.block().0) >= FORKS => {
                (Verdict::Keep, None)
            }
            Ok(solution) if lowest.is_some_and(|it| it.value() <= solution.value()) => {
                (Verdict::Known, None)
            }
            Ok(solution) => {
                let Ok(task) = Task::new(task.asked(), task.block(), difficulty) else {
                    return (Verdict::Keep, None);
                };
                self.note(task, from, solution);
                let found = Found {
                    rig: from.clone(),
                    task,
                    solution,
                    is_own,
                };
                (Verdict::Taken, Some(found))
            }
        }
    }

    fn is_goal(&self, task: &Task) -> bool {
        self.settings.goals.contains(&task.asked())
    }

    /// How many blocks with this number, that this coordinator did not announce, a name has told of.
    fn forks(&self, from: &RigName, number: u64) -> usize {
        let judged = self.tasks.iter();
        let forks = judged.filter(|it| it.task.block().0 == number && it.by.as_ref() == Some(from));
        forks.count()
    }

    /// Remembers what a goal asks now: the newest is the last, also where the chain has gone back to it.
    pub(super) fn remember(&mut self, task: Task) {
        let mut all = self.tasks.iter();
        let known = all.position(|judged| judged.is_own && judged.task.is_same(&task));
        let known = known.and_then(|place| self.tasks.remove(place));
        let own = self.tasks.iter().filter(|judged| judged.is_own);
        if own.count() >= TASKS {
            let oldest = self.tasks.iter().position(|judged| judged.is_own);
            oldest.map(|place| self.tasks.remove(place));
        }
        // The same block may ask another difficulty, where it is not the one that it was.
        self.tasks.push_back(Judged {
            lowest: known.and_then(|judged| judged.lowest),
            ..Judged::own(task)
        });
    }

    /// Remembers the lowest seal of a challenge.
    fn note(&mut self, task: Task, from: &RigName, solution: Solution) {
        let mut known = self.tasks.iter_mut().rev();
        if let Some(judged) = known.find(|judged| judged.task.is_same(&task)) {
            judged.lowest = Some(solution);
            return;
        }
        let foreign = self.tasks.iter().filter(|judged| !judged.is_own);
        if foreign.count() >= FOREIGN {
            // The newest is the first.
            let oldest = self.tasks.iter().rposition(|judged| !judged.is_own);
            oldest.map(|place| self.tasks.remove(place));
        }
        // Before its own, which are looked at first.
        self.tasks.push_front(Judged {
            task,
            is_own: false,
            lowest: Some(solution),
            by: Some(from.clone()),
        });
    }
}

/// Whether a nonce that is no solution at this difficulty is a lie. It is none where a coordinator with an easier
/// difficulty may have accepted it; but it has to reach the one that it names, since a rig verifies it.
fn is_lie(find: &Find, asked: Difficulty) -> bool {
    let claimed = find.task.difficulty();
    let (challenge, target) = (find.task.challenge(), claimed.target());
    claimed >= asked || Solution::verify(&challenge, &target, find.nonce).is_err()
}
