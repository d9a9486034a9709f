//! The server of a fleet, and how a connection to it is made.

use core::time::Duration;
use std::{io, panic, path::Path, sync::Once};

use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, ServerAddr};
use rustls_platform_verifier::ConfigVerifierExt as _;
use thiserror::Error;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_rustls::rustls;
use tracing::{debug, warn};

use super::{Address, Credentials, Link, credentials::FLAG, link};
use crate::{
    cli::Usage,
    text::{self, explained},
};

/// How long each part of a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// How often a silent connection is tried. After three times in vain it is given up.
const PING: Duration = Duration::from_secs(5);

/// The shortest and the longest pause between two tries to connect again.
const SHORTEST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// The most messages of a subject that wait to be read. A coordinator reads thousands a second.
const WAITING: usize = 16_384;

/// The server of a fleet, as the flags name it.
#[derive(Clone, Debug)]
pub struct Server {
    address: Address,
    credentials: Option<Credentials>,
    /// Whether `nats://` may lead to other machines.
    is_insecure: bool,
}

/// Why there is no connection to the server of a fleet. Messages are one line.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LinkError {
    /// It does not answer, or is something else.
    #[error("the fleet's server {server} cannot be reached: {reason}")]
    Unreachable {
        /// The server.
        server: String,
        /// What happened.
        reason: String,
    },

    /// It lets nobody in without credentials.
    #[error("the fleet's server {server} lets nobody in without credentials; add {FLAG} FILE")]
    Closed {
        /// The server.
        server: String,
    },

    /// It does not know these credentials.
    #[error(
        "the fleet's server {server} does not know the user of {FLAG}; its configuration must have the public half of \
         that key"
    )]
    Unknown {
        /// The server.
        server: String,
    },

    /// It lets this user do less than a coordinator must.
    #[error("this key may not lead the fleet {fleet} at {server}; use the coordinator's")]
    MayNotLead {
        /// The server.
        server: String,
        /// The fleet.
        fleet: String,
    },

    /// It passes on short messages only.
    #[error(
        "the fleet's server {server} takes messages of {most} bytes at most, and they may have {need}; raise max_payload in \
         its configuration"
    )]
    TooShort {
        /// The server.
        server: String,
        /// What it takes.
        most: usize,
        /// What is needed.
        need: usize,
    },

    /// It does not let this key ask.
    #[error(
        "{server}: this key may not ask how the fleet {fleet} is; use the viewer's or the coordinator's with {FLAG}"
    )]
    MayNotAsk {
        /// The server.
        server: String,
        /// The fleet.
        fleet: String,
    },

    /// Nobody reads what is sent there.
    #[error("no coordinator of the fleet {fleet} answers at {server}: {reason}")]
    NoCoordinator {
        /// The server.
        server: String,
        /// The fleet.
        fleet: String,
        /// What happened.
        reason: String,
    },
}

/// What to do about a certificate of one's own.
const OWN_AUTHORITY: &str = if cfg!(any(windows, target_vendor = "apple")) {
    "if the certificate is your own, have this system trust it, or your authority's"
} else {
    "if the certificate is your own, name it, or your authority's, in SSL_CERT_FILE"
};

impl Server {
    /// The server at an address, with the credentials in a file. `insecure` allows `nats://` to other machines.
    ///
    /// # Errors
    ///
    /// The way there may not be used, or the file not read.
    pub fn new(address: Address, creds: Option<&Path>, insecure: bool) -> Result<Self, Usage> {
        let address = address.closed(insecure);
        Ok(Self {
            address: address.map_err(|error| Usage::of("--fleet", error))?,
            credentials: creds.map(Credentials::read).transpose()?,
            is_insecure: insecure,
        })
    }

    /// Where it is, and which fleet is meant.
    pub const fn address(&self) -> &Address {
        &self.address
    }

    /// Connects, once, to send messages of `need` bytes at most. Must be called within a tokio runtime.
    ///
    /// # Errors
    ///
    /// [`LinkError`].
    pub async fn connect(&self, need: usize) -> Result<Link, LinkError> {
        if self.address.is_open() {
            warn!(
                "anybody on the way to the fleet's server {} can read and change what is said",
                self.address
            );
        }
        let (client, told) = self.client().await?;
        let most = client.max_payload();
        if most < need {
            let server = self.address.to_string();
            return Err(LinkError::TooShort { server, most, need });
        }
        Ok(Link::new(client, told, self.clone(), need))
    }

    /// Connects, once; and what becomes of the connection.
    pub(super) async fn client(&self) -> Result<(Client, UnboundedReceiver<Event>), LinkError> {
        hush();
        let (tell, told) = link::news();
        let options = self.options().event_callback(tell);
        let targets = self.targets().await?;
        // What a server says can make the library panic.
        let connected = tokio::spawn(async move { options.connect(targets).await }).await;
        let client = connected
            .map_err(|_| self.unreachable("what answers there is no NATS server".to_owned()))?
            .map_err(|error| self.explained(&error))?;
        Ok((client, told))
    }

    /// The server alone, or where it is.
    async fn targets(&self) -> Result<Vec<ServerAddr>, LinkError> {
        let wrong = |error: io::Error| self.unreachable(text::explained(&error));
        let all = if self.address.is_encrypted() || self.is_insecure {
            vec![self.address.to_string()]
        } else {
            self.address.here().await.map_err(wrong)?
        };
        // Its own reader knows these addresses.
        all.iter().map(|it| it.parse().map_err(wrong)).collect()
    }

    /// That it cannot be reached, for this reason.
    pub(super) fn unreachable(&self, reason: String) -> LinkError {
        let server = self.address.to_string();
        LinkError::Unreachable { server, reason }
    }

    fn options(&self) -> ConnectOptions {
        let options = match self.credentials.clone() {
            Some(credentials) => ConnectOptions::with_auth_callback(move |question| {
                let answer = credentials.answer(&question);
                async move { answer }
            }),
            None => ConnectOptions::new(),
        };
        // If a provider is installed already, it is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = options
            .name("btpow")
            .connection_timeout(CONNECT)
            .subscription_capacity(WAITING)
            .ping_interval(PING)
            .reconnect_delay_callback(pause)
            // A server of this machine may ask for TLS by itself.
            .tls_client_config(rustls::ClientConfig::with_platform_verifier())
            // What it says first is said in the clear, by anybody: it could name others, and such that have no TLS.
            .ignore_discovered_servers();
        if self.address.is_encrypted() {
            options.require_tls(true)
        } else {
            options
        }
    }

    fn explained(&self, error: &async_nats::ConnectError) -> LinkError {
        let server = self.address.to_string();
        let reason = match error.kind() {
            ConnectErrorKind::AuthorizationViolation if self.credentials.is_none() => {
                return LinkError::Closed { server };
            }
            ConnectErrorKind::AuthorizationViolation => return LinkError::Unknown { server },
            ConnectErrorKind::TimedOut => "it does not answer in time".to_owned(),
            _ => core::error::Error::source(error)
                .map_or_else(|| text::line(&error.to_string(), text::MESSAGE), explained),
        };
        // What a server says in the clear, to whoever began with TLS.
        let is_clear = self.address.is_encrypted() && reason.contains("corrupt message");
        let reason = if is_clear {
            "it speaks no TLS".to_owned()
        } else if reason.contains("UnknownIssuer") {
            format!("{reason}; {OWN_AUTHORITY}")
        } else {
            reason
        };
        LinkError::Unreachable { server, reason }
    }
}

/// Keeps panics of the library from the user, who is told what came of them.
fn hush() {
    static HUSHED: Once = Once::new();
    HUSHED.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let place = panic.location();
            if place.is_some_and(|it| it.file().contains("async-nats")) {
                let words = text::line(&panic.to_string(), text::MESSAGE);
                debug!("{words}");
            } else {
                others(panic);
            }
        }));
    });
}

/// How long to wait before a try to connect, counted from 1. Many rigs lose a server at the same moment and must not
/// all come back at the same one.
pub(super) fn pause(tries: usize) -> Duration {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(u32::MAX);
    let most = SHORTEST.saturating_mul(2_u32.saturating_pow(doublings));
    let most = most.min(LONGEST);
    // Without randomness all wait for as long as any of them would.
    let lot = getrandom::u32().map_or(1.0, |lot| f64::from(lot) / f64::from(u32::MAX));
    most.mul_f64(0.5 + lot / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_somewhere() {
        for (tries, most) in [
            (0, 100),
            (1, 100),
            (2, 200),
            (5, 1_600),
            (7, 5_000),
            (999, 5_000),
        ] {
            let most = Duration::from_millis(most);
            let paused = pause(tries);
            assert!(paused >= most / 2 && paused <= most, "{tries}: {paused:?}");
        }
    }
}
