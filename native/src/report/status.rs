//! Shows a search while it runs.

use core::time::Duration;

use super::{Snapshot, plain::Plain, terminal::Terminal};

/// Shows a search on standard error.
pub trait Status {
    /// How often to call [`show`](Self::show).
    fn interval(&self) -> Duration;

    /// Shows the state of the search.
    fn show(&mut self, snapshot: &Snapshot);

    /// Writes a line that stays.
    fn say(&mut self, line: &str);

    /// Removes the lines that do not stay.
    fn close(&mut self);
}

/// Lines that are redrawn when `live`, lines of their own otherwise.
pub fn status(live: bool, color: bool) -> Box<dyn Status> {
    if live {
        Box::new(Terminal::new(color))
    } else {
        Box::new(Plain)
    }
}
