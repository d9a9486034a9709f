//! The flags of a command that leads a fleet.

use clap::Args;

use super::{FleetArgs, ShardArgs, Usage, fleet::no_fleet};
use crate::fleet::Server;

/// The flags of a command that leads a fleet.
#[derive(Args, Clone, Debug, Default)]
pub struct LeadArgs {
    /// Which fleet.
    #[command(flatten)]
    pub fleet: FleetArgs,

    /// Leave the search to the rigs of the fleet: no device of this machine works
    #[arg(long, hide_short_help = true, conflicts_with_all = ["RigArgs", "LimitArgs"])]
    pub no_local: bool,

    /// Lead the fleet only while no other coordinator does
    ///
    /// It hears and checks what rigs find, and signs nothing. Once nothing is heard of the one that leads for five seconds, it
    /// takes over. Give both the same wallet: at most one registration comes of it, whatever happens.
    #[arg(long, hide_short_help = true)]
    pub standby: bool,
}

impl LeadArgs {
    /// The server of the fleet, if there is a fleet. `insecure` allows `nats://` to other machines.
    ///
    /// # Errors
    ///
    /// A shard as well, since a fleet divides the nonces; what means something only for a fleet, without one; and those of [`FleetArgs::server`].
    pub fn server(&self, shard: ShardArgs, insecure: bool) -> Result<Option<Server>, Usage> {
        if self.fleet.fleet.is_some() && shard.shard.is_some() {
            let problem = "a fleet divides the nonces among its rigs by itself";
            return Err(Usage::new("--shard", problem, "drop it, or drop --fleet"));
        }
        let without = [("--no-local", self.no_local), ("--standby", self.standby)];
        let mut without = without.into_iter().filter(|(_, is_given)| *is_given);
        if self.fleet.fleet.is_none()
            && let Some((flag, _)) = without.next()
        {
            return Err(no_fleet(flag));
        }
        self.fleet.server(insecure)
    }
}
