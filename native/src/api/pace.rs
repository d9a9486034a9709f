//! How many requests are answered in a second: whoever asks without end must not take the power of a core from the search.

use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use tokio::time::{self, Instant};

/// A short time, and the most requests in it: 200 a second, far more than anybody needs who looks.
const WINDOW: Duration = Duration::from_millis(100);
const MOST: u32 = 20;

/// Makes those wait who come too often.
#[derive(Debug)]
pub(super) struct Pace(Mutex<Window>);

#[derive(Debug)]
struct Window {
    began: Instant,
    count: u32,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Window {
            began: Instant::now(),
            count: 0,
        }))
    }

    /// Waits until there is room for one more.
    pub(super) async fn turn(&self) {
        while let Some(until) = self.take(Instant::now()) {
            time::sleep_until(until).await;
        }
    }

    /// Takes the room for one; when to try again where there is none.
    fn take(&self, now: Instant) -> Option<Instant> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now >= window.began + WINDOW {
            *window = Window {
                began: now,
                count: 0,
            };
        }
        if window.count == MOST {
            return Some(window.began + WINDOW);
        }
        window.count += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_too_often_waits_for_the_next_window() {
        let pace = Pace::new();
        let begun = Instant::now() + WINDOW;
        for _ in 0..MOST {
            assert_eq!(pace.take(begun), None);
        }
        assert_eq!(pace.take(begun), Some(begun + WINDOW));
        assert_eq!(pace.take(begun + WINDOW / 2), Some(begun + WINDOW));
        assert_eq!(pace.take(begun + WINDOW), None);
    }
}
