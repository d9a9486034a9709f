//! A challenge from the newest block of a chain.

use btpow_core::{Difficulty, Position, Protocol};
use btpow_registration::{Denial, Goal, Obstacle, Standing};

use crate::{
    cli::{self, SolveArgs},
    commands::common::waiting,
    environment::Environment,
    exit::Failure,
    output,
    registration::words,
    task::Task,
};

/// The challenge of the newest block, and its difficulty unless the user gives another.
pub(super) fn newest(
    args: &SolveArgs,
    environment: &Environment,
) -> Result<(Task, Difficulty), Failure> {
    let flags = &args.challenge;
    let network = args.chain.network(environment)?;
    let netuid = cli::given_netuid(flags.netuid)?;
    let hotkey = cli::given_key("--hotkey", flags.hotkey)?;
    let overridden = flags.protocol.is_some() || flags.order.is_some();
    let protocol = cli::protocol(flags.protocol, flags.order, None);
    let deadline = waiting::deadline(args.timeout);
    waiting::block_on(waiting::until(deadline, async {
        let start = waiting::start(&network).await?;
        // Nothing is sent here, so any kind of seal is allowed, and nothing can be burnt.
        let protocol = if overridden {
            protocol?
        } else {
            start.runtime.registration().map_err(Denial::from)?
        };
        let coldkey = match protocol {
            Protocol::V1 => Some(cli::given_key("--coldkey", flags.coldkey)?),
            Protocol::Legacy(_) => None,
        };
        let goal = Goal::Register {
            netuid,
            hotkey,
            coldkey: coldkey.unwrap_or(hotkey),
        };
        let state = start.state(&goal.subject(protocol)).await?;
        let of_owner = Goal::Register {
            netuid,
            hotkey,
            // A legacy seal names no coldkey: the right one is the hotkey's owner.
            coldkey: coldkey.or(state.hotkey.owner).unwrap_or(hotkey),
        };
        match of_owner.standing(protocol, &state) {
            Standing::Open => {}
            Standing::Registered { uid } => output::say(&format!(
                "warning: the hotkey is already registered on subnet {netuid}, as UID {uid}; this proof registers nothing"
            )),
            // Without a subnet there is no difficulty.
            Standing::Denied(obstacle @ Obstacle::NoSubnet { .. }) => {
                return Err(Denial::from(obstacle).into());
            }
            Standing::Denied(obstacle) => output::say(&format!(
                "warning: this proof registers nothing: {}",
                words::denial(&obstacle.into())
            )),
        }
        let difficulty = args.difficulty.unwrap_or_else(|| goal.difficulty(&state));
        let search = goal.search(protocol, start.head, difficulty, Position(0));
        let task = Task {
            challenge: search.challenge,
            netuid: coldkey.map(|_| netuid),
            block_number: u32::try_from(start.head.number).ok(),
            hotkey,
            coldkey,
        };
        Ok((task, difficulty))
    }))
}
