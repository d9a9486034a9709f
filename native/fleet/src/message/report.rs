//! How rigs and the fleet are doing.

use serde::{Deserialize, Serialize};

use super::{Id, Message, Text, text};
use crate::range::Range;

/// The most bytes of a [`Status`]: a server passes on 1 MiB, unless it is told otherwise.
const LONGEST_STATUS: usize = 1_000_000;

/// Bytes of it that rigs may have. The rest is for the names of those that were cut off, and for the totals.
const LONGEST_RIGS: usize = 900_000;

/// The most hashes per second of a device: more than all machines on earth have, and few enough to be added up.
const MOST_RATE: f64 = 1e18;

/// A device of a rig.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Device {
    /// Its name.
    pub name: Text,
    /// Hashes per second now.
    pub rate: f64,
    /// Nonces that it has tried.
    #[serde(with = "text::decimal")]
    pub nonces: u64,
    /// Why it was dropped, if it was.
    pub fault: Option<Text>,
}

/// For how many seconds a rig has hashed nothing, by cause.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Lost {
    /// It had no range of positions yet, or no challenge.
    pub joining_s: f64,
    /// It had heard nothing from a coordinator for too long.
    pub silent_s: f64,
    /// The coordinator had nothing to search for.
    pub resting_s: f64,
}

/// How a fleet is doing: the answer to whoever asks.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Status {
    /// The process that answers.
    pub coordinator: Id,
    /// Program and version.
    pub program: Text,
    /// Number of the newest block.
    pub head: u64,
    /// The block that is searched for, if one is.
    pub block: Option<u64>,
    /// Hashes per second of all rigs now.
    pub rate: f64,
    /// What became of the finds of all rigs.
    pub finds: Count,
    /// What became of rigs.
    pub progress: Progress,
    /// The rigs, by name and range: the first of them, as many as fit into a message.
    pub rigs: Vec<Rig>,
    /// How many more there are.
    #[serde(default)]
    pub more_rigs: u64,
    /// The names of those that were cut off.
    pub cut_off: Vec<String>,
}

/// A rig, as the coordinator knows it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Rig {
    /// Its name.
    pub name: String,
    /// Program and version.
    pub program: Text,
    /// Its range of positions.
    pub range: Range,
    /// For how many seconds it has been there.
    pub here_s: f64,
    /// How many seconds ago it was heard of.
    pub silent_s: f64,
    /// The block that it hashes for, if it hashes.
    pub block: Option<u64>,
    /// For how long it has hashed nothing since it came here.
    pub lost: Lost,
    /// What became of its finds.
    pub finds: Count,
    /// Its devices.
    pub devices: Vec<Device>,
}

/// What became of finds, each as often as it came.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Count {
    /// Taken.
    pub taken: u64,
    /// Known already, or not lower than what is.
    pub known: u64,
    /// Too late.
    pub late: u64,
    /// No solutions.
    pub wrong: u64,
    /// Not to be judged yet.
    pub kept: u64,
}

/// What became of rigs and of what they sent, since the coordinator started.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Progress {
    /// Rigs that joined.
    pub joined: u64,
    /// Rigs that left.
    pub left: u64,
    /// Rigs that fell silent.
    pub lost: u64,
    /// Messages beyond what a rig may send.
    pub flooded: u64,
    /// Messages that could not be read.
    pub unreadable: u64,
}

impl Device {
    pub(super) fn is_sound(&self) -> bool {
        is_amount(self.rate) && self.rate <= MOST_RATE
    }

    /// Makes of whatever was measured a rate that others take.
    pub(crate) fn be_sound(&mut self) {
        self.rate = if self.rate.is_nan() {
            0.0
        } else {
            self.rate.clamp(0.0, MOST_RATE)
        };
    }

    /// Many devices as one.
    pub(crate) fn sum(devices: &[Self]) -> Self {
        let rate: f64 = devices.iter().map(|device| device.rate).sum();
        let nonces = devices.iter().map(|device| device.nonces);
        Self {
            name: Text::new(&format!("{} more", devices.len())),
            rate: rate.min(MOST_RATE),
            nonces: nonces.fold(0, u64::saturating_add),
            fault: None,
        }
    }
}

impl Lost {
    /// What came after that.
    pub(crate) fn since(&self, before: &Self) -> Self {
        // Whoever says that it lost less than before is not believed.
        let since = |now: f64, before: f64| (now - before).max(0.0);
        Self {
            joining_s: since(self.joining_s, before.joining_s),
            silent_s: since(self.silent_s, before.silent_s),
            resting_s: since(self.resting_s, before.resting_s),
        }
    }

    pub(super) fn is_sound(&self) -> bool {
        [self.joining_s, self.silent_s, self.resting_s]
            .into_iter()
            .all(is_amount)
    }
}

impl Rig {
    /// Hashes per second now.
    pub fn rate(&self) -> f64 {
        // An empty sum would be -0.
        { self.devices.iter() }.fold(0.0, |sum, device| sum + device.rate)
    }
}

impl Status {
    /// Leaves out the last rigs, so that it fits into a message.
    pub(crate) fn fit(&mut self) {
        let mut len = 0;
        let fits = |rig: &Rig| {
            // With the comma after it.
            len += serde_json::to_vec(rig).map_or(usize::MAX / 2, |bytes| bytes.len()) + 1;
            len <= LONGEST_RIGS
        };
        let count = self.rigs.iter().map(fits).take_while(|fits| *fits).count();
        self.more_rigs += (self.rigs.len() - count) as u64;
        self.rigs.truncate(count);
    }
}

impl Message for Status {
    const LONGEST: usize = LONGEST_STATUS;
}

fn is_amount(number: f64) -> bool {
    number.is_finite() && number >= 0.0
}
