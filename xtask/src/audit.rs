//! `cargo xtask audit`: the dependencies' licences, bans, sources and known vulnerabilities, by
//! cargo-deny and `deny.toml`. Compiling cargo-deny takes minutes, so this is no part of `test`.

use anyhow::Result;

use crate::tools::CargoTool;
use crate::workspace::Workspace;

const CARGO_DENY: CargoTool = CargoTool {
    name: "cargo-deny",
    version: "0.20.2",
};

/// Runs all checks; that of vulnerabilities only if the advisory database can be fetched.
///
/// # Errors
///
/// When cargo-deny cannot be installed, or finds something.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let deny = workspace
        .ensure_cargo_tool(&CARGO_DENY)?
        .join(CARGO_DENY.name);
    workspace
        .program(&deny, "--locked check licenses bans sources")
        .run()?;
    if let Err(error) = workspace.program(&deny, "fetch db").run() {
        println!("skipped: advisories: the advisory database could not be fetched ({error:#})");
        return Ok(());
    }
    workspace
        .program(&deny, "--locked check --disable-fetch advisories")
        .run()
}
