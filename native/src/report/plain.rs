//! Status for pipes and logs: a new line every few seconds.

use core::{
    mem::{self, Discriminant},
    time::Duration,
};

use super::{Snapshot, Status, units};
use crate::{fleet::FleetView, output, registration::watch::Phase};

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
        if is_for_programs {
            return;
        }
        if let Some(fleet) = snapshot.fleet_line() {
            self.print(&format!("  {fleet}"));
        }
        if !snapshot.is_paused {
            for row in snapshot.device_rows() {
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
    let is_begun = total.rates.rounds_total > 0 || snapshot.rate() > 0.0;
    let fleet = snapshot.fleet.as_ref().map(FleetView::brief);
    if !is_begun && !snapshot.is_paused && fleet.is_none() {
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
    let rate = units::rate(snapshot.rate());
    let chance = units::chance(total.chance);
    let elapsed = units::time(total.rates.time_spent_total);
    let phase = snapshot.phase;
    let phase = phase.map_or_else(String::new, |phase| format!("; {phase}"));
    // A coordinator that stands by would say so twice.
    let is_phase = fleet.as_ref().is_some_and(|it| phase == format!("; {it}"));
    let alone = fleet.clone().filter(|_| !is_begun && !snapshot.is_paused);
    let fleet = fleet.filter(|_| !is_phase);
    let fleet = fleet.map_or_else(String::new, |it| format!(", {it}"));
    let (forms, least) = if let Some(fleet) = alone {
        let phase = if is_phase { "" } else { &phase };
        // Nobody hashes: what there is of the fleet says why.
        let forms = vec![format!("{block}{fleet}{phase}"), format!("{block}{fleet}")];
        (forms, fleet)
    } else if snapshot.is_paused {
        let forms = vec![
            format!("{block}paused{fleet}{phase}"),
            format!("{block}paused{phase}"),
            format!("paused{phase}"),
        ];
        (forms, "paused".to_owned())
    } else if let Some(Phase::Part(_)) = snapshot.phase {
        // The others of its fleet are as likely to find something.
        let forms = vec![format!("{block}{rate}{phase}"), format!("{rate}{phase}")];
        (forms, rate)
    } else {
        let forms = vec![
            format!(
                "{block}{rate}{fleet}, expected {expected}, chance so far {chance}, elapsed {elapsed}{phase}"
            ),
            format!(
                "{block}{rate}{fleet}, expected {expected}, chance {chance} in {elapsed}{phase}"
            ),
            format!("{block}{rate}{fleet}, expected {expected}{phase}"),
            format!("{rate}{fleet}, expected {expected}{phase}"),
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
    use crate::{
        fleet::{Role, samples},
        report::Counts,
    };

    fn snapshot() -> Snapshot {
        Snapshot {
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
        }
    }

    #[test]
    fn a_narrow_line_leaves_out_whole_parts() {
        let snapshot = snapshot();
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

    #[test]
    fn rigs_count() {
        let mut snapshot = snapshot();
        snapshot.total.difficulty = 35_532_000_000;
        snapshot.join(samples::view(Role::Leads, samples::status()), 0.0);
        for (columns, shown) in [
            (
                100,
                "block 9234811: 3.6 GH/s, 4 rigs, expected 10.0 s, chance so far 39.3 %, elapsed 2 min 10 s",
            ),
            (
                78,
                "block 9234811: 3.6 GH/s, 4 rigs, expected 10.0 s, chance 39.3 % in 2 min 10 s",
            ),
            (72, "block 9234811: 3.6 GH/s, 4 rigs, expected 10.0 s"),
            (38, "3.6 GH/s, 4 rigs, expected 10.0 s"),
            (30, "3.6 GH/s, expected 10.0 s"),
        ] {
            assert_eq!(within(&snapshot, columns), shown, "{columns}");
        }
        let fleet = snapshot.fleet_line().expect("a fleet");
        assert!(fleet.starts_with("fleet: 4 rigs, 3.5 GH/s"), "{fleet}");
        // Those of another coordinator search for something else.
        snapshot.join(samples::view(Role::Waits, samples::status()), 0.0);
        let line = within(&snapshot, 80);
        let waits = "block 9234811: 29.6 MH/s, 4 rigs, waiting, expected 20 min 0 s";
        assert!(line.starts_with(waits), "{line}");
    }

    #[test]
    fn a_coordinator_without_devices_has_begun_when_a_rig_hashes() {
        let mut snapshot = snapshot();
        snapshot.total.rates = Rates::default();
        assert_eq!(line(&snapshot), "starting");
        let mut none = samples::status();
        (none.rigs, none.rate, none.more_rigs) = (Vec::new(), 0.0, 0);
        let other = btpow_fleet::Id(7);
        for (role, shown) in [
            (Role::Leads, "block 9234811: no rigs; proof held back"),
            (
                Role::Follows(other),
                "block 9234811: standing by; proof held back",
            ),
            (
                Role::Waits,
                "block 9234811: no rigs, waiting; proof held back",
            ),
        ] {
            snapshot.join(samples::view(role, none.clone()), 0.0);
            snapshot.phase = Some(Phase::Held);
            assert_eq!(line(&snapshot), shown);
            assert!(shown.starts_with(&within(&snapshot, 31)));
        }
        snapshot.join(samples::view(Role::Follows(other), none), 0.0);
        snapshot.phase = Some(Phase::StandsBy);
        for (is_paused, shown) in [
            (true, "block 9234811: paused; standing by"),
            (false, "block 9234811: standing by"),
        ] {
            snapshot.is_paused = is_paused;
            assert_eq!(line(&snapshot), shown);
        }
        (snapshot.phase, snapshot.is_paused) = (None, false);
        snapshot.join(samples::view(Role::Leads, samples::status()), 60.0);
        let line = line(&snapshot);
        assert!(
            line.starts_with("block 9234811: 3.5 GH/s, 4 rigs, "),
            "{line}"
        );
        assert!(line.ends_with(", elapsed 1 min 0 s"), "{line}");
    }
}
