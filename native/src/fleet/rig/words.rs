//! What a rig of a fleet says, and what its line of status shows.

use core::fmt;

use btpow_fleet::{
    message::{Refusal, VERSION},
    worker::{Event, Why},
};

use crate::text;

/// What a rig that hashes has to show besides its rate. As text it follows a semicolon.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Part {
    /// The number of its range of positions.
    pub range: u16,
    /// How many of its finds a coordinator has taken.
    pub taken: u64,
    /// How many are on their way.
    pub open: usize,
    /// Whether there is a connection to the server.
    pub is_connected: bool,
    /// Whether nothing has been heard of the coordinator for some time.
    pub is_quiet: bool,
}

/// Why a rig hashes nothing. As text it follows a semicolon.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Idle {
    /// It has no range of positions, or no challenge yet.
    Joining,
    /// There is no connection to the server.
    Offline,
    /// The coordinator does not want it.
    Refused,
    /// The coordinator has nothing to search for.
    Resting,
    /// No coordinator has said anything for too long.
    Silent,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "range {}", self.range)?;
        match self.taken {
            0 => {}
            1 => f.write_str(", 1 find taken")?,
            taken => write!(f, ", {taken} finds taken")?,
        }
        if self.open > 0 {
            write!(f, ", {} on the way", self.open)?;
        }
        if !self.is_connected {
            f.write_str("; no connection to the server")?;
        } else if self.is_quiet {
            write!(f, "; {}", Idle::Silent)?;
        }
        Ok(())
    }
}

impl fmt::Display for Idle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Joining => "waiting for a coordinator",
            Self::Offline => "no connection to the server",
            Self::Refused => "refused by the coordinator",
            Self::Resting => "the coordinator has nothing to search for",
            Self::Silent => "no word from the coordinator",
        })
    }
}

impl From<&Why> for Idle {
    fn from(why: &Why) -> Self {
        match why {
            Why::Joining | Why::Over(_) => Self::Joining,
            Why::Silent => Self::Silent,
            Why::Resting(_) => Self::Resting,
            Why::Refused(_) => Self::Refused,
        }
    }
}

/// That the devices rest, and why.
pub(super) fn pause(why: &Why) -> String {
    match why {
        Why::Joining => {
            "devices rest until a coordinator gives this rig a range of nonces".to_owned()
        }
        Why::Silent => {
            "warning: no word from the coordinator for too long; devices rest until there is one"
                .to_owned()
        }
        Why::Resting(reason) | Why::Over(reason) => {
            match text::line(reason.as_str(), text::MESSAGE) {
                reason if reason.is_empty() => "devices rest: the coordinator says so".to_owned(),
                reason => format!("devices rest; the coordinator says: {reason}"),
            }
        }
        // What it refuses was told.
        Why::Refused(_) => "devices rest; the coordinator is asked again every 30 s".to_owned(),
    }
}

/// What happened; none where it is told otherwise, or shown.
pub(super) fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::Follows(coordinator) => format!("coordinator {} leads", coordinator.short()),
        Event::Quiet(left) => {
            let quiet = "warning: nothing is heard of the coordinator";
            match left.filter(|left| *left > 0) {
                Some(left) => format!("{quiet}; going on for up to {} s", left.div_ceil(1_000_000)),
                None => quiet.to_owned(),
            }
        }
        Event::Heard => "the coordinator is heard again".to_owned(),
        Event::Joined(range) => format!("this rig hashes range {} of the nonces", range.number()),
        Event::Refused(refusal) => format!("warning: {}", refused(*refusal)),
        Event::Disbelieved { task, nonce } => format!(
            "warning: the coordinator says that nonce {nonce} does not win for block {}, but it does by the reference",
            task.block().0
        ),
        Event::OtherVersion(version) => format!(
            "warning: somebody in this fleet speaks version {version} of its protocol, and this program version \
             {VERSION}; update the older one"
        ),
        Event::Taken { .. } => return None,
    })
}

/// Why nothing of this rig counts.
fn refused(refusal: Refusal) -> String {
    match refusal {
        Refusal::Version { speaks } => format!(
            "the coordinator speaks version {speaks} of the fleet's protocol, and this program version {VERSION}; update \
             the older one"
        ),
        Refusal::CutOff => "the coordinator has cut off this rig's name, since nonces that were sent under it do not win; check \
                            its devices with btpow bench, then start the coordinator again or give another --name"
            .to_owned(),
        Refusal::Full => {
            "the coordinator has as many rigs as it takes, of this name or of all; give another --name, or end some"
                .to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use btpow_fleet::message::Text;

    use super::*;

    #[test]
    fn a_part_shows_what_there_is() {
        let part = Part {
            range: 7,
            taken: 0,
            open: 0,
            is_connected: true,
            is_quiet: false,
        };
        assert_eq!(part.to_string(), "range 7");
        let quiet = Part {
            is_quiet: true,
            ..part
        };
        assert_eq!(quiet.to_string(), "range 7; no word from the coordinator");
        let part = Part { taken: 1, ..part };
        assert_eq!(part.to_string(), "range 7, 1 find taken");
        let part = Part {
            taken: 2,
            open: 1,
            is_connected: false,
            ..part
        };
        assert_eq!(
            part.to_string(),
            "range 7, 2 finds taken, 1 on the way; no connection to the server"
        );
    }

    #[test]
    fn words_of_a_coordinator_stay_harmless_and_on_their_line() {
        let hostile = Text::new("no\u{1b}[2J block\nerror: pay");
        let line = pause(&Why::Resting(hostile));
        let expected = "devices rest; the coordinator says: no[2J block error: pay";
        assert_eq!(line, expected);
        let silent = pause(&Why::Resting(Text::new("\u{200b}\n ")));
        assert_eq!(silent, "devices rest: the coordinator says so");
    }
}
