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

impl Fleet {
    /// Opens the devices that `selectors` name, in the order of the list, each once; all devices
    /// when there is no selector.
    ///
    /// # Errors
    ///
    /// [`Failure::Usage`] for a selector of which there is no device; [`Failure::Open`].
    pub fn open(backends: &[Box<dyn Backend>], selectors: &[String]) -> Result<Self, Failure> {
        let there: Vec<_> = backends
            .iter()
            .flat_map(|backend| {
                let listed = backend.list().into_iter();
                listed.map(move |listed| (backend, listed))
            })
            .collect();
        for selector in selectors {
            if !there.iter().any(|(_, listed)| listed.name == *selector) {
                let names: Vec<_> = there.iter().map(|(_, it)| it.name.as_str()).collect();
                return Err(Usage::new(
                    "--device",
                    format_args!("there is no device {selector:?}"),
                    &format!("choose among: {}", names.join(", ")),
                )
                .into());
            }
        }
        let mut fleet = Self::default();
        for (backend, listed) in there {
            if selectors.is_empty() || selectors.contains(&listed.name) {
                fleet.add(backend.as_ref(), listed)?;
            }
        }
        Ok(fleet)
    }

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
