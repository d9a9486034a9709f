//! Where a chain is: names, endpoints, and the genesis that must be found there.

use core::fmt;

use btpow_core::key;
use url::{Host, Url};

use crate::exit::Usage;

/// The networks that have names, with their endpoints in the order in which they are tried.
const NAMED: &[(&str, &[&str])] = &[
    (
        "finney",
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

/// A chain and the ways to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Network {
    name: String,
    endpoints: Vec<Endpoint>,
    pin: Option<Pin>,
}

/// The genesis that a chain must have, and who says so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Pin {
    /// A network with a name.
    Known(btpow_registration::Network),
    /// The user.
    Given([u8; 32]),
}

/// The address of a node, known to be a WebSocket's.
#[derive(Clone, Eq, PartialEq)]
pub struct Endpoint(Url);

impl Network {
    /// Reads `--network` (finney when there is none), `--genesis` and `--insecure`.
    ///
    /// # Errors
    ///
    /// An unknown name, a URL that is not a WebSocket's, an open one to another machine, names and
    /// URLs mixed.
    pub fn read(networks: &[String], genesis: Option<&str>, insecure: bool) -> Result<Self, Usage> {
        let genesis = genesis
            .map(|text| {
                key::hex32(text).map_err(|error| {
                    let remedy = "give the hash of block 0 as 0x and 64 hexadecimal digits";
                    Usage::new("--genesis", error, remedy)
                })
            })
            .transpose()?;
        let named = |name: &str| NAMED.iter().find(|(known, _)| *known == name);
        let (name, urls): (String, Vec<&str>) = match networks {
            [] => ("finney".to_owned(), NAMED[0].1.to_vec()),
            [name] if named(name).is_some() => {
                let urls = named(name).map_or(&[] as &[&str], |(_, urls)| urls);
                (name.clone(), urls.to_vec())
            }
            urls => (
                "this chain".to_owned(),
                urls.iter().map(String::as_str).collect(),
            ),
        };
        let endpoints = urls
            .into_iter()
            .map(|url| Endpoint::read(url, insecure))
            .collect::<Result<_, _>>()?;
        let mut known = btpow_registration::Network::ALL.into_iter();
        let known = known.find(|network| network.name() == name);
        Ok(Self {
            name,
            endpoints,
            pin: genesis.map(Pin::Given).or(known.map(Pin::Known)),
        })
    }

    /// Its name, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ways to it; at least one.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// How btcli is told of it: nothing where the URL holds more than a host, which may be a secret.
    pub fn for_btcli(&self) -> Option<String> {
        match self.endpoints.as_slice() {
            _ if NAMED.iter().any(|(name, _)| *name == self.name) => Some(self.name.clone()),
            [Endpoint(url), ..] => {
                let bare = url.username().is_empty() && url.password().is_none();
                let bare = bare && matches!(url.path(), "" | "/") && url.query().is_none();
                bare.then(|| Endpoint(url.clone()).to_string())
            }
            [] => None,
        }
    }

    /// The genesis hash that it must have, where that is known.
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
            Some(Pin::Known(btpow_registration::Network::Finney)) => "yes, as that of finney",
            Some(Pin::Known(btpow_registration::Network::Test)) => "yes, as that of test",
            Some(Pin::Given(_)) => "yes, by --genesis",
            None => "no: it is what the endpoint says; --genesis pins it",
        }
    }
}

impl Endpoint {
    fn read(text: &str, insecure: bool) -> Result<Self, Usage> {
        let names: Vec<_> = NAMED.iter().map(|(name, _)| *name).collect();
        let remedy = format!(
            "choose {}, or give the URL of a node like wss://host:443",
            names.join(", ")
        );
        let wrong = |problem: &str| Usage::new("--network", problem, &remedy);
        if !text.contains("://") {
            // A name among several endpoints is as unknown as one that does not exist.
            return Err(wrong(&format!("there is no network {:?}", shortened(text))));
        }
        let url = Url::parse(text)
            .map_err(|error| wrong(&format!("{:?} is not a URL: {error}", shortened(text))))?;
        let local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => return Err(wrong(&format!("{:?} names no host", shortened(text)))),
        };
        match url.scheme() {
            "wss" => Ok(Self(url)),
            "ws" if local || insecure => Ok(Self(url)),
            "ws" => {
                let problem = "ws:// to another machine can be read and changed on the way";
                let remedy = "use wss://, or add --insecure when the way is trusted";
                Err(Usage::new("--network", problem, remedy))
            }
            other => Err(wrong(&format!("{other}:// is not a WebSocket"))),
        }
    }

    /// What a connection is made to.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

/// Without what may be a secret: user, password, path and query.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.0.host_str().unwrap_or_default();
        write!(f, "{}://{host}", self.0.scheme())?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The beginning of a long text.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(networks: &[&str]) -> Result<Network, String> {
        let networks: Vec<_> = networks.iter().map(|&text| text.to_owned()).collect();
        Network::read(&networks, None, false).map_err(|error| error.to_string())
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
        assert_eq!(test.about_pin(), "yes, as that of test");
        assert_eq!(read(&["finney"]), Ok(finney));
        let local = read(&["local"]).expect("a name");
        assert_eq!(local.endpoints()[0].to_string(), "ws://127.0.0.1:9944");
        assert_eq!(local.genesis(), None);
        assert!(local.about_pin().starts_with("no: "));
        let two = read(&["wss://a.example:443/key", "wss://b.example:9944"]).expect("two URLs");
        let shown: Vec<_> = two.endpoints().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["wss://a.example", "wss://b.example:9944"]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (networks, words) in [
            (
                &["fynney"] as &[_],
                "there is no network \"fynney\"; choose finney, test",
            ),
            (&["finney", "test"], "there is no network \"finney\""),
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
    fn btcli_is_told_of_a_network_without_its_secrets() {
        for (networks, told) in [
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
            assert_eq!(network.for_btcli().as_deref(), told);
        }
    }

    #[test]
    fn the_genesis_can_be_pinned() {
        let pin = format!("0x{}", "11".repeat(32));
        let network = Network::read(&["local".to_owned()], Some(&pin), false).expect("a pin");
        assert_eq!(network.genesis(), Some([0x11; 32]));
        assert_eq!(network.about_pin(), "yes, by --genesis");
        assert!(Network::read(&[], Some("0x11"), false).is_err());
        let open = ["ws://10.0.0.1:9944".to_owned()];
        assert!(Network::read(&open, None, true).is_ok());
    }
}
