//! Status for a terminal: lines that are redrawn ten times a second.

use core::{fmt, time::Duration};
use std::io;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Snapshot, plain};
use crate::{fleet::FleetView, output, text};

/// The columns of the spinner and of the blank behind it.
const SPINNER: usize = 2;

/// The lines of the screen that are not those of goals and devices: the state of all, and one that was said.
const OTHERS: usize = 2;

/// The most lines of rigs, of which there may be thousands.
const RIGS: usize = 10;

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

impl super::Status for Terminal {
    fn interval(&self) -> Duration {
        Duration::from_millis(100)
    }

    fn show(&mut self, snapshot: &Snapshot) {
        // The window may have changed since the last time.
        let size = terminal_size::terminal_size_of(io::stderr());
        let columns = size.map_or(80, |(width, _)| usize::from(width.0));
        let height = size.map_or(24, |(_, height)| usize::from(height.0));
        let line = plain::within(snapshot, columns.saturating_sub(SPINNER));
        self.total.set_message(line);
        self.total.tick();
        let goals: Vec<String> = snapshot.goal_lines().collect();
        let devices = snapshot.device_rows().iter().map(|row| {
            let name = &row.row.listed.name;
            format!("{name}  {}", row.pace(snapshot.is_paused))
        });
        let fleet = snapshot.fleet.iter();
        let fleet = fleet.map(|it| format!("fleet  {it}"));
        let devices = devices.chain(fleet).collect();
        let mut texts = fitting(goals, devices, height.saturating_sub(OTHERS));
        let room = height.saturating_sub(OTHERS + texts.len());
        let fleet = snapshot.fleet.iter();
        texts.extend(fleet.flat_map(|it| rigs(it, room)));
        // A goal that has ended has no line any more.
        while self.rows.len() > texts.len() {
            if let Some(line) = self.rows.pop() {
                line.finish_and_clear();
                self.lines.remove(&line);
            }
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

/// As many of the lines as fit into so many, and how many there are more. Devices have half of the room, and more where
/// there are fewer goals.
fn fitting(goals: Vec<String>, devices: Vec<String>, room: usize) -> Vec<String> {
    if goals.len() + devices.len() <= room {
        return goals.into_iter().chain(devices).collect();
    }
    let for_devices = devices
        .len()
        .min((room / 2).max(room.saturating_sub(goals.len())));
    let goals = some(goals, room - for_devices, "goals");
    goals.chain(some(devices, for_devices, "devices")).collect()
}

/// Lines of the first rigs, and how many there are more, in so many lines. `btpow top` has room for all.
fn rigs(fleet: &FleetView, room: usize) -> Vec<String> {
    let room = room.min(RIGS);
    let is_cut = fleet.rigs() > room as u64;
    let mut lines = fleet.rig_lines(room.saturating_sub(usize::from(is_cut)));
    let more = fleet.rigs().saturating_sub(lines.len() as u64);
    if more > 0 && room > 0 {
        lines.push(format!("and {more} more rigs"));
    }
    lines
}

/// The first lines, and how many there are more, in so many lines.
fn some(lines: Vec<String>, room: usize, what: &str) -> impl Iterator<Item = String> {
    let is_cut = lines.len() > room;
    let shown = room.saturating_sub(usize::from(is_cut));
    let more = lines.len() - shown.min(lines.len());
    let rest = (is_cut && room > 0).then(|| format!("and {more} more {what}"));
    lines.into_iter().take(shown).chain(rest)
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a template that is part of the program")
}

#[cfg(test)]
mod tests {
    use btpow_fleet::message::Status;

    use super::*;
    use crate::fleet::{Role, samples};

    #[test]
    fn what_has_no_room_is_counted() {
        let lines = |what: &str, count| (1..=count).map(|it| format!("{what} {it}")).collect();
        let shown =
            |goals, devices, room| fitting(lines("goal", goals), lines("device", devices), room);
        assert_eq!(shown(2, 2, 4), ["goal 1", "goal 2", "device 1", "device 2"]);
        assert_eq!(
            shown(51, 2, 6),
            [
                "goal 1",
                "goal 2",
                "goal 3",
                "and 48 more goals",
                "device 1",
                "device 2"
            ]
        );
        assert_eq!(
            shown(1, 9, 4),
            ["goal 1", "device 1", "device 2", "and 7 more devices"]
        );
        assert_eq!(
            shown(9, 9, 4),
            [
                "goal 1",
                "and 8 more goals",
                "device 1",
                "and 8 more devices"
            ]
        );
        for room in 0..40 {
            assert!(shown(51, 9, room).len() <= room, "{room}");
        }
    }

    #[test]
    fn rigs_that_have_no_room_are_counted() {
        let mut status = samples::status();
        let shown = |status: &Status, room| {
            let fleet = samples::view(Role::Leads, status.clone());
            rigs(&fleet, room)
        };
        assert_eq!(shown(&status, 4).len(), 4);
        assert_eq!(shown(&status, 2)[1], "and 3 more rigs");
        assert_eq!(shown(&status, 1), ["and 4 more rigs"]);
        assert!(shown(&status, 0).is_empty());
        status.rigs = vec![samples::rig("one", 1, Vec::new()); 1_000];
        status.more_rigs = 9_000;
        let lines = shown(&status, 100);
        assert_eq!((lines.len(), lines[9].as_str()), (10, "and 9991 more rigs"));
    }
}
