//! How a fleet is at one moment, for every kind of report.

use core::{fmt, time::Duration};
use std::{collections::HashMap, sync::Arc};

use btpow_fleet::{
    Id,
    message::{Rig, Status},
};
use indicatif::HumanCount;

use crate::{report::units, text};

/// A rig that is silent for longer has missed a beat: seconds.
const SILENT: f64 = 10.0;

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

    /// A line for each of the first rigs, so many at most: its name, and what it does.
    pub fn rig_lines(&self, most: usize) -> Vec<String> {
        let rigs = &self.status.rigs;
        let shown = most.min(rigs.len());
        let lines = labels(rigs).zip(rigs).take(shown);
        lines
            .map(|(label, rig)| format!("{label}  {}", pace(rig)))
            .collect()
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

/// What a rig does, for people: its hashes a second, unless something is wrong.
fn pace(rig: &Rig) -> String {
    if rig.silent_s > SILENT {
        return format!("silent for {}", units::time(rig.silent_s));
    }
    let rate = if rig.block.is_some() {
        units::rate(rig.rate())
    } else {
        "idle".to_owned()
    };
    let dropped = rig.devices.iter().filter(|it| it.fault.is_some()).count();
    match (dropped, rig.devices.len()) {
        (0, _) => rate,
        (1, 1) => "its device was dropped".to_owned(),
        (dropped, all) => format!("{rate}, {dropped} of {all} devices dropped"),
    }
}

/// One line: `12 rigs, 340.0 MH/s, 3 finds`, and who leads, if another coordinator or nobody does; what comes last a narrow
/// terminal has no room for.
impl fmt::Display for FleetView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.link.is_connected {
            f.write_str("no connection to the server; ")?;
        }
        let status = &*self.status;
        let rigs = rigs(self.rigs());
        let rate = units::rate(status.rate);
        write!(f, "{rigs}, {rate}, {}", finds(status.finds.taken))?;
        if status.finds.wrong > 0 {
            write!(f, ", {} wrong", HumanCount(status.finds.wrong))?;
        }
        if !status.cut_off.is_empty() {
            write!(f, ", {} cut off", status.cut_off.len())?;
        }
        match self.role {
            Role::Follows(leader) => write!(f, "; standing by for {}", leader.short()),
            Role::Leads => Ok(()),
            Role::Waits => f.write_str("; no coordinator leads yet"),
        }
    }
}

/// How many rigs there are, those included that had no room in the message.
pub(super) fn count(status: &Status) -> u64 {
    (status.rigs.len() as u64).saturating_add(status.more_rigs)
}

/// What tells each rig from the others: its name, and its range where several have that name. Harmless.
pub(super) fn labels(rigs: &[Rig]) -> impl Iterator<Item = String> {
    let mut named: HashMap<&str, usize> = HashMap::new();
    for rig in rigs {
        *named.entry(&rig.name).or_default() += 1;
    }
    rigs.iter().map(move |rig| {
        let name = text::line(&rig.name, text::NAME);
        if named[&*rig.name] > 1 {
            format!("{name}:{}", rig.range.number())
        } else {
            name
        }
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::samples;

    #[test]
    fn a_line_has_room_for_the_number_and_rate_of_rigs() {
        let line = |role| samples::view(role, samples::status()).to_string();
        let rigs = "4 rigs, 3.5 GH/s, 3 finds, 3 wrong, 2 cut off";
        assert_eq!(line(Role::Leads), rigs);
        let following = line(Role::Follows(Id(0x0abc_def0_1234_5678)));
        assert_eq!(following, format!("{rigs}; standing by for 0abcde"));
        assert_eq!(
            line(Role::Waits),
            format!("{rigs}; no coordinator leads yet")
        );
        let mut offline = samples::view(Role::Leads, samples::status());
        offline.link.is_connected = false;
        assert_eq!(
            offline.to_string(),
            format!("no connection to the server; {rigs}")
        );
        assert_eq!(offline.brief(), "no fleet server");
        let mut few = samples::status();
        few.rigs.truncate(1);
        (few.finds, few.cut_off) = (Default::default(), Vec::new());
        assert_eq!(
            samples::view(Role::Leads, few).to_string(),
            "1 rig, 3.5 GH/s, no finds"
        );
    }

    #[test]
    fn rigs_of_another_coordinator_do_not_count() {
        let rate = |role| samples::view(role, samples::status()).rate();
        assert!(rate(Role::Leads) > 3e9);
        assert_eq!([rate(Role::Waits), rate(Role::Follows(Id(7)))], [0.0, 0.0]);
    }

    #[test]
    fn a_rig_is_told_from_others_and_does_something() {
        let view = samples::view(Role::Leads, samples::status());
        assert_eq!(
            view.rig_lines(10),
            [
                "attic  silent for 12.4 s",
                "cards:1  3.5 GH/s, 1 of 2 devices dropped",
                "cards:2  29.6 MH/s",
                "[2J registered as UID 3  its device was dropped",
            ]
        );
        assert_eq!(view.rig_lines(1).len(), 1);
    }
}
