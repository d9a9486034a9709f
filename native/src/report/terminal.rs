//! Status for a terminal: lines that are redrawn ten times a second.

use core::{fmt, time::Duration};
use std::io;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Snapshot, Status, plain};
use crate::{output, text};

/// The columns of the spinner and of the blank behind it.
const SPINNER: usize = 2;

/// Redraws lines on standard error.
pub struct Terminal {
    lines: MultiProgress,
    total: ProgressBar,
    /// A line for each goal and for each device, where there are several.
    rows: Vec<ProgressBar>,
}

impl Terminal {
    /// A status that has drawn nothing yet.
    pub fn new(color: bool, unicode: bool) -> Self {
        let lines = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let total = lines.add(ProgressBar::new_spinner());
        let template = if color {
            "{spinner:.cyan} {wide_msg}"
        } else {
            "{spinner} {wide_msg}"
        };
        let spinner = style(template);
        total.set_style(if unicode {
            spinner
        } else {
            spinner.tick_chars(r"|/-\ ")
        });
        Self {
            lines,
            total,
            rows: Vec::new(),
        }
    }
}

impl Status for Terminal {
    fn interval(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn show(&mut self, snapshot: &Snapshot) {
        // The window may have changed since the last time.
        let size = terminal_size::terminal_size_of(io::stderr());
        let columns = size.map_or(80, |(width, _)| usize::from(width.0));
        let line = plain::within(snapshot, columns.saturating_sub(SPINNER));
        self.total.set_message(line);
        self.total.tick();
        let mut texts: Vec<String> = snapshot.goal_lines().collect();
        if let rows @ [_, _, ..] = snapshot.rows.as_slice() {
            texts.extend(rows.iter().map(|row| {
                let name = &row.row.listed.name;
                format!("{name}  {}", row.pace(snapshot.is_paused))
            }));
        }
        while self.rows.len() < texts.len() {
            let line = self.lines.add(ProgressBar::new_spinner());
            line.set_style(style("    {wide_msg}"));
            self.rows.push(line);
        }
        for (line, message) in self.rows.iter().zip(&texts) {
            line.set_message(text::one_line(message));
            line.tick();
        }
    }

    fn say(&mut self, line: &str) {
        // The library's own way would end the line with blanks instead of its end.
        self.lines.suspend(|| output::say(line));
    }

    fn aside(&mut self, write: &mut dyn FnMut()) {
        self.lines.suspend(write);
    }

    fn close(&mut self) {
        for line in &self.rows {
            line.finish_and_clear();
        }
        self.total.finish_and_clear();
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal").finish_non_exhaustive()
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a template that is part of the program")
}
