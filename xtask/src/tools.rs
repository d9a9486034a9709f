//! Installs what a command needs into the user's own folders. It skips nothing: if something cannot be installed, the
//! error ends with the line that a person must run.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell;
use crate::workspace::Workspace;

/// `cargo +NIGHTLY`, which only Miri and the fuzz targets need.
pub(crate) const NIGHTLY: &str = "nightly";

/// What starts Python.
pub(crate) const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

/// The file that lists a virtual environment's packages. Written last, so that an interrupted run is done again.
const MARKER: &str = "btpow-requirements.txt";

/// A cargo subcommand, built from source once and kept outside the clone.
pub(crate) struct CargoTool {
    /// The crate, which is also the name of its program.
    pub(crate) name: &'static str,
    /// The exact version.
    pub(crate) version: &'static str,
    /// Further flags of `cargo install`.
    pub(crate) flags: &'static str,
}

/// A Python virtual environment outside the clone.
pub(crate) struct Venv {
    /// The folder's name.
    pub(crate) name: &'static str,
    /// What pip installs into it.
    pub(crate) requirements: &'static [&'static str],
}

impl Workspace {
    /// Makes sure that the clone's toolchain can compile for a target.
    ///
    /// # Errors
    ///
    /// When rustup is missing or cannot fetch it.
    pub(crate) fn ensure_target(&self, target: &str) -> Result<()> {
        self.ensure_rustup("target", target)
    }

    /// Makes sure that the clone's toolchain has a component.
    ///
    /// # Errors
    ///
    /// When rustup is missing or cannot fetch it.
    pub(crate) fn ensure_component(&self, component: &str) -> Result<()> {
        self.ensure_rustup("component", component)
    }

    fn ensure_rustup(&self, kind: &str, name: &str) -> Result<()> {
        let listed = self
            .program("rustup", &format!("{kind} list --installed"))
            .ask();
        let listed = listed.with_context(|| {
            format!("the Rust {kind} {name} is needed, and rustup, which installs it, does not work: see https://rustup.rs")
        })?;
        if is_listed(&listed, name) {
            return Ok(());
        }
        let add = format!("{kind} add {name}");
        self.program("rustup", &add)
            .run()
            .with_context(|| format!("run `rustup {add}`"))
    }

    /// Makes sure that there is a nightly toolchain with these components.
    ///
    /// # Errors
    ///
    /// When rustup is missing or cannot fetch it.
    pub(crate) fn ensure_nightly(&self, components: &[&str]) -> Result<()> {
        let list = format!("component list --installed --toolchain {NIGHTLY}");
        let install = match self.program("rustup", &list).ask() {
            Ok(listed) => {
                let missing: Vec<_> = components
                    .iter()
                    .copied()
                    .filter(|name| !is_listed(&listed, name))
                    .collect();
                if missing.is_empty() {
                    return Ok(());
                }
                format!("component add --toolchain {NIGHTLY} {}", missing.join(" "))
            }
            Err(_) => {
                let components: String = components
                    .iter()
                    .map(|name| format!(" -c {name}"))
                    .collect();
                format!("toolchain install {NIGHTLY} --profile minimal{components}")
            }
        };
        self.program("rustup", &install)
            .run()
            .with_context(|| format!("run `rustup {install}`"))
    }

    /// Makes sure that a cargo tool is installed. Returns the folder of its program.
    ///
    /// # Errors
    ///
    /// When it cannot be fetched or compiled.
    pub(crate) fn ensure_cargo_tool(&self, tool: &CargoTool) -> Result<PathBuf> {
        let CargoTool {
            name,
            version,
            flags,
        } = tool;
        // The version is part of the path, so a new pin does not replace the old one.
        let folder = self.cache.join("tools").join(format!("{name}-{version}"));
        let programs = folder.join("bin");
        if !shell::in_folder(&programs, name) {
            println!("{name} {version} is compiled once, which takes some minutes");
            self.cargo(&format!(
                "install --locked {flags} --version {version} {name} --root"
            ))
            .arg(&folder)
            .env("CARGO_TARGET_DIR", self.target_for("tools"))
            .run()?;
        }
        Ok(programs)
    }

    /// Makes sure that a virtual environment has its packages. Returns its Python.
    ///
    /// # Errors
    ///
    /// When there is no Python 3, or pip cannot fetch a package.
    pub(crate) fn ensure_venv(&self, venv: &Venv) -> Result<PathBuf> {
        let folder = self.venv_folder(venv);
        let python = python_in(&folder);
        if self.has_venv(venv) {
            return Ok(python);
        }
        self.program(PYTHON, "-m venv --clear").arg(&folder).run()?;
        let mut pip = self.program(&python, "-m pip install -q --disable-pip-version-check");
        for requirement in venv.requirements {
            pip = pip.arg(requirement);
        }
        pip.run()?;
        let marker = folder.join(MARKER);
        fs::write(&marker, venv.requirements.join("\n"))
            .with_context(|| format!("cannot write {}", marker.display()))?;
        Ok(python)
    }

    /// Whether a virtual environment has its packages.
    pub(crate) fn has_venv(&self, venv: &Venv) -> bool {
        let folder = self.venv_folder(venv);
        python_in(&folder).exists()
            && fs::read_to_string(folder.join(MARKER))
                .is_ok_and(|installed| installed == venv.requirements.join("\n"))
    }

    fn venv_folder(&self, venv: &Venv) -> PathBuf {
        self.cache.join(format!("venv-{}", venv.name))
    }
}

/// The Python of a virtual environment.
pub(crate) fn python_in(venv: &Path) -> PathBuf {
    venv.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    })
}

/// Whether rustup's list has the name, alone or followed by the host: `miri-x86_64-…`.
fn is_listed(list: &str, name: &str) -> bool {
    let host = format!("-{}-", std::env::consts::ARCH);
    list.lines().any(|line| {
        line.strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(&host))
    })
}

#[cfg(test)]
mod tests {
    use super::is_listed;

    #[test]
    fn components_are_listed_with_their_host() {
        let host = std::env::consts::ARCH;
        let list = format!("cargo-{host}-unknown-linux-gnu\nrust-src\nwasm32v1-none\n");
        assert!(is_listed(&list, "rust-src"));
        assert!(is_listed(&list, "cargo"));
        assert!(is_listed(&list, "wasm32v1-none"));
        assert!(!is_listed(&list, "miri"));
        assert!(!is_listed(&list, "rust"), "rust-src is another component");
    }
}
