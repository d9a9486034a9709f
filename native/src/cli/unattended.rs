//! The flags of a search that nobody sits beside.

use clap::{Args, ValueHint};

use super::{ApiArgs, PatienceArgs, ShardArgs, value};

/// The flags of a search that nobody sits beside.
#[derive(Args, Clone, Debug, Default)]
pub struct UnattendedArgs {
    /// What to wait for.
    #[command(flatten)]
    pub patience: PatienceArgs,

    /// Run this in a shell for each event, which it gets as JSON on standard input
    ///
    /// The shell is sh, on Windows cmd. Events are registered, proof_found, device_dropped, device_paused, device_resumed,
    /// device_reset, paused, resumed, chain_lost and chain_back. The command has ten seconds for each, one after the other, and no terminal; it does not get the
    /// variables of passwords. If it fails or is too slow, that is a warning.
    #[arg(
        long,
        value_name = "CMD",
        hide_short_help = true,
        value_hint = ValueHint::CommandString,
        value_parser = value::command
    )]
    pub on_event: Option<String>,

    /// Which nonces are this rig's.
    #[command(flatten)]
    pub shard: ShardArgs,

    /// Who may ask how it goes.
    #[command(flatten)]
    pub api: ApiArgs,

    /// End with exit code 7 once a device is dropped, for a service that starts it again
    ///
    /// A proof that was found by then is first shown, or sent and waited for.
    #[arg(long, hide_short_help = true)]
    pub exit_on_device_loss: bool,
}
