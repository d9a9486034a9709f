//! One way to a chain: the address of a node, and the proxy on the way there.

use core::{fmt, str::FromStr};

use url::Url;

use super::{
    network::NetworkError,
    proxy::{self, Proxy},
};

/// The address of a node, known to be a WebSocket's, and the proxy on the way there.
#[derive(Clone, Eq, PartialEq)]
pub struct Endpoint {
    pub(super) url: Url,
    pub(super) proxy: Option<Proxy>,
}

impl FromStr for Endpoint {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let url = Url::parse(text).map_err(|error| NetworkError::NotUrl {
            text: shortened(text),
            error,
        })?;
        match url.scheme() {
            _ if url.host().is_none() => Err(NetworkError::NoHost(shortened(text))),
            "ws" | "wss" => Ok(Self { url, proxy: None }),
            other => Err(NetworkError::NotWebSocket(shortened(other))),
        }
    }
}

impl Endpoint {
    /// Whether others in between can read and change the traffic.
    pub(super) fn is_open(&self) -> bool {
        self.url.scheme() == "ws" && !proxy::is_loopback(&self.url)
    }

    /// Whether it is a node of this machine, or looks like one.
    pub(super) fn is_local(&self) -> bool {
        self.url.scheme() == "ws" && proxy::is_loopback(&self.url)
    }

    /// The URL to connect to.
    pub(crate) const fn url(&self) -> &Url {
        &self.url
    }

    /// The proxy on the way there.
    pub(super) const fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref()
    }

    /// It and the proxy on the way there, for people.
    pub fn way(&self) -> String {
        let proxy = self.proxy.as_ref();
        proxy.map_or_else(
            || self.to_string(),
            |proxy| format!("{self} through {proxy}"),
        )
    }
}

/// Leaves out the parts that may be secret: user, password, path and query.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(f, "{}://{host}", self.url.scheme())?;
        self.url.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The start of a long text.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}
