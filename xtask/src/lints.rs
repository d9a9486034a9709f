//! The steps that only read the code: format, lints, documentation.

use anyhow::Result;

use crate::npm;
use crate::outcome::Outcome;
use crate::shell::Program;
use crate::targets::{AARCH64, WASM, with_simd128};
use crate::wgpu;
use crate::workspace::Workspace;

/// Warnings are errors in these steps only: through `RUSTFLAGS`, that would spoil every build's cache.
const DENY: &str = "--locked -- -D warnings";

pub(crate) fn fmt(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_component("rustfmt")?;
    workspace.cargo("fmt --all --check").run()?;
    // Outside the workspace, since it needs nightly.
    workspace
        .cargo("fmt --check --manifest-path tests/fuzz/Cargo.toml")
        .run()?;
    // A workspace of its own as well.
    workspace
        .cargo("fmt --all --check --manifest-path tests/devnet/Cargo.toml")
        .run()
}

pub(crate) fn clippy(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_component("clippy")?;
    workspace
        .cargo(&format!("clippy --workspace --all-targets {DENY}"))
        .run()
}

pub(crate) fn clippy_wasm(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    clippy_for(workspace, WASM)?.run()?;
    npm::clippy(workspace)?;
    wgpu::clippy(workspace)
}

pub(crate) fn clippy_simd128(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    with_simd128(clippy_for(workspace, WASM)?).run()
}

pub(crate) fn clippy_aarch64(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    clippy_for(workspace, AARCH64)?.run()
}

fn clippy_for(workspace: &Workspace, target: &str) -> Result<Program> {
    workspace.ensure_component("clippy")?;
    workspace.ensure_target(target)?;
    Ok(workspace.cargo(&format!(
        "clippy -p btpow-core --lib --target {target} {DENY}"
    )))
}

pub(crate) fn docs(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace
        .cargo("doc --workspace --no-deps --document-private-items --locked")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}
