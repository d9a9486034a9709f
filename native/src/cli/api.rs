//! The flags of the API that a running search has, and those of the command that asks it.

use core::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::value;

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
    /// Where the search answers, as its --api says (default: 127.0.0.1:4720)
    #[arg(
        value_name = "ADDR:PORT",
        value_hint = ValueHint::Other,
        value_parser = value::address,
        default_value = "127.0.0.1:4720",
        hide_default_value = true
    )]
    pub address: SocketAddr,

    /// Send what is in this file, which the search has as well
    #[arg(long, value_name = "FILE")]
    pub api_token_file: Option<PathBuf>,
}
