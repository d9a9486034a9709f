//! `cargo xtask devnet`: the test chain of `tests/devnet`, for people and for the tests.
//!
//! The chain is a separate program, `btpow-devnet`, so that xtask, which is compiled before anything else, stays small.
//! This module gets what that program needs.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::libtest;
use crate::outcome::Outcome;
use crate::shell::Program;
use crate::tools::Venv;
use crate::workspace::Workspace;

/// The workspace of the pallet and the runtime, and a file that cargo finds only when it starts there.
const MANIFEST: &str = "tests/devnet/Cargo.toml";
const CONFIG: &str = "tests/devnet/.cargo/config.toml";

/// The target of the runtimes.
const RUNTIME_TARGET: &str = "wasm32v1-none";

/// The official client, at the first version that registers by proof of work.
pub(crate) const OFFICIAL: Venv = Venv {
    name: "bittensor-11",
    requirements: &["bittensor==11.3.0"],
};

/// Runs the chain in the foreground until it is stopped.
///
/// # Errors
///
/// It cannot be built or started. The program itself checks its arguments.
pub(crate) fn run(workspace: &Workspace, arguments: &[&str]) -> Result<ExitCode> {
    let program = arguments.iter().fold(
        workspace.program(binary(workspace)?, ""),
        |program, argument| program.arg(argument),
    );
    program.become_process()
}

/// The compiled program. It installs chopsticks with npm.
pub(crate) fn binary(workspace: &Workspace) -> Result<PathBuf> {
    workspace.program_of_ours("btpow-devnet")
}

/// A step: the runtimes and the packages.
pub(crate) fn build(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.program(binary(workspace)?, "--build").run()
}

/// A step: lints of pallet and runtime, tests of the pallet compiled for this machine.
pub(crate) fn pallet(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    workspace.ensure_component("clippy")?;
    // With and without the one call that a feature offers.
    for features in ["", "pow-register"] {
        cargo(workspace, "clippy")
            .args("--package pallet-subtensor-test --all-targets --locked --features")
            .arg(features)
            .args("-- -D warnings")
            .run()?;
    }
    workspace.ensure_target(RUNTIME_TARGET)?;
    cargo(workspace, "clippy")
        .args("--package btpow-test-runtime --release --locked --features pow-register --target")
        .args(RUNTIME_TARGET)
        .args("-- -D warnings")
        .run()?;
    let tests = cargo(workspace, "test")
        .args("--package pallet-subtensor-test --features pow-register --locked --no-fail-fast");
    libtest::run(tests, outcome)
}

/// A step: the official client registers on the chain.
pub(crate) fn official_client(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let python = workspace.ensure_venv(&OFFICIAL)?;
    let chain = Chain::start(workspace, "")?;
    // It caches a chain's metadata by genesis hash and spec version, which an edit of the runtime does not
    // change.
    let home = workspace.target_for("official-client-home");
    if home.exists() {
        fs::remove_dir_all(&home)?;
    }
    fs::create_dir_all(&home)?;
    let answer = workspace
        .program(python, "tests/devnet/peers/official_client.py")
        .arg(&chain.endpoint)
        .env("HOME", &home)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()?;
    let answer: Value = serde_json::from_str(&answer).context("the client's answer")?;
    let checked = answer["checked"].as_array().map_or(0, Vec::len);
    ensure!(checked > 0, "nothing was checked: {answer}");
    println!("bittensor {}: {}", answer["version"], answer["checked"]);
    (0..checked).for_each(|_| outcome.pass());
    Ok(())
}

/// The time of a block when a proof goes through the official client, which takes seconds to start.
const SLOW: &str = "--block-time 6s";

/// A step: fresh wallets of the official client register, one through the line that `btpow mine` prints for that
/// client, two through `btpow register`.
pub(crate) fn fresh_wallets(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    const PASSWORD: &str = "a pass phrase, made for this test";
    let python = workspace.ensure_venv(&OFFICIAL)?;
    let btpow = workspace.program_of_ours("btpow")?;
    let folder = workspace.target_for("fresh-wallets");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let made = workspace
        .program(&python, "tests/devnet/peers/fresh_wallet.py")
        .arg(&folder)
        .arg(PASSWORD)
        .env("HOME", &folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()?;
    let made: Value = serde_json::from_str(&made).context("the client's answer")?;
    let chain = Chain::start(workspace, SLOW)?;
    // This comes first, since btcli does not wait for room in a block.
    let keys = &made["elsewhere"];
    let coldkey = keys["coldkey"].as_str().context("a coldkey")?;
    let mined = workspace
        .program(
            &btpow,
            "mine --netuid 1 --once --json --timeout 120s --hotkey",
        )
        .arg(keys["hotkey"].as_str().context("a hotkey")?)
        .arg("--coldkey")
        .arg(coldkey)
        .arg("--network")
        .arg(&chain.endpoint)
        .output()?;
    let mined: Value = serde_json::from_str(&mined).context("the answer of btpow")?;
    let line = mined["btcli"].as_str().context("a line for btcli")?;
    let line = line.strip_prefix("btcli ").context("btcli first")?;
    // The placeholder that a person fills in.
    let place = format!(" --wallet 'THE WALLET OF {coldkey}'");
    let line = line
        .strip_suffix(&place)
        .context("a place for the wallet")?;
    let btcli = python.with_file_name("btcli");
    let answer = workspace
        .program(&btcli, line)
        .args("--wallet elsewhere --wallet-hotkey miner --yes --json --wallet-path")
        .arg(&folder)
        .env("HOME", &folder)
        .output()?;
    let answer: Value = serde_json::from_str(&answer).context("the answer of btcli")?;
    ensure!(answer["success"] == true, "{line}: {answer}");
    outcome.pass();
    for name in ["encrypted", "open"] {
        let answer = workspace
            .program(&btpow, "register --netuid 1 --yes --json --timeout 120s")
            .args("--wallet-hotkey miner --wallet-name")
            .arg(name)
            .arg("--wallet-path")
            .arg(&folder)
            .arg("--network")
            .arg(&chain.endpoint)
            // Nobody is asked for the password of a wallet that needs none.
            .env("BT_WALLET_PASSWORD", PASSWORD)
            .output()?;
        let answer: Value = serde_json::from_str(&answer).context("the answer of btpow")?;
        ensure!(
            answer["status"] == "registered"
                && answer["hotkey"] == made[name]["hotkey"]
                && answer["coldkey"] == made[name]["coldkey"],
            "{name}: made {made}, and registered {answer}"
        );
        outcome.pass();
    }
    Ok(())
}

/// The chain as a program in the background.
pub(crate) struct Chain {
    child: Child,
    pub(crate) endpoint: String,
}

impl Chain {
    /// Starts it on any free port, at a difficulty that takes a second.
    ///
    /// # Errors
    ///
    /// It cannot be built, or does not start.
    pub(crate) fn start(workspace: &Workspace, options: &str) -> Result<Self> {
        let program = workspace.program(binary(workspace)?, "--port 0 --difficulty 300000");
        let program = program.args(options);
        program.show();
        let mut command = program.into_command();
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().context("stdout was not piped")?;
        let mut chain = Self {
            child,
            endpoint: String::new(),
        };
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            if line.starts_with("ws://") {
                chain.endpoint = line;
                break;
            }
        }
        ensure!(!chain.endpoint.is_empty(), "the chain did not start");
        Ok(chain)
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        // The chain ends as soon as its parent is gone. An error means that it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Cargo in the pallet's workspace. It shares its target folder with the runtimes, since both need the same macros and
/// build scripts.
fn cargo(workspace: &Workspace, command: &str) -> Program {
    workspace
        .cargo(command)
        .args("--manifest-path")
        .arg(workspace.at(MANIFEST))
        .arg("--config")
        .arg(workspace.at(CONFIG))
        .env("CARGO_TARGET_DIR", workspace.cache.join("devnet/target"))
}
