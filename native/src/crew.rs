//! The devices at work as the user knows them: some from the beginning, others as they join.

use core::fmt;
use std::collections::BTreeSet;

use btpow_core::Fault;

use crate::{
    devices::{Row, backend::Listed},
    rig::{Event, Rig, RigError},
};

/// What is told the first time that every nonce of a shard was hashed for a block.
const EXHAUSTED: &str =
    "all nonces of the shard are hashed before the next block comes: fewer shards are enough";

/// Keeps count by the events of a rig.
#[derive(Clone, Debug, Default)]
pub struct Crew {
    /// The devices, in the order in which they joined; dropped ones stay.
    pub rows: Vec<Row>,
    /// Whether more may join.
    pub is_growing: bool,
    /// How many of the rig's devices have joined, and the slots of those that were dropped.
    joined: usize,
    dropped: BTreeSet<usize>,
    /// Whether the user knows that the shard has an end.
    was_exhausted: bool,
    /// The last that was dropped, and why.
    last: Option<(String, Fault)>,
}

impl Crew {
    /// The devices that a rig has from the beginning; `is_growing` says whether more may join.
    pub fn new(rows: Vec<Row>, is_growing: bool) -> Self {
        Self {
            joined: rows.iter().map(|row| row.slots.len()).sum(),
            rows,
            is_growing,
            ..Self::default()
        }
    }

    /// Notes an event. Returns what to tell the user, in one line.
    pub fn note(&mut self, event: Event, rig: &Rig) -> Option<String> {
        match event {
            Event::Joined(row) => {
                self.joined += row.slots.len();
                let Listed {
                    name, description, ..
                } = &row.listed;
                let line = format!("{name} joined: {description}");
                self.rows.push(row);
                Some(line)
            }
            Event::Dropped(slot, fault) => {
                self.dropped.insert(slot.0);
                let name = rig.name(slot);
                let line = format!("warning: {name} was dropped: {fault}");
                self.last = Some((name, fault));
                Some(line)
            }
            Event::Paused { message, .. } | Event::Resumed { message, .. } => Some(message),
            Event::Resetting(name) => Some(format!(
                "warning: {name} reports nothing any more and is opened again"
            )),
            Event::Reset(row) => {
                // Not all of its former units were told of one by one.
                self.joined += row.slots.len();
                self.dropped.extend(row.former.clone());
                let name = row.listed.name.clone();
                let mut rows = self.rows.iter_mut();
                if let Some(known) = rows.find(|it| it.listed == row.listed) {
                    *known = row;
                }
                Some(format!("{name} is open again"))
            }
            Event::Warning(text) => Some(format!("warning: {text}")),
            Event::Complete => {
                self.is_growing = false;
                None
            }
            Event::Exhausted => {
                let is_known = core::mem::replace(&mut self.was_exhausted, true);
                (!is_known).then(|| EXHAUSTED.to_owned())
            }
            Event::Asked | Event::Found(_) | Event::Interrupted(_) => None,
        }
    }

    /// The device that was dropped last, and why; none if all still work.
    pub fn last_dropped(&self) -> Option<(&str, Fault)> {
        let (name, fault) = self.last.as_ref()?;
        Some((name, *fault))
    }

    /// Whether there is a device to work with, or may be.
    ///
    /// # Errors
    ///
    /// [`RigError::NoDeviceLeft`].
    pub fn check(&self) -> Result<(), RigError> {
        match self.last_dropped() {
            Some((name, fault)) if self.dropped.len() == self.joined && !self.is_growing => {
                let name = name.to_owned();
                Err(RigError::NoDeviceLeft { name, fault })
            }
            _ => Ok(()),
        }
    }
}

/// The devices at the start of a search, in one line.
impl fmt::Display for Crew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() && !self.is_growing {
            return f.write_str("none here");
        }
        for (index, row) in self.rows.iter().enumerate() {
            let parted = if index > 0 { "; " } else { "" };
            write!(f, "{parted}{}", row.listed)?;
        }
        if self.is_growing {
            f.write_str("; looking for cards")?;
        }
        Ok(())
    }
}
