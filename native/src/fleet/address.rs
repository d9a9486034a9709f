//! Where the server of a fleet is, and which fleet is meant.

use core::{fmt, net::IpAddr, str::FromStr};
use std::io;

use btpow_fleet::{Fleet, subject::NameError};
use thiserror::Error;
use url::{ParseError, Url};

/// The name of a fleet whose address has none.
const DEFAULT: &str = "main";

/// The port of servers whose address has none.
const PORT: u16 = 4222;

/// What an address should look like.
const EXPECTED: &str = "give tls://HOST:PORT/NAME, or nats:// for a server of this machine; port and name may be left out";

/// The address of a fleet: that of a NATS server, and the name of the fleet there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Address {
    scheme: Scheme,
    host: String,
    port: Option<u16>,
    fleet: Fleet,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Scheme {
    Nats,
    Tls,
}

/// Why a text is no address of a fleet. Messages are one line, and repeat nothing that may be a secret.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum AddressError {
    /// It is not a URL.
    #[error("it is no address: {0}; {EXPECTED}")]
    NotUrl(ParseError),

    /// There is nothing before the host.
    #[error("it does not begin with tls:// or nats://; {EXPECTED}")]
    NoScheme,

    /// It is the address of something else.
    #[error("it is the address of no NATS server; {EXPECTED}")]
    OtherScheme,

    /// It names no host.
    #[error("it names no host; {EXPECTED}")]
    NoHost,

    /// Whoever lists the processes of this machine sees command lines.
    #[error(
        "it holds a user, a password or a token, which other users of this machine can read on a command line; leave it \
         out, and name a file with --fleet-creds"
    )]
    Secret,

    /// What follows the host is no name of a fleet.
    #[error("the name of the fleet, behind the host, is not one: {0}; {EXPECTED}")]
    Name(NameError),

    /// Something follows the name.
    #[error("nothing may follow the name of the fleet; {EXPECTED}")]
    More,

    /// The traffic to another machine would not be encrypted.
    #[error(
        "anybody in between can read and change nats:// to another machine; use tls://, or add --insecure if you trust \
         the network"
    )]
    Open,
}

impl Address {
    /// The same, if the way there may be used. `insecure` allows `nats://` to other machines.
    ///
    /// # Errors
    ///
    /// [`AddressError::Open`].
    pub fn closed(self, insecure: bool) -> Result<Self, AddressError> {
        if self.is_open() && !insecure {
            Err(AddressError::Open)
        } else {
            Ok(self)
        }
    }

    /// Whether somebody on the way could read and change what is said.
    pub fn is_open(&self) -> bool {
        !self.is_encrypted() && !self.is_local()
    }

    /// Where a server of this machine is. Whoever answers for names could say that this machine is another one.
    pub(super) async fn here(&self) -> io::Result<Vec<String>> {
        let host = self.host.trim_matches(['[', ']']);
        let port = self.port.unwrap_or(PORT);
        let found = tokio::net::lookup_host((host, port)).await?;
        let here: Vec<_> = found.filter(|it| it.ip().is_loopback()).collect();
        if here.is_empty() {
            let problem = format!("{host} is not this machine");
            return Err(io::Error::new(io::ErrorKind::AddrNotAvailable, problem));
        }
        Ok(here.iter().map(|it| format!("nats://{it}")).collect())
    }

    /// Which fleet is meant.
    pub const fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Whether the server must speak TLS, with a certificate for its host.
    pub fn is_encrypted(&self) -> bool {
        self.scheme == Scheme::Tls
    }

    /// Whether it is a server of this machine.
    fn is_local(&self) -> bool {
        // Without the brackets around an IPv6 address in a URL.
        let host = self.host.trim_matches(['[', ']']);
        let address = host.parse().map(|it: IpAddr| it.is_loopback());
        address.unwrap_or_else(|_| host.eq_ignore_ascii_case("localhost"))
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if !text.contains("://") {
            return Err(AddressError::NoScheme);
        }
        let url = Url::parse(text).map_err(|error| match error {
            ParseError::EmptyHost => AddressError::NoHost,
            error => AddressError::NotUrl(error),
        })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Secret);
        }
        let scheme = match url.scheme() {
            "nats" => Scheme::Nats,
            "tls" => Scheme::Tls,
            _ => return Err(AddressError::OtherScheme),
        };
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or(AddressError::NoHost)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(AddressError::More);
        }
        let name = match url.path().trim_start_matches('/') {
            "" => DEFAULT,
            name if name.contains('/') => return Err(AddressError::More),
            name => name,
        };
        Ok(Self {
            scheme,
            // Such URLs keep the letters of a host as they were typed; certificates have small ones.
            host: host.to_ascii_lowercase(),
            port: url.port(),
            fleet: name.parse().map_err(AddressError::Name)?,
        })
    }
}

/// The server alone.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Nats => "nats",
            Scheme::Tls => "tls",
        };
        write!(f, "{scheme}://{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Address, AddressError> {
        text.parse()
    }

    #[test]
    fn an_address_has_a_server_and_a_fleet() {
        for (text, server, fleet) in [
            ("nats://127.0.0.1", "nats://127.0.0.1", "main"),
            ("nats://127.0.0.1:4222/", "nats://127.0.0.1:4222", "main"),
            ("tls://Fleet.example/lab-2", "tls://fleet.example", "lab-2"),
            ("TLS://[::1]:1/a_B", "tls://[::1]:1", "a_B"),
        ] {
            let address = read(text).expect(text);
            assert_eq!(address.to_string(), server);
            assert_eq!(address.fleet().to_string(), fleet);
        }
    }

    #[test]
    fn what_is_no_address_is_said_in_one_line() {
        for (text, words) in [
            ("127.0.0.1:4222", "does not begin with tls:// or nats://"),
            ("main", "does not begin with tls:// or nats://"),
            ("", "does not begin with tls:// or nats://"),
            ("wss://fleet.example", "the address of no NATS server"),
            ("http://fleet.example", "the address of no NATS server"),
            ("nats://", "names no host"),
            ("nats:///main", "names no host"),
            ("nats://:4222", "names no host"),
            (
                "nats://fleet.example:70000",
                "no address: invalid port number",
            ),
            (
                "nats://fleet example",
                "no address: invalid domain character",
            ),
            ("tls://fleet.example/a.b", "a character other than"),
            ("tls://fleet.example/a/b", "nothing may follow the name"),
            ("tls://fleet.example/a?b", "nothing may follow the name"),
            ("tls://fleet.example/a#b", "nothing may follow the name"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn a_secret_is_neither_taken_nor_repeated() {
        for text in [
            "nats://user:hunter2@127.0.0.1",
            "tls://hunter2@fleet.example/main",
            "wss://user:hunter2@fleet.example",
            "nats://user:hunter2@[::1/",
            "nats://user:hunter2@a b",
            "hunter2",
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let token = read("tls://token@fleet.example");
        assert_eq!(token, Err(AddressError::Secret));
    }

    #[test]
    fn only_this_machine_is_reached_in_the_clear() {
        for (text, is_closed) in [
            ("nats://127.0.0.1", true),
            ("nats://127.3.2.1:4222", true),
            ("nats://[::1]", true),
            ("nats://LOCALHOST", true),
            ("tls://10.0.0.1", true),
            ("tls://fleet.example", true),
            ("nats://10.0.0.1", false),
            ("nats://fleet.example", false),
            ("nats://localhost.example", false),
            ("nats://0.0.0.0", false),
            ("nats://[::ffff:10.0.0.1]", false),
        ] {
            let address = read(text).expect(text);
            assert_eq!(address.clone().closed(false).is_ok(), is_closed, "{text}");
            assert!(address.closed(true).is_ok());
        }
        let error = read("nats://10.0.0.1").expect("an address").closed(false);
        let error = error.expect_err("it is open").to_string();
        assert!(error.contains("add --insecure"), "{error}");
    }

    /// Whoever answers for names could say that `localhost` is elsewhere.
    #[test]
    fn a_server_of_this_machine_is_on_this_machine() {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().expect("a runtime");
        let here = |text| runtime.block_on(read(text).expect(text).here());
        for text in ["nats://LOCALHOST:7", "nats://127.0.0.1:7", "nats://[::1]:7"] {
            let found = here(text).expect(text);
            let is_here = |it: &String| matches!(&**it, "nats://127.0.0.1:7" | "nats://[::1]:7");
            assert!(!found.is_empty() && found.iter().all(is_here), "{found:?}");
        }
        let found = here("nats://127.0.0.1").expect("an address");
        assert_eq!(found, ["nats://127.0.0.1:4222"]);
        let elsewhere = here("nats://0.0.0.0").expect_err("it could be any");
        assert_eq!(elsewhere.to_string(), "0.0.0.0 is not this machine");
    }
}
