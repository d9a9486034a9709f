//! How hot a device may be, and how much power it may draw.

use core::fmt;

use crate::devices::backend::{Listed, Sensors};

/// What is limited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Quantity {
    /// In degrees Celsius.
    Temperature,
    /// In watts.
    Power,
}

/// The most that a device may have, as a flag says it: `83`, or `cuda:0=75`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The name of the device, or of a kind of devices; none for all.
    pub device: Option<String>,
    /// The most, in the unit of the quantity.
    pub most: f64,
}

impl Quantity {
    /// Both of them.
    pub(super) const ALL: [Self; 2] = [Self::Temperature, Self::Power];

    /// The flag that limits it.
    pub(super) const fn flag(self) -> &'static str {
        match self {
            Self::Temperature => "--max-temp",
            Self::Power => "--max-power",
        }
    }

    /// What a sensor tells of it.
    pub(super) fn of(self, sensors: &Sensors) -> Option<f64> {
        match self {
            Self::Temperature => sensors.temperature.map(f64::from),
            Self::Power => sensors.power,
        }
    }

    /// Whether sensors that say this tell it, or will: power follows from two readings of an energy counter.
    pub(super) const fn is_told_by(self, sensors: &Sensors) -> bool {
        match self {
            Self::Temperature => sensors.temperature.is_some(),
            Self::Power => sensors.power.is_some() || sensors.energy.is_some(),
        }
    }

    /// A value with its unit: `83 °C`.
    pub(super) fn shown(self, value: f64) -> String {
        match self {
            Self::Temperature => format!("{value:.0} °C"),
            Self::Power => format!("{value:.0} W"),
        }
    }
}

/// Its name, as in "it tells no temperature".
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Temperature => "temperature",
            Self::Power => "power",
        })
    }
}

impl Bound {
    /// Whether it is about this device; the more it is, the closer its name.
    fn closeness(&self, listed: &Listed) -> Option<u8> {
        match &self.device {
            None => Some(0),
            Some(name) if name == listed.kind && name != &listed.name => Some(1),
            Some(name) if name == &listed.name => Some(2),
            Some(_) => None,
        }
    }

    /// Whether it is about one of these devices.
    pub(super) fn is_about_any<'a>(&self, mut all: impl Iterator<Item = &'a Listed>) -> bool {
        all.any(|listed| self.closeness(listed).is_some())
    }
}

/// The most that a device may have: what is said of it by name, else of its kind, else of all. The last counts.
pub(super) fn most(bounds: &[Bound], listed: &Listed) -> Option<f64> {
    let about = bounds.iter();
    let about = about.filter_map(|bound| Some((bound.closeness(listed)?, bound.most)));
    about
        .max_by_key(|(closeness, _)| *closeness)
        .map(|(_, most)| most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_counts_and_then_the_last() {
        let listed = |name: &str, kind| Listed {
            name: name.to_owned(),
            kind,
            description: String::new(),
            isa: None,
            threads: None,
        };
        let bound = |device: Option<&str>, most| Bound {
            device: device.map(str::to_owned),
            most,
        };
        let bounds = [
            bound(Some("cuda:0"), 70.0),
            bound(None, 83.0),
            bound(Some("cuda"), 80.0),
            bound(None, 85.0),
        ];
        assert_eq!(most(&bounds, &listed("cuda:0", "cuda")), Some(70.0));
        assert_eq!(most(&bounds, &listed("cuda:1", "cuda")), Some(80.0));
        assert_eq!(most(&bounds, &listed("cpu", "cpu")), Some(85.0));
        assert_eq!(most(&bounds[..1], &listed("cpu", "cpu")), None);
        let twice = [bound(Some("cpu"), 90.0), bound(Some("cpu"), 60.0)];
        assert_eq!(most(&twice, &listed("cpu", "cpu")), Some(60.0));
    }
}
