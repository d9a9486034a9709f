//! The finds of a rig, kept until they count no longer.

use btpow_core::{Micros, Solution};

use crate::{
    Id, Task,
    message::{Find, Verdict},
};

/// How soon a find is sent again that nobody has answered.
const AGAIN: Micros = 1_000_000;

/// The same for one that does not count now.
const LATER: Micros = 5_000_000;

/// For how long a find is kept, by the rig's own clock: which block is the newest is the word of whoever leads. A find counts for
/// five blocks, a chain may go back, and it may stand still.
const AGE: Micros = 3_600_000_000;

/// How many are kept. A rig hears of no more challenges that count.
const MOST: usize = 64;

/// Of each challenge the lowest find.
#[derive(Debug)]
pub(super) struct Finds {
    session: Id,
    /// Oldest first.
    kept: Vec<Kept>,
    count: u32,
}

#[derive(Debug)]
struct Kept {
    number: u32,
    task: Task,
    solution: Solution,
    /// The coordinator that has it.
    with: Option<Id>,
    /// When to send it next.
    due: Micros,
    found: Micros,
}

impl Kept {
    /// Whether the coordinator that leads should be told of it.
    fn is_open(&self, head: Option<u64>, lead: Option<Id>) -> bool {
        // By the protocol's rule: the sender's word for it may be wrong.
        let counts = head.is_none_or(|head| head <= self.task.last_head());
        counts && (self.with.is_none() || self.with != lead)
    }
}

impl Finds {
    pub(super) const fn new(session: Id) -> Self {
        Self {
            session,
            kept: Vec::new(),
            count: 0,
        }
    }

    /// Keeps a find if it is the lowest of its challenge. It is due at once.
    pub(super) fn keep(&mut self, task: Task, solution: Solution, now: Micros) {
        let place = self.kept.iter().position(|kept| kept.task.is_same(&task));
        if let Some(place) = place {
            if self.kept[place].solution.value() <= solution.value() {
                return;
            }
            self.kept.remove(place);
        }
        if self.kept.len() >= MOST {
            self.kept.remove(0);
        }
        self.count = self.count.wrapping_add(1);
        self.kept.push(Kept {
            number: self.count,
            task,
            solution,
            with: None,
            due: now,
            found: now,
        });
    }

    /// Takes note of what a coordinator says to a find; which one that is, if it is kept.
    pub(super) fn answer(
        &mut self,
        number: u32,
        coordinator: Id,
        verdict: Verdict,
        now: Micros,
    ) -> Option<(Task, u64)> {
        let place = self.kept.iter().position(|kept| kept.number == number)?;
        let kept = &mut self.kept[place];
        let find = (kept.task, kept.solution.nonce());
        match verdict {
            // Another coordinator may see it otherwise, also where this one says that it is none.
            Verdict::Taken | Verdict::Known | Verdict::Wrong => {
                let is_news = kept.with.replace(coordinator) != Some(coordinator);
                return is_news.then_some(find);
            }
            // It counts again if the chain goes back.
            Verdict::Late | Verdict::Keep => kept.due = now + LATER,
        }
        Some(find)
    }

    /// All are due now.
    pub(super) fn hurry(&mut self, now: Micros) {
        for kept in &mut self.kept {
            kept.due = now;
        }
    }

    /// What to send now, and forgets what is old.
    pub(super) fn due(
        &mut self,
        head: Option<u64>,
        lead: Option<Id>,
        now: Micros,
    ) -> impl Iterator<Item = Find> {
        self.kept
            .retain(|kept| now.saturating_sub(kept.found) <= AGE);
        let session = self.session;
        let open = self.kept.iter_mut();
        let due = open.filter(move |kept| kept.due <= now && kept.is_open(head, lead));
        due.map(move |kept| {
            kept.due = now + AGAIN;
            Find {
                session,
                number: kept.number,
                task: kept.task,
                nonce: kept.solution.nonce(),
            }
        })
    }

    /// When the next one is due.
    pub(super) fn next_due(&self, head: Option<u64>, lead: Option<Id>) -> Option<Micros> {
        let open = self.kept.iter().filter(|kept| kept.is_open(head, lead));
        open.map(|kept| kept.due).min()
    }

    /// Those that the coordinator that leads should be told of: challenge and nonce.
    pub(super) fn open(
        &self,
        head: Option<u64>,
        lead: Option<Id>,
    ) -> impl Iterator<Item = (&Task, u64)> {
        let open = self.kept.iter();
        let open = open.filter(move |kept| kept.is_open(head, lead));
        open.map(|kept| (&kept.task, kept.solution.nonce()))
    }
}
