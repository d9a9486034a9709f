//! Which part of the nonces is this rig's.

use btpow_core::Shard;
use clap::Args;

use super::value;

/// The flag that divides the nonces among rigs.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ShardArgs {
    /// Search part I of N of the nonces, counted from 0: each rig of N its own
    ///
    /// The parts have nothing in common, so rigs that search for one key share the work without speaking to each other. Each
    /// begins at the same nonce for every block, and stops at the end of its part. N is 4294967296 at most.
    #[arg(
        long,
        value_name = "I/N",
        hide_short_help = true,
        allow_hyphen_values = true,
        value_parser = value::shard
    )]
    pub shard: Option<Shard>,
}
