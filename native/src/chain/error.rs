//! What can go wrong with a chain.

use core::time::Duration;

use btpow_core::Seal;
use thiserror::Error;

use super::start::Behind;
use crate::text;

/// A chain that does not answer, or answers wrongly. Messages are one line.
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
        /// When to try again, where an endpoint is merely busy.
        wait: Option<Duration>,
    },

    /// The endpoint has enough visitors, or requests, for now.
    #[error("{endpoint} lets nobody in for now ({what})")]
    Busy {
        /// The endpoint.
        endpoint: String,
        /// Its answer: `HTTP 429, too many requests`.
        what: String,
        /// When it wants to be asked again.
        wait: Duration,
    },

    /// The endpoint may not know the chain's newest blocks.
    #[error(
        "{endpoint} is behind its chain: {behind}; wait for it, or give another endpoint with --network"
    )]
    Behind {
        /// The endpoint.
        endpoint: String,
        /// Why it may not.
        behind: Behind,
    },

    /// An endpoint tells of no new block.
    #[error("{endpoint} told of no new block for {} s", passed.as_secs())]
    Silent {
        /// The endpoint.
        endpoint: String,
        /// The time since the last one.
        passed: Duration,
    },

    /// The endpoint belongs to another chain.
    #[error("{endpoint} is not the expected chain: its genesis is {}, not {}; \
             use another endpoint, unless --genesis is wrong or missing", Seal(*found), Seal(*expected))]
    WrongGenesis {
        /// The endpoint.
        endpoint: String,
        /// The genesis hash it has.
        found: [u8; 32],
        /// The one it should have.
        expected: [u8; 32],
    },

    /// The endpoint redirects its visitors.
    #[error(
        "{endpoint} redirects to {location}, and btpow follows no redirection; \
         if you trust that endpoint, give it with --network"
    )]
    Redirected {
        /// The endpoint.
        endpoint: String,
        /// Where to.
        location: String,
    },

    /// An endpoint announces blocks faster than any chain makes them.
    #[error(
        "{endpoint} announced block {number} {} s after block {before}, and no chain is that fast",
        passed.as_secs()
    )]
    TooFast {
        /// The endpoint.
        endpoint: String,
        /// The block that it announced.
        number: u64,
        /// The highest block before it.
        before: u64,
        /// The time between them.
        passed: Duration,
    },

    /// A connection failed or was lost.
    #[error("{endpoint}: {reason}")]
    Connection {
        /// The endpoint.
        endpoint: String,
        /// In the words of the network library.
        reason: String,
    },

    /// The node answered a request with an error.
    #[error("the node refused {method}: {message}")]
    Refused {
        /// The method.
        method: &'static str,
        /// The node's words.
        message: String,
    },

    /// An answer could not be read.
    #[error("{what} cannot be read: {reason}; is this a Subtensor chain?")]
    Malformed {
        /// The item in question.
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
                | Self::Busy { .. }
                | Self::Behind { .. }
                | Self::Silent { .. }
                | Self::TooFast { .. }
                | Self::Connection { .. }
                | Self::Refused { .. }
        )
    }

    /// How long to wait before the next try, where an endpoint is merely busy.
    pub const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Unreachable { wait, .. } => *wait,
            Self::Busy { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    pub(crate) fn malformed(what: impl Into<String>, reason: impl core::fmt::Display) -> Self {
        Self::Malformed {
            what: what.into(),
            reason: text::line(&reason.to_string(), text::MESSAGE),
        }
    }
}
