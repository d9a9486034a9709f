//! The Python module as a wheel: built for the tests and for a release, and tried in environments with nothing else.
//!
//! Linux's wheels are linked against an old glibc, by Zig's linker: pip knows such a wheel as `manylinux_2_17`, and installs it on
//! every system since CentOS 7.

use std::env::consts::ARCH;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::outcome::Outcome;
use crate::shell::Program;
use crate::targets;
use crate::tools::{PYTHON, Venv, python_in};
use crate::workspace::Workspace;

/// What builds wheels, and what tells on which systems they run.
pub(crate) const TOOLS: Venv = Venv {
    name: "wheel",
    requirements: &["maturin==1.16.0", "ziglang==0.15.2", "auditwheel==6.8.2"],
};

/// The crate.
pub(crate) const CRATE: &str = "native/python";

/// On which systems Linux's wheels run: those with the oldest glibc that Rust's own library takes, or with a musl that is maintained.
const GNU: &str = "manylinux_2_17";
const MUSL: &str = "musllinux_1_2";

/// The oldest Python that the module supports is 3.10.
const OLDEST: u32 = 10;

/// `cargo xtask wheel [TARGET]`: the wheel of a release for one of Rust's targets, by default for this machine, where it is tried.
/// It is then in `wheel/offered`, in the target folder.
///
/// # Errors
///
/// When it does not compile, would not run where it must, or does not do what the documents say.
pub(crate) fn run(workspace: &Workspace, target: Option<&str>) -> Result<()> {
    let host = targets::host(workspace)?;
    let target = target.unwrap_or(&host);
    workspace.ensure_target(target)?;
    let tools = workspace.ensure_venv(&TOOLS)?;
    // Another linker would spoil the common folder.
    let compiled = workspace.target_for("wheel");
    let folder = compiled.join("offered");
    let mut build = maturin(workspace, &tools, &folder)?
        .args("--release --target")
        .arg(target)
        .env("CARGO_TARGET_DIR", &compiled);
    let is_musl = target.ends_with("musl");
    let is_gnu = target.contains("linux") && !is_musl;
    if is_gnu || is_musl {
        let system = if is_musl { MUSL } else { GNU };
        build = build.args("--zig --compatibility").arg(system);
    }
    let wheel = built(build, &folder)?;
    // auditwheel understands musl's only on a system with musl; maturin has judged both.
    if is_gnu {
        let architecture = target.split('-').next().unwrap_or_default();
        audit(workspace, &tools, &wheel, architecture)?;
    }
    if target == host {
        let mut outcome = Outcome::default();
        try_everywhere(workspace, &wheel, &mut outcome)?;
        ensure!(outcome.passed > 0, "there is no Python to try it with");
    }
    println!("the wheel is {}", wheel.display());
    Ok(())
}

/// The wheel for the tests, alone in a folder. It is not optimised, except for what hashes, and takes what is compiled for it from
/// the common target folder: on Linux only the last step, linking, is Zig's.
///
/// # Errors
///
/// When it does not compile, or would not run where a release's must.
pub(crate) fn for_tests(workspace: &Workspace) -> Result<PathBuf> {
    let tools = workspace.ensure_venv(&TOOLS)?;
    let folder = workspace.target_for("python");
    let build = maturin(workspace, &tools, &folder)?;
    if !cfg!(all(target_os = "linux", target_env = "gnu")) {
        return built(build, &folder);
    }
    let linker = linker(workspace, &tools)?;
    let build = build
        .args("--compatibility")
        .arg(GNU)
        .args("-- -C")
        .arg(format!("linker={}", linker.display()));
    let wheel = built(build, &folder)?;
    audit(workspace, &tools, &wheel, ARCH)?;
    Ok(wheel)
}

/// Installs a wheel into an empty environment of each Python of this machine, and runs the Python of the documents there.
///
/// # Errors
///
/// When it cannot be installed, or something of the documents does not work.
pub(crate) fn try_everywhere(
    workspace: &Workspace,
    wheel: &Path,
    outcome: &mut Outcome,
) -> Result<()> {
    let readme = workspace.at(CRATE).join("tests/readme.py");
    for (python, version) in pythons(workspace) {
        let empty = workspace.target_for("pythons").join(version);
        workspace
            .program(&python, "-m venv --clear")
            .arg(&empty)
            .run()?;
        let python = python_in(&empty);
        install(workspace, &python, "--no-index").arg(wheel).run()?;
        workspace.program(python, "").arg(&readme).run()?;
        outcome.pass();
    }
    Ok(())
}

/// `pip install`, with these options.
pub(crate) fn install(workspace: &Workspace, python: &Path, options: &str) -> Program {
    workspace
        .program(python, "-m pip install -q --disable-pip-version-check")
        .args(options)
}

/// maturin, about to make a wheel in a folder, where it will be alone.
fn maturin(workspace: &Workspace, tools: &Path, folder: &Path) -> Result<Program> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(workspace
        .program(tools, "-m maturin build --quiet --strip")
        // Where it finds Zig.
        .env("CARGO_ZIGBUILD_PYTHON_PATH", tools)
        .arg("--manifest-path")
        .arg(workspace.at(CRATE).join("Cargo.toml"))
        .arg("--out")
        .arg(folder))
}

/// Runs it; where the wheel is.
fn built(maturin: Program, folder: &Path) -> Result<PathBuf> {
    maturin.run()?;
    let mut wheels = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<Vec<_>>>()?;
    let wheel = wheels.pop().context("maturin made no wheel")?;
    ensure!(wheels.is_empty(), "maturin made several wheels");
    Ok(wheel)
}

/// A script that links for the old glibc.
fn linker(workspace: &Workspace, tools: &Path) -> Result<PathBuf> {
    let version = GNU.trim_start_matches("manylinux_").replace('_', ".");
    let zig = workspace
        .program(tools, "-m maturin zig cc -- -target")
        .arg(format!("{ARCH}-linux-gnu.{version}"))
        .line();
    workspace.script("wheel/zig-cc", &format!("exec {zig}"))
}

/// Asks another than who made the wheel where it runs.
fn audit(workspace: &Workspace, tools: &Path, wheel: &Path, architecture: &str) -> Result<()> {
    let said = workspace
        .program(tools, "-m auditwheel show --json")
        .arg(wheel)
        .output()?;
    let said: serde_json::Value = serde_json::from_str(&said)?;
    let tag = format!("{GNU}_{architecture}");
    let runs_on = &said["overall_tag"];
    ensure!(*runs_on == tag, "the wheel runs on {runs_on}, not on {tag}");
    Ok(())
}

/// The Pythons of this machine that the module supports, one of each version, and their versions: `3.13`.
fn pythons(workspace: &Workspace) -> Vec<(PathBuf, String)> {
    let names = OLDEST..OLDEST + 20;
    let named = names.map(|minor| PathBuf::from(format!("python3.{minor}")));
    let mut pythons: Vec<(PathBuf, String)> = Vec::new();
    for python in core::iter::once(PathBuf::from(PYTHON))
        .chain(named)
        .chain(of_pyenv())
    {
        let version = workspace
            .program(&python, "-c")
            .arg("import sys; print('%d.%d' % sys.version_info[:2])")
            .ask();
        let Ok(version) = version else { continue };
        let minor = version
            .strip_prefix("3.")
            .and_then(|it| it.parse::<u32>().ok());
        let is_new = pythons.iter().all(|(_, known)| *known != version);
        if is_new && minor.is_some_and(|minor| minor >= OLDEST) {
            pythons.push((python, version));
        }
    }
    pythons
}

/// Those that pyenv has installed: it shows one of them at a time.
fn of_pyenv() -> Vec<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(std::env::home_dir()?.join(".pyenv")));
    let versions = root.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let versions = versions.into_iter().flatten().flatten();
    versions.map(|it| it.path().join("bin/python")).collect()
}
