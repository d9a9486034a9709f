//! The devices that the user selected, opened.

use core::ops::Range;

use super::{
    Unit,
    backend::{Backend, Listed},
};
use crate::exit::{Failure, Usage};

/// Opened devices: rows for the reports, units for the rig.
#[derive(Debug, Default)]
pub struct Fleet {
    /// The devices as the user knows them.
    pub rows: Vec<Row>,
    /// What hashes, in the order of the solver's slots.
    pub units: Vec<Unit>,
}

/// A device as the user knows it, and which units are its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Row {
    /// What is known about it.
    pub listed: Listed,
    /// The places of its units among all.
    pub slots: Range<usize>,
}

/// Devices that were chosen, and are not open yet.
#[derive(Debug)]
pub struct Chosen {
    backends: Vec<Box<dyn Backend>>,
    /// Which backend, and which of its devices.
    listed: Vec<(usize, Listed)>,
}

impl Chosen {
    /// The devices that `selectors` name, in the order of the list, each once; all devices when
    /// there is no selector.
    ///
    /// # Errors
    ///
    /// A selector of which there is no device.
    pub fn new(backends: Vec<Box<dyn Backend>>, selectors: &[String]) -> Result<Self, Usage> {
        let mut listed: Vec<_> = backends
            .iter()
            .enumerate()
            .flat_map(|(index, backend)| {
                let listed = backend.list().into_iter();
                listed.map(move |listed| (index, listed))
            })
            .collect();
        for selector in selectors {
            if !listed.iter().any(|(_, listed)| listed.name == *selector) {
                let names: Vec<_> = listed.iter().map(|(_, it)| it.name.as_str()).collect();
                return Err(Usage::new(
                    "--device",
                    format_args!("there is no device {selector:?}"),
                    &format!("choose among: {}", names.join(", ")),
                ));
            }
        }
        listed.retain(|(_, listed)| selectors.is_empty() || selectors.contains(&listed.name));
        Ok(Self { backends, listed })
    }

    /// Opens them.
    ///
    /// # Errors
    ///
    /// [`Failure::Open`] for the first that does not.
    pub fn open(&self) -> Result<Fleet, Failure> {
        let mut fleet = Fleet::default();
        for (backend, listed) in &self.listed {
            fleet.add(self.backends[*backend].as_ref(), listed.clone())?;
        }
        Ok(fleet)
    }
}

impl Fleet {
    fn add(&mut self, backend: &dyn Backend, listed: Listed) -> Result<(), Failure> {
        let units = backend.open(&listed).map_err(|error| Failure::Open {
            name: listed.name.clone(),
            error,
        })?;
        let first = self.units.len();
        self.units.extend(units);
        self.rows.push(Row {
            listed,
            slots: first..self.units.len(),
        });
        Ok(())
    }
}
