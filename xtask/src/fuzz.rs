//! `cargo xtask fuzz`: runs each target of `tests/fuzz`, one after the other.

use std::fs;

use anyhow::{Result, ensure};

use crate::tools::{CargoTool, NIGHTLY};
use crate::workspace::Workspace;

/// The time for each target, in seconds.
pub(crate) const DEFAULT_SECONDS: u64 = 600;

const CARGO_FUZZ: CargoTool = CargoTool {
    name: "cargo-fuzz",
    version: "0.13.1",
    flags: "",
};

/// Fuzzes a target, or each of them, for `seconds`. It starts with `tests/fuzz/seeds`, keeps what it learns in
/// `tests/fuzz/corpus` and its findings in `tests/fuzz/artifacts`.
///
/// # Errors
///
/// When cargo-fuzz cannot be installed, there is no such target, one does not compile, or one finds something.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>, seconds: u64) -> Result<()> {
    workspace.ensure_nightly(&[])?;
    let fuzz = workspace
        .ensure_cargo_tool(&CARGO_FUZZ)?
        .join(CARGO_FUZZ.name);
    // Runs the program directly, since the tool's folder is not in the path; hence a variable sets the toolchain
    // instead of `cargo +nightly`.
    let fuzz = |arguments: &str| {
        workspace
            .program(&fuzz, &format!("fuzz {arguments}"))
            .env("RUSTUP_TOOLCHAIN", NIGHTLY)
            .env("CARGO_TARGET_DIR", workspace.target_for("fuzz"))
    };
    let targets = fuzz("list --fuzz-dir tests/fuzz").output()?;
    ensure!(!targets.trim().is_empty(), "tests/fuzz has no target");
    let targets = targets.split_whitespace();
    let chosen: Vec<_> = targets
        .clone()
        .filter(|target| only.is_none_or(|only| only == *target))
        .collect();
    ensure!(
        !chosen.is_empty(),
        "there is no such target; choose {}",
        targets.collect::<Vec<_>>().join(", ")
    );
    for target in chosen {
        let corpus = format!("tests/fuzz/corpus/{target}");
        fs::create_dir_all(workspace.at(&corpus))?;
        let mut run = fuzz(&format!("run --fuzz-dir tests/fuzz {target} {corpus}"));
        let seeds = format!("tests/fuzz/seeds/{target}");
        if workspace.at(&seeds).is_dir() {
            run = run.arg(seeds);
        }
        run.args(&format!("-- -max_total_time={seconds}")).run()?;
        println!("{target}: {seconds} s without a finding");
    }
    Ok(())
}
