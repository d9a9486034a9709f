//! `btpow register`: mines, signs and registers a hotkey.

use super::{
    onchain,
    sending::{self, Request},
};
use crate::{
    cli::RegisterArgs,
    environment::Environment,
    exit::{Exit, Failure},
    registration::goal::Goal,
};

/// The whole path, from the newest block to a UID.
///
/// # Errors
///
/// [`Failure`], whatever kind it is.
pub fn run(args: &RegisterArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let netuid = onchain::netuid(args.netuid.as_deref())?;
    let network = onchain::network(&args.chain)?;
    let wallet = onchain::wallet(&args.wallet)?;
    let goal = Goal::Register {
        netuid,
        hotkey: wallet.hotkey_public()?,
        coldkey: wallet.coldkey_public()?,
    };
    let request = Request {
        goal,
        network,
        wallet,
        send: &args.send,
        password: &args.password,
        rig: &args.rig,
        show: args.show,
    };
    sending::run(&request, environment, live)
}
