//! The steps that test the program of another system, in an emulator.
//!
//! The tests stay programs of this machine, with its test chain and its terminals. They start what
//! `BTPOW_TEST_PROGRAM` names: a script, written here, that runs the other system's program in the emulator. So nothing
//! but the program is compiled for that system, once, without debugging information.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::libtest;
use crate::outcome::Outcome;
use crate::shell::Program;
use crate::targets::{AARCH64_GNU, WINDOWS};
use crate::workspace::Workspace;

/// Which tests run: files of `native/tests`, less the tests whose names contain one of the words.
struct Tests {
    files: &'static [&'static str],
    without: &'static [&'static str],
}

/// What starts the program, but for secrets at a terminal, which are read with Unix's own means, signals and files that only Unix
/// has, and one test that starts it hundreds of times: Wine takes half a second for each.
const OF_WINDOWS: Tests = Tests {
    files: &[
        "chain_foreign",
        "chain_register",
        "program",
        "signals",
        "solve",
        "usage",
        "vectors",
    ],
    without: &[
        "a_nonce_before_the_first_solution",
        "closed_terminal",
        "standard_output_does_not_take",
        "terminal_that_is_closed",
        "through_the_library",
    ],
};

/// What takes keys, files and signals as on any Unix is tested on x86-64 and compiled from the same lines. In the emulator no
/// program starts another of its kind, so the look for cards costs warnings, and tests that allow none are left out.
const OF_AARCH64: Tests = Tests {
    files: &["chain_register", "program", "signals", "solve", "vectors"],
    without: &[
        "a_nonce_before_the_first_solution",
        "a_reader_that_has_seen_enough",
        "devices_lists_devices",
        "through_the_library",
    ],
};

/// A step: the program for Windows, in Wine.
pub(crate) fn windows(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    if !cfg!(target_os = "linux") {
        outcome.skip("Wine is used on Linux");
        return Ok(());
    }
    let program = built(workspace, WINDOWS, "btpow.exe", &[])?;
    let wine = Wine::start(workspace)?;
    let line = format!("exec env {}", wine.program("wine", "").arg(&program).line());
    // Its name tells the tests that it is for Windows.
    let script = workspace.script("emulated/windows/btpow.exe", &line)?;
    run(workspace, &script, &OF_WINDOWS, outcome)
}

/// A step: the program for Linux on AArch64, in an emulator.
pub(crate) fn aarch64(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    if !cfg!(target_os = "linux") {
        outcome.skip("qemu's emulator of programs is for Linux");
        return Ok(());
    }
    let linker = (
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
        "aarch64-linux-gnu-gcc",
    );
    let program = built(workspace, AARCH64_GNU, "btpow", &[linker])?;
    let emulated = workspace
        .program("qemu-aarch64", "-L /usr/aarch64-linux-gnu")
        .arg(&program);
    let line = format!("exec {}", emulated.line());
    let script = workspace.script("emulated/aarch64/btpow", &line)?;
    run(workspace, &script, &OF_AARCH64, outcome)
}

/// Compiles the program for another system; where it is.
fn built(
    workspace: &Workspace,
    target: &str,
    name: &str,
    variables: &[(&str, &str)],
) -> Result<PathBuf> {
    workspace.ensure_target(target)?;
    let build = format!("build --package btpow --locked --target {target}");
    let variable = target.to_uppercase().replace('-', "_");
    variables
        .iter()
        .fold(workspace.cargo(&build), |build, (name, value)| {
            build.env(name, value)
        })
        // In a variable of the target, since a profile would have the compiler's own parts compiled again, too.
        .env(
            &format!("CARGO_TARGET_{variable}_RUSTFLAGS"),
            "-Cdebuginfo=0",
        )
        .run()?;
    Ok(workspace.target.join(target).join("debug").join(name))
}

fn run(workspace: &Workspace, program: &Path, tests: &Tests, outcome: &mut Outcome) -> Result<()> {
    // Of the whole workspace, as in the step `tests`: otherwise libraries would be compiled again with other features.
    let mut test = workspace.cargo("test --workspace --locked --no-fail-fast");
    for file in tests.files {
        test = test.args("--test").arg(file);
    }
    test = test.args("--");
    for word in tests.without {
        test = test.args("--skip").arg(word);
    }
    libtest::run(test.env("BTPOW_TEST_PROGRAM", program), outcome)
}

/// Wine's server, which would otherwise start with each program. It ends when this is dropped.
pub(crate) struct Wine<'a> {
    workspace: &'a Workspace,
    /// What stands for Windows' drives and registry.
    prefix: PathBuf,
}

impl<'a> Wine<'a> {
    /// Starts it, and makes what stands for Windows' drives unless they are there.
    ///
    /// # Errors
    ///
    /// Wine is not installed, or does not work.
    pub(crate) fn start(workspace: &'a Workspace) -> Result<Self> {
        let prefix = workspace.target_for("wine");
        fs::create_dir_all(&prefix)?;
        let wine = Self { workspace, prefix };
        // One of a run that was killed may still be there.
        let _ = wine.program("wineserver", "--kill").run();
        wine.program("wineserver", "--persistent").run()?;
        wine.program("wineboot", "--init").run()?;
        // Without a screen: otherwise some programs wait ten seconds for a desktop when they start.
        wine.program(
            "wine",
            r"reg add HKCU\Software\Wine\Drivers /v Graphics /d null /f",
        )
        .run()?;
        wine.complete()?;
        Ok(wine)
    }

    /// Adds the library that Rust's programs need and that Wine lacks before version 8.18.
    fn complete(&self) -> Result<()> {
        const LIBRARY: &str = "drive_c/windows/system32/bcryptprimitives.dll";
        let library = self.prefix.join(LIBRARY);
        if library.exists() {
            return Ok(());
        }
        self.workspace
            .program(
                "x86_64-w64-mingw32-gcc",
                "-shared -O1 -Wall -Wextra -Werror -o",
            )
            .arg(library)
            .args("xtask/wine/bcryptprimitives.c -ladvapi32")
            .run()
    }

    /// A program of Wine's.
    pub(crate) fn program(&self, program: &str, arguments: &str) -> Program {
        // Silent, without the browser and the .NET that it would offer to fetch, without a desktop, which would keep the
        // output of whatever started it open for many seconds, and with file names in UTF-8.
        self.workspace
            .program(program, arguments)
            .env("LC_ALL", "C.UTF-8")
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            .env("WINEDLLOVERRIDES", "mscoree,mshtml,explorer.exe=")
    }
}

impl Drop for Wine<'_> {
    fn drop(&mut self) {
        // It serves this prefix alone.
        if let Err(error) = self.program("wineserver", "--kill").run() {
            eprintln!("Wine's server goes on: {error:#}");
        }
    }
}
