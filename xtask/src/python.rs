//! The steps `python` and `python-clients`: the Python module, built as a wheel, installed and tried as its users do.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bench::peers::PYTHON_SDK;
use crate::devnet::{Chain, OFFICIAL};
use crate::outcome::Outcome;
use crate::shell::Program;
use crate::tools::Venv;
use crate::wheel::{self, CRATE, install};
use crate::workspace::Workspace;

/// What checks the module's types and runs its tests.
pub(crate) const TOOLS: Venv = Venv {
    name: "python",
    requirements: &[
        "ipykernel==7.4.0",
        "mypy==2.4.1",
        "nbclient==0.11.0",
        "pytest==9.2.0",
        "rich==15.0.0",
    ],
};

/// The last release of the Python SDK with tests of the module that this one stands in for. pip cannot read its source, but its wheel
/// has them as well.
const TESTED_SDK: &str = "bittensor==6.7.0";

/// What the official client's own tests need besides.
const ASYNCIO: &str = "pytest-asyncio==1.5.0";

/// A step: the wheel in empty environments, its types, its tests.
pub(crate) fn module(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let tools = workspace.ensure_venv(&TOOLS)?;
    let wheel = wheel::for_tests(workspace)?;
    wheel::try_everywhere(workspace, &wheel, outcome)?;
    let site = emptied(workspace.target_for("python-site"))?;
    install(workspace, &tools, "--no-index --no-deps --target")
        .arg(&site)
        .arg(&wheel)
        .run()?;
    let check = |arguments: &str| workspace.program(&tools, arguments).folder(&site);
    check("-m mypy --strict --package btpow").run()?;
    outcome.pass();
    check("-m mypy.stubtest btpow").run()?;
    outcome.pass();
    let tests = pytest(workspace, &tools, &[&site]).arg("tests");
    run(tests, outcome)
}

/// A step: the official clients with this module, on test chains.
pub(crate) fn clients(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let tools = workspace.ensure_venv(&TOOLS)?;
    let wheel = wheel::for_tests(workspace)?;
    let folder = emptied(workspace.target_for("python-clients"))?;
    // Beside the client's environments, which others use, too.
    let site = folder.join("site");
    let pytest_itself = TOOLS.requirements.iter().find(|it| it.contains("pytest"));
    install(workspace, &tools, "--target")
        .arg(&site)
        .arg(&wheel)
        .arg(pytest_itself.context("pytest is among the tools")?)
        .arg(ASYNCIO)
        .run()?;
    let home = folder.join("home");
    fs::create_dir_all(&home)?;
    for (venv, options, tests) in [
        // A chain whose seals the SDK solves.
        (
            &PYTHON_SDK,
            "--variant legacy-big --block-time 2s",
            "test_sdk_9.py",
        ),
        (&OFFICIAL, "--block-time 6s", "test_sdk_11.py"),
    ] {
        let python = workspace.ensure_venv(venv)?;
        let chain = Chain::start(workspace, options)?;
        let tests = pytest(workspace, &python, &[&site])
            .arg(format!("tests/official/{tests}"))
            .env("BTPOW_TEST_CHAIN", &chain.endpoint)
            .env("HOME", &home);
        run(tests, outcome)?;
    }
    // The clients' own tests, with this module under them.
    let plugins = workspace.at(CRATE).join("tests/official");
    let mut own = |venv, from: PathBuf, tests| {
        let python = workspace.ensure_venv(venv)?;
        let tests = pytest(workspace, &python, &[&site, &plugins])
            .args(tests)
            .env("HOME", &home)
            .folder(&from);
        run(tests, outcome)
    };
    own(
        &PYTHON_SDK,
        from_wheel(workspace, &tools, &folder)?,
        "-p as_sdk_6 tests/unit_tests/utils/test_utils.py",
    )?;
    own(
        &OFFICIAL,
        from_source(workspace, &tools, &folder)?,
        "-p accelerated tests/unit/test_pow_registration.py",
    )
}

/// The source distribution of the official client, which has its tests.
fn from_source(workspace: &Workspace, tools: &Path, folder: &Path) -> Result<PathBuf> {
    let requirement = OFFICIAL.requirements[0];
    download(workspace, tools, folder, "--no-binary", requirement)?;
    let name = requirement.replace("==", "-");
    workspace
        .program(tools, "-m tarfile -e")
        .arg(folder.join(format!("{name}.tar.gz")))
        .arg(folder)
        .run()?;
    Ok(folder.join(name))
}

/// The wheel of the last Python SDK that has tests of the module.
fn from_wheel(workspace: &Workspace, tools: &Path, folder: &Path) -> Result<PathBuf> {
    download(workspace, tools, folder, "--only-binary", TESTED_SDK)?;
    let name = TESTED_SDK.replace("==", "-");
    let unpacked = folder.join(&name);
    workspace
        .program(tools, "-m zipfile -e")
        .arg(folder.join(format!("{name}-py3-none-any.whl")))
        .arg(&unpacked)
        .run()?;
    Ok(unpacked)
}

/// Fetches a release of bittensor into a folder: its source or its wheel.
fn download(
    workspace: &Workspace,
    tools: &Path,
    folder: &Path,
    kind: &str,
    requirement: &str,
) -> Result<()> {
    workspace
        .program(
            tools,
            "-m pip download -q --disable-pip-version-check --no-deps",
        )
        .args(kind)
        .args("bittensor --dest")
        .arg(folder)
        .arg(requirement)
        .run()
}

/// The folder, with nothing in it.
fn emptied(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// pytest in the crate's folder, with modules from these places.
fn pytest(workspace: &Workspace, python: &Path, places: &[&Path]) -> Program {
    let places = std::env::join_paths(places).expect("no place has a separator in its name");
    workspace
        .program(python, "-m pytest -q -rsx -p no:cacheprovider")
        .env("PYTHONPATH", places)
        // No compiled files beside the tests, since they would be untracked files in the clone.
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .folder(&workspace.at(CRATE))
}

/// Runs pytest and counts its tests.
fn run(pytest: Program, outcome: &mut Outcome) -> Result<()> {
    let before = outcome.failed;
    let mut counted = false;
    let status = pytest.stream(|line| counted |= read(outcome, line))?;
    if !(status.success() && counted) && outcome.failed == before {
        outcome.fail("pytest failed before a test did: see its output above");
    }
    Ok(())
}

/// Counts a line of pytest. Returns whether it is its summary: `2 failed, 137 passed, 1 skipped in 8.26s`.
fn read(outcome: &mut Outcome, line: &str) -> bool {
    if let Some(failed) = line.strip_prefix("FAILED ") {
        outcome.notes.push(format!("test {failed}"));
    }
    if let Some(skipped) = line.strip_prefix("SKIPPED ") {
        outcome.notes.push(format!("skipped: test {skipped}"));
    }
    let line = line.trim_matches(['=', ' ']);
    let Some((counts, _)) = line.rsplit_once(" in ") else {
        return false;
    };
    let mut found = false;
    for count in counts.split(", ") {
        let Some((Ok(number), what)) = count
            .split_once(' ')
            .map(|(n, what)| (n.parse::<usize>(), what))
        else {
            return false;
        };
        match what {
            "passed" => outcome.passed += number,
            "failed" | "error" | "errors" => outcome.failed += number,
            "skipped" => outcome.skipped += number,
            _ => continue,
        }
        found = true;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Outcome, read};

    #[test]
    fn the_summary_of_pytest_is_counted() {
        let mut outcome = Outcome::default();
        let lines = "tests/test_a.py ..F.s\n\
             SKIPPED [1] tests/test_a.py:9: there is no fork\n\
             FAILED tests/test_a.py::test_b - assert 1 == 2\n\
             ===== 2 failed, 137 passed, 1 skipped, 3 warnings in 8.26s (0:00:08) =====";
        let summaries = lines
            .lines()
            .filter(|line| read(&mut outcome, line))
            .count();
        assert_eq!(summaries, 1);
        assert_eq!(
            (outcome.passed, outcome.failed, outcome.skipped),
            (137, 2, 1)
        );
        assert_eq!(
            outcome.notes,
            [
                "skipped: test [1] tests/test_a.py:9: there is no fork",
                "test tests/test_a.py::test_b - assert 1 == 2"
            ]
        );
        assert!(!read(&mut outcome, "no tests ran in 0.01s"));
        assert!(!read(&mut outcome, "there is a word in the middle"));
    }
}
