//! `btpow register`: mines, signs and registers hotkeys.

use btpow_registration::Goal;

use super::{
    common::keys,
    sending::{self, Target},
};
use crate::{
    api::Api,
    cli::{self, PasswordArgs, RegisterArgs, Usage, WalletArgs},
    config::FileGoal,
    environment::Environment,
    exit::{Exit, Failure},
    wallet::Wallet,
};

/// The whole path, from the newest block to a UID, for each hotkey on each subnet.
///
/// # Errors
///
/// [`Failure`] of any kind.
pub fn run(args: &RegisterArgs, environment: &Environment, live: bool) -> Result<Exit, Failure> {
    if args.goals.is_empty() {
        cli::given_netuid(args.netuid.first().copied())?;
    }
    let api = Api::bind(&args.unattended.api, "register", args.send.dry_run)?;
    let targets = || targets(args, environment);
    sending::run(
        &args.send,
        &args.unattended,
        &args.lead,
        api,
        targets,
        environment,
        live,
    )
}

/// The goals of the settings file, or each hotkey of the flags on each of their subnets.
fn targets(args: &RegisterArgs, environment: &Environment) -> Result<Vec<Target>, Failure> {
    let variables = &environment.bittensor;
    let mut targets: Vec<Target> = Vec::new();
    let mut add = |netuid, wallet: Wallet, password| {
        let goal = Goal::Register {
            netuid,
            hotkey: wallet.hotkey_public()?,
            coldkey: wallet.coldkey_public()?,
        };
        if let Some(same) = targets.iter().find(|it| it.is_like(goal)) {
            // Under another coldkey, too: only one of them could own it.
            let name = same.name();
            let problem = format!("{name} is given twice: the same hotkey on the same subnet");
            let remedy = "name each hotkey once for each subnet";
            return Err(Failure::from(Usage::new("--netuid", problem, remedy)));
        }
        targets.push(Target::new(goal, wallet, password));
        Ok(())
    };
    for goal in &args.goals {
        let (wallet, password) = of_goal(goal, args);
        add(goal.netuid, keys::wallet(&wallet, variables)?, password)?;
    }
    if args.goals.is_empty() {
        let wallets = keys::wallets(&args.send.wallet, variables)?;
        for &netuid in &args.netuid {
            for wallet in &wallets {
                add(netuid, wallet.clone(), args.send.password.clone())?;
            }
        }
    }
    Ok(targets)
}

/// The wallet of a goal, and its password: what the goal does not say, the flags do.
fn of_goal(goal: &FileGoal, args: &RegisterArgs) -> (WalletArgs, PasswordArgs) {
    let flags = args.send.wallet.clone();
    let goal = goal.clone();
    // Such a name says the hotkey, too.
    let is_whole = goal.wallet_name.as_ref().is_some_and(|it| it.contains('/'));
    let wallet_hotkey = match goal.wallet_hotkey {
        Some(hotkey) => vec![hotkey],
        None if is_whole => Vec::new(),
        None => flags.wallet_hotkey,
    };
    let wallet = WalletArgs {
        wallet_name: goal.wallet_name.or(flags.wallet_name),
        wallet_hotkey,
        wallet_path: goal.wallet_path.or(flags.wallet_path),
    };
    let password = if goal.password_file.is_some() {
        PasswordArgs::of_file(goal.password_file)
    } else {
        args.send.password.clone()
    };
    (wallet, password)
}
