//! What becomes of a connection.

use crate::fleet::Address;

/// What became of a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    /// It broke.
    Lost,
    /// It is there again.
    Back,
    /// While it is lost: the server does not take the credentials any more.
    Refused,
    /// The server does not let this user do something, in its own words.
    Forbidden(String),
    /// Messages come faster than they are taken, and some are missed.
    Slow,
    /// The server takes messages of so many bytes at most, and longer ones are not sent.
    TooLong(usize),
}

impl Change {
    /// The same in one line for the user.
    pub fn words(&self, server: &Address) -> String {
        match self {
            Self::Lost => {
                format!("warning: lost the fleet's server {server}; trying until it is back")
            }
            Self::Back => format!("the fleet's server {server} is back"),
            Self::Refused => format!(
                "warning: the fleet's server {server} does not take this user's credentials any more; trying until it does"
            ),
            Self::Forbidden(words) => format!(
                "warning: the configuration of the fleet's server {server} forbids something to this user: {words}"
            ),
            Self::Slow => format!(
                "warning: messages from the fleet's server {server} come faster than this machine takes them; some are missed"
            ),
            Self::TooLong(most) => format!(
                "warning: the fleet's server {server} takes messages of {most} bytes at most, so longer ones are not sent; \
                 raise max_payload in its configuration"
            ),
        }
    }
}
