//! What to solve, by the flags or a chain.

use core::time::Duration;

use btpow_core::{Difficulty, Position};

use super::chain;
use crate::{
    cli::{self, ChallengeArgs, SolveArgs, Usage},
    environment::Environment,
    exit::Failure,
    sample,
    task::Task,
};

/// What to do, complete and checked.
pub(super) struct Request {
    pub(super) task: Task,
    pub(super) difficulty: Difficulty,
    pub(super) start: Option<Position>,
    pub(super) timeout: Option<Duration>,
    pub(super) sample: bool,
}

impl Request {
    pub(super) fn read(args: &SolveArgs, environment: &Environment) -> Result<Self, Failure> {
        if let Some(usage) = contradiction(args) {
            return Err(usage.into());
        }
        let (task, difficulty) = if args.sample {
            sample::sample()
        } else if !args.chain.network.is_empty() {
            chain::newest(args, environment)?
        } else {
            if challenge_flag(args).is_none() {
                return Err(Usage::from_message(
                    "there is no challenge to solve; give --netuid, --block-hash, --hotkey, \
                     --coldkey and --difficulty, or --network to take it from a chain, or --sample for \
                     a built-in one",
                )
                .into());
            }
            let task = args.challenge.task()?;
            (task, cli::given_difficulty(args.difficulty)?)
        };
        let protocol = task.challenge.protocol();
        let start = args.start.map(|nonce| Position::of_nonce(nonce, protocol));
        Ok(Self {
            task,
            difficulty,
            start,
            timeout: args.timeout,
            sample: args.sample,
        })
    }
}

/// A search is for one challenge: of the flags, of a chain, or the sample. A flag that speaks of another one.
pub(in crate::commands) fn contradiction(args: &SolveArgs) -> Option<Usage> {
    let is_of_chain = !args.chain.network.is_empty();
    if args.sample {
        let remedy = "drop either of the two";
        return match challenge_flag(args) {
            Some(flag) => Some(Usage::new(
                flag,
                "--sample brings its own challenge",
                remedy,
            )),
            None => is_of_chain.then(|| Usage::new("--network", "--sample is of no chain", remedy)),
        };
    }
    let flags = &args.challenge;
    let given = [
        ("--block-hash", flags.block_hash.is_some()),
        ("--block-number", flags.block_number.is_some()),
    ];
    let mut given = given
        .into_iter()
        .filter(|(_, is_given)| is_of_chain && *is_given);
    let (flag, _) = given.next()?;
    let problem = "the challenge is the chain's newest block";
    Some(Usage::new(flag, problem, "drop it, or --network"))
}

/// The first flag that is part of a challenge.
fn challenge_flag(args: &SolveArgs) -> Option<&'static str> {
    let ChallengeArgs {
        protocol,
        order,
        netuid,
        block_hash,
        hotkey,
        coldkey,
        block_number,
    } = &args.challenge;
    let flags = [
        ("--protocol", protocol.is_some()),
        ("--order", order.is_some()),
        ("--netuid", netuid.is_some()),
        ("--block-hash", block_hash.is_some()),
        ("--hotkey", hotkey.is_some()),
        ("--coldkey", coldkey.is_some()),
        ("--block-number", block_number.is_some()),
        ("--difficulty", args.difficulty.is_some()),
    ];
    let given = flags.into_iter().find(|(_, is_given)| *is_given);
    given.map(|(flag, _)| flag)
}
