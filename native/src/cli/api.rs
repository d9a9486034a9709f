//! The flags of the API that a running search has, and those of the command that asks it.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::value;
use crate::config::Settings;

/// The flags of the API of a running search.
#[derive(Args, Clone, Debug, Default)]
pub struct ApiArgs {
    /// Answer by HTTP how the search goes, at this address: 127.0.0.1:4720
    ///
    /// GET /metrics is for Prometheus, /status is JSON, /healthz says ok or, with the code 503, why not. Nothing can be
    /// changed by it. `btpow top` shows it. At port 0 the system chooses one.
    #[arg(
        long,
        value_name = "ADDR:PORT",
        hide_short_help = true,
        value_hint = ValueHint::Other,
        value_parser = value::address
    )]
    pub api: Option<SocketAddr>,

    /// Answer only those who send what is in this file, as `Authorization: Bearer …`
    ///
    /// It is required where --api names more than this machine. Others must not be able to read the file, and it has 16
    /// characters or more. /healthz answers this machine without.
    #[arg(long, value_name = "FILE", hide_short_help = true, requires = "api")]
    pub api_token_file: Option<PathBuf>,
}

/// The flags of `top`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  btpow register --netuid 1 --wallet-name w --wallet-hotkey h --api 127.0.0.1:4720
  btpow top")]
pub struct TopArgs {
    /// Where the search answers: as its --api says, else the settings file's api, else 127.0.0.1:4720
    #[arg(
        value_name = "ADDR:PORT",
        value_hint = ValueHint::Other,
        value_parser = value::address
    )]
    pub address: Option<SocketAddr>,

    /// Send what is in this file, which the search has as well
    #[arg(long, value_name = "FILE")]
    pub api_token_file: Option<PathBuf>,
}

/// Where a search answers unless something says otherwise.
const ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4720);

/// The commands that a settings file may give an address, those first that run for long.
const SEARCHES: [&str; 4] = ["register", "mine", "faucet", "solve"];

impl TopArgs {
    /// Takes the address of the search that a settings file speaks of, and its token, unless they were typed.
    pub(crate) fn find(&mut self, settings: &Settings) {
        let tables = SEARCHES
            .iter()
            .filter_map(|name| settings.tables.get(*name));
        let mut found = tables.chain([&settings.all]).filter_map(|table| {
            let text = |key| table.iter().find(|it| it.key == key)?.text();
            let address: SocketAddr = text("api")?.to_str()?.parse().ok()?;
            // The system chose that one.
            (address.port() != 0).then(|| (address, text("api-token-file")))
        });
        if self.address.is_none()
            && let Some((address, token)) = found.next()
        {
            self.address = Some(address);
            self.api_token_file = self
                .api_token_file
                .take()
                .or_else(|| token.map(PathBuf::from));
        }
    }

    /// Where to ask. A search that answers at every address of its machine answers at this one.
    pub fn address(&self) -> SocketAddr {
        let mut address = self.address.unwrap_or(ADDRESS);
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        address
    }
}
