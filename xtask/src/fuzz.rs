//! `cargo xtask fuzz`: runs each target of `tests/fuzz`, one after the other.

use anyhow::{Result, ensure};

use crate::tools::{CargoTool, NIGHTLY};
use crate::workspace::Workspace;

/// For each target, in seconds.
pub(crate) const DEFAULT_SECONDS: u64 = 600;

const CARGO_FUZZ: CargoTool = CargoTool {
    name: "cargo-fuzz",
    version: "0.13.1",
};

/// Fuzzes each target for `seconds`. Findings stay in `tests/fuzz/artifacts`.
///
/// # Errors
///
/// When cargo-fuzz cannot be installed, a target does not compile, or one finds something.
pub(crate) fn run(workspace: &Workspace, seconds: u64) -> Result<()> {
    workspace.ensure_nightly(&[])?;
    workspace.ensure_program("c++", "g++")?;
    let fuzz = workspace
        .ensure_cargo_tool(&CARGO_FUZZ)?
        .join(CARGO_FUZZ.name);
    // The program directly, since the tool's folder is not in the path; hence also the toolchain
    // by variable instead of `cargo +nightly`.
    let fuzz = |arguments: &str| {
        workspace
            .program(&fuzz, &format!("fuzz {arguments}"))
            .env("RUSTUP_TOOLCHAIN", NIGHTLY)
            .env("CARGO_TARGET_DIR", workspace.target_for("fuzz"))
    };
    let targets = fuzz("list --fuzz-dir tests/fuzz").output()?;
    ensure!(!targets.trim().is_empty(), "tests/fuzz has no target");
    for target in targets.split_whitespace() {
        fuzz(&format!(
            "run --fuzz-dir tests/fuzz {target} -- -max_total_time={seconds}"
        ))
        .run()?;
        println!("{target}: {seconds} s without a finding");
    }
    Ok(())
}
