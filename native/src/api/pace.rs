//! How many requests are answered in a second: whoever asks without end must not take the power of a core from the search,
//! nor the answer from others.

use core::time::Duration;

use tokio::{
    sync::Mutex,
    time::{self, Instant},
};

/// A short time, in which only so much happens.
const WINDOW: Duration = Duration::from_millis(100);

/// The most connections in it that are accepted: 2,000 a second. They cost little, and those that wait hold up others.
const ACCEPTED: u32 = 200;

/// The most requests in it that are answered: 1,000 a second, far more than anybody needs who looks.
const ANSWERED: u32 = 100;

/// The same for those who may not know that they ask, or have no right to.
const REFUSED: u32 = 10;

/// Makes those wait who come too often, in the order of their coming.
#[derive(Debug)]
pub(super) struct Pace {
    most: u32,
    window: Mutex<Window>,
}

#[derive(Debug)]
struct Window {
    began: Instant,
    count: u32,
}

/// Who asks. Nobody waits for those of another kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// Somebody who has shown the token.
    Known,
    /// A program of this machine.
    Here,
    /// Others, and pages of elsewhere in a browser of this machine.
    Other,
}

/// The paces of all kinds.
#[derive(Debug)]
pub(super) struct Paces {
    known: Pace,
    here: Pace,
    other: Pace,
}

impl Paces {
    pub(super) fn new() -> Self {
        Self {
            known: Pace::new(ANSWERED),
            here: Pace::new(ANSWERED),
            other: Pace::new(REFUSED),
        }
    }

    /// Waits until there is room for one more answer to this kind.
    pub(super) async fn turn(&self, kind: Kind) {
        let pace = match kind {
            Kind::Known => &self.known,
            Kind::Here => &self.here,
            Kind::Other => &self.other,
        };
        pace.turn().await;
    }
}

impl Pace {
    fn new(most: u32) -> Self {
        let began = Instant::now();
        Self {
            most,
            window: Mutex::new(Window { began, count: 0 }),
        }
    }

    /// The pace of connections.
    pub(super) fn of_connections() -> Self {
        Self::new(ACCEPTED)
    }

    /// Waits until there is room for one more.
    pub(super) async fn turn(&self) {
        // Whoever waits for room keeps the lock, and it goes from one to the next in the order of their coming: nobody
        // waits for longer than all connections take once.
        let mut window = self.window.lock().await;
        while let Some(until) = window.take(Instant::now(), self.most) {
            time::sleep_until(until).await;
        }
    }
}

impl Window {
    /// Takes the room for one of so many; when to try again where there is none.
    fn take(&mut self, now: Instant, most: u32) -> Option<Instant> {
        let next = self.began + WINDOW;
        if now >= next {
            // A timer that was a little late does not make all windows longer.
            let began = if now < next + WINDOW { next } else { now };
            *self = Self { began, count: 0 };
        }
        if self.count == most {
            return Some(self.began + WINDOW);
        }
        self.count += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_too_often_waits_for_the_next_window() {
        let begun = Instant::now();
        let mut window = Window {
            began: begun,
            count: 0,
        };
        for _ in 0..ANSWERED {
            assert_eq!(window.take(begun, ANSWERED), None);
        }
        let next = begun + WINDOW;
        assert_eq!(window.take(begun, ANSWERED), Some(next));
        assert_eq!(window.take(begun + WINDOW / 2, ANSWERED), Some(next));
        assert_eq!(window.take(next, ANSWERED), None);
    }
}
