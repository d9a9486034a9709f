//! Shows a search while it runs.

use core::time::Duration;

use super::{Snapshot, plain::Plain, terminal::Terminal};
use crate::environment::Environment;

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

/// Lines that are redrawn when `live`, lines of their own otherwise.
pub fn status(live: bool, environment: &Environment) -> Box<dyn Status> {
    if live {
        Box::new(Terminal::new(environment.color, environment.unicode))
    } else {
        Box::new(Plain::default())
    }
}
