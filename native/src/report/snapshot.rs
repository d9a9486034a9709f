//! The state of a search, for every kind of report.

use core::ops::Range;

use btpow_core::{Difficulty, Rates, SlotId, Statistics, odds};
use btpow_registration::Head;

use super::{GoalState, Stage, units};
use crate::{
    devices::Row,
    fleet::FleetView,
    pauses::Tally,
    registration::{
        watch::{Phase, Sight},
        words,
    },
    rig::{Condition, Messenger, Rig},
};

/// The state of a search at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// All devices together.
    pub total: Statistics,
    /// Each device as the user knows it.
    pub rows: Vec<RowRates>,
    /// What else goes on, where the search is for a registration.
    pub phase: Option<Phase>,
    /// The goals, where the search is for registrations.
    pub goals: Vec<GoalState>,
    /// Whether nothing is hashed now.
    pub is_paused: bool,
    /// How often and how long nothing was, by reason.
    pub pauses: Vec<Tally>,
    /// What is seen of the chain, where the search follows one.
    pub sight: Option<Sight>,
    /// What came of it so far.
    pub counts: Counts,
    /// The rigs that search for the same, where the search leads some. `total` has the rates of the devices here alone; its
    /// chance, its time and its expected time are those of all.
    pub fleet: Option<FleetView>,
}

/// What came of a search so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    /// Proofs that were found.
    pub proofs: u64,
    /// Submissions that were sent.
    pub submissions: u64,
}

/// The rates of one row of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct RowRates {
    /// The device.
    pub row: Row,
    /// Its units together.
    pub rates: Rates,
    /// Units that were dropped, and why, in the words that follow "cpu:0 was dropped: ".
    pub dropped: Vec<(String, String)>,
    /// Whether it pauses by itself, and what became of it before.
    pub condition: Condition,
}

impl Snapshot {
    /// The name of the goal that is searched for, where there are several.
    pub fn goal_name(&self) -> Option<&str> {
        let mut goals = self.goals.iter();
        let active =
            goals.find(|it| matches!(it.stage, Stage::Open { is_searched, .. } if is_searched));
        active?.name.as_deref()
    }

    /// Lines about each goal that has not ended, where there are several: how one ended is said once.
    pub fn goal_lines(&self) -> impl Iterator<Item = String> {
        let goals = self.goals.iter().filter(|_| self.goals.len() > 1);
        let open = goals.filter(|goal| matches!(goal.stage, Stage::Open { .. }));
        open.map(GoalState::to_string)
    }

    /// A line about the fleet, where there is one.
    pub fn fleet_line(&self) -> Option<String> {
        self.fleet.as_ref().map(|fleet| format!("fleet: {fleet}"))
    }

    /// The devices here, where each has a line of its own: a single one needs it beside rigs alone.
    pub fn device_rows(&self) -> &[RowRates] {
        let least = if self.fleet.is_some() { 1 } else { 2 };
        if self.rows.len() < least {
            &[]
        } else {
            &self.rows
        }
    }

    /// Asks the rig; none while there is nothing to search for.
    pub fn of(rig: &Rig, rows: &[Row]) -> Option<Self> {
        let rig = &rig.messenger();
        let (total, rates) = rig.measurements();
        let paused = rig.paused();
        Some(Self {
            total: total?,
            rows: RowRates::all(rig, rows, &rates),
            phase: paused.map(Phase::Resting),
            goals: Vec::new(),
            is_paused: paused.is_some(),
            pauses: rig.pauses(),
            sight: None,
            counts: Counts::default(),
            fleet: None,
        })
    }

    /// Takes the numbers of this moment; those of a paused search stay as they are, and so does what depends on rigs.
    pub fn refresh(&mut self, rig: &Messenger) {
        if let (Some(total), rates) = rig.measurements() {
            let (chance, time) = (self.total.chance, self.total.rates.time_spent_total);
            self.total = total;
            for it in &mut self.rows {
                *it = RowRates::of(rig, &it.row, &rates);
            }
            if self.fleet.is_some() {
                self.total.chance = chance;
                let rates = &mut self.total.rates;
                rates.time_spent_total = rates.time_spent_total.max(time);
                self.expect();
            }
        }
    }

    /// From now on these rigs count, too, which have searched for so many seconds. The chance stays what it is.
    pub fn join(&mut self, fleet: FleetView, time: f64) {
        self.fleet = Some(fleet);
        let rates = &mut self.total.rates;
        rates.time_spent_total = rates.time_spent_total.max(time);
        self.expect();
    }

    /// Hashes per second of the devices here and of all rigs.
    pub fn rate(&self) -> f64 {
        self.total.rates.hash_rate + self.fleet.as_ref().map_or(0.0, FleetView::rate)
    }

    /// Expects a proof by the rate of all.
    fn expect(&mut self) {
        let difficulty = Difficulty::new(self.total.difficulty).ok();
        self.total.expected_time =
            difficulty.and_then(|it| odds::expected_seconds(it, self.rate()));
    }

    /// Before anything was searched for: what a block asks, and nothing done yet.
    pub fn idle(rig: &Rig, rows: &[Row], head: Head, difficulty: Difficulty) -> Self {
        let rig = &rig.messenger();
        Self {
            total: Statistics {
                rates: Rates::default(),
                difficulty: difficulty.get(),
                block_number: Some(head.number),
                block_hash: head.hash,
                expected_time: None,
                chance: 0.0,
            },
            rows: RowRates::all(rig, rows, &rig.measurements().1),
            phase: None,
            goals: Vec::new(),
            is_paused: true,
            pauses: Vec::new(),
            sight: None,
            counts: Counts::default(),
            fleet: None,
        }
    }
}

impl RowRates {
    /// Whether it still gets work, with one of its units at least.
    pub fn is_up(&self) -> bool {
        self.dropped.len() < self.row.slots.len()
    }

    /// What it does, for people: its hashes a second, unless it pauses by itself or with all.
    pub fn pace(&self, all_pause: bool) -> String {
        match self.condition.paused {
            _ if all_pause => "paused".to_owned(),
            Some(reason) => format!("paused: {}", words::resting(reason)),
            None => units::rate(self.rates.hash_rate),
        }
    }

    /// Of rows whose slots have these rates. Those of a device that has just joined are not among them yet.
    pub(crate) fn all(rig: &Messenger, rows: &[Row], rates: &[Rates]) -> Vec<Self> {
        let row = |row| Self::of(rig, row, rates);
        rows.iter().map(row).collect()
    }

    fn of(rig: &Messenger, row: &Row, rates: &[Rates]) -> Self {
        let dropped = row.slots.clone().map(SlotId);
        let dropped = dropped.filter_map(|slot| {
            let fault = rig.fault(slot)?;
            Some((rig.name(slot), fault.to_string()))
        });
        let of = |slots: &Range<usize>| {
            let rates = slots.clone().filter_map(|slot| rates.get(slot).copied());
            together(rates)
        };
        let condition = rig.condition(&row.listed.name);
        let mut rates = continued(&of(&row.former), of(&row.slots));
        if condition.paused.is_some() {
            // What pauses would keep its last rate.
            rates.hash_rate = 0.0;
        }
        Self {
            row: row.clone(),
            rates,
            dropped: dropped.collect(),
            condition,
        }
    }
}

/// The rates of devices that work side by side.
fn together(all: impl Iterator<Item = Rates>) -> Rates {
    let mut sum = Rates::default();
    for one in all {
        // The mean duration of all rounds on all devices.
        let busy =
            sum.time_average * sum.rounds_total as f64 + one.time_average * one.rounds_total as f64;
        sum.rounds_total += one.rounds_total;
        if sum.rounds_total > 0 {
            sum.time_average = busy / sum.rounds_total as f64;
        }
        sum.time_spent_total = sum.time_spent_total.max(one.time_spent_total);
        sum.time_spent = sum.time_spent.max(one.time_spent);
        sum.hash_rate_perpetual += one.hash_rate_perpetual;
        sum.hash_rate += one.hash_rate;
        sum.nonces_total += one.nonces_total;
    }
    sum
}

/// The rates of a device that was reset: what its former units counted still counts.
fn continued(former: &Rates, present: Rates) -> Rates {
    if former.rounds_total == 0 {
        return present;
    }
    let busy = |it: &Rates| it.time_average * it.rounds_total as f64;
    let rounds_total = former.rounds_total + present.rounds_total;
    let nonces_total = former.nonces_total + present.nonces_total;
    let time_spent_total = former.time_spent_total.max(present.time_spent_total);
    Rates {
        time_spent_total,
        rounds_total,
        time_average: (busy(former) + busy(&present)) / rounds_total as f64,
        // It has hashed since its first round, which is some time ago.
        hash_rate_perpetual: nonces_total as f64 / time_spent_total.max(f64::MIN_POSITIVE),
        nonces_total,
        ..present
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{devices::backend::Listed, pauses::Reason};

    #[test]
    fn a_device_that_pauses_has_no_rate() {
        let listed = Listed {
            name: "cuda:0".to_owned(),
            kind: "cuda",
            description: String::new(),
            isa: None,
            threads: None,
        };
        let mut row = RowRates {
            row: Row {
                listed,
                slots: 0..1,
                former: 0..0,
            },
            rates: Rates {
                hash_rate: 29.6e6,
                ..Rates::default()
            },
            dropped: Vec::new(),
            condition: Condition::default(),
        };
        assert_eq!(row.pace(false), "29.6 MH/s");
        assert_eq!(row.pace(true), "paused");
        row.condition.paused = Some(Reason::Temperature);
        assert_eq!(row.pace(false), "paused: too hot");
    }

    #[test]
    fn a_reset_loses_no_count() {
        let former = Rates {
            time_spent_total: 10.0,
            rounds_total: 3,
            time_average: 2.0,
            time_spent: 2.0,
            hash_rate_perpetual: 30.0,
            hash_rate: 50.0,
            nonces_total: 300,
        };
        let present = Rates {
            time_spent_total: 2.0,
            rounds_total: 1,
            time_average: 1.0,
            time_spent: 1.0,
            hash_rate_perpetual: 50.0,
            hash_rate: 49.0,
            nonces_total: 100,
        };
        let all = continued(&former, present);
        assert_eq!((all.rounds_total, all.nonces_total), (4, 400));
        assert_eq!((all.time_spent_total, all.time_average), (10.0, 1.75));
        assert_eq!((all.hash_rate_perpetual, all.hash_rate), (40.0, 49.0));
        assert_eq!(continued(&Rates::default(), present), present);
        assert_eq!(continued(&former, Rates::default()).nonces_total, 300);
    }

    #[test]
    fn rates_add_up_and_durations_do_not() {
        let one = |rounds_total, time_average| Rates {
            time_spent_total: 2.0,
            rounds_total,
            time_average,
            time_spent: time_average,
            hash_rate_perpetual: 10.0,
            hash_rate: 11.0,
            nonces_total: 20,
        };
        let sum = together([one(1, 0.4), one(3, 0.2), Rates::default()].into_iter());
        assert_eq!((sum.rounds_total, sum.nonces_total), (4, 40));
        assert_eq!((sum.hash_rate_perpetual, sum.hash_rate), (20.0, 22.0));
        assert_eq!((sum.time_spent_total, sum.time_spent), (2.0, 0.4));
        assert!((sum.time_average - 0.25).abs() < 1e-12);
        assert_eq!(together(core::iter::empty()), Rates::default());
    }
}
