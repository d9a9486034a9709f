//! The energy that cards draw during a bench.

use core::time::Duration;
use std::time::Instant;

use crate::devices::{Choice, Row, backend::Sensors};

/// How often to read the power of a card without a counter.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

/// Adds up what each row's card draws, by the card's own counter or else by its mean power.
#[derive(Debug)]
pub(super) struct Meter<'a> {
    chosen: &'a Choice,
    rows: &'a [Row],
    began: Instant,
    first: Vec<Sensors>,
    /// For each row, the sum of all readings in watts, and how many there were.
    readings: Vec<(f64, u32)>,
}

impl<'a> Meter<'a> {
    /// Starts to measure.
    pub(super) fn start(chosen: &'a Choice, rows: &'a [Row]) -> Self {
        Self {
            chosen,
            rows,
            began: Instant::now(),
            first: chosen.sensors(rows),
            readings: vec![(0.0, 0); rows.len()],
        }
    }

    /// Whether a card's power must be read every [`INTERVAL`].
    pub(super) fn is_needed(&self) -> bool {
        let mut first = self.first.iter();
        first.any(|it| it.energy.is_none() && it.power.is_some())
    }

    /// Reads the power of all cards.
    pub(super) fn sample(&mut self) {
        for (sum, now) in self.readings.iter_mut().zip(self.chosen.sensors(self.rows)) {
            if let Some(watts) = now.power {
                *sum = (sum.0 + watts, sum.1 + 1);
            }
        }
    }

    /// What each row's card has drawn so far, in joules; none if the card does not report it.
    pub(super) fn joules(&self) -> Vec<Option<f64>> {
        let seconds = self.began.elapsed().as_secs_f64();
        let now = self.chosen.sensors(self.rows);
        let each = self.first.iter().zip(&now).zip(&self.readings);
        each.map(|((first, now), readings)| {
            joules(first.energy.zip(now.energy), *readings, seconds)
        })
        .collect()
    }
}

fn joules(counter: Option<(f64, f64)>, (watts, readings): (f64, u32), seconds: f64) -> Option<f64> {
    let counted = counter.map(|(first, now)| now - first);
    let sampled = (readings > 0).then(|| watts / f64::from(readings) * seconds);
    // A counter that stands still does not count.
    counted
        .filter(|&joules| joules > 0.0)
        .or(sampled)
        .filter(|&joules| joules > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_believed_before_readings() {
        assert_eq!(joules(Some((5.0, 25.0)), (300.0, 3), 2.0), Some(20.0));
        assert_eq!(joules(None, (300.0, 3), 2.0), Some(200.0));
        assert_eq!(joules(Some((5.0, 5.0)), (300.0, 3), 2.0), Some(200.0));
        assert_eq!(joules(Some((5.0, 5.0)), (0.0, 3), 2.0), None);
        assert_eq!(joules(None, (0.0, 0), 2.0), None);
    }
}
