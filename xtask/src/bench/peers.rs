//! The solvers that people use today, each in its own virtual environment, driven by a small program in `xtask/peers`.

use anyhow::{Context, Result, ensure};

use super::{Bench, devices};
use crate::shell::Program;
use crate::tools::Venv;

/// Another solver.
pub(crate) struct Peer {
    /// The name in the record's table.
    pub(crate) name: &'static str,
    /// The message that it hashes.
    pub(crate) protocol: &'static str,
    /// The program that drives it.
    pub(crate) program: &'static str,
    pub(crate) venv: Venv,
}

/// All of them, at the measured versions.
pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "bittensor-core 0.1.5 pow_mine_cpu",
        protocol: "v1",
        program: "xtask/peers/mine_bittensor_core.py",
        venv: Venv {
            name: "bittensor-core",
            requirements: &["bittensor-core==0.1.5"],
        },
    },
    Peer {
        name: "bittensor 9.12.2 Python worker",
        protocol: "legacy",
        program: "xtask/peers/mine_bittensor_sdk.py",
        venv: PYTHON_SDK,
    },
];

/// The last series of the Python SDK that solved proofs itself.
pub(crate) const PYTHON_SDK: Venv = Venv {
    name: "bittensor",
    // It does not bound this dependency from above, and the next major version of that broke it.
    requirements: &["bittensor==9.12.2", "async-substrate-interface<2"],
};

/// Runs a peer's program once. Returns hashes per second, after the peer has found the known answers.
///
/// # Errors
///
/// When it fails or checked no answer.
pub(super) fn hash_rate(bench: &Bench<'_>, program: Program) -> Result<f64> {
    let home = bench.workspace.cache.join("peers-home");
    std::fs::create_dir_all(&home)?;
    let json = program
        .arg(bench.workspace.at("tests/vectors/first_solution.json"))
        .arg(bench.effort.seconds().to_string())
        // The SDK makes folders in the home folder on import, so it gets another one.
        .env("HOME", &home)
        // No compiled files beside the programs, since they would be untracked files in the clone.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()?;
    let checked = devices::number(&json, "answers_checked")?.unwrap_or(0.0);
    ensure!(checked > 0.0, "it checked no known answer: {json}");
    let seconds = |field| Ok::<_, anyhow::Error>(devices::number(&json, field)?.unwrap_or(0.0));
    let share = seconds("cpu_s")? / seconds("wall_s")?;
    if share < 0.97 {
        println!(
            "  the next peer had {:.0} % of a CPU: the machine is busy",
            share * 100.0
        );
    }
    devices::hash_rate(&json).context("the peer's program")
}
