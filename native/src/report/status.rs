//! Shows a search while it runs.

use core::time::Duration;
use std::time::Instant;

use super::{Snapshot, plain::Plain, terminal::Terminal};
use crate::{environment::Environment, output};

/// Shows a search on standard error.
pub trait Status {
    /// How often to call [`show`](Self::show).
    fn interval(&self) -> Duration;

    /// Shows the state of the search.
    fn show(&mut self, snapshot: &Snapshot);

    /// Writes a line that stays.
    fn say(&mut self, line: &str);

    /// Lets others write to the terminal, without a line of the status in their way.
    fn aside(&mut self, write: &mut dyn FnMut());

    /// Removes the lines that do not stay.
    fn close(&mut self);
}

/// How often the log file gets the state of a search.
const LOGGED: Duration = Duration::from_secs(60);

/// Writes the state of a search to the log file now and then, whatever else shows it.
struct Logged<S> {
    shown: S,
    next: Instant,
    was_paused: bool,
}

impl<S: Status> Status for Logged<S> {
    fn interval(&self) -> Duration {
        self.shown.interval()
    }

    fn show(&mut self, snapshot: &Snapshot) {
        let now = Instant::now();
        let is_due = now >= self.next && !self.was_paused;
        // What happens during a pause is said.
        if is_due || snapshot.is_paused != self.was_paused {
            output::log_state(snapshot);
            self.next = now + LOGGED;
            self.was_paused = snapshot.is_paused;
        }
        self.shown.show(snapshot);
    }

    fn say(&mut self, line: &str) {
        self.shown.say(line);
    }

    fn aside(&mut self, write: &mut dyn FnMut()) {
        self.shown.aside(write);
    }

    fn close(&mut self) {
        self.shown.close();
    }
}

/// Lines that are redrawn when `live`, lines of their own otherwise, which may begin with the time.
pub fn status(live: bool, has_times: bool, environment: &Environment) -> Box<dyn Status> {
    fn logged(shown: impl Status + 'static) -> Box<dyn Status> {
        Box::new(Logged {
            shown,
            next: Instant::now(),
            was_paused: false,
        })
    }
    if live {
        logged(Terminal::new(environment.color, environment.unicode))
    } else {
        logged(Plain::new(has_times))
    }
}
