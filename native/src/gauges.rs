//! Reads the sensors of devices now and then, on a thread of its own: a driver may be slow, or hang. Everybody who wants to
//! know asks here.

use core::time::Duration;
use std::{
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
    time::Instant,
};

use crate::{
    devices::{Choice, backend::Sensors},
    rig::{Messenger, RigError},
};

/// How often the sensors are read: they average over about as long.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// How old readings may be. A driver that hangs must not pass for a card that stays cool.
pub const FRESH: Duration = Duration::from_secs(10);

/// Stack of the thread, for libraries of drivers.
const STACK: usize = 1 << 20;

/// The last readings of the sensors of a rig's devices. Clones are the same.
#[derive(Clone, Debug)]
pub struct Gauges(Arc<State>);

#[derive(Debug)]
struct State {
    rig: Messenger,
    devices: Arc<Choice>,
    begun: OnceLock<()>,
    last: Mutex<Option<Readings>>,
}

/// What the sensors of all devices said at one moment.
#[derive(Clone, Debug)]
pub struct Readings {
    /// When.
    pub moment: Instant,
    /// By the name of the device.
    each: Vec<(String, Sensors)>,
}

impl Readings {
    /// Those of a device, which are empty if it has no sensors; none if it was not there.
    pub fn of(&self, name: &str) -> Option<Sensors> {
        let mut each = self.each.iter();
        let found = each.find(|(known, _)| known == name);
        found.map(|(_, sensors)| *sensors)
    }
}

impl Gauges {
    /// Those of the devices at work on a rig. Nothing is read yet.
    pub fn new(rig: Messenger, devices: &Arc<Choice>) -> Self {
        Self(Arc::new(State {
            rig,
            devices: Arc::clone(devices),
            begun: OnceLock::new(),
            last: Mutex::new(None),
        }))
    }

    /// Has a thread read them from now on, until the rig stops.
    ///
    /// # Errors
    ///
    /// [`RigError::Thread`] when the system gives no thread.
    pub fn read(&self) -> Result<(), RigError> {
        if self.0.begun.set(()).is_err() {
            return Ok(());
        }
        let state = Arc::clone(&self.0);
        thread::Builder::new()
            .name("sensors".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                while !state.rig.is_stopping() {
                    state.look();
                    thread::sleep(INTERVAL);
                }
            })
            .map_err(RigError::Thread)?;
        Ok(())
    }

    /// The last readings, however old; none before the first.
    pub fn last(&self) -> Option<Readings> {
        self.0.lock().clone()
    }

    /// The same, unless they are too old.
    pub fn fresh(&self) -> Option<Readings> {
        self.last().filter(|it| it.moment.elapsed() < FRESH)
    }
}

impl State {
    fn look(&self) {
        let rows = self.rig.rows();
        let sensors = self.devices.sensors(&rows);
        let moment = Instant::now();
        let before = self.lock().clone();
        let each = rows.into_iter().zip(sensors).map(|(row, mut sensors)| {
            let name = row.listed.name;
            sensors.power = sensors.power.or_else(|| {
                let before = before.as_ref()?;
                let energy = before.of(&name)?.energy?;
                power(energy, sensors.energy?, moment - before.moment)
            });
            (name, sensors)
        });
        let readings = Readings {
            moment,
            each: each.collect(),
        };
        *self.lock() = Some(readings);
    }

    fn lock(&self) -> MutexGuard<'_, Option<Readings>> {
        // A panic elsewhere leaves what was read.
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The power, in watts, that explains two readings of an energy counter, in joules. Counters begin again now and then.
fn power(before: f64, now: f64, time: Duration) -> Option<f64> {
    let joules = now - before;
    (joules >= 0.0 && !time.is_zero()).then(|| joules / time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_is_told_from_a_counter_that_does_not_begin_again() {
        let two = Duration::from_secs(2);
        assert_eq!(power(100.0, 230.0, two), Some(65.0));
        assert_eq!(power(262_143.0, 5.0, two), None);
        assert_eq!(power(1.0, 2.0, Duration::ZERO), None);
    }
}
