//! Rust's targets, and the steps that only compile, for targets and in modes in which no test runs.

use anyhow::{Context, Result};

use crate::outcome::Outcome;
use crate::shell::Program;
use crate::tools::NIGHTLY;
use crate::workspace::Workspace;

pub(crate) const WASM: &str = "wasm32-unknown-unknown";
pub(crate) const AARCH64: &str = "aarch64-unknown-linux-musl";
pub(crate) const AARCH64_GNU: &str = "aarch64-unknown-linux-gnu";
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// This machine's.
///
/// # Errors
///
/// When the compiler does not say.
pub(crate) fn host(workspace: &Workspace) -> Result<String> {
    let version = workspace.program("rustc", "-vV").output()?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("`rustc -vV` does not say the host")?;
    Ok(host.to_owned())
}

pub(crate) fn no_std(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_target("wasm32v1-none")?;
    workspace
        .cargo("build -p btpow-core --target wasm32v1-none --locked")
        .run()
}

pub(crate) fn simd128(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_target(WASM)?;
    with_simd128(workspace.cargo(&format!(
        "build -p btpow-core --release --locked --target {WASM}"
    )))
    .run()
}

pub(crate) fn with_simd128(program: Program) -> Program {
    program.env("RUSTFLAGS", "-C target-feature=+simd128")
}

/// Compiling with instrumentation, as `cargo xtask fuzz` does, takes minutes; this takes seconds.
pub(crate) fn fuzz_build(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_nightly(&[])?;
    workspace
        .cargo(&format!(
            "+{NIGHTLY} check --locked --manifest-path tests/fuzz/Cargo.toml"
        ))
        .env("CARGO_TARGET_DIR", workspace.target_for("fuzz-check"))
        .env("RUSTFLAGS", "--cfg fuzzing")
        .run()
}
