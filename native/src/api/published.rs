//! A status that the board gets as well.

use core::time::Duration;
use std::time::Instant;

use super::Board;
use crate::report::{Snapshot, Status};

/// How often the board gets the state of a search at least. What changes in between and counts, the board asks itself.
const INTERVAL: Duration = Duration::from_millis(250);

/// How much too early a status may be shown: more than clocks differ, less than anybody sees.
const SLACK: Duration = Duration::from_millis(20);

/// Shows a search as `shown` does, and publishes it.
pub(super) struct Published {
    board: Board,
    shown: Box<dyn Status>,
    next: Instant,
}

impl Published {
    pub(super) fn new(board: Board, shown: Box<dyn Status>) -> Self {
        let next = Instant::now() + shown.interval();
        Self { board, shown, next }
    }
}

impl Status for Published {
    fn interval(&self) -> Duration {
        self.shown.interval().min(INTERVAL)
    }

    fn show(&mut self, snapshot: &Snapshot) {
        self.board.publish(snapshot);
        let now = Instant::now();
        if now + SLACK >= self.next {
            self.shown.show(snapshot);
            self.next = now + self.shown.interval();
        }
    }

    fn say(&mut self, line: &str) {
        self.board.say(line);
        self.shown.say(line);
    }

    fn aside(&mut self, write: &mut dyn FnMut()) {
        self.shown.aside(write);
    }

    fn close(&mut self) {
        self.shown.close();
    }
}
