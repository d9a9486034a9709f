//! `btpow register`: mines, signs and registers hotkeys.

use btpow_registration::Goal;

use super::{
    common::keys,
    sending::{self, Target},
};
use crate::{
    api::Api,
    cli::{self, RegisterArgs, Usage},
    environment::Environment,
    exit::{Exit, Failure},
};

/// The whole path, from the newest block to a UID, for each hotkey on each subnet.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &RegisterArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    let api = Api::bind(&args.unattended.api, "register")?;
    cli::given_netuid(args.netuid.first().copied())?;
    let targets = || {
        let wallets = keys::wallets(&args.send.wallet, &environment.bittensor)?;
        let mut targets: Vec<Target> = Vec::new();
        for &netuid in &args.netuid {
            for wallet in &wallets {
                let goal = Goal::Register {
                    netuid,
                    hotkey: wallet.hotkey_public()?,
                    coldkey: wallet.coldkey_public()?,
                };
                if let Some(same) = targets.iter().find(|it| it.is(goal)) {
                    let problem = format!("the goal {} is given twice", same.name());
                    let remedy = "name each subnet and each hotkey once";
                    return Err(Usage::new("--netuid", problem, remedy).into());
                }
                let password = args.send.password.option();
                targets.push(Target::new(goal, wallet.clone(), password));
            }
        }
        Ok(targets)
    };
    sending::run(
        &args.send,
        &args.unattended,
        api,
        targets,
        environment,
        live,
    )
}
