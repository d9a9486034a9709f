//! `btpow faucet`: test money for a coldkey, on development chains.

use btpow_registration::Goal;

use super::{
    common::keys,
    sending::{self, Target},
};
use crate::{
    api::Api,
    cli::{FaucetArgs, LeadArgs, UnattendedArgs},
    environment::Environment,
    exit::{Exit, Failure},
};

/// Mines for the coldkey and claims. A runtime without a faucet is refused.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &FaucetArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let api = Api::bind(&args.api, "faucet", args.send.dry_run)?;
    let targets = || {
        let wallet = keys::wallet(&args.send.wallet, &environment.bittensor)?;
        let coldkey = wallet.coldkey_public()?;
        let goal = Goal::Faucet { coldkey };
        let password = args.send.password.clone();
        Ok(vec![Target::new(goal, wallet, password)])
    };
    let (unattended, lead) = (&UnattendedArgs::default(), &LeadArgs::default());
    sending::run(
        &args.send,
        unattended,
        lead,
        api,
        targets,
        environment,
        live,
    )
}
