//! The events that wait for the user's command.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// How many events may wait for the command.
pub(super) const WAITING: usize = 64;

/// A queue of so many events, for one thread that adds and one that takes.
#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Waiting>,
    is_closed: bool,
}

#[derive(Debug)]
struct Waiting {
    report: String,
    /// What it makes old news of.
    subject: Option<String>,
}

impl Queue {
    /// Adds a report; returns whether there was room. One with a subject takes the place of an earlier one with the same
    /// subject: an endpoint that comes and goes must not crowd out what matters.
    pub(super) fn add(&self, report: String, subject: Option<String>) -> bool {
        let mut state = self.state();
        if subject.is_some() {
            state.waiting.retain(|it| it.subject != subject);
        }
        let has_room = state.waiting.len() < WAITING;
        if has_room {
            state.waiting.push_back(Waiting { report, subject });
            self.changed.notify_one();
        }
        has_room
    }

    /// Nothing more will be added.
    pub(super) fn close(&self) {
        self.state().is_closed = true;
        self.changed.notify_one();
    }

    /// Waits for a report; none once the queue is closed and empty.
    pub(super) fn take(&self) -> Option<String> {
        let is_idle = |state: &mut State| state.waiting.is_empty() && !state.is_closed;
        let state = self.changed.wait_while(self.state(), is_idle);
        let mut state = state.unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front().map(|it| it.report)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(queue: &Queue) -> Vec<String> {
        queue.close();
        core::iter::from_fn(|| queue.take()).collect()
    }

    #[test]
    fn an_endpoint_that_comes_and_goes_takes_two_places() {
        let queue = Queue::default();
        assert!(queue.add("registered".to_owned(), None));
        for number in 0..1_000 {
            for what in ["lost", "back"] {
                let report = format!("{what} {number}");
                assert!(queue.add(report, Some(what.to_owned())));
            }
        }
        assert!(queue.add("dropped".to_owned(), None));
        let expected = ["registered", "lost 999", "back 999", "dropped"];
        assert_eq!(all(&queue), expected);
    }

    #[test]
    fn what_has_no_room_is_refused_until_there_is() {
        let queue = Queue::default();
        for number in 0..WAITING {
            assert!(queue.add(number.to_string(), None));
        }
        assert!(!queue.add("too much".to_owned(), None));
        assert_eq!(queue.take().as_deref(), Some("0"));
        assert!(queue.add("the last".to_owned(), None));
        let all = all(&queue);
        assert_eq!(all.len(), WAITING);
        assert_eq!(all.last().map(String::as_str), Some("the last"));
    }
}
