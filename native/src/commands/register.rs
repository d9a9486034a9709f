//! `btpow register`: mines, signs and registers a hotkey.

use btpow_registration::Goal;

use super::sending;
use crate::{
    cli::{self, PasswordArgs, RegisterArgs, SendArgs, Usage},
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
    let (netuid, send) = one_goal(args)?;
    let goal = |wallet: &Wallet| {
        Ok(Goal::Register {
            netuid,
            hotkey: wallet.hotkey_public()?,
            coldkey: wallet.coldkey_public()?,
        })
    };
    sending::run(&send, &args.unattended, goal, environment, live)
}

/// What to register and how: a goal of the settings file, or what the flags say.
fn one_goal(args: &RegisterArgs) -> Result<(u16, SendArgs), Usage> {
    let mut send = args.send.clone();
    match args.goals.as_slice() {
        [] => Ok((cli::given_netuid(args.netuid)?, send)),
        [goal] => {
            let goal = goal.clone();
            let wallet = &mut send.wallet;
            if goal.wallet_name.as_ref().is_some_and(|it| it.contains('/')) {
                // It names the hotkey, too.
                wallet.wallet_hotkey = None;
            }
            wallet.wallet_name = goal.wallet_name.or(wallet.wallet_name.take());
            wallet.wallet_hotkey = goal.wallet_hotkey.or(wallet.wallet_hotkey.take());
            wallet.wallet_path = goal.wallet_path.or(wallet.wallet_path.take());
            if goal.password_file.is_some() {
                send.password = PasswordArgs::of_file(goal.password_file);
            }
            Ok((goal.netuid, send))
        }
        goals => {
            let problem = format_args!("the settings file has {} goals", goals.len());
            let remedy = "name one by --netuid, --wallet-name and --wallet-hotkey, or keep one";
            Err(Usage::new("[[goal]]", problem, remedy))
        }
    }
}
