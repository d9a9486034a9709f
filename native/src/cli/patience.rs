//! The flags that say what to wait for, and which search is not worth its power.

use core::time::Duration;

use btpow_core::Difficulty;
use btpow_registration::session::Patience;
use clap::Args;

use super::value;

/// The flags that say what to wait for, and which search is not worth its power.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct PatienceArgs {
    /// Wait until the subnet exists and takes proofs of work
    ///
    /// Nothing is hashed meanwhile. A subnet that closes again is waited for, too. What would still be in the way when
    /// it opens ends the command at once, as without the flag; so does a full subnet on which no key gives way.
    #[arg(long)]
    pub wait_open: bool,

    /// Pause while the difficulty is above this: 10M, 1e7 or 10000000
    #[arg(
        long,
        value_name = "D",
        allow_negative_numbers = true,
        hide_short_help = true,
        value_parser = value::difficulty
    )]
    pub max_difficulty: Option<Difficulty>,

    /// Pause while a proof would take longer than this, on average: 90s, 2m, 1h
    ///
    /// The devices work for some seconds before their rate counts. It is measured again when a device joins, and
    /// every ten minutes of a pause. A search that pauses goes on at 95 % of the time, so that no small change of the rate
    /// starts and stops it.
    #[arg(
        long,
        value_name = "TIME",
        allow_hyphen_values = true,
        hide_short_help = true,
        value_parser = value::time
    )]
    pub max_expected: Option<Duration>,
}

impl From<PatienceArgs> for Patience {
    fn from(args: PatienceArgs) -> Self {
        Self {
            wait_open: args.wait_open,
            max_difficulty: args.max_difficulty,
            max_expected: args.max_expected,
        }
    }
}
