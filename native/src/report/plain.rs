//! Status for pipes and logs: a new line every few seconds.

use core::{
    mem::{self, Discriminant},
    time::Duration,
};

use super::{Snapshot, Status, units};
use crate::{output, registration::watch::Phase};

/// Writes plain lines to standard error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Plain {
    /// What the pause that was shown last waits for.
    paused: Option<Option<Discriminant<Phase>>>,
    /// Whether lines begin with the time.
    has_times: bool,
}

impl Plain {
    /// A status that has written nothing yet.
    pub const fn new(has_times: bool) -> Self {
        Self {
            paused: None,
            has_times,
        }
    }

    fn print(&self, line: &str) {
        if self.has_times {
            output::print_with_time(line);
        } else {
            output::print(line);
        }
    }
}

impl Status for Plain {
    fn interval(&self) -> Duration {
        Duration::from_secs(5)
    }

    fn show(&mut self, snapshot: &Snapshot) {
        // A log of weeks needs no line every few seconds that nothing happens.
        let phase = snapshot.phase.as_ref().map(mem::discriminant);
        let paused = snapshot.is_paused.then_some(phase);
        if paused.is_some() && paused == self.paused {
            return;
        }
        self.paused = paused;
        let is_for_programs = output::print_state(snapshot);
        if !is_for_programs {
            self.print(&line(snapshot));
        }
        for goal in snapshot.goal_lines() {
            self.print(&format!("  {goal}"));
        }
        if let [_, _, ..] = snapshot.rows.as_slice()
            && !snapshot.is_paused
            && !is_for_programs
        {
            for row in &snapshot.rows {
                let name = &row.row.listed.name;
                self.print(&format!("  {name}: {}", row.pace(false)));
            }
        }
    }

    fn say(&mut self, line: &str) {
        self.print(line);
        output::log(line);
    }

    fn aside(&mut self, write: &mut dyn FnMut()) {
        write();
    }

    fn close(&mut self) {}
}

/// The state of a search, in one line.
pub fn line(snapshot: &Snapshot) -> String {
    within(snapshot, usize::MAX)
}

/// The same in so many columns: what matters less is left out where there is no room. The least is the rate.
pub fn within(snapshot: &Snapshot, columns: usize) -> String {
    let total = &snapshot.total;
    if total.rates.rounds_total == 0 && !snapshot.is_paused {
        return "starting".to_owned();
    }
    let expected = total
        .expected_time
        .map_or_else(|| "unknown".to_owned(), units::time);
    let block = total.block_number;
    let mut block = block.map_or_else(String::new, |number| format!("block {number}: "));
    if let Some(goal) = snapshot.goal_name() {
        block += &format!("{goal}: ");
    }
    let rate = units::rate(total.rates.hash_rate);
    let chance = units::chance(total.chance);
    let elapsed = units::time(total.rates.time_spent_total);
    let phase = snapshot.phase;
    let phase = phase.map_or_else(String::new, |phase| format!("; {phase}"));
    let (forms, least) = if snapshot.is_paused {
        let forms = vec![format!("{block}paused{phase}"), format!("paused{phase}")];
        (forms, "paused".to_owned())
    } else if let Some(Phase::Part(_)) = snapshot.phase {
        // The others of its fleet are as likely to find something.
        let forms = vec![format!("{block}{rate}{phase}"), format!("{rate}{phase}")];
        (forms, rate)
    } else {
        let forms = vec![
            format!(
                "{block}{rate}, expected {expected}, chance so far {chance}, elapsed {elapsed}{phase}"
            ),
            format!("{block}{rate}, expected {expected}, chance {chance} in {elapsed}{phase}"),
            format!("{block}{rate}, expected {expected}{phase}"),
            format!("{rate}, expected {expected}{phase}"),
            format!("{rate}{phase}"),
        ];
        (forms, rate)
    };
    let fits = |form: &String| form.chars().count() <= columns;
    forms.into_iter().find(fits).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use btpow_core::{Rates, Statistics};

    use super::*;
    use crate::report::Counts;

    #[test]
    fn a_narrow_line_leaves_out_whole_parts() {
        let snapshot = Snapshot {
            total: Statistics {
                rates: Rates {
                    rounds_total: 9,
                    hash_rate: 29.6e6,
                    time_spent_total: 130.0,
                    ..Rates::default()
                },
                difficulty: 1,
                block_number: Some(9_234_811),
                block_hash: [0; 32],
                expected_time: Some(4_000.0),
                chance: 0.393,
            },
            rows: Vec::new(),
            phase: None,
            goals: Vec::new(),
            is_paused: false,
            pauses: Vec::new(),
            sight: None,
            counts: Counts::default(),
            fleet: None,
        };
        for (columns, shown) in [
            (
                100,
                "block 9234811: 29.6 MH/s, expected 1 h 7 min, chance so far 39.3 %, elapsed 2 min 10 s",
            ),
            (
                78,
                "block 9234811: 29.6 MH/s, expected 1 h 7 min, chance 39.3 % in 2 min 10 s",
            ),
            (72, "block 9234811: 29.6 MH/s, expected 1 h 7 min"),
            (38, "29.6 MH/s, expected 1 h 7 min"),
            (12, "29.6 MH/s"),
        ] {
            let line = within(&snapshot, columns);
            assert_eq!(line, shown, "{columns}");
        }
        let held = Snapshot {
            phase: Some(Phase::Held),
            ..snapshot.clone()
        };
        for columns in [60, 78, 120] {
            let line = within(&held, columns);
            assert!(line.ends_with(&Phase::Held.to_string()), "{line}");
        }
        let paused = Snapshot {
            is_paused: true,
            ..held
        };
        for (columns, shown) in [(78, "block 9234811: paused; "), (9, "paused")] {
            let line = within(&paused, columns);
            assert!(line.starts_with(shown), "{line}");
        }
    }
}
