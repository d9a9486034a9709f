//! `cargo xtask npm`: the npm package of `web`, and its tests.
//!
//! The CPU's module is compiled twice, with SIMD and without. Another module drives the GPU, another holds the rules of
//! registration, and one more, for the page alone, its session. A program of this workspace, `btpow-bindgen`, binds them
//! to JavaScript: its version is the one in `Cargo.lock`, and xtask, which is compiled before anything else, stays
//! small. `web/build.mjs` does the rest.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::node;
use crate::outcome::Outcome;
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";

/// A module: a crate and the compiler's options.
struct Build {
    /// The folder in `web/generated`.
    kind: &'static str,
    package: &'static str,
    flags: &'static str,
    /// The name of the file and its JavaScript.
    name: &'static str,
}

/// Options for code that hashes only once for each call that carries a proof.
const SMALL: &str = "--cfg sha2_backend_soft=\"compact\" -C target-feature=-reference-types";

/// The part of the options that leaves out what engines have learnt after WebAssembly's BigInt.
const NO_REFERENCES: &str = "-reference-types";

const BUILDS: [Build; 5] = [
    Build {
        kind: "simd",
        package: "btpow-wasm",
        flags: "-C target-feature=+simd128,-reference-types",
        name: "btpow",
    },
    Build {
        kind: "scalar",
        package: "btpow-wasm",
        flags: "-C target-feature=-reference-types",
        name: "btpow",
    },
    Build {
        kind: "gpu",
        package: "btpow-wasm-gpu",
        flags: "",
        name: "btpow_gpu",
    },
    Build {
        kind: "registration",
        package: "btpow-wasm-registration",
        flags: SMALL,
        name: "btpow_registration",
    },
    Build {
        kind: "session",
        package: "btpow-wasm-session",
        flags: SMALL,
        name: "btpow_session",
    },
];

/// Builds the package into `web/dist`.
///
/// # Errors
///
/// When something does not compile, or a package cannot be fetched.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    workspace.ensure_target(TARGET)?;
    let bindgen = workspace.program_of_ours("btpow-bindgen")?;
    for build in BUILDS {
        let Build { kind, package, .. } = build;
        // Builds with the same options share what they depend on.
        let alike = BUILDS.iter().find(|it| it.flags == build.flags);
        let target = workspace.target_for(&format!("wasm-{}", alike.map_or(kind, |it| it.kind)));
        workspace
            .cargo(&format!(
                "build --package {package} --lib --profile wasm --locked --target {TARGET}"
            ))
            .env("CARGO_TARGET_DIR", &target)
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                encoded_flags(workspace, build.flags)?,
            )
            .run()?;
        let file = format!("{TARGET}/wasm/{}.wasm", package.replace('-', "_"));
        let (module, folder) = (target.join(file), workspace.at("web/generated").join(kind));
        let program = workspace
            .program(&bindgen, "")
            .arg(module)
            .arg(folder)
            .arg(build.name);
        if build.flags.contains(NO_REFERENCES) {
            program.arg("--without-references").run()?;
        } else {
            program.run()?;
        }
    }
    install(workspace, "web")?;
    workspace.program("node", "web/build.mjs").run()
}

/// Lints the modules with their own target, one by one: together they would share features, and one has no `std`.
///
/// # Errors
///
/// When there is a lint.
pub(crate) fn clippy(workspace: &Workspace) -> Result<()> {
    for package in [
        "btpow-wasm",
        "btpow-wasm-gpu",
        "btpow-wasm-registration",
        "btpow-wasm-runtime",
        "btpow-wasm-session",
    ] {
        workspace
            .cargo(&format!(
                "clippy -p {package} --lib --target {TARGET} --locked -- -D warnings"
            ))
            .run()?;
    }
    Ok(())
}

/// A step: the tests that need no browser.
pub(crate) fn in_node(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    build(workspace)?;
    install(workspace, "web/test/bundlers")?;
    test(workspace, outcome, &[node::REPORTER, "web/test"])
}

/// A step: the tests in Chromium, after [`in_node`], whose build they use.
pub(crate) fn in_browser(workspace: &Workspace, outcome: &mut Outcome) -> Result<()> {
    build(workspace)?;
    test(workspace, outcome, &["web/test/browser"])
}

/// Makes a folder of metadata for the tests, false and true.
///
/// # Errors
///
/// When it cannot be made.
pub(crate) fn lies(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target_for("lies");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    workspace
        .program(workspace.example_of_ours("lies")?, "")
        .arg(&folder)
        .run()?;
    Ok(folder)
}

fn test(workspace: &Workspace, outcome: &mut Outcome, folders: &[&str]) -> Result<()> {
    let tests = node::tests(workspace, folders)?.env("BTPOW_LIES", lies(workspace)?);
    node::run(workspace, tests, outcome)
}

/// Installs the packages of a folder's lock file, unless they are installed already.
///
/// # Errors
///
/// When a package cannot be fetched.
pub(crate) fn install(workspace: &Workspace, folder: &str) -> Result<()> {
    let lock = fs::read(workspace.at(folder).join("package-lock.json"))
        .with_context(|| format!("cannot read the lock file of {folder}"))?;
    // Written last, so that an interrupted run is done again.
    let marker = workspace.at(folder).join("node_modules/.btpow-lock.json");
    if fs::read(&marker).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    workspace
        .program("npm", "ci --ignore-scripts --no-audit --no-fund --prefix")
        .arg(folder)
        .run()?;
    fs::write(&marker, lock).with_context(|| format!("cannot write {}", marker.display()))
}

/// The compiler's flags. They keep this machine's paths out of the module, so it is the same wherever it is built and
/// does not reveal who built it.
fn encoded_flags(workspace: &Workspace, flags: &str) -> Result<OsString> {
    let mut all: Vec<OsString> = flags.split_whitespace().map(OsString::from).collect();
    let mut remap = |from: PathBuf, to: &str| {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(from);
        flag.push("=");
        flag.push(to);
        all.push(flag);
    };
    remap(workspace.root.clone(), "btpow");
    let cargo = match env::var_os("CARGO_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => env::home_dir().context("no home folder")?.join(".cargo"),
    };
    // One folder per registry, named after its host.
    for registry in fs::read_dir(cargo.join("registry/src"))
        .into_iter()
        .flatten()
    {
        remap(registry?.path(), "crates");
    }
    // The separator that cargo expects, since a path may contain spaces.
    Ok(all.join("\u{1f}".as_ref()))
}
