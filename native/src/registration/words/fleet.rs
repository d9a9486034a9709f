//! What happens in a fleet, in the program's words. Messages are one line. The name of a rig is harmless.

use core::slice;

use btpow_fleet::{
    RigName,
    coordinator::{Event, Which},
    message::VERSION,
};

use crate::registration::driver::{DriverError, Ended};

/// That a proof waits while another coordinator leads.
pub const NOT_LEADING: &str =
    "proof found; held back, as another coordinator of the fleet may sign with the same key";

/// That this coordinator leads from the beginning.
pub const LEADS: &str = "this coordinator leads the fleet";

/// That there is no coordinator any more.
pub const FAILED: &str =
    "warning: the fleet's coordinator failed; going on with the devices here alone";

/// Why rigs rest, for their users, while the chain is silent.
pub const NO_BLOCK: &str = "the chain makes no block";

/// The same, where the coordinator ends soon.
pub const ENDS_SOON: &str = "the coordinator is about to end";

/// How many names are told at once.
const NAMES: usize = 3;

/// What became of a rig.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Passage {
    /// It joined.
    Joined,
    /// It joined, and another one of its name is there.
    Doubled,
    /// It left.
    Left,
    /// It fell silent.
    Lost,
}

impl Passage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Joined, Self::Doubled, Self::Left, Self::Lost];

    /// Of which rig an event tells that.
    pub const fn of(event: &Event) -> Option<(Self, &Which)> {
        Some(match event {
            Event::Joined(rig, _) => (Self::Joined, rig),
            Event::Left(rig) => (Self::Left, rig),
            Event::Lost(rig) => (Self::Lost, rig),
            _ => return None,
        })
    }
}

/// Why rigs rest once a run is over, for their users.
pub const fn end(ended: &Result<Ended, DriverError>) -> &'static str {
    match ended {
        Ok(Ended::Over | Ended::Enough) => "the coordinator is done",
        Ok(Ended::TimedOut) => "the coordinator's time is up",
        Ok(Ended::Interrupted(_)) => "the coordinator was stopped",
        Err(_) => "the coordinator has failed",
    }
}

/// That a rig found a proof.
pub fn found_by(rig: &RigName, block: u64) -> String {
    format!("rig {rig} found a proof for block {block}")
}

/// That the same became of rigs, of which there is one at least.
pub fn passage(passage: Passage, rigs: &[Which]) -> String {
    let are_many = rigs.len() > 1;
    let names = rigs.iter().take(NAMES).map(ToString::to_string);
    let names = names.collect::<Vec<_>>().join(", ");
    let rigs = match rigs.len() {
        0 | 1 => format!("rig {names}"),
        2..=NAMES => format!("rigs {names}"),
        more => format!("rigs {names} and {} more", more - NAMES),
    };
    match passage {
        Passage::Joined => format!("{rigs} joined"),
        Passage::Doubled => {
            let names = if are_many {
                "have the names of others that are there; unless those have ended"
            } else {
                "has the name of another one that is there; unless that one has ended"
            };
            format!("warning: {rigs} {names}, give each its own with --name")
        }
        Passage::Left => format!("{rigs} left"),
        Passage::Lost => format!("warning: nothing is heard of {rigs} any more"),
    }
}

/// What a coordinator tells.
pub fn event(event: &Event) -> String {
    let passed = |what, rig| passage(what, slice::from_ref(rig));
    match event {
        Event::Joined(rig, _) => passed(Passage::Joined, rig),
        Event::Left(rig) => passed(Passage::Left, rig),
        Event::Lost(rig) => passed(Passage::Lost, rig),
        Event::CutOff(rig) => format!(
            "warning: rig {rig} is cut off: three of the proofs that it reported are none; check that machine"
        ),
        Event::OtherVersion(rig, version) => format!(
            "warning: rig {rig} speaks version {version} of the fleet's protocol, and this program version {VERSION}; \
             update the older one"
        ),
        Event::Full(rig) => format!(
            "warning: there is no room for rig {rig}: the fleet, or this name, has too many rigs"
        ),
        Event::Yielded { to, is_same: true } => {
            format!(
                "coordinator {} leads the fleet; nothing is signed here meanwhile, and the devices here rest",
                to.short()
            )
        }
        Event::Yielded { to, is_same: false } => format!(
            "coordinator {} leads the fleet, for other keys; the devices here go on for these",
            to.short()
        ),
        Event::TookOver => {
            "this coordinator leads the fleet now, as no other one is heard".to_owned()
        }
        Event::Impersonated => {
            "warning: somebody else speaks to the rigs in the name of this coordinator; whoever does has a \
             coordinator's key for the server, so give out new ones"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use btpow_fleet::{Id, Range};

    use super::*;

    fn name(name: &str) -> RigName {
        name.parse().expect("a name")
    }

    fn rig(name: &str, range: Option<Range>) -> Which {
        let name = self::name(name);
        Which { name, range }
    }

    #[test]
    fn many_rigs_are_told_of_in_one_line() {
        let rigs: Vec<_> = (1..=1_000)
            .map(|it| rig(&format!("rig-{it}"), None))
            .collect();
        let joined = |count| passage(Passage::Joined, &rigs[..count]);
        assert_eq!(joined(1), "rig rig-1 joined");
        assert_eq!(joined(3), "rigs rig-1, rig-2, rig-3 joined");
        assert_eq!(joined(4), "rigs rig-1, rig-2, rig-3 and 1 more joined");
        let lost = passage(Passage::Lost, &rigs);
        assert_eq!(
            lost,
            "warning: nothing is heard of rigs rig-1, rig-2, rig-3 and 997 more any more"
        );
        let twins = [rig("cards", Some(Range::FIRST)), rig("attic", None)];
        for (count, words) in [
            (1, "warning: rig cards:1 has the name of another one"),
            (2, "warning: rigs cards:1, attic have the names of others"),
        ] {
            let line = passage(Passage::Doubled, &twins[..count]);
            assert!(line.starts_with(words), "{line}");
        }
    }

    #[test]
    fn every_event_says_what_happened_and_to_whom() {
        let rig = name("rack-7");
        for (what, words) in [
            (
                Event::Joined(rig.clone().into(), Range::FIRST),
                "rack-7 joined",
            ),
            (Event::Left(rig.clone().into()), "rack-7 left"),
            (
                Event::Lost(rig.clone().into()),
                "nothing is heard of rig rack-7",
            ),
            (Event::CutOff(rig.clone()), "rack-7 is cut off"),
            (
                Event::OtherVersion(rig.clone(), 9),
                "rack-7 speaks version 9 of the fleet's protocol, and this program version 1",
            ),
            (Event::Full(rig), "no room for rig rack-7"),
            (Event::TookOver, "leads the fleet now"),
            (Event::Impersonated, "give out new ones"),
        ] {
            let line = event(&what);
            assert!(line.contains(words), "{line}");
        }
        let yielded = |is_same| {
            let to = Id(0xab << 40);
            event(&Event::Yielded { to, is_same })
        };
        assert!(yielded(true).contains("0000ab leads the fleet; nothing is signed here meanwhile"));
        assert!(yielded(false).contains("for other keys; the devices here go on"));
    }
}
