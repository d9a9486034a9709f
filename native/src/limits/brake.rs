//! When a device pauses, and when it works again: not at each reading that is a little above or below.

use super::Quantity;

/// How many readings in a row must be above the limit: one may be wrong.
const ABOVE: u32 = 2;

/// How many must be well below it before the device works again.
const BELOW: u32 = 5;

/// How far below the limit is well below: a hot device works again once it has cooled by so many degrees, and one that
/// draws much power once it draws so much less.
const DEGREES: f64 = 5.0;
const POWER: f64 = 0.9;

/// Decides by the readings of one quantity of one device.
#[derive(Clone, Copy, Debug)]
pub(super) struct Brake {
    /// Above this it pauses.
    most: f64,
    /// At this or below it works again.
    low: f64,
    /// How many readings in a row said that it should change.
    readings: u32,
    /// Whether the device is to pause.
    is_on: bool,
}

impl Brake {
    /// A device that works.
    pub(super) fn new(quantity: Quantity, most: f64) -> Self {
        Self {
            most,
            low: match quantity {
                Quantity::Temperature => most - DEGREES,
                Quantity::Power => most * POWER,
            },
            readings: 0,
            is_on: false,
        }
    }

    /// The limit.
    pub(super) const fn most(&self) -> f64 {
        self.most
    }

    /// Whether the device is to pause.
    pub(super) const fn is_on(&self) -> bool {
        self.is_on
    }

    /// Takes a reading. Returns whether anything changed by it.
    pub(super) fn note(&mut self, reading: f64) -> bool {
        let (speaks_for_change, needed) = if self.is_on {
            (reading <= self.low, BELOW)
        } else {
            (reading > self.most, ABOVE)
        };
        if !speaks_for_change {
            self.readings = 0;
            return false;
        }
        self.readings += 1;
        let changes = self.readings == needed;
        if changes {
            (self.is_on, self.readings) = (!self.is_on, 0);
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places in a list of readings after which the device pauses or works again.
    fn changes(quantity: Quantity, most: f64, readings: &[f64]) -> Vec<usize> {
        let mut brake = Brake::new(quantity, most);
        let readings = readings.iter().enumerate();
        let changed = readings.filter(|(_, reading)| brake.note(**reading));
        changed.map(|(place, _)| place).collect()
    }

    #[test]
    fn it_pauses_above_the_limit_and_works_again_well_below() {
        let temperature = Quantity::Temperature;
        let hot = [80.0, 84.0, 84.0, 84.0];
        assert_eq!(changes(temperature, 83.0, &hot), [2]);
        let cooled = [84.0, 84.0, 78.0, 78.0, 78.0, 78.0, 78.0, 90.0, 90.0];
        assert_eq!(changes(temperature, 83.0, &cooled), [1, 6, 8]);
        let warm = [84.0, 84.0, 79.0, 79.0, 79.0, 79.0, 79.0, 79.0, 79.0];
        assert_eq!(changes(temperature, 83.0, &warm), [1], "not by 5 degrees");
        let power = [310.0, 310.0, 270.0, 270.0, 270.0, 270.0, 270.0];
        assert_eq!(changes(Quantity::Power, 300.0, &power), [1, 6]);
    }

    #[test]
    fn a_single_reading_changes_nothing() {
        let temperature = Quantity::Temperature;
        let peaks = [90.0, 80.0, 90.0, 80.0, 83.0, 83.0];
        assert!(
            changes(temperature, 83.0, &peaks).is_empty(),
            "83 is not above 83"
        );
        let dips = [
            90.0, 90.0, 70.0, 70.0, 70.0, 70.0, 80.0, 70.0, 70.0, 70.0, 70.0, 70.0,
        ];
        assert_eq!(changes(temperature, 83.0, &dips), [1, 11]);
    }
}
