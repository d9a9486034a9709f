//! Status for pipes and logs: a new line every few seconds.

use core::time::Duration;

use super::{Snapshot, Status, units};
use crate::output;

/// Writes plain lines to standard error.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Status for Plain {
    fn interval(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn show(&mut self, snapshot: &Snapshot) {
        self.say(&line(snapshot));
        if let [_, _, ..] = snapshot.rows.as_slice()
            && !snapshot.is_paused
        {
            for row in &snapshot.rows {
                let name = &row.row.listed.name;
                self.say(&format!("  {name}: {}", units::rate(row.rates.hash_rate)));
            }
        }
    }

    fn say(&mut self, line: &str) {
        output::say(line);
    }

    fn close(&mut self) {}
}

/// The state of a search, in one line.
pub fn line(snapshot: &Snapshot) -> String {
    let total = &snapshot.total;
    if total.rates.rounds_total == 0 {
        return "starting".to_owned();
    }
    let expected = total
        .expected_time
        .map_or_else(|| "unknown".to_owned(), units::time);
    let block = total.block_number;
    let block = block.map_or_else(String::new, |number| format!("block {number}: "));
    let phase = snapshot.phase;
    let phase = phase.map_or_else(String::new, |phase| format!("; {phase}"));
    if snapshot.is_paused {
        return format!("{block}paused{phase}");
    }
    format!(
        "{block}{}, expected {expected}, chance so far {}, elapsed {}{phase}",
        units::rate(total.rates.hash_rate),
        units::chance(total.chance),
        units::time(total.rates.time_spent_total),
    )
}
