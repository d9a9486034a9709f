//! Why the chain could not be asked.

use core::time::Duration;

use btpow_core::Seal;
use thiserror::Error;

use crate::text;

/// A chain that does not answer, or answers what it must not. Messages are one line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ChainError {
    /// No endpoint answers.
    #[error(
        "{network} cannot be reached: {reasons}; check the connection, or give another endpoint with --network"
    )]
    Unreachable {
        /// The network's name.
        network: String,
        /// What each endpoint said, separated by `; `.
        reasons: String,
    },

    /// The endpoint is of another chain.
    #[error("{endpoint} is not the chain it should be: its genesis is {}, not {}; \
             use another endpoint, unless --genesis is wrong or missing", Seal(*found), Seal(*expected))]
    WrongGenesis {
        /// The endpoint.
        endpoint: String,
        /// The genesis hash it has.
        found: [u8; 32],
        /// The one it should have.
        expected: [u8; 32],
    },

    /// The endpoint sends its visitors elsewhere.
    #[error(
        "{endpoint} redirects to {location}, and btpow follows no redirection; \
         give the endpoint itself with --network, if you trust it"
    )]
    Redirected {
        /// The endpoint.
        endpoint: String,
        /// Where to.
        location: String,
    },

    /// An endpoint tells blocks faster than any chain makes them.
    #[error(
        "{endpoint} tells of block {number} {} s after block {before}, and no chain is so fast",
        passed.as_secs()
    )]
    TooFast {
        /// The endpoint.
        endpoint: String,
        /// The block that it tells.
        number: u64,
        /// The highest one before.
        before: u64,
        /// The time between them.
        passed: Duration,
    },

    /// A connection could not be made or was lost.
    #[error("{endpoint}: {reason}")]
    Connection {
        /// The endpoint.
        endpoint: String,
        /// In the words of the network library.
        reason: String,
    },

    /// A request was answered with an error.
    #[error("{method} was refused: {message}")]
    Refused {
        /// The method.
        method: &'static str,
        /// The node's words.
        message: String,
    },

    /// An answer could not be read.
    #[error("{what} cannot be read: {reason}; is this a Subtensor chain?")]
    Malformed {
        /// What was asked for.
        what: String,
        /// Why it cannot be read.
        reason: String,
    },

    /// The runtime lacks something that every Subtensor runtime has.
    #[error("this runtime has no {0}; is this a Subtensor chain?")]
    Missing(String),
}

impl ChainError {
    /// Whether another try, perhaps at another endpoint, may succeed.
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::TooFast { .. }
                | Self::Connection { .. }
                | Self::Refused { .. }
        )
    }

    pub(crate) fn malformed(what: impl Into<String>, reason: impl core::fmt::Display) -> Self {
        Self::Malformed {
            what: what.into(),
            reason: text::line(&reason.to_string(), text::MESSAGE),
        }
    }
}
