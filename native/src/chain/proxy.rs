//! The proxy on the way to an endpoint: what names it, and which endpoints it is for.

use core::{fmt, str::FromStr};

use hyper::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use percent_encoding::percent_decode_str;
use thiserror::Error;
use url::{Host, Url};

use super::endpoint::Endpoint;

/// The port of a proxy whose URL names none, as curl has it.
const PORT: u16 = 1080;

/// The variables that name the proxy of a scheme, in the order in which curl asks them. `HTTP_PROXY` is not among
/// them: a web server makes that name of a header which its visitors send.
const SECURE: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const OPEN: [&str; 3] = ["http_proxy", "all_proxy", "ALL_PROXY"];

/// The variables that name hosts to reach without a proxy.
const EXCEPT: [&str; 2] = ["no_proxy", "NO_PROXY"];

/// A program through which endpoints are reached.
#[derive(Clone, Eq, PartialEq)]
pub struct Proxy {
    url: Url,
    kind: Kind,
}

/// How to speak with a proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// By HTTP's CONNECT.
    Http,
    /// By SOCKS5, with addresses that are looked up here.
    Socks5,
    /// By SOCKS5, with names that the proxy looks up.
    Socks5h,
}

/// Why a proxy's URL is wrong. Messages are one line and never repeat it, since it may hold a password.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ProxyError {
    /// It is no URL, or one without a host.
    #[error("it is not the URL of a proxy; give one like http://host:3128 or socks5h://host:1080")]
    NotUrl,
    /// It has a scheme that this program does not speak.
    #[error(
        "a proxy is http://, socks5:// or socks5h:// here; give one of these, like http://host:3128"
    )]
    Scheme,
    /// It is on another machine, and the traffic would not be encrypted.
    #[error(
        "anybody between here and the endpoint can read and change ws:// through a proxy; use wss://, or add \
         --insecure if you trust the network"
    )]
    Open,
}

/// The variables about proxies, as they are when the program starts. Empty ones count as unset.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Variables {
    /// The name and value of the one that counts for `wss://`.
    secure: Option<(&'static str, String)>,
    /// The same for `ws://`.
    open: Option<(&'static str, String)>,
    except: String,
}

/// Which proxy is for which endpoint.
#[derive(Clone, Debug)]
pub struct Proxies<'a> {
    /// The user's own, for all endpoints.
    pub given: Option<&'a Proxy>,
    /// Otherwise these say.
    pub variables: &'a Variables,
}

impl Variables {
    /// Asks for the values by name.
    pub fn read(variable: impl Fn(&'static str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            let mut set = names
                .iter()
                .filter_map(|&name| Some((name, variable(name)?)));
            set.find(|(_, value)| !value.is_empty())
        };
        Self {
            secure: first(&SECURE),
            open: first(&OPEN),
            except: first(&EXCEPT).map_or_else(String::new, |(_, value)| value),
        }
    }
}

impl Proxies<'_> {
    /// The proxy for an endpoint. Variables never send the traffic of this machine to itself through another.
    ///
    /// # Errors
    ///
    /// The name of a variable that is needed and wrong, or of the flag, and what is wrong.
    pub(super) fn of(
        &self,
        endpoint: &Endpoint,
    ) -> Result<Option<Proxy>, (&'static str, ProxyError)> {
        if let Some(given) = self.given {
            return Ok(Some(given.clone()));
        }
        let variable = match endpoint.url().scheme() {
            "wss" => &self.variables.secure,
            _ => &self.variables.open,
        };
        let Some((name, value)) = variable else {
            return Ok(None);
        };
        if is_loopback(endpoint.url()) || self.is_excepted(endpoint) {
            return Ok(None);
        }
        value.parse().map(Some).map_err(|error| (*name, error))
    }

    /// Whether `NO_PROXY` names the endpoint's host, by curl's rules.
    fn is_excepted(&self, endpoint: &Endpoint) -> bool {
        let host = endpoint.url().host_str().unwrap_or_default();
        let target = format!("http://{host}/").parse::<Uri>();
        // The library asks its exceptions only where there is a proxy; this one is never used.
        let rules = Matcher::builder().all("http://proxy.invalid");
        let rules = rules.no(self.variables.except.as_str()).build();
        target.is_ok_and(|target| rules.intercept(&target).is_none())
    }
}

impl Proxy {
    pub(super) const fn kind(&self) -> Kind {
        self.kind
    }

    /// Where it listens: a name or an address, and a port.
    pub(super) fn place(&self) -> (String, u16) {
        let host = match self.url.host() {
            // Without the brackets that it has in a URL.
            Some(Host::Ipv6(address)) => address.to_string(),
            _ => self.url.host_str().unwrap_or_default().to_owned(),
        };
        (host, self.url.port_or_known_default().unwrap_or(PORT))
    }

    /// The user and the password to tell it, if the URL has any.
    pub(super) fn login(&self) -> Option<(String, String)> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (user, password) = (self.url.username(), self.url.password());
        let is_given = !user.is_empty() || password.is_some();
        is_given.then(|| (decoded(user), decoded(password.unwrap_or_default())))
    }

    /// Whether it is a program on this machine.
    pub(super) fn is_local(&self) -> bool {
        is_loopback(&self.url)
    }
}

/// Whether a URL names this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        // The hosts of other schemes than the web's are not read as addresses.
        Some(Host::Domain(name)) => name
            .parse::<core::net::IpAddr>()
            .map_or(name == "localhost", |address| address.is_loopback()),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl FromStr for Proxy {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let text = text.trim();
        // As curl reads it.
        let url = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let url: Url = url.parse().map_err(|_| ProxyError::NotUrl)?;
        let kind = match url.scheme() {
            "http" => Kind::Http,
            "socks5" => Kind::Socks5,
            "socks5h" => Kind::Socks5h,
            _ => return Err(ProxyError::Scheme),
        };
        let has_host = url.host_str().is_some_and(|host| !host.is_empty());
        has_host
            .then_some(Self { url, kind })
            .ok_or(ProxyError::NotUrl)
    }
}

/// Leaves out user and password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        write!(f, "{}://{host}:{}", self.url.scheme(), self.place().1)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Shows names alone, since the values may hold passwords.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let set = [&self.secure, &self.open].map(|it| it.as_ref().map(|(name, _)| name));
        f.debug_tuple("Variables").field(&set).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(set: &[(&str, &str)]) -> Variables {
        Variables::read(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn of(set: &[(&str, &str)], endpoint: &str) -> Option<String> {
        let proxies = Proxies {
            given: None,
            variables: &variables(set),
        };
        let endpoint = endpoint.parse().expect("an endpoint");
        let proxy = proxies.of(&endpoint).expect("right values");
        proxy.map(|proxy| proxy.to_string())
    }

    #[test]
    fn a_proxy_is_a_url_whose_secrets_are_not_shown() {
        for (text, shown) in [
            ("http://proxy:3128", "http://proxy:3128"),
            ("proxy:3128", "http://proxy:3128"),
            ("http://proxy", "http://proxy:80"),
            ("socks5://[::1]:9", "socks5://[::1]:9"),
            ("socks5h://u:p%40ss@proxy/", "socks5h://proxy:1080"),
        ] {
            let proxy: Proxy = text.parse().expect("a proxy");
            assert_eq!(
                (proxy.to_string(), format!("{proxy:?}")),
                (shown.into(), shown.into())
            );
        }
        let proxy: Proxy = "socks5h://u:p%40ss@proxy".parse().expect("a proxy");
        assert_eq!(proxy.login(), Some(("u".into(), "p@ss".into())));
        for (text, wrong) in [
            ("", ProxyError::NotUrl),
            ("http://", ProxyError::NotUrl),
            ("socks5://", ProxyError::NotUrl),
            ("http://a b", ProxyError::NotUrl),
            ("https://proxy:3128", ProxyError::Scheme),
            ("socks4://proxy", ProxyError::Scheme),
        ] {
            assert_eq!(text.parse::<Proxy>(), Err(wrong), "{text:?}");
        }
    }

    /// The same as curl does with the same variables.
    #[test]
    fn variables_name_proxies_as_for_curl() {
        let node = "wss://node.example:443";
        for (set, proxy) in [
            (&[("HTTPS_PROXY", "a:1")] as &[_], Some("http://a:1")),
            (
                &[("HTTPS_PROXY", "a:1"), ("https_proxy", "b:1")],
                Some("http://b:1"),
            ),
            (&[("ALL_PROXY", "socks5://a")], Some("socks5://a:1080")),
            (
                &[("ALL_PROXY", "a:1"), ("https_proxy", "b:1")],
                Some("http://b:1"),
            ),
            (&[("http_proxy", "a:1")], None),
            (
                &[("https_proxy", ""), ("ALL_PROXY", "a:1")],
                Some("http://a:1"),
            ),
            (&[], None),
        ] {
            assert_eq!(of(set, node).as_deref(), proxy, "{set:?}");
        }
        let open = "ws://10.1.2.3:9944";
        assert_eq!(
            of(&[("http_proxy", "a:1")], open).as_deref(),
            Some("http://a:1")
        );
        assert_eq!(
            of(&[("HTTP_PROXY", "a:1"), ("HTTPS_PROXY", "b:1")], open),
            None
        );
        for local in [
            "wss://localhost:9944",
            "ws://127.0.0.1:9944",
            "ws://[::1]:9944",
        ] {
            assert_eq!(of(&[("ALL_PROXY", "a:1")], local), None);
        }
    }

    #[test]
    fn no_proxy_names_hosts_domains_and_networks() {
        for (except, endpoint, excepted) in [
            ("node.example", "wss://node.example:9944", true),
            (".example, 10.0.0.0/8", "wss://node.example", true),
            (".example, 10.0.0.0/8", "wss://10.1.2.3", true),
            ("example", "wss://notexample", false),
            ("::2", "wss://[::2]:1", true),
            ("*", "wss://node.example", true),
            ("", "wss://node.example", false),
        ] {
            let set = [("https_proxy", "a:1"), ("NO_PROXY", except)];
            assert_eq!(
                of(&set, endpoint).is_none(),
                excepted,
                "{except}: {endpoint}"
            );
        }
    }

    #[test]
    fn only_a_variable_that_is_needed_can_be_wrong() {
        let wrong = variables(&[("ALL_PROXY", "ftp://u:secret@a")]);
        let all = Proxies {
            given: None,
            variables: &wrong,
        };
        let of = |endpoint: &str| all.of(&endpoint.parse().expect("an endpoint"));
        assert_eq!(
            of("wss://node.example"),
            Err(("ALL_PROXY", ProxyError::Scheme))
        );
        assert_eq!(of("ws://localhost"), Ok(None));
        assert!(!format!("{all:?}").contains("secret"));
    }
}
