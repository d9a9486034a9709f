//! The flags of the commands that belong to a fleet.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::Usage;
use crate::fleet::{Address, Server};

/// The flags that say which fleet.
#[derive(Args, Clone, Debug, Default)]
pub struct FleetArgs {
    /// Fleet: tls://HOST:PORT/NAME, the address of its NATS server and its name there
    ///
    /// The port is 4222 and the name main, unless you say otherwise. The certificate of a tls:// server must be one that this
    /// machine trusts. nats:// is for a server of this machine; to another one anybody in between could read and change it, so
    /// that needs --insecure.
    #[arg(long, value_name = "URL", hide_short_help = true, value_hint = ValueHint::Other)]
    pub fleet: Option<Address>,

    /// Key or credentials for the fleet's server: a file with a user's seed (SU…), or a .creds file
    ///
    /// Others must not be able to read it.
    #[arg(long, value_name = "FILE", hide_short_help = true, requires = "fleet")]
    pub fleet_creds: Option<PathBuf>,
}

impl FleetArgs {
    /// The fleet's server, if there is a fleet. `insecure` allows `nats://` to other machines.
    ///
    /// # Errors
    ///
    /// The way there may not be used, or the file of the credentials not read.
    pub fn server(&self, insecure: bool) -> Result<Option<Server>, Usage> {
        let address = self.fleet.clone();
        let creds = self.fleet_creds.as_deref();
        let server = address.map(|address| Server::new(address, creds, insecure));
        server.transpose()
    }
}
