//! The steps of `cargo xtask test`, in the order in which they run: the quick ones first.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::bench::devices;
use crate::devnet;
use crate::kernels;
use crate::libtest::Outcome;
use crate::npm;
use crate::shell::Program;
use crate::tools::{NIGHTLY, Venv};
use crate::web;
use crate::wgpu;
use crate::workspace::Workspace;

/// One step.
pub(crate) struct Step {
    /// What selects it on the command line.
    pub(crate) name: &'static str,
    /// What it checks.
    pub(crate) about: &'static str,
    /// Runs it. An error is one failure; a step that leaves the outcome as it is has passed.
    pub(crate) run: fn(&Workspace, &mut Outcome) -> Result<()>,
}

/// Warnings are errors in these steps alone: in `RUSTFLAGS` they would spoil every build's cache.
const DENY: &str = "--locked -- -D warnings";

/// What generates the vectors. Any version gives the same files; a pinned one, the same run.
const VECTORS: Venv = Venv {
    name: "vectors",
    requirements: &["pycryptodome==3.23.0"],
};
const VECTORS_ARGUMENTS: (&str, &str) = ("btpow-2026", "51");

const WASM: &str = "wasm32-unknown-unknown";
const AARCH64: &str = "aarch64-unknown-linux-musl";

/// Emulators are some hundred times slower than the CPU: the tests read this and draw fewer cases.
const SMALL_EFFORT: (&str, &str) = ("BTPOW_TEST_EFFORT", "small");

/// All steps.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the code is formatted",
        run: fmt,
    },
    Step {
        name: "vectors",
        about: "tests/vectors is what its generator makes",
        run: vectors,
    },
    Step {
        name: "kernels",
        about: "kernels/ptx is what its source makes",
        run: kernels::up_to_date,
    },
    Step {
        name: "kernels-sass",
        about: "the CUDA kernels cost what they may, by chip",
        run: kernels::within_budget,
    },
    Step {
        name: "clippy",
        about: "no lint on this machine's target",
        run: clippy,
    },
    Step {
        name: "clippy-wasm32",
        about: "no lint in core and wgpu on wasm32",
        run: clippy_wasm,
    },
    Step {
        name: "clippy-simd128",
        about: "the same with SIMD",
        run: clippy_simd128,
    },
    Step {
        name: "clippy-aarch64",
        about: "no lint in core on AArch64",
        run: clippy_aarch64,
    },
    Step {
        name: "docs",
        about: "the documentation has no broken link",
        run: docs,
    },
    Step {
        name: "no-std",
        about: "core compiles for a target without std",
        run: no_std,
    },
    Step {
        name: "devnet-build",
        about: "the test chain's runtimes compile",
        run: devnet::build,
    },
    Step {
        name: "tests",
        about: "all tests, with debug assertions",
        run: tests,
    },
    Step {
        name: "tests-release",
        about: "the tests of core, optimised",
        run: tests_release,
    },
    Step {
        name: "isa",
        about: "each instruction set of this CPU, forced",
        run: isa,
    },
    Step {
        name: "neon",
        about: "the tests of core on an emulated AArch64",
        run: neon,
    },
    Step {
        name: "neon-no-sha3",
        about: "the lanes on one without SHA-3",
        run: neon_no_sha3,
    },
    Step {
        name: "simd128",
        about: "wasm SIMD compiles (it is not run)",
        run: simd128,
    },
    Step {
        name: "npm",
        about: "the npm package, in Node",
        run: npm::node,
    },
    Step {
        name: "npm-browser",
        about: "the npm package, in Chromium",
        run: npm::browser,
    },
    Step {
        name: "page",
        about: "the registration page: types, build, units, size",
        run: web::page,
    },
    Step {
        name: "page-browser",
        about: "the page in Chromium, with wallet and chain",
        run: web::browser,
    },
    Step {
        name: "browser",
        about: "the wgpu device in a browser, on software",
        run: wgpu::browser,
    },
    Step {
        name: "miri",
        about: "no undefined behaviour in the portable core",
        run: miri,
    },
    Step {
        name: "fuzz-build",
        about: "the fuzz targets compile",
        run: fuzz_build,
    },
    Step {
        name: "devnet-pallet",
        about: "lints and tests of the test chain's pallet",
        run: devnet::pallet,
    },
    Step {
        name: "official-client",
        about: "the official client registers on the test chain",
        run: devnet::official_client,
    },
    Step {
        name: "fresh-wallets",
        about: "wallets that the official client makes register",
        run: devnet::fresh_wallets,
    },
];

fn fmt(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_component("rustfmt")?;
    workspace.cargo("fmt --all --check").run()?;
    // Outside of the workspace, as it needs nightly.
    workspace
        .cargo("fmt --check --manifest-path tests/fuzz/Cargo.toml")
        .run()?;
    // A workspace of its own as well.
    workspace
        .cargo("fmt --all --check --manifest-path tests/devnet/Cargo.toml")
        .run()
}

fn clippy(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_component("clippy")?;
    workspace
        .cargo(&format!("clippy --workspace --all-targets {DENY}"))
        .run()
}

fn clippy_wasm(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    clippy_for(workspace, WASM)?.run()?;
    npm::clippy(workspace)?;
    wgpu::clippy(workspace)
}

fn clippy_simd128(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    with_simd128(clippy_for(workspace, WASM)?).run()
}

fn clippy_aarch64(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    clippy_for(workspace, AARCH64)?.run()
}

fn clippy_for(workspace: &Workspace, target: &str) -> Result<Program> {
    workspace.ensure_component("clippy")?;
    workspace.ensure_target(target)?;
    Ok(workspace.cargo(&format!(
        "clippy -p btpow-core --lib --target {target} {DENY}"
    )))
}

fn docs(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace
        .cargo("doc --workspace --no-deps --document-private-items --locked")
        .env("RUSTDOCFLAGS", "-D warnings")
        .run()
}

fn no_std(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_target("wasm32v1-none")?;
    workspace
        .cargo("build -p btpow-core --target wasm32v1-none --locked")
        .run()
}

fn tests(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    // The CUDA kernels are tested as plain C++.
    workspace.ensure_program("c++", "g++")?;
    let tests = workspace.cargo("test --workspace --locked --no-fail-fast");
    count_tests(wgpu::with_driver(workspace, tests)?, outcome)
}

fn tests_release(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    count_tests(
        workspace.cargo("test -p btpow-core --release --locked --no-fail-fast"),
        outcome,
    )
}

fn neon(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let isas = "neon-sha3,neon-sha2,neon,portable";
    count_tests(emulated(workspace, "max", isas, "")?, outcome)
}

/// A Cortex-A57 has the SHA-2 extension without the SHA-3 one.
fn neon_no_sha3(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let isas = "neon-sha2,neon,portable";
    count_tests(emulated(workspace, "cortex-a57", isas, "lanes")?, outcome)
}

/// The tests of core whose path contains `filter`, on an emulated AArch64 CPU, which must have
/// these instruction sets: else their lanes would silently not be tested.
fn emulated(workspace: &Workspace, cpu: &str, isas: &str, filter: &str) -> Result<Program> {
    workspace.ensure_target(AARCH64)?;
    workspace.ensure_program("qemu-aarch64", "qemu-user")?;
    let test = format!("test -p btpow-core --release --locked --no-fail-fast --target {AARCH64}");
    // musl and Rust's own linker: no cross compiler is needed.
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

fn simd128(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_target(WASM)?;
    with_simd128(workspace.cargo(&format!(
        "build -p btpow-core --release --locked --target {WASM}"
    )))
    .run()
}

fn with_simd128(program: Program) -> Program {
    program.env("RUSTFLAGS", "-C target-feature=+simd128")
}

fn miri(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    workspace.ensure_nightly(&["miri", "rust-src"])?;
    let test = workspace
        .cargo(&format!(
            "+{NIGHTLY} miri test -p btpow-core --locked --no-fail-fast -- portable"
        ))
        .env("CARGO_TARGET_DIR", workspace.target_for("miri"))
        // Lets the tests read the effort, and proptest look for its list of earlier failures.
        .env("MIRIFLAGS", "-Zmiri-disable-isolation")
        .env(SMALL_EFFORT.0, SMALL_EFFORT.1);
    count_tests(test, outcome)
}

/// A bench checks all hits of a known span: with the instruction set forced, one run is a test of
/// the whole way from the command line to the lanes.
fn isa(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    let btpow = devices::build(workspace)?;
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

/// Compiling with instrumentation, as `cargo xtask fuzz` does, takes minutes; this takes seconds.
fn fuzz_build(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    workspace.ensure_nightly(&[])?;
    // libFuzzer itself is C++.
    workspace.ensure_program("c++", "g++")?;
    workspace
        .cargo(&format!(
            "+{NIGHTLY} check --locked --manifest-path tests/fuzz/Cargo.toml"
        ))
        .env("CARGO_TARGET_DIR", workspace.target_for("fuzz-check"))
        .env("RUSTFLAGS", "--cfg fuzzing")
        .run()
}

fn vectors(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    let python = workspace.ensure_venv(&VECTORS)?;
    let made = workspace.target_for("vectors");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    fs::create_dir_all(&made)?;
    let (seed, count) = VECTORS_ARGUMENTS;
    workspace
        .program(python, "tests/vectors/generate.py")
        .arg(seed)
        .arg(&made)
        .arg(count)
        .run()?;
    let committed = workspace.at("tests/vectors");
    let names = json_files(&made)?;
    ensure!(!names.is_empty(), "the generator made no file");
    ensure!(
        names == json_files(&committed)?,
        "tests/vectors has other JSON files than its generator makes: {names:?}"
    );
    for name in names {
        if fs::read(made.join(&name))? != fs::read(committed.join(&name))? {
            bail!(
                "tests/vectors/{} is not what its generator makes",
                name.display()
            );
        }
    }
    Ok(())
}

/// The names of the JSON files directly in a folder, sorted.
fn json_files(folder: &Path) -> Result<Vec<OsString>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Runs `cargo test` and counts its tests.
fn count_tests(program: Program, outcome: &mut Outcome) -> Result<()> {
    let status = program.stream(|line| outcome.read_line(line))?;
    outcome.finish_tests(status.success());
    Ok(())
}
