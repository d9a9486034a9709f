//! Where a chain is: names, endpoints, and the required genesis.

use core::str::FromStr;

use thiserror::Error;
use url::ParseError;

use super::{
    endpoint::{Endpoint, shortened},
    proxy::{Proxies, ProxyError},
};

/// The networks that have names, with their endpoints in the order to try them.
const NAMED: &[(&str, &[&str])] = &[
    (
        DEFAULT,
        &[
            "wss://entrypoint-finney.opentensor.ai:443",
            "wss://lite.chain.opentensor.ai:443",
            "wss://lite.sub.latent.to:443",
        ],
    ),
    ("test", &["wss://test.finney.opentensor.ai:443"]),
    ("dev", &["wss://dev.chain.opentensor.ai:443"]),
    ("local", &["ws://127.0.0.1:9944"]),
];

/// The network without any name.
pub const DEFAULT: &str = "finney";

/// A chain and the ways to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Network {
    name: String,
    endpoints: Vec<Endpoint>,
    pin: Option<Pin>,
}

/// The genesis that a chain must have, by its source.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pin {
    /// Known for a network with a name.
    Known(btpow_registration::Network),
    /// Given by the user.
    Given([u8; 32]),
}

/// Where to find a chain: a name that stands for endpoints, or one endpoint.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Destination {
    /// One of the networks that have names.
    Named(&'static str),
    /// A node.
    Node(Endpoint),
}

/// Why a destination is wrong. Messages are one line: what is wrong, and how to fix it.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum NetworkError {
    /// No network has that name.
    #[error("there is no network {0:?}; {hint}", hint = choices())]
    Unknown(String),

    /// Two networks at once.
    #[error("{0} and {1} are two chains; name one, with as many URLs of its nodes as you like")]
    Two(&'static str, &'static str),

    /// It is not a URL.
    #[error("{text:?} is not a URL: {error}; {hint}", hint = choices())]
    NotUrl {
        /// The start of what was typed.
        text: String,
        /// Why not.
        error: ParseError,
    },

    /// It is a URL without a host.
    #[error("{0:?} names no host; {hint}", hint = choices())]
    NoHost(String),

    /// The URL has another scheme than a WebSocket's.
    #[error("{0}:// is not a WebSocket; {hint}", hint = choices())]
    NotWebSocket(String),

    /// The traffic to another machine would not be encrypted.
    #[error(
        "anybody in between can read and change ws:// to another machine; \
         use wss://, or add --insecure if you trust the network"
    )]
    Open,
}

impl Network {
    /// The chain that all `destinations` lead to, or finney without any. Nodes are asked before the endpoints of
    /// the chain that is named with them, and must be nodes of that chain. `genesis` is the hash that its block 0
    /// must have; `insecure` allows `ws://` to other machines.
    ///
    /// # Errors
    ///
    /// [`NetworkError::Open`]; [`NetworkError::Two`] for the names of two chains.
    pub fn new(
        destinations: &[Destination],
        genesis: Option<[u8; 32]>,
        insecure: bool,
    ) -> Result<Self, NetworkError> {
        let (mut name, mut endpoints) = (None, Vec::new());
        for destination in destinations {
            match destination {
                Destination::Node(endpoint) => endpoints.push(endpoint.clone()),
                Destination::Named(second) => match name.replace(*second) {
                    Some(first) if first != *second => {
                        return Err(NetworkError::Two(first, second));
                    }
                    _ => {}
                },
            }
        }
        if destinations.is_empty() {
            name = Some(DEFAULT);
        }
        if let Some(name) = name {
            endpoints.extend(named(name)?);
        }
        if !insecure && endpoints.iter().any(Endpoint::is_open) {
            return Err(NetworkError::Open);
        }
        let name = name.unwrap_or("this chain");
        let mut known = btpow_registration::Network::ALL.into_iter();
        let known = known.find(|network| network.name() == name);
        Ok(Self {
            name: name.to_owned(),
            endpoints,
            pin: genesis.map(Pin::Given).or(known.map(Pin::Known)),
        })
    }

    /// The same with the proxies that lead to its endpoints; `insecure` as for [`Self::new`].
    ///
    /// # Errors
    ///
    /// What names a proxy that cannot be used, a variable or `--proxy`, and why.
    pub fn through(
        mut self,
        proxies: &Proxies<'_>,
        insecure: bool,
    ) -> Result<Self, (&'static str, ProxyError)> {
        for endpoint in &mut self.endpoints {
            endpoint.proxy = proxies.of(endpoint)?;
            let leaves = endpoint.proxy.as_ref().is_some_and(|it| !it.is_local());
            if leaves && endpoint.url.scheme() == "ws" && !insecure {
                return Err(("--proxy", ProxyError::Open));
            }
        }
        Ok(self)
    }

    /// Its name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ways to it; at least one.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The name or URL to give btcli; none if the URL holds more than a host, since that may be a secret.
    pub fn for_btcli(&self) -> Option<String> {
        match self.endpoints.as_slice() {
            _ if NAMED.iter().any(|(name, _)| *name == self.name) => Some(self.name.clone()),
            [endpoint, ..] => {
                let url = &endpoint.url;
                let bare = url.username().is_empty() && url.password().is_none();
                let bare = bare && matches!(url.path(), "" | "/") && url.query().is_none();
                bare.then(|| endpoint.to_string())
            }
            [] => None,
        }
    }

    /// The genesis hash that it must have, if that is known.
    pub const fn genesis(&self) -> Option<[u8; 32]> {
        match self.pin {
            Some(Pin::Known(network)) => Some(network.genesis()),
            Some(Pin::Given(genesis)) => Some(genesis),
            None => None,
        }
    }

    /// Whether another genesis would be refused, in words.
    pub fn about_pin(&self) -> &'static str {
        match self.pin {
            Some(Pin::Known(btpow_registration::Network::Finney)) => "yes, to that of finney",
            Some(Pin::Known(btpow_registration::Network::Test)) => "yes, to that of test",
            Some(Pin::Given(_)) => "yes, by --genesis",
            None => "no, the endpoint chose it; --genesis pins it",
        }
    }
}

impl FromStr for Destination {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        if text.contains("://") {
            return text.parse().map(Self::Node);
        }
        let mut names = NAMED.iter().map(|(name, _)| *name);
        let name = names.find(|name| *name == text);
        name.map(Self::Named)
            .ok_or_else(|| NetworkError::Unknown(shortened(text)))
    }
}

/// The endpoints of a network that has a name.
fn named(name: &str) -> Result<Vec<Endpoint>, NetworkError> {
    let (_, urls) = NAMED
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| NetworkError::Unknown(name.to_owned()))?;
    urls.iter().map(|url| url.parse()).collect()
}

/// The remedy for a wrong destination.
fn choices() -> String {
    let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
    format!(
        "choose {}, or give the URL of a node like wss://host:443",
        names.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::{super::proxy::Variables, *};

    fn read(networks: &[&str]) -> Result<Network, String> {
        network(networks, None, false).map_err(|error| error.to_string())
    }

    fn network(
        networks: &[&str],
        genesis: Option<[u8; 32]>,
        insecure: bool,
    ) -> Result<Network, NetworkError> {
        let destinations = networks.iter().map(|text| text.parse());
        let destinations: Vec<_> = destinations.collect::<Result<_, _>>()?;
        Network::new(&destinations, genesis, insecure)
    }

    #[test]
    fn names_and_urls() {
        let finney = read(&[]).expect("the default");
        assert_eq!((finney.name(), finney.endpoints().len()), ("finney", 3));
        let genesis = finney.genesis().expect("a pin");
        assert_eq!((genesis[0], genesis[31]), (0x2f, 0x03));
        let test = read(&["test"]).expect("a name");
        let genesis = test.genesis().expect("a pin");
        assert_eq!((genesis[0], genesis[31]), (0x8f, 0x05));
        assert_eq!(test.about_pin(), "yes, to that of test");
        assert_eq!(read(&["finney"]), Ok(finney));
        let local = read(&["local"]).expect("a name");
        assert_eq!(local.endpoints()[0].to_string(), "ws://127.0.0.1:9944");
        assert_eq!(local.genesis(), None);
        assert!(local.about_pin().starts_with("no, "));
        let two = read(&["wss://a.example:443/key", "wss://b.example:9944"]).expect("two URLs");
        let shown: Vec<_> = two.endpoints().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["wss://a.example", "wss://b.example:9944"]);
    }

    /// One's own node is asked first, and must be of the chain that is named.
    #[test]
    fn a_node_of_ones_own_may_be_given_with_a_name() {
        let own = read(&["finney", "wss://node.example", "finney"]).expect("one chain");
        assert_eq!((own.name(), own.endpoints().len()), ("finney", 4));
        assert_eq!(own.endpoints()[0].to_string(), "wss://node.example");
        assert_eq!(own.genesis(), read(&[]).expect("the default").genesis());
        assert_eq!(own.for_btcli().as_deref(), Some("finney"));
    }

    #[test]
    fn what_leaves_through_a_proxy_is_encrypted_or_trusted() {
        let variables = Variables::default();
        let through = |proxy: &str, insecure| {
            let given = proxy.parse().expect("a proxy");
            let proxies = Proxies {
                given: Some(&given),
                variables: &variables,
            };
            read(&["local"])
                .expect("a name")
                .through(&proxies, insecure)
        };
        assert_eq!(
            through("http://proxy", false),
            Err(("--proxy", ProxyError::Open))
        );
        let network = through("http://proxy", true).expect("trusted");
        let way = network.endpoints()[0].way();
        assert_eq!(way, "ws://127.0.0.1:9944 through http://proxy:80");
        assert!(through("http://127.0.0.1:1", false).is_ok());
    }

    #[test]
    fn a_complaint_says_what_is_wrong() {
        for (networks, words) in [
            (
                &["fynney"] as &[_],
                "there is no network \"fynney\"; choose finney, test",
            ),
            (
                &["finney", "test"],
                "finney and test are two chains; name one",
            ),
            (&["http://127.0.0.1:9944"], "http:// is not a WebSocket"),
            (&["ws://node.example:9944"], "add --insecure"),
            (&["ws://:9944"], "is not a URL"),
        ] {
            let error = read(networks).expect_err("wrong");
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn secrets_of_a_url_are_not_shown() {
        let network = read(&["wss://user:pass@node.example/token?key=1"]).expect("a URL");
        assert_eq!(
            format!("{:?}", network.endpoints()[0]),
            "wss://node.example"
        );
    }

    #[test]
    fn btcli_gets_a_network_without_its_secrets() {
        for (networks, given) in [
            (&[] as &[_], Some("finney")),
            (&["finney"], Some("finney")),
            (&["test"], Some("test")),
            (&["local"], Some("local")),
            (
                &["wss://node.example:9944"],
                Some("wss://node.example:9944"),
            ),
            (&["wss://node.example/token"], None),
            (&["wss://node.example/?key=1"], None),
            (&["wss://user:pass@node.example"], None),
        ] {
            let network = read(networks).expect("a network");
            assert_eq!(network.for_btcli().as_deref(), given);
        }
    }

    #[test]
    fn the_genesis_can_be_pinned() {
        let pinned = network(&["local"], Some([0x11; 32]), false).expect("a pin");
        assert_eq!(pinned.genesis(), Some([0x11; 32]));
        assert_eq!(pinned.about_pin(), "yes, by --genesis");
        let open = ["ws://10.0.0.1:9944"];
        assert_eq!(network(&open, None, false), Err(NetworkError::Open));
        assert!(network(&open, None, true).is_ok());
    }
}
