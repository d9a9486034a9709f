//! The devices that the user selected, opened.

use core::{ops::Range, time::Duration};

use thiserror::Error;
use tracing::debug;

use super::{
    Unit,
    backend::{self, Absence, Backend, CannotOpen, Listed, Objection, Sensors},
    look,
};

/// Why a device cannot be used. Messages are one line.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum DevicesError {
    /// There is no such device.
    #[error("--device: there is no device {selector:?}{}; choose among: {}", reason(why.as_deref()), names.join(", "))]
    Unknown {
        /// What was typed.
        selector: String,
        /// Why not, if that is known.
        why: Option<String>,
        /// The devices of this machine.
        names: Vec<String>,
    },

    /// The device could not be opened.
    #[error("{name} cannot be opened: {error}; choose another with --device")]
    Open {
        /// The device.
        name: String,
        /// Why, in the words of its kind.
        error: CannotOpen,
    },
}

/// Tells the user by the log.
pub fn warn(text: String) {
    tracing::warn!("{text}");
}

fn reason(why: Option<&str>) -> String {
    why.map_or_else(String::new, |why| format!(": {why}"))
}

/// Opened devices: rows for the reports, units for the rig.
#[derive(Debug, Default)]
pub struct Opened {
    /// The devices as the user knows them.
    pub rows: Vec<Row>,
    /// What hashes, in the order of the solver's slots.
    pub units: Vec<Unit>,
}

/// A device as the user knows it, and its units.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// What is known about it.
    pub listed: Listed,
    /// The slots of its units.
    pub slots: Range<usize>,
    /// Those that it had before it was reset; none of them if it was not.
    pub former: Range<usize>,
}

/// Devices that were chosen but are not open yet.
#[derive(Debug)]
pub struct Chosen {
    backends: Vec<Box<dyn Backend>>,
    /// The backend's index, and one of its devices.
    listed: Vec<(usize, Listed)>,
    /// Whether the user named them.
    named: bool,
}

impl Chosen {
    /// The devices that `selectors` name, in the order of the list, each once; without selectors, all that
    /// are used by default. If a named device is missing, `tell` gets a warning and the others are used.
    ///
    /// # Errors
    ///
    /// [`DevicesError::Unknown`] for a selector that names nothing, or when every named device is missing;
    /// [`DevicesError::Open`] when there is no device of that kind at all.
    pub fn new(
        backends: Vec<Box<dyn Backend>>,
        selectors: &[String],
        tell: &dyn Fn(String),
    ) -> Result<Self, DevicesError> {
        let wanted = |backend: &dyn Backend| {
            selectors.is_empty() || selectors.iter().any(|it| backend.may_answer(it))
        };
        // Whoever names a card would rather wait for it.
        let patience = if selectors.is_empty() {
            look::LIMIT
        } else {
            look::PATIENCE
        };
        let mut listed = list(&backends, wanted, patience);
        let mut absent = Vec::new();
        for selector in selectors {
            let answers = |(i, it): &(usize, Listed)| backends[*i].answers(it, selector);
            let is_answered = listed.iter().any(answers);
            absent.extend(missing(&backends, selector, is_answered)?);
        }
        if selectors.is_empty() {
            backend::faults(&backends).for_each(tell);
        }
        listed.retain(|(index, listed)| {
            let backend = backends[*index].as_ref();
            if selectors.is_empty() {
                backend.is_default(listed)
            } else {
                selectors.iter().any(|it| backend.answers(listed, it))
            }
        });
        if listed.is_empty()
            && let Some(error) = absent.pop()
        {
            return Err(error);
        }
        for error in absent {
            tell(error.to_string());
        }
        Ok(Self {
            backends,
            listed,
            named: !selectors.is_empty(),
        })
    }

    /// Opens them. If one does not open, a warning is logged and the others are used.
    ///
    /// # Errors
    ///
    /// [`DevicesError::Open`] for the last, when none opens.
    pub fn open(&self) -> Result<Opened, DevicesError> {
        let mut opened = Opened::default();
        self.try_each(&warn, |backend, listed| {
            let one = opened.add(backend, listed.clone());
            one.map(|()| true)
        })?;
        Ok(opened)
    }

    /// Calls `attempt` for each device; it returns whether it used the device. A card is used once, through
    /// the first of its interfaces that works. If a device fails, `tell` gets a warning and the others are tried.
    ///
    /// # Errors
    ///
    /// The last failure, when nothing succeeded.
    pub fn try_each(
        &self,
        tell: &dyn Fn(String),
        mut attempt: impl FnMut(&dyn Backend, &Listed) -> Result<bool, DevicesError>,
    ) -> Result<(), DevicesError> {
        // The address of each card in use, and the device that uses it.
        let mut cards: Vec<(String, &str)> = Vec::new();
        let (mut used, mut errors) = (false, Vec::new());
        for (backend, listed) in self.iter() {
            let card = backend.pci(listed);
            let other = cards.iter().find(|(it, _)| Some(it) == card.as_ref());
            if let Some((_, other)) = other {
                let name = &listed.name;
                if self.named {
                    tell(format!(
                        "{name} is left out: it is the card that {other} uses"
                    ));
                } else {
                    debug!("{name} is the card of {other}");
                }
                continue;
            }
            match attempt(backend, listed) {
                Ok(true) => {
                    used = true;
                    cards.extend(card.map(|card| (card, listed.name.as_str())));
                }
                Ok(false) => {}
                Err(error) => errors.push(error),
            }
        }
        let last = if used { None } else { errors.pop() };
        for error in errors {
            tell(error.to_string());
        }
        last.map_or(Ok(()), Err)
    }

    /// The present readings of a device's sensors; none if it is not one of these, or has none.
    pub fn sensors(&self, listed: &Listed) -> Option<Sensors> {
        let (backend, listed) = self.iter().find(|(_, it)| *it == listed)?;
        backend.sensors(listed)
    }

    /// Opens the device of a row again; none if it is not one of these.
    pub(super) fn reopen(&self, listed: &Listed) -> Option<Result<Vec<Unit>, CannotOpen>> {
        let (backend, listed) = self.iter().find(|(_, it)| *it == listed)?;
        Some(backend.open(listed))
    }

    /// The devices.
    pub fn listed(&self) -> impl Iterator<Item = &Listed> {
        self.listed.iter().map(|(_, listed)| listed)
    }

    /// Whether the user named them, rather than taking the default.
    pub const fn is_named(&self) -> bool {
        self.named
    }

    /// Why this machine has no card, as far as that is known.
    pub fn why_no_cards(&self) -> String {
        let absences = self.backends.iter().filter_map(|it| it.absence());
        let reasons: Vec<_> = absences.map(|it| it.reason.to_string()).collect();
        reasons.join("; ")
    }

    /// The devices, each with its backend.
    fn iter(&self) -> impl Iterator<Item = (&dyn Backend, &Listed)> {
        let chosen = self.listed.iter();
        chosen.map(|(backend, listed)| (self.backends[*backend].as_ref(), listed))
    }
}

/// The devices of the backends that `wanted` accepts.
fn list(
    backends: &[Box<dyn Backend>],
    wanted: impl Fn(&dyn Backend) -> bool,
    patience: Duration,
) -> Vec<(usize, Listed)> {
    let wanted: Vec<_> = (backends.iter().enumerate())
        .filter(|(_, backend)| wanted(backend.as_ref()))
        .collect();
    // All look at the same time.
    for (_, backend) in &wanted {
        backend.look(patience);
    }
    wanted
        .into_iter()
        .flat_map(|(index, backend)| backend.list().into_iter().map(move |it| (index, it)))
        .collect()
}

/// What is missing of the devices that a selector names, if anything. It is an error if the selector names
/// nothing.
fn missing(
    backends: &[Box<dyn Backend>],
    selector: &str,
    is_answered: bool,
) -> Result<Option<DevicesError>, DevicesError> {
    let unknown = |why: Option<String>| {
        let all = list(backends, |_| true, look::LIMIT);
        DevicesError::Unknown {
            selector: selector.to_owned(),
            why,
            names: all.into_iter().map(|(_, it)| it.name).collect(),
        }
    };
    match backends.iter().find_map(|it| it.objection(selector)) {
        Some(Objection::Wrong(why)) => return Err(unknown(Some(why))),
        Some(Objection::Missing(why)) => return Ok(Some(unknown(Some(why)))),
        Some(Objection::Absent(why)) => {
            let (name, error) = (selector.to_owned(), CannotOpen::new(why));
            return Ok(Some(DevicesError::Open { name, error }));
        }
        None if is_answered => return Ok(None),
        None => {}
    }
    let mut asked = backends.iter().filter(|it| it.may_answer(selector));
    let absence = asked.find_map(|it| it.absence());
    let Absence { reason, .. } = absence.ok_or_else(|| unknown(None))?;
    Ok(Some(DevicesError::Open {
        name: selector.to_owned(),
        error: reason,
    }))
}

impl Opened {
    fn add(&mut self, backend: &dyn Backend, listed: Listed) -> Result<(), DevicesError> {
        let units = backend.open(&listed).map_err(|error| DevicesError::Open {
            name: listed.name.clone(),
            error,
        })?;
        let first = self.units.len();
        self.units.extend(units);
        self.rows.push(Row {
            listed,
            slots: first..self.units.len(),
            former: 0..0,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use btpow_core::Isa;

    use super::*;
    use crate::devices::cpu::CpuThread;

    /// A kind of devices that leads to cards at these addresses; some do not open.
    #[derive(Debug)]
    struct Interface {
        kind: &'static str,
        cards: Vec<(&'static str, bool)>,
    }

    impl Backend for Interface {
        fn list(&self) -> Vec<Listed> {
            let listed = |i| Listed {
                name: format!("{}:{i}", self.kind),
                kind: self.kind,
                description: String::new(),
                isa: None,
                threads: None,
            };
            (0..self.cards.len()).map(listed).collect()
        }

        fn open(&self, listed: &Listed) -> Result<Vec<Unit>, CannotOpen> {
            let (_, opens) = self.card(listed);
            let unit = || vec![Unit::new(CpuThread::new(0, Isa::best()))];
            opens
                .then(unit)
                .ok_or_else(|| CannotOpen::new("it is busy"))
        }

        fn may_answer(&self, selector: &str) -> bool {
            selector.starts_with(self.kind)
        }

        fn absence(&self) -> Option<Absence> {
            self.cards.is_empty().then(|| Absence {
                reason: CannotOpen::new("there is no driver"),
                is_fault: false,
            })
        }

        fn objection(&self, selector: &str) -> Option<Objection> {
            let missing = Objection::Missing("there is no such card".to_owned());
            (!self.cards.is_empty() && selector == "cuda:7").then_some(missing)
        }

        fn pci(&self, listed: &Listed) -> Option<String> {
            Some(self.card(listed).0.to_owned())
        }
    }

    impl Interface {
        fn card(&self, listed: &Listed) -> (&'static str, bool) {
            let place = self.list().iter().position(|it| it == listed);
            self.cards[place.expect("it is listed")]
        }
    }

    fn opened(
        first: &[(&'static str, bool)],
        second: &[(&'static str, bool)],
        selectors: &[&str],
    ) -> Result<Vec<String>, DevicesError> {
        let interface = |kind, cards: &[_]| -> Box<dyn Backend> {
            let cards = cards.to_vec();
            Box::new(Interface { kind, cards })
        };
        let backends = vec![interface("cuda", first), interface("wgpu", second)];
        let selectors: Vec<_> = selectors.iter().map(|&it| it.to_owned()).collect();
        let opened = Chosen::new(backends, &selectors, &warn)?.open()?;
        Ok(opened.rows.into_iter().map(|row| row.listed.name).collect())
    }

    #[test]
    fn a_card_is_used_through_one_interface() {
        let two = [("01", true), ("02", true)];
        let names = opened(&two, &[("02", true), ("03", true)], &[]);
        assert_eq!(names.expect("they open"), ["cuda:0", "cuda:1", "wgpu:1"]);
        let names = opened(&two, &[("02", true)], &["wgpu:0"]);
        assert_eq!(names.expect("it opens"), ["wgpu:0"]);
        let names = opened(&two, &[("02", true)], &["cuda:1", "wgpu:0"]);
        assert_eq!(names.expect("one opens"), ["cuda:1"]);
    }

    #[test]
    fn a_card_that_one_interface_does_not_open_is_left_to_the_next() {
        let names = opened(&[("01", false), ("02", true)], &[("01", true)], &[]);
        assert_eq!(names.expect("they open"), ["cuda:1", "wgpu:0"]);
        let error = opened(&[("01", false)], &[("01", false)], &[]).expect_err("none opens");
        let text = error.to_string();
        assert!(
            text.starts_with("wgpu:0 cannot be opened: it is busy"),
            "{text}"
        );
    }

    #[test]
    fn a_kind_without_devices_is_not_a_wrong_selector() {
        let there = [("01", true)];
        let is_unknown = |error: &DevicesError| matches!(error, DevicesError::Unknown { .. });
        let error = opened(&[], &there, &["cuda:0"]).expect_err("there is none");
        assert!(matches!(error, DevicesError::Open { .. }), "{error}");
        let error = opened(&there, &[], &["cuda:7"]).expect_err("there is one");
        assert!(is_unknown(&error), "{error}");
        let names = opened(&there, &[], &["wgpu", "cuda:0", "cuda:7"]);
        assert_eq!(names.expect("one opens"), ["cuda:0"]);
        let error = opened(&there, &[], &["gpu"]).expect_err("there is no such kind");
        assert!(is_unknown(&error), "{error}");
        assert!(
            error.to_string().contains("choose among: cuda:0"),
            "{error}"
        );
    }
}
