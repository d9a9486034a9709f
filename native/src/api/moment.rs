//! Answers that are given more than once: whoever asks at the same moment gets the same.

use core::time::Duration;
use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// How long an answer is as good as new. Making one takes most of the time of an answer, and nobody looks so often.
const MOMENT: Duration = Duration::from_millis(20);

/// The last answer of one kind.
#[derive(Debug, Default)]
pub(super) struct Moment(Mutex<Option<(Instant, String)>>);

impl Moment {
    /// The answer of this moment, which `make` makes unless it was made.
    pub(super) fn answer(&self, make: impl FnOnce() -> String) -> String {
        self.answer_at(Instant::now(), make)
    }

    fn answer_at(&self, now: Instant, make: impl FnOnce() -> String) -> String {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((made, answer)) if now.saturating_duration_since(*made) < MOMENT => answer.clone(),
            _ => last.insert((now, make())).1.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_made_once_in_a_moment() {
        let (moment, begun) = (Moment::default(), Instant::now());
        let answer = |after, text: &str| moment.answer_at(begun + after, || text.to_owned());
        assert_eq!(answer(Duration::ZERO, "first"), "first");
        assert_eq!(answer(MOMENT / 2, "second"), "first");
        assert_eq!(answer(MOMENT, "third"), "third");
    }
}
