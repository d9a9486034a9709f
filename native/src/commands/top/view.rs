//! What a search answered, and the rates that it had before.

use std::collections::{BTreeMap, VecDeque};

use serde::Deserialize;

use crate::text;

/// How many rates are kept for each device: as many as columns can show.
const RATES: usize = 240;

/// The answer to `/status`, as far as it is shown.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Status {
    pub(super) version: String,
    pub(super) command: String,
    pub(super) uptime: f64,
    pub(super) paused: bool,
    pub(super) trouble: Option<String>,
    pub(super) goals: Vec<Goal>,
    pub(super) chain: Option<Chain>,
    pub(super) devices: Vec<Device>,
    /// None where the search leads no rigs; a search of an older version does not say.
    pub(super) fleet: Option<Fleet>,
    pub(super) log: Vec<Line>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Goal {
    pub(super) goal: String,
    pub(super) phase: String,
    pub(super) message: Option<String>,
    pub(super) chance: Option<f64>,
    pub(super) expected_time: Option<f64>,
    pub(super) difficulty: Option<String>,
    pub(super) proofs: u64,
    pub(super) submissions: u64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Chain {
    pub(super) endpoint: String,
    pub(super) connected: bool,
    pub(super) block_number: Option<u64>,
    pub(super) block_age: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Device {
    pub(super) name: String,
    pub(super) up: bool,
    /// Why it pauses by itself; a search of an older version does not say.
    pub(super) paused: Option<String>,
    pub(super) hash_rate: f64,
    pub(super) temperature: Option<u32>,
    pub(super) power: Option<f64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Fleet {
    pub(super) role: String,
    pub(super) hash_rate: f64,
    pub(super) finds: Finds,
    pub(super) rigs: Vec<Rig>,
    pub(super) more_rigs: u64,
    pub(super) cut_off: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Rig {
    pub(super) label: String,
    pub(super) hash_rate: f64,
    pub(super) block_number: Option<u64>,
    pub(super) heard: f64,
    pub(super) finds: Finds,
    pub(super) lost: Lost,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Finds {
    pub(super) taken: u64,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Lost {
    pub(super) joining: f64,
    pub(super) silent: f64,
    pub(super) resting: f64,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Line {
    pub(super) time: String,
    pub(super) line: String,
}

/// What can be moved on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pane {
    Goals,
    Rigs,
}

/// What is shown.
#[derive(Clone, Debug)]
pub(super) struct View {
    /// Where the search is.
    pub(super) address: String,
    pub(super) status: Status,
    /// Why there is no newer one.
    pub(super) lost: Option<String>,
    /// The first goal that is shown, where there is no room for all.
    pub(super) first_goal: usize,
    /// The same of rigs.
    pub(super) first_rig: usize,
    /// Which of both the keys move on, where neither has room for all.
    pub(super) pane: Pane,
    /// The rates of each device, oldest first.
    rates: BTreeMap<String, VecDeque<f64>>,
}

impl View {
    pub(super) fn new(address: String, status: Status) -> Self {
        let mut view = Self {
            address,
            status: status.clone(),
            lost: None,
            first_goal: 0,
            first_rig: 0,
            pane: Pane::Goals,
            rates: BTreeMap::new(),
        };
        view.take(status);
        view
    }

    /// There is a newer answer. Words of others are made harmless.
    pub(super) fn take(&mut self, mut status: Status) {
        let goals = status.goals.iter_mut().flat_map(|it| {
            let message = it.message.iter_mut();
            [&mut it.goal, &mut it.phase].into_iter().chain(message)
        });
        for text in goals
            .chain(status.chain.iter_mut().map(|it| &mut it.endpoint))
            .chain(status.devices.iter_mut().map(|it| &mut it.name))
            .chain(
                { status.fleet.iter_mut() }
                    .flat_map(|it| it.rigs.iter_mut().map(|it| &mut it.label)),
            )
            .chain(
                status
                    .log
                    .iter_mut()
                    .flat_map(|it| [&mut it.time, &mut it.line]),
            )
            .chain([&mut status.version, &mut status.command])
            .chain(status.trouble.iter_mut())
        {
            *text = text::one_line(text);
        }
        for device in &mut status.devices {
            if status.paused || !device.up {
                device.hash_rate = 0.0;
            }
            let rates = self.rates.entry(device.name.clone()).or_default();
            if rates.len() == RATES {
                rates.pop_front();
            }
            rates.push_back(device.hash_rate);
        }
        self.status = status;
        self.lost = None;
    }

    /// The first that is shown of what the keys move on.
    pub(super) const fn first(&mut self) -> &mut usize {
        match self.pane {
            Pane::Goals => &mut self.first_goal,
            Pane::Rigs => &mut self.first_rig,
        }
    }

    /// The last rates of a device, so many at most, oldest first.
    pub(super) fn rates(&self, device: &str, most: usize) -> Vec<f64> {
        let Some(rates) = self.rates.get(device) else {
            return Vec::new();
        };
        let older = rates.len().saturating_sub(most);
        rates.iter().skip(older).copied().collect()
    }
}
