//! `btpow faucet`: test money for a coldkey, on development chains.

use btpow_registration::Goal;

use super::sending;
use crate::{
    cli::{FaucetArgs, UnattendedArgs},
    environment::Environment,
    exit::{Exit, Failure},
    wallet::Wallet,
};

/// Mines for the coldkey and claims. A runtime without a faucet is refused.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &FaucetArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let goal = |wallet: &Wallet| {
        Ok(Goal::Faucet {
            coldkey: wallet.coldkey_public()?,
        })
    };
    sending::run(
        &args.send,
        &UnattendedArgs::default(),
        goal,
        environment,
        live,
    )
}
