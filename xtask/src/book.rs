//! The steps that test the documents: the book is built, what it shows is run, and the service that it describes is started.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};

use crate::libtest;
use crate::outcome::Outcome;
use crate::tools::CargoTool;
use crate::workspace::Workspace;

/// Builds the book. Neither its server nor its search is needed for that, and they would be most of what is compiled.
const MDBOOK: CargoTool = CargoTool {
    name: "mdbook",
    version: "0.5.4",
    flags: "--no-default-features",
};

/// A step: the book is built without a warning, and its commands, links and settings are tested.
pub(crate) fn book(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    match build(workspace) {
        Ok(()) => outcome.pass(),
        Err(error) => outcome.fail(format!("{error:#}")),
    }
    // A page starts it.
    workspace.program_of_ours("btpow-devnet")?;
    let tests = "test --workspace --locked --no-fail-fast --test book";
    libtest::run(workspace.cargo(tests), outcome)
}

/// A step: systemd runs the service of the book.
pub(crate) fn systemd(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    if !cfg!(target_os = "linux") {
        outcome.skip("systemd is Linux's");
        return Ok(());
    }
    let tests = "test --workspace --locked --no-fail-fast --test systemd -- --ignored";
    libtest::run(workspace.cargo(tests), outcome)
}

/// mdBook ends with success whatever it warns of.
fn build(workspace: &Workspace) -> Result<()> {
    let mdbook = workspace.ensure_cargo_tool(&MDBOOK)?.join(MDBOOK.name);
    let program = workspace
        .program(mdbook, "build docs --dest-dir")
        .arg(workspace.target_for("book"));
    program.show();
    let mut command = program.into_command();
    let output = command
        .stdin(Stdio::null())
        .output()
        .context("cannot start mdBook")?;
    let said = String::from_utf8_lossy(&output.stderr);
    print!("{said}");
    ensure!(
        output.status.success(),
        "mdBook ended with {}",
        output.status
    );
    let warning = said.lines().find(|line| is_warning(line));
    ensure!(
        warning.is_none(),
        "mdBook warns: {}",
        warning.unwrap_or_default()
    );
    Ok(())
}

/// A line of mdBook begins with its level.
fn is_warning(line: &str) -> bool {
    let level = line.split_whitespace().next();
    matches!(level, Some("WARN" | "ERROR"))
}

#[cfg(test)]
mod tests {
    use super::is_warning;

    #[test]
    fn warnings_of_mdbook_are_seen() {
        assert!(is_warning(
            " WARN unclosed HTML tag `<b>` found in `start.md`"
        ));
        assert!(is_warning("ERROR nothing works"));
        assert!(!is_warning(" INFO Book building has started"));
        assert!(!is_warning(" INFO a page about WARN"));
        assert!(!is_warning(""));
    }
}
