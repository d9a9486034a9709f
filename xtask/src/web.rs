//! `cargo xtask web`: the registration page of `web/page`, its tests, and a way to try it.
//!
//! The page is static files around the npm package, which is built first. Everything that runs in Node, such as the test
//! chain and a host for the files, is in `web/page/test`.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::devnet;
use crate::node;
use crate::npm;
use crate::outcome::Outcome;
use crate::shell::Program;
use crate::workspace::Workspace;

/// The page, and its tests' package.
const PAGE: &str = "web/page";
const TEST: &str = "web/page/test";

/// Builds the page into `web/page/dist`.
///
/// # Errors
///
/// When something does not compile, or a package cannot be fetched.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    npm::build(workspace)?;
    npm::install(workspace, PAGE)?;
    workspace
        .program("npm", "run build --silent --prefix")
        .arg(PAGE)
        .run()
}

/// Builds the page, starts a test chain with these options, and serves both until Ctrl-C.
///
/// # Errors
///
/// When it cannot be built or started.
pub(crate) fn serve(workspace: &Workspace, options: &[&str]) -> Result<ExitCode> {
    if options
        .iter()
        .any(|option| ["--help", "-h"].contains(option))
    {
        return devnet::run(workspace, options);
    }
    build(workspace)?;
    npm::install(workspace, TEST)?;
    let serve = workspace.program("node", "web/page/test/serve.mjs");
    options
        .iter()
        .fold(with_devnet(workspace, serve)?, |serve, option| {
            serve.arg(option)
        })
        .become_process()
}

/// A step: types, build, unit tests, and checks of the built files.
pub(crate) fn page(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    build(workspace)?;
    npm::install(workspace, TEST)?;
    let unit = workspace
        .program("npm", "test --silent --prefix")
        .arg(PAGE)
        .env("BTPOW_LIES", npm::lies(workspace)?);
    node::run(workspace, unit, outcome).context("the unit tests")?;
    let built = node::tests(workspace, &[&format!("{TEST}/built")])?;
    node::run(workspace, with_devnet(workspace, built)?, outcome)
}

/// A step: the page in Chromium, Firefox and WebKitGTK with a wallet, against test chains.
pub(crate) fn browser(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    build(workspace)?;
    npm::install(workspace, TEST)?;
    // Built once here, so that the first test does not wait for it.
    workspace
        .program("node", "web/page/test/extension/build.mjs")
        .run()?;
    let tests = node::tests(workspace, &[&format!("{TEST}/browser")])?
        .env("BTPOW_FORGE", workspace.example_of_ours("forge")?)
        .env(
            "BTPOW_SCREENSHOTS",
            workspace.target_for("page-screenshots"),
        );
    node::run(workspace, with_devnet(workspace, tests)?, outcome)
}

/// Node, with the path of the test chain's program.
fn with_devnet(workspace: &Workspace, node: Program) -> Result<Program> {
    Ok(node.env("BTPOW_DEVNET", devnet::binary(workspace)?))
}
