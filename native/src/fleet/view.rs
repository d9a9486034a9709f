//! How a fleet is at one moment, for every kind of report.

use core::{fmt, time::Duration};
use std::sync::Arc;

use btpow_fleet::{Id, message::Status};
use indicatif::HumanCount;

use crate::report::units;

/// How the fleet of a coordinator is at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetView {
    /// The server, as the user named it, and the fleet's name: `tls://nats.example/main`. It holds no secret.
    pub server: String,
    /// Who tells rigs what to do.
    pub role: Role,
    /// How the connection to the server is.
    pub link: Link,
    /// What the coordinator knows of its rigs. Its words are those of the rigs: whoever shows them makes them harmless. A
    /// search is shown many times a second, so copies share it.
    pub status: Arc<Status>,
}

/// Who tells rigs what to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// Another coordinator, as far as this one has heard.
    Follows(Id),
    /// This coordinator.
    Leads,
    /// Nobody yet, as far as this one has heard.
    Waits,
}

/// How the connection to the server is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Link {
    /// Whether there is one.
    pub is_connected: bool,
    /// How often it was lost.
    pub losses: u64,
    /// For how long there was none since the first, in all.
    pub lost_time: Duration,
}

impl Role {
    /// Its name for programs: `leads`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Follows(_) => "follows",
            Self::Leads => "leads",
            Self::Waits => "waits",
        }
    }
}

impl FleetView {
    /// How many rigs there are.
    pub fn rigs(&self) -> u64 {
        count(&self.status)
    }

    /// Hashes per second of the rigs that search for what this coordinator says; none while another one leads.
    pub fn rate(&self) -> f64 {
        match self.role {
            Role::Leads => self.status.rate,
            Role::Follows(_) | Role::Waits => 0.0,
        }
    }

    /// In as few words as possible: `12 rigs`, or what is wrong.
    pub fn brief(&self) -> String {
        let rigs = rigs(self.rigs());
        match self.role {
            _ if !self.link.is_connected => "no fleet server".to_owned(),
            Role::Leads => rigs,
            Role::Follows(_) => "standing by".to_owned(),
            Role::Waits => format!("{rigs}, waiting"),
        }
    }
}

/// One line: `12 rigs, 340.0 MH/s, 3 finds`, and what is wrong.
impl fmt::Display for FleetView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = &*self.status;
        write!(
            f,
            "{}, {}, {}",
            rigs(self.rigs()),
            units::rate(status.rate),
            finds(status.finds.taken)
        )?;
        if status.finds.wrong > 0 {
            write!(f, ", {} wrong", HumanCount(status.finds.wrong))?;
        }
        if !status.cut_off.is_empty() {
            write!(f, ", {} cut off", status.cut_off.len())?;
        }
        if !self.link.is_connected {
            f.write_str("; no connection to the server")?;
        }
        match self.role {
            Role::Follows(leader) => write!(f, "; standing by, coordinator {leader} leads"),
            Role::Leads => Ok(()),
            Role::Waits => f.write_str("; no coordinator leads yet"),
        }
    }
}

/// How many rigs there are, those included that had no room in the message.
pub(super) fn count(status: &Status) -> u64 {
    (status.rigs.len() as u64).saturating_add(status.more_rigs)
}

/// `1 rig`, `1,000 rigs`, `no rigs`.
pub(super) fn rigs(count: u64) -> String {
    many(count, "rig")
}

fn finds(count: u64) -> String {
    many(count, "find")
}

fn many(count: u64, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{} {what}s", HumanCount(count)),
    }
}
