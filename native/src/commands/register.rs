//! `btpow register`: mines, signs and registers a hotkey.

use btpow_registration::Goal;

use super::sending;
use crate::{
    api::Api,
    cli::{self, RegisterArgs},
    environment::Environment,
    exit::{Exit, Failure},
    wallet::Wallet,
};

/// The whole path, from the newest block to a UID.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &RegisterArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let api = Api::bind(&args.unattended.api, "register")?;
    let netuid = cli::given_netuid(args.netuid)?;
    let goal = |wallet: &Wallet| {
        Ok(Goal::Register {
            netuid,
            hotkey: wallet.hotkey_public()?,
            coldkey: wallet.coldkey_public()?,
        })
    };
    sending::run(&args.send, &args.unattended, api, goal, environment, live)
}
