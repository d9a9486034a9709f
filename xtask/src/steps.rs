//! The steps of `cargo xtask test`, in the order in which they run, quick ones first.

use anyhow::Result;

use crate::bench::peers::PYTHON_SDK;
use crate::outcome::Outcome;
use crate::system::Need::{self, Browser, Python, Vulkan};
use crate::system::{
    ARM_COMPILER, ARM_LIBC, CHROMIUM, COMPILER, CURL, FAKETIME, FIREFOX, MINGW, NATS, NODE, NPM,
    NSPAWN, PROMETHEUS, QEMU, SCREEN, WEBKIT, WINE,
};
use crate::workspace::Workspace;
use crate::{
    book, devnet, kernels, lints, npm, python, rust, systems, targets, vectors, web, wgpu, wheel,
};

/// One step.
pub(crate) struct Step {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// What it checks.
    pub(crate) about: &'static str,
    /// What it needs from the system.
    pub(crate) needs: &'static [Need],
    /// Whether it runs only when it is named: it takes longer than a run of all others has left.
    pub(crate) on_demand: bool,
    /// Runs it. An error is one failure; a step that does not change the outcome has passed.
    pub(crate) run: fn(&Workspace, &mut Outcome) -> Result<()>,
}

/// All steps.
pub(crate) const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "the code is formatted",
        needs: &[],
        on_demand: false,
        run: lints::fmt,
    },
    Step {
        name: "vectors",
        about: "tests/vectors matches its generator",
        needs: &[Python(&vectors::PYTHON)],
        on_demand: false,
        run: vectors::up_to_date,
    },
    Step {
        name: "kernels",
        about: "kernels/ptx matches its source",
        needs: &[Python(&kernels::TOOLS)],
        on_demand: false,
        run: kernels::up_to_date,
    },
    Step {
        name: "kernels-sass",
        about: "the CUDA kernels stay within their budgets",
        needs: &[Python(&kernels::TOOLS)],
        on_demand: false,
        run: kernels::within_budget,
    },
    Step {
        name: "clippy",
        about: "no lint on this machine's target",
        needs: &[],
        on_demand: false,
        run: lints::clippy,
    },
    Step {
        name: "clippy-wasm32",
        about: "no lint in core and wgpu on wasm32",
        needs: &[],
        on_demand: false,
        run: lints::clippy_wasm,
    },
    Step {
        name: "clippy-simd128",
        about: "the same with SIMD",
        needs: &[],
        on_demand: false,
        run: lints::clippy_simd128,
    },
    Step {
        name: "clippy-aarch64",
        about: "no lint in core on AArch64",
        needs: &[],
        on_demand: false,
        run: lints::clippy_aarch64,
    },
    Step {
        name: "docs",
        about: "the documentation has no broken link",
        needs: &[],
        on_demand: false,
        run: lints::docs,
    },
    Step {
        name: "no-std",
        about: "core compiles for a target without std",
        needs: &[],
        on_demand: false,
        run: targets::no_std,
    },
    Step {
        name: "devnet-build",
        about: "the test chain's runtimes compile",
        needs: &[NPM],
        on_demand: false,
        run: devnet::build,
    },
    Step {
        name: "tests",
        about: "all tests, with debug assertions",
        needs: &[COMPILER, NPM, Vulkan],
        on_demand: false,
        run: rust::tests,
    },
    Step {
        name: "prometheus",
        about: "Prometheus has data for the dashboard",
        needs: &[COMPILER, NPM, PROMETHEUS],
        on_demand: false,
        run: rust::prometheus,
    },
    Step {
        name: "book",
        about: "the book is built, and what it shows is run",
        needs: &[NPM, CURL, NATS],
        on_demand: false,
        run: book::book,
    },
    Step {
        name: "systemd",
        about: "systemd runs the service of the book",
        needs: &[NATS, NPM, NSPAWN],
        on_demand: false,
        run: book::systemd,
    },
    Step {
        name: "nats",
        about: "coordinator and rigs with a NATS server between them",
        needs: &[NATS, FAKETIME, NPM, Python(&rust::NATS)],
        on_demand: false,
        run: rust::nats,
    },
    Step {
        name: "card",
        about: "benches/card.sh --quick, on emulated drivers",
        needs: &[COMPILER, Vulkan],
        on_demand: false,
        run: rust::card,
    },
    Step {
        name: "tests-release",
        about: "the tests of core, optimised",
        needs: &[],
        on_demand: false,
        run: rust::tests_release,
    },
    Step {
        name: "isa",
        about: "each instruction set of this CPU, forced",
        needs: &[],
        on_demand: false,
        run: rust::isa,
    },
    Step {
        name: "neon",
        about: "the tests of core on an emulated AArch64",
        needs: &[QEMU],
        on_demand: false,
        run: rust::neon,
    },
    Step {
        name: "neon-no-sha3",
        about: "the lanes on one without SHA-3",
        needs: &[QEMU],
        on_demand: false,
        run: rust::neon_no_sha3,
    },
    Step {
        name: "aarch64",
        about: "the program for AArch64, emulated",
        needs: &[ARM_COMPILER, ARM_LIBC, QEMU, NPM],
        on_demand: true,
        run: systems::aarch64,
    },
    Step {
        name: "windows",
        about: "the program for Windows, in Wine",
        needs: &[MINGW, WINE, NPM],
        on_demand: true,
        run: systems::windows,
    },
    Step {
        name: "simd128",
        about: "wasm SIMD compiles (it is not run)",
        needs: &[],
        on_demand: false,
        run: targets::simd128,
    },
    Step {
        name: "npm",
        about: "the npm package, in Node",
        needs: &[NODE, NPM],
        on_demand: false,
        run: npm::in_node,
    },
    Step {
        name: "npm-browser",
        about: "the npm package, in Chromium",
        needs: &[NODE, NPM, Browser(&CHROMIUM)],
        on_demand: false,
        run: npm::in_browser,
    },
    Step {
        name: "page",
        about: "the registration page: types, build, units, size",
        needs: &[NODE, NPM],
        on_demand: false,
        run: web::page,
    },
    Step {
        name: "page-browser",
        about: "the page in three browsers, with wallet and chain",
        needs: &[
            NODE,
            NPM,
            Browser(&CHROMIUM),
            Browser(&FIREFOX),
            WEBKIT,
            SCREEN,
        ],
        on_demand: false,
        run: web::browser,
    },
    Step {
        name: "browser",
        about: "the wgpu device in a browser, on software",
        needs: &[NODE, NPM, Browser(&CHROMIUM)],
        on_demand: false,
        run: wgpu::browser,
    },
    Step {
        name: "miri",
        about: "no undefined behaviour in the portable core",
        needs: &[],
        on_demand: false,
        run: rust::miri,
    },
    Step {
        name: "fuzz-build",
        about: "the fuzz targets compile",
        needs: &[COMPILER],
        on_demand: false,
        run: targets::fuzz_build,
    },
    Step {
        name: "devnet-pallet",
        about: "lints and tests of the test chain's pallet",
        needs: &[],
        on_demand: false,
        run: devnet::pallet,
    },
    Step {
        name: "official-client",
        about: "the official client registers on the test chain",
        needs: &[NPM, Python(&devnet::OFFICIAL)],
        on_demand: false,
        run: devnet::official_client,
    },
    Step {
        name: "fresh-wallets",
        about: "wallets that the official client makes register",
        needs: &[NPM, Python(&devnet::OFFICIAL)],
        on_demand: false,
        run: devnet::fresh_wallets,
    },
    Step {
        name: "python",
        about: "the Python module: wheel, types, tests",
        needs: &[COMPILER, Python(&python::TOOLS), Python(&wheel::TOOLS)],
        on_demand: false,
        run: python::module,
    },
    Step {
        name: "python-clients",
        about: "the official clients with the module, on test chains",
        needs: &[
            COMPILER,
            NPM,
            Python(&python::TOOLS),
            Python(&wheel::TOOLS),
            Python(&PYTHON_SDK),
            Python(&devnet::OFFICIAL),
        ],
        on_demand: false,
        run: python::clients,
    },
];
