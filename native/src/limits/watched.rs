//! A device whose sensors are watched.

use super::{Quantity, brake::Brake};
use crate::{devices::backend::Sensors, pauses::Reason};

/// A device whose sensors are watched.
#[derive(Debug)]
pub(super) struct Watched {
    name: String,
    limits: Vec<Limit>,
    /// Whether it is to pause.
    is_paused: bool,
}

/// What is limited of it.
#[derive(Debug)]
struct Limit {
    quantity: Quantity,
    brake: Brake,
    /// Whether the sensors tell it; none before the first readings.
    is_told: Option<bool>,
}

impl Watched {
    /// A device that works, and may have at most so much of each quantity.
    pub(super) fn new(name: &str, most: impl Fn(Quantity) -> Option<f64>) -> Self {
        let limit = |quantity| {
            let most = most(quantity)?;
            Some(Limit {
                quantity,
                brake: Brake::new(quantity, most),
                is_told: None,
            })
        };
        Self {
            name: name.to_owned(),
            limits: Quantity::ALL.into_iter().filter_map(limit).collect(),
            is_paused: false,
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the sensors tell what is limited. Returns what to tell the user where they do not any more, or do again.
    pub(super) fn trust(&mut self, sensors: &Sensors) -> Vec<String> {
        let name = &self.name;
        let mut told = Vec::new();
        for limit in &mut self.limits {
            let (quantity, flag) = (limit.quantity, limit.quantity.flag());
            let is_told = quantity.is_told_by(sensors);
            match (limit.is_told.replace(is_told), is_told) {
                (None | Some(true), false) => told.push(format!(
                    "{name} does not tell its {quantity}: {flag} cannot be kept there"
                )),
                (Some(false), true) => told.push(format!(
                    "{name} tells its {quantity} again: {flag} is kept there"
                )),
                _ => {}
            }
        }
        told
    }

    /// Takes readings. Returns why it is to pause, or that it is to work again, and the same in words; none if nothing
    /// changes.
    pub(super) fn note(&mut self, sensors: &Sensors) -> Option<(Option<Reason>, String)> {
        let mut changed = None;
        for limit in &mut self.limits {
            if let Some(reading) = limit.quantity.of(sensors)
                && limit.brake.note(reading)
            {
                // The first that is above its limit is the reason.
                changed.get_or_insert_with(|| limit.quantity.shown(reading));
            }
        }
        let reading = changed?;
        let name = &self.name;
        let on = self.limits.iter().find(|limit| limit.brake.is_on());
        let was_on = core::mem::replace(&mut self.is_paused, on.is_some());
        match (was_on, on) {
            (
                false,
                Some(Limit {
                    quantity, brake, ..
                }),
            ) => {
                let (flag, most) = (quantity.flag(), brake.most());
                let reason = match quantity {
                    Quantity::Temperature => Reason::Temperature,
                    Quantity::Power => Reason::Power,
                };
                let message = format!("{name} pauses: {reading} is above {flag} {most}");
                Some((Some(reason), message))
            }
            (true, None) => Some((None, format!("{name} works again, at {reading}"))),
            // For something else, or more than one thing.
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sensors(temperature: Option<u32>, power: Option<f64>) -> Sensors {
        Sensors {
            temperature,
            power,
            energy: None,
        }
    }

    fn watched() -> Watched {
        Watched::new("cuda:0", |quantity| match quantity {
            Quantity::Temperature => Some(83.0),
            Quantity::Power => Some(300.0),
        })
    }

    #[test]
    fn it_works_again_once_nothing_is_above_its_limit() {
        let mut device = watched();
        let hot = sensors(Some(84), Some(310.0));
        assert_eq!(device.note(&hot), None, "one reading may be wrong");
        let (reason, message) = device.note(&hot).expect("the second");
        assert_eq!(reason, Some(Reason::Temperature));
        assert_eq!(message, "cuda:0 pauses: 84 °C is above --max-temp 83");
        // It draws no power any more, but is still hot.
        let mut told = Vec::new();
        for temperature in [84, 83, 82, 81, 80, 79, 78, 78, 78, 78, 78] {
            told.extend(device.note(&sensors(Some(temperature), Some(40.0))));
        }
        let works = (None, "cuda:0 works again, at 78 °C".to_owned());
        assert_eq!(told, [works]);
    }

    #[test]
    fn what_is_not_told_is_said_once() {
        let mut device = watched();
        let blind = sensors(None, Some(10.0));
        let told = ["cuda:0 does not tell its temperature: --max-temp cannot be kept there"];
        assert_eq!(device.trust(&blind), told);
        assert!(device.trust(&blind).is_empty());
        let both = sensors(Some(50), Some(10.0));
        let told = ["cuda:0 tells its temperature again: --max-temp is kept there"];
        assert_eq!(device.trust(&both), told);
        assert!(device.trust(&both).is_empty());
    }

    #[test]
    fn a_device_that_pauses_does_so_until_its_sensors_answer() {
        let mut device = watched();
        let hot = sensors(Some(90), None);
        device.note(&hot);
        assert!(device.note(&hot).is_some());
        for _ in 0..20 {
            assert_eq!(device.note(&Sensors::default()), None);
        }
    }
}
