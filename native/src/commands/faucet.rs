//! `btpow faucet`: test money for a coldkey, on development chains.

use btpow_registration::Goal;

use super::sending;
use crate::{
    api::Api,
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
    let api = Api::bind(&args.api, "faucet")?;
    let goal = |wallet: &Wallet| {
        Ok(Goal::Faucet {
            coldkey: wallet.coldkey_public()?,
        })
    };
    let unattended = &UnattendedArgs::default();
    sending::run(&args.send, unattended, api, goal, environment, live)
}
