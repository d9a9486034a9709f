//! The flags of the commands that search for a nonce, check one, and seal one.

use core::time::Duration;

use btpow_core::{Difficulty, Seal};
use clap::Args;

use super::{ApiArgs, ChainArgs, ChallengeArgs, LimitArgs, RigArgs, ShardArgs, ShowArgs, value};

/// The flags of `solve`.
#[derive(Args, Debug)]
#[command(
    about = "Search for a nonce that wins",
    after_help = "\
Examples:
  btpow solve --sample
  btpow solve --netuid 1 --block-hash 0x… --hotkey 5F… --coldkey 5G… --difficulty 10M"
)]
pub struct SolveArgs {
    /// What the block asks.
    #[command(flatten)]
    pub challenge: ChallengeArgs,

    /// Expected seals per win: 10M, 1e7 or 10000000
    #[arg(long, value_name = "D", allow_negative_numbers = true, value_parser = value::difficulty)]
    pub difficulty: Option<Difficulty>,

    /// Which chain to take the challenge from, if none is given.
    #[command(flatten)]
    pub chain: ChainArgs,

    /// Solve a built-in challenge: about 10 s on 2 cores
    ///
    /// It belongs to no chain, and its solution registers nothing. The search starts at a random nonce,
    /// so its time varies as in real mining.
    #[arg(long)]
    pub sample: bool,

    /// Begin at this nonce instead of a random one
    ///
    /// From there the search follows the order of positions, which is not the order of the numbers: v1
    /// counts nonce bytes 5 to 7 big-endian, then bytes 0 to 4; legacy counts bytes 0 to 3 big-endian, then
    /// bytes 4 to 7. After the last position comes the first.
    #[arg(
        long,
        value_name = "NONCE",
        allow_negative_numbers = true,
        hide_short_help = true,
        conflicts_with = "shard",
        value_parser = value::nonce
    )]
    pub start: Option<u64>,

    /// Which nonces are this rig's.
    #[command(flatten)]
    pub shard: ShardArgs,

    /// Which devices work, and how.
    #[command(flatten)]
    pub rig: RigArgs,

    /// When they rest.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// Give up after this time: 90s, 2m, 500ms
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = value::time)]
    pub timeout: Option<Duration>,

    /// How to show the search.
    #[command(flatten)]
    pub show: ShowArgs,

    /// Who may ask how it goes.
    #[command(flatten)]
    pub api: ApiArgs,

    /// Print one JSON object on standard output
    ///
    /// When the search ends without a solution (by --timeout or a signal), nonce, seal and device are
    /// null. An error prints no object. Numbers that may exceed 2^53 are decimal strings; times are in
    /// seconds, rates in hashes per second.
    #[arg(long)]
    pub json: bool,
}

/// The flags of `verify`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  btpow verify --netuid 1 --block-hash 0x… --hotkey 5F… --coldkey 5G… --difficulty 10M --nonce 42")]
pub struct VerifyArgs {
    /// What the block asks.
    #[command(flatten)]
    pub challenge: ChallengeArgs,

    /// Expected seals per win: 10M, 1e7 or 10000000
    #[arg(long, value_name = "D", allow_negative_numbers = true, value_parser = value::difficulty)]
    pub difficulty: Option<Difficulty>,

    /// Nonce to check, decimal or 0x-hex
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::nonce)]
    pub nonce: Option<u64>,

    /// Seal that the nonce should have
    #[arg(long, value_name = "0xSEAL", value_parser = value::seal)]
    pub seal: Option<Seal>,

    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}

/// The flags of `seal`.
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  btpow seal --netuid 1 --block-hash 0x… --hotkey 5F… --coldkey 5G… --nonce 42")]
pub struct SealArgs {
    /// What the block asks.
    #[command(flatten)]
    pub challenge: ChallengeArgs,

    /// Nonce to hash, decimal or 0x-hex
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::nonce)]
    pub nonce: Option<u64>,

    /// Print one JSON object on standard output
    #[arg(long)]
    pub json: bool,
}
