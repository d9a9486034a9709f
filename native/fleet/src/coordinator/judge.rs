//! What becomes of a find.

use btpow_core::Solution;

use super::{Coordinator, Found};
use crate::{
    RigName, Task,
    message::{Find, Verdict},
};

/// How far a challenge of another coordinator may be ahead of the newest block here.
const AHEAD: u64 = 8;

/// How many challenges of other coordinators are remembered: those that count, of dozens of goals.
const FOREIGN: usize = 256;

/// A challenge, and the lowest seal that was found for it.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) task: Task,
    /// Whether this coordinator announced it.
    pub(super) is_own: bool,
    lowest: Option<Solution>,
}

impl Judged {
    pub(super) const fn own(task: Task) -> Self {
        Self {
            task,
            is_own: true,
            lowest: None,
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
        let is_own = known.is_some_and(|judged| judged.is_own);
        let lowest = known.and_then(|judged| judged.lowest);
        let difficulty = match known {
            Some(judged) if is_own => Some(judged.task.difficulty()),
            // A find that does not reach what is asked now would be of no use now.
            _ => self.difficulty(task.asked()),
        };
        let Some(difficulty) = difficulty.filter(|_| is_own || task.block().0 <= head + AHEAD)
        else {
            return (Verdict::Keep, None);
        };
        match Solution::verify(&task.challenge(), &difficulty.target(), find.nonce) {
            Err(_) if is_own => {
                self.rigs.lied(from, task.block().1, find.nonce);
                (Verdict::Wrong, None)
            }
            Err(_) => (Verdict::Keep, None),
            Ok(solution) if lowest.is_some_and(|it| it.value() <= solution.value()) => {
                (Verdict::Known, None)
            }
            Ok(solution) => {
                let Ok(task) = Task::new(task.asked(), task.block(), difficulty) else {
                    return (Verdict::Keep, None);
                };
                self.note(task, is_own, solution);
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

    /// Remembers the lowest seal of a challenge.
    fn note(&mut self, task: Task, is_own: bool, solution: Solution) {
        let mut known = self.tasks.iter_mut().rev();
        if let Some(judged) = known.find(|judged| judged.task.is_same(&task)) {
            judged.lowest = Some(solution);
            return;
        }
        let foreign = self.tasks.iter().filter(|judged| !judged.is_own);
        if foreign.count() >= FOREIGN {
            let oldest = self.tasks.iter().position(|judged| !judged.is_own);
            oldest.map(|place| self.tasks.remove(place));
        }
        // Before its own: they are forgotten when they are old, and these first.
        self.tasks.push_front(Judged {
            task,
            is_own,
            lowest: Some(solution),
        });
    }
}
