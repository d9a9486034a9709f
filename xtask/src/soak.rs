//! `cargo xtask soak`: hours of a chain's life, with everything that goes wrong meanwhile.

use anyhow::Result;

use crate::workspace::Workspace;

/// Hours of a public chain, in blocks.
pub(crate) const DEFAULT_HOURS: u64 = 24;

/// Runs a search for so many hours' blocks, which come 48 times as fast as on a public chain, and looks at what it holds.
///
/// # Errors
///
/// When the search holds more in the end than after a minute, or does not survive.
pub(crate) fn run(workspace: &Workspace, hours: u64) -> Result<()> {
    let test = "test --package btpow --release --locked --test weeks";
    workspace
        .cargo(&format!("{test} -- --ignored --nocapture"))
        .env("BTPOW_SOAK_HOURS", hours.to_string())
        .run()
}
