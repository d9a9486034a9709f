//! `btpow faucet`: test money for a coldkey, on development chains.

use super::{
    onchain,
    sending::{self, Request},
};
use crate::{
    cli::FaucetArgs,
    environment::Environment,
    exit::{Exit, Failure},
    registration::goal::Goal,
};

/// Mines for the coldkey and claims. A runtime without a faucet is refused.
///
/// # Errors
///
/// [`Failure`], whatever kind it is.
pub fn run(args: &FaucetArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let network = onchain::network(&args.chain)?;
    let wallet = onchain::wallet(&args.wallet)?;
    let goal = Goal::Faucet {
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
