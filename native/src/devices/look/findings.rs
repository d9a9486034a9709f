//! What a look found, as one process tells it to the other.

use serde::{Deserialize, Serialize};

use crate::devices::backend::{Absence, Backend, CannotOpen, Details, Listed, Objection, Sensors};

/// The devices of one kind, and what is wrong.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Findings {
    pub(super) devices: Vec<Found>,
    /// Selectors that cannot be met, each with the reason.
    pub(super) objections: Vec<(String, Objection)>,
    /// Why there is no device.
    pub(super) absence: Option<Absence>,
}

/// One device.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Found {
    pub(super) name: String,
    description: String,
    pub(super) is_default: bool,
    pub(super) pci: Option<String>,
    /// The selectors that name it, of those that were asked.
    pub(super) selectors: Vec<String>,
    pub(super) details: Option<Details>,
    pub(super) sensors: Option<Sensors>,
}

impl Findings {
    /// Asks a backend everything, which loads its driver into this process.
    pub fn of(backend: &dyn Backend, selectors: &[String]) -> Self {
        let listed = backend.list();
        let found = |it: &Listed| Found {
            name: it.name.clone(),
            description: it.description.clone(),
            is_default: backend.is_default(it),
            pci: backend.pci(it),
            selectors: selectors
                .iter()
                .filter(|selector| backend.answers(it, selector))
                .cloned()
                .collect(),
            details: backend.details(it),
            sensors: backend.sensors(it),
        };
        let objections = selectors
            .iter()
            .filter_map(|it| Some((it.clone(), backend.objection(it)?)));
        Self {
            devices: listed.iter().map(found).collect(),
            objections: objections.collect(),
            absence: backend.absence(),
        }
    }

    /// No device, because something is broken.
    pub(super) fn broken(reason: String) -> Self {
        Self {
            absence: Some(Absence {
                reason: CannotOpen::new(reason),
                is_fault: true,
            }),
            ..Self::default()
        }
    }
}

impl Found {
    pub(super) fn listed(&self, kind: &'static str) -> Listed {
        Listed {
            name: self.name.clone(),
            kind,
            description: self.description.clone(),
            isa: None,
            threads: None,
        }
    }
}
