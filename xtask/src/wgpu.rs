//! The tests of the wgpu device without a card: natively on a software Vulkan driver, and in a browser on the browser's
//! software adapter.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::node;
use crate::outcome::Outcome;
use crate::shell::Program;
use crate::system;
use crate::workspace::Workspace;

/// The target for browsers.
const TARGET: &str = "wasm32-unknown-unknown";

/// The environment of tests that hash through wgpu. On Linux a test without a driver fails; elsewhere it says that it is
/// skipped.
pub(crate) fn with_driver(program: Program) -> Program {
    if !cfg!(target_os = "linux") {
        return program;
    }
    program
        .env("BTPOW_TEST_WGPU", "required")
        // A Mesa layer that chooses among cards for desktops, and complains without a desktop.
        .env("NODEVICE_SELECT", "1")
}

/// A step: `tests/web`, compiled to wasm, in headless Chromium.
pub(crate) fn browser(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    workspace.ensure_target(TARGET)?;
    let modules = node_modules(workspace)?;
    workspace
        .cargo(&format!(
            "build -p btpow-web-tests --locked --target {TARGET}"
        ))
        .run()?;
    let folder = workspace.target_for("web-tests");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let wasm = format!("{TARGET}/debug/btpow_web_tests.wasm");
    workspace
        .program(workspace.program_of_ours("btpow-bindgen")?, "")
        .arg(workspace.target.join(wasm))
        .arg(&folder)
        .arg("btpow_web_tests")
        .run()?;
    let tests = node::tests(workspace, &["tests/web"])?
        .env("BTPOW_WEB_TESTS", &folder)
        .env("BTPOW_NODE_MODULES", &modules)
        .env("BTPOW_CHROMIUM", system::CHROMIUM.find()?);
    node::run(workspace, tests, outcome)
}

/// The packages of `tests/web`, installed outside the clone.
fn node_modules(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.cache.join("npm-web-tests");
    // Written last, so that an interrupted run is done again.
    let marker = folder.join("installed.json");
    let lock = workspace.at("tests/web/package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    if fs::read(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(folder.join("node_modules"));
    }
    fs::create_dir_all(&folder)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(workspace.at("tests/web").join(file), folder.join(file))?;
    }
    // No package needs its scripts here, so none runs.
    workspace
        .program(
            "npm",
            "ci --ignore-scripts --no-audit --no-fund --loglevel=error --prefix",
        )
        .arg(&folder)
        .run()?;
    if !folder.join("node_modules/playwright-core").exists() {
        bail!("npm did not install playwright-core");
    }
    fs::write(&marker, wanted).with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(folder.join("node_modules"))
}

/// Lints the wgpu device and its tests for the browser.
///
/// # Errors
///
/// When there is a lint.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    workspace
        .cargo(&format!(
            "clippy -p btpow-wgpu -p btpow-web-tests --lib --target {TARGET} --locked -- -D warnings"
        ))
        .run()
}
