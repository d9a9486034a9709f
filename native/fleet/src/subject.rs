//! Where messages go. The server lets each user send to some subjects, and read some; nothing in a message says who sent
//! it, its subject does.
//!
//! | subject | sent by | read by |
//! |---|---|---|
//! | `btpow.v1.FLEET.announce` | the coordinator | everybody |
//! | `btpow.v1.FLEET.rig.RIG` | that rig | the coordinator |
//! | `btpow.v1.FLEET.to.RIG` | the coordinator | that rig |
//! | `btpow.v1.FLEET.status` | whoever asks how it goes | the coordinator, which answers the request |

use core::{fmt, str::FromStr};

use thiserror::Error;

/// The most characters of a name.
const LONGEST: usize = 48;

/// The name of a fleet: one coordinator, its standbys and its rigs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fleet(String);

/// The name of a rig in its fleet: that of its user on the server, where rigs have one each. Two rigs of one name are
/// told apart, but count as one where somebody is cut off.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RigName(String);

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum NameError {
    /// There is nothing.
    #[error("it is empty")]
    Empty,
    /// More than 48 characters.
    #[error("longer than {LONGEST} characters")]
    TooLong,
    /// A character that is not allowed: a dot, a star and a blank mean something to the server.
    #[error("a character other than a-z, A-Z, 0-9, - and _")]
    Character,
}

impl Fleet {
    /// Where the coordinator tells all rigs what to search for.
    pub fn announce(&self) -> String {
        self.subject("announce")
    }

    /// Where this rig sends.
    pub fn from_rig(&self, rig: &RigName) -> String {
        self.subject(&format!("rig.{rig}"))
    }

    /// What a coordinator reads: all that rigs send.
    pub fn from_rigs(&self) -> String {
        self.subject("rig.*")
    }

    /// Where the coordinator answers this rig.
    pub fn to_rig(&self, rig: &RigName) -> String {
        self.subject(&format!("to.{rig}"))
    }

    /// Where people ask how the fleet is.
    pub fn status(&self) -> String {
        self.subject("status")
    }

    /// The rig that sent to a subject; none for a subject that is not a rig's.
    pub fn sender(&self, subject: &str) -> Option<RigName> {
        let rig = subject.strip_prefix(&self.subject("rig."))?;
        rig.parse().ok()
    }

    fn subject(&self, rest: &str) -> String {
        format!("btpow.v1.{self}.{rest}")
    }
}

impl RigName {
    /// A name made of whatever a machine is called: what is not allowed becomes a dash. Of a name that is too long both ends
    /// are kept: machines of one kind differ in one of them.
    pub fn of(text: &str) -> Option<Self> {
        let allowed = |it| if is_allowed(it) { it } else { '-' };
        let name: String = text.chars().map(allowed).collect();
        // What is allowed has one byte.
        if name.len() <= LONGEST {
            return name.parse().ok();
        }
        let (head, tail) = (&name[..LONGEST / 2 - 1], &name[name.len() - LONGEST / 2..]);
        format!("{head}-{tail}").parse().ok()
    }
}

fn is_allowed(it: char) -> bool {
    it.is_ascii_alphanumeric() || it == '-' || it == '_'
}

fn check(text: &str) -> Result<String, NameError> {
    if text.is_empty() {
        Err(NameError::Empty)
    } else if !text.chars().all(is_allowed) {
        Err(NameError::Character)
    } else if text.len() > LONGEST {
        Err(NameError::TooLong)
    } else {
        Ok(text.to_owned())
    }
}

impl FromStr for Fleet {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text).map(Self)
    }
}

impl FromStr for RigName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text).map(Self)
    }
}

impl fmt::Display for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RigName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_says_who_sent_it() {
        let fleet: Fleet = "main".parse().expect("a name");
        let rig: RigName = "rack-1_b".parse().expect("a name");
        assert_eq!(fleet.from_rig(&rig), "btpow.v1.main.rig.rack-1_b");
        assert_eq!(fleet.to_rig(&rig), "btpow.v1.main.to.rack-1_b");
        assert_eq!(fleet.sender(&fleet.from_rig(&rig)), Some(rig));
        for other in [
            "btpow.v1.main.announce",
            "btpow.v1.main.rig.",
            "btpow.v1.main.rig.a.b",
            "btpow.v1.main2.rig.a",
            "btpow.v2.main.rig.a",
            "",
        ] {
            assert_eq!(fleet.sender(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_means_nothing_to_the_server_nor_to_a_terminal() {
        let names = [
            ("", NameError::Empty),
            ("a.b", NameError::Character),
            ("*", NameError::Character),
            (">", NameError::Character),
            ("a b", NameError::Character),
            ("a\u{1b}[2J", NameError::Character),
            ("ä", NameError::Character),
        ];
        for (text, error) in names {
            assert_eq!(text.parse::<RigName>(), Err(error), "{text:?}");
            assert_eq!(text.parse::<Fleet>(), Err(error), "{text:?}");
        }
        assert!("a".repeat(48).parse::<RigName>().is_ok());
        let long = "a".repeat(49).parse::<RigName>();
        assert_eq!(long, Err(NameError::TooLong));
    }

    #[test]
    fn a_rig_is_called_as_its_machine() {
        let name = |text: String| RigName::of(&text).map(|name| name.to_string());
        let expected = Some("rack-example-org".to_owned());
        assert_eq!(name("rack.example.org".to_owned()), expected);
        assert_eq!(name("ä".repeat(99)), Some("-".repeat(48)));
        // Machines with long names are told apart.
        let long = "a-name-that-a-machine-of-a-large-cluster-has-in-its-";
        let pods = ["x7k2p", "q9z4d"].map(|pod| name(format!("{long}{pod}")));
        let hosts = ["rack-1", "rack-2"].map(|host| name(format!("{host}.{long}")));
        for [one, other] in [pods, hosts] {
            assert_ne!(one, other);
            assert_eq!(one.map(|name| name.len()), Some(48));
        }
        assert_eq!(name(String::new()), None);
    }
}
