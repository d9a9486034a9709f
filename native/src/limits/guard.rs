//! Watches what the user limits, and lets devices rest: each by itself where it is too hot or draws too much, all where
//! the machine is wanted for something else.

use core::time::Duration;
use std::{path::Path, thread, time::Instant};

use super::{
    battery::{self, Supply},
    bounds::{self, Bound, Quantity},
    presence,
    watched::Watched,
};
use crate::{
    cli::{LimitArgs, Usage},
    devices::{Choice, backend::Listed, opened},
    gauges::{FRESH, Gauges, INTERVAL},
    pauses::Reason,
    rig::{Event, Messenger, Rig, RigError},
};

/// How often to ask whether somebody uses the machine.
const PRESENCE: Duration = Duration::from_secs(10);

/// Stack of the thread.
const STACK: usize = 128 * 1024;

/// What the user allows.
#[derive(Clone, Debug)]
pub struct Limits {
    args: LimitArgs,
    /// Why nothing is hashed at the start.
    halted: Option<Reason>,
}

/// Watches until the rig stops.
#[derive(Debug)]
struct Guard {
    limits: Limits,
    rig: Messenger,
    gauges: Gauges,
    begun: Instant,
    watched: Vec<Watched>,
    /// When the last readings were made that were looked at.
    seen: Option<Instant>,
    /// Whether the user knows that the sensors do not answer.
    is_silent: bool,
    /// Whether names of devices were compared with those that joined.
    are_names_checked: bool,
    /// When somebody was last asked whether the machine is used, and whether it was.
    asked: Option<(Instant, bool)>,
    /// Whether the user knows that nobody answers that.
    is_presence_unknown: bool,
}

impl Limits {
    /// The flags that limit devices, as a list; empty if there is none.
    fn flags(&self) -> String {
        let given = Quantity::ALL.into_iter();
        let given = given.filter(|it| !self.args.bounds(*it).is_empty());
        let flags: Vec<_> = given.map(Quantity::flag).collect();
        flags.join(" and ")
    }

    /// What the flags say, as far as this machine can tell it.
    ///
    /// # Errors
    ///
    /// A limit that cannot be watched: no device has that name, none tells that, or the system does not.
    pub fn new(args: &LimitArgs, devices: &Choice) -> Result<Self, Usage> {
        for quantity in Quantity::ALL {
            check(quantity, args.bounds(quantity), devices)?;
        }
        let mut limits = Self {
            args: args.clone(),
            halted: None,
        };
        let unknown = |flag, problem: String| Usage::new(flag, problem, "drop it");
        if args.pause_on_battery {
            let flag = "--pause-on-battery";
            match Supply::of(Path::new(battery::FOLDER)) {
                None => {
                    let problem = "this system does not tell what the machine runs on";
                    return Err(unknown(flag, problem.to_owned()));
                }
                Some(Supply::NoBattery) => {
                    opened::warn(format!(
                        "this machine shows no battery; {flag} waits for one"
                    ));
                }
                Some(Supply::Mains) => {}
                Some(Supply::Battery) => limits.halted = Some(Reason::Battery),
            }
        }
        if args.pause_on_use {
            let is_used = presence::is_used().map_err(|why| {
                let problem = format!("this system does not tell whether somebody uses it ({why})");
                unknown("--pause-on-use", problem)
            })?;
            if is_used {
                limits.halted.get_or_insert(Reason::Use);
            }
        }
        Ok(limits)
    }

    /// Watches the devices of a rig from now on, if there is something to watch.
    ///
    /// # Errors
    ///
    /// [`RigError::Thread`] when the system gives no thread.
    pub fn begin(self, rig: &Rig, gauges: &Gauges) -> Result<(), RigError> {
        let has_bounds = !self.flags().is_empty();
        if has_bounds {
            gauges.read()?;
        }
        if !has_bounds && !self.args.pause_on_battery && !self.args.pause_on_use {
            return Ok(());
        }
        if let Some(reason) = self.halted {
            rig.messenger().halt(Some(reason), halted(reason));
        }
        let mut guard = Guard {
            limits: self,
            rig: rig.messenger(),
            gauges: gauges.clone(),
            begun: Instant::now(),
            watched: Vec::new(),
            seen: None,
            is_silent: false,
            are_names_checked: false,
            asked: None,
            is_presence_unknown: false,
        };
        thread::Builder::new()
            .name("limits".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                while !guard.rig.is_stopping() {
                    guard.look_at_devices();
                    guard.look_at_machine();
                    thread::sleep(INTERVAL);
                }
            })
            .map_err(RigError::Thread)?;
        Ok(())
    }
}

/// Whether limits can be watched on the devices that are known; those that come later are looked at when they join.
fn check(quantity: Quantity, bounds: &[Bound], devices: &Choice) -> Result<(), Usage> {
    if devices.is_growing() {
        return Ok(());
    }
    let flag = quantity.flag();
    let listed: Vec<&Listed> = devices.now.listed().collect();
    if let Some(name) = unknown(bounds, &listed).next() {
        let names: Vec<_> = listed.iter().map(|it| it.name.as_str()).collect();
        let remedy = format!("choose among: {}", names.join(", "));
        let problem = format!("no device here is called {name}");
        return Err(Usage::new(flag, problem, &remedy));
    }
    let mut limited = listed
        .iter()
        .filter(|it| bounds::most(bounds, it).is_some())
        .peekable();
    let tells = |listed: &&Listed| {
        let sensors = devices.now.sensors(listed);
        sensors.is_some_and(|it| quantity.is_told_by(&it))
    };
    if limited.peek().is_some() && !limited.any(tells) {
        let problem = format!("no device here tells its {quantity}");
        let remedy = "drop it, and limit them by other means";
        return Err(Usage::new(flag, problem, remedy));
    }
    Ok(())
}

/// Names of devices, rather than of kinds, that none of these has.
fn unknown<'a>(bounds: &'a [Bound], listed: &[&Listed]) -> impl Iterator<Item = &'a str> {
    bounds.iter().filter_map(|bound| {
        let name = bound.device.as_deref()?;
        let is_known = !name.contains(':') || bound.is_about_any(listed.iter().copied());
        (!is_known).then_some(name)
    })
}

impl Guard {
    fn warn(&self, text: String) {
        self.rig.tell(Event::Warning(text));
    }

    fn look_at_devices(&mut self) {
        let flags = self.limits.flags();
        if flags.is_empty() {
            return;
        }
        self.meet();
        let last = self.gauges.last();
        let moment = last.as_ref().map(|it| it.moment);
        if moment == self.seen {
            let since = moment.unwrap_or(self.begun);
            if since.elapsed() > FRESH && !core::mem::replace(&mut self.is_silent, true) {
                let seconds = FRESH.as_secs();
                self.warn(format!(
                    "the sensors have not answered for {seconds} s: {flags} cannot be kept"
                ));
            }
            return;
        }
        self.seen = moment;
        if core::mem::take(&mut self.is_silent) {
            self.warn(format!("the sensors answer again: {flags} is kept"));
        }
        let Some(readings) = last else {
            return;
        };
        for device in &mut self.watched {
            // One that has just joined is not among them yet.
            let Some(sensors) = readings.of(device.name()) else {
                continue;
            };
            for warning in device.trust(&sensors) {
                self.rig.tell(Event::Warning(warning));
            }
            if let Some((reason, message)) = device.note(&sensors) {
                self.rig.pause_device(device.name(), reason, message);
            }
        }
    }

    /// Begins to watch devices that have joined.
    fn meet(&mut self) {
        let rows = self.rig.rows();
        for row in &rows {
            if !self.watched.iter().any(|it| it.name() == row.listed.name) {
                let most = |quantity| bounds::most(self.limits.args.bounds(quantity), &row.listed);
                self.watched.push(Watched::new(&row.listed.name, most));
            }
        }
        if self.rig.is_complete() && !core::mem::replace(&mut self.are_names_checked, true) {
            let listed: Vec<&Listed> = rows.iter().map(|it| &it.listed).collect();
            for quantity in Quantity::ALL {
                for name in unknown(self.limits.args.bounds(quantity), &listed) {
                    let flag = quantity.flag();
                    self.warn(format!("no device here is called {name}, as {flag} says"));
                }
            }
        }
    }

    fn look_at_machine(&mut self) {
        let LimitArgs {
            pause_on_battery,
            pause_on_use,
            ..
        } = self.limits.args;
        let supply = pause_on_battery.then(|| Supply::of(Path::new(battery::FOLDER)));
        let reason = if supply.flatten() == Some(Supply::Battery) {
            Some(Reason::Battery)
        } else if pause_on_use && self.is_used() {
            Some(Reason::Use)
        } else {
            None
        };
        let before = core::mem::replace(&mut self.limits.halted, reason);
        match (before, reason) {
            (before, now) if before == now => {}
            (_, Some(reason)) => self.rig.halt(Some(reason), halted(reason)),
            (Some(before), None) => self.rig.halt(None, goes_on(before)),
            (None, None) => {}
        }
    }

    /// Whether somebody uses the machine, as far as is known.
    fn is_used(&mut self) -> bool {
        let known = match self.asked {
            Some((moment, is_used)) if moment.elapsed() < PRESENCE => return is_used,
            Some((_, is_used)) => is_used,
            None => self.limits.halted == Some(Reason::Use),
        };
        let answer = presence::is_used();
        if let Err(why) = &answer
            && !core::mem::replace(&mut self.is_presence_unknown, true)
        {
            self.warn(format!("--pause-on-use cannot be kept: {why}"));
        }
        self.is_presence_unknown &= answer.is_err();
        let is_used = answer.unwrap_or(known);
        self.asked = Some((Instant::now(), is_used));
        is_used
    }
}

/// That nothing is hashed any more, in one line.
fn halted(reason: Reason) -> String {
    let why = match reason {
        Reason::Battery => "the machine runs on its battery",
        _ => "somebody uses the machine",
    };
    format!("{why}: no device works meanwhile")
}

/// That something is again.
fn goes_on(reason: Reason) -> String {
    let why = match reason {
        Reason::Battery => "the machine is on mains power",
        _ => "nobody uses the machine",
    };
    format!("{why}: the devices work again")
}
