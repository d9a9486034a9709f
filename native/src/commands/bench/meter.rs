//! What cards draw while they are measured.

use core::time::Duration;
use std::time::Instant;

use crate::devices::{Chosen, Row, backend::Sensors};

/// How often the power of a card without a counter is looked at.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

/// Adds up what each row's card draws: by the card's own counter, or else by its mean power.
#[derive(Debug)]
pub(super) struct Meter<'a> {
    chosen: &'a Chosen,
    rows: &'a [Row],
    began: Instant,
    first: Vec<Sensors>,
    /// Of each row, the watts of all looks, and how many looks there were.
    looks: Vec<(f64, u32)>,
}

impl<'a> Meter<'a> {
    /// Begins now.
    pub(super) fn start(chosen: &'a Chosen, rows: &'a [Row]) -> Self {
        Self {
            chosen,
            rows,
            began: Instant::now(),
            first: chosen.sensors(rows),
            looks: vec![(0.0, 0); rows.len()],
        }
    }

    /// Whether a card has to be looked at every [`INTERVAL`].
    pub(super) fn is_needed(&self) -> bool {
        let mut first = self.first.iter();
        first.any(|it| it.energy.is_none() && it.power.is_some())
    }

    /// Looks at the power of all cards.
    pub(super) fn look(&mut self) {
        for (sum, now) in self.looks.iter_mut().zip(self.chosen.sensors(self.rows)) {
            if let Some(watts) = now.power {
                *sum = (sum.0 + watts, sum.1 + 1);
            }
        }
    }

    /// What each row's card has drawn until now, in joules; none where it does not tell.
    pub(super) fn joules(&self) -> Vec<Option<f64>> {
        let seconds = self.began.elapsed().as_secs_f64();
        let now = self.chosen.sensors(self.rows);
        let each = self.first.iter().zip(&now).zip(&self.looks);
        each.map(|((first, now), looks)| joules(first.energy.zip(now.energy), *looks, seconds))
            .collect()
    }
}

fn joules(counter: Option<(f64, f64)>, (watts, looks): (f64, u32), seconds: f64) -> Option<f64> {
    let counted = counter.map(|(first, now)| now - first);
    let looked = (looks > 0).then(|| watts / f64::from(looks) * seconds);
    // A counter that stands still is none.
    counted
        .filter(|&joules| joules > 0.0)
        .or(looked)
        .filter(|&joules| joules > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_believed_before_looks() {
        assert_eq!(joules(Some((5.0, 25.0)), (300.0, 3), 2.0), Some(20.0));
        assert_eq!(joules(None, (300.0, 3), 2.0), Some(200.0));
        assert_eq!(joules(Some((5.0, 5.0)), (300.0, 3), 2.0), Some(200.0));
        assert_eq!(joules(Some((5.0, 5.0)), (0.0, 3), 2.0), None);
        assert_eq!(joules(None, (0.0, 0), 2.0), None);
    }
}
