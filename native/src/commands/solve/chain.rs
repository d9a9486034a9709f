//! A challenge from the newest block of a chain.

use btpow_core::{Difficulty, Position, Protocol};
use btpow_registration::{Denial, Goal, Obstacle, Subject};

use crate::{
    cli::SolveArgs,
    commands::onchain,
    exit::{Failure, Usage},
    input::{self, Task},
};

/// The challenge of the newest block, and its difficulty unless the user says another.
pub(super) fn newest(args: &SolveArgs) -> Result<(Task, Difficulty), Failure> {
    let flags = &args.challenge;
    let given = [
        ("--block-hash", &flags.block_hash),
        ("--block-number", &flags.block_number),
    ];
    if let Some((flag, _)) = given.into_iter().find(|(_, value)| value.is_some()) {
        let problem = "the chain tells its newest block";
        return Err(Usage::new(flag, problem, "drop it, or --network").into());
    }
    let network = onchain::network(&args.chain)?;
    let netuid = onchain::netuid(flags.netuid.as_deref())?;
    let hotkey = input::public_key("--hotkey", flags.hotkey.as_deref())?;
    let difficulty = args.difficulty.as_deref();
    let difficulty = difficulty
        .map(|text| input::difficulty(Some(text)))
        .transpose()?;
    let overridden = flags.protocol.is_some() || flags.order.is_some();
    let protocol = input::protocol(flags.protocol.as_deref(), flags.order.as_deref(), None);
    let deadline = onchain::deadline(args.timeout.as_deref())?;
    onchain::block_on(onchain::until(deadline, async {
        let start = onchain::connect(&network).await?;
        // To solve is not to send: the seal may be any, and nothing is burnt by it.
        let protocol = if overridden {
            protocol?
        } else {
            start.runtime.registration().map_err(Denial::from)?
        };
        let coldkey = match protocol {
            Protocol::V1 => Some(input::public_key("--coldkey", flags.coldkey.as_deref())?),
            Protocol::Legacy(_) => None,
        };
        let goal = Goal::Register {
            netuid,
            hotkey,
            coldkey: coldkey.unwrap_or(hotkey),
        };
        let subject = Subject {
            netuid: Some(netuid),
            ..Subject::default()
        };
        let state = start.state(&subject).await?;
        if !state.subnet.is_some_and(|subnet| subnet.exists) {
            return Err(Denial::from(Obstacle::NoSubnet { netuid }).into());
        }
        let difficulty = difficulty.unwrap_or_else(|| goal.difficulty(&state));
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
