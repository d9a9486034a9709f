//! What a command needs from the system, and what of it is missing.
//!
//! A command names all its needs before it does anything, so that one list shows what is missing; [`crate::consent`]
//! then decides whether to install it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell;
use crate::tools::Venv;
use crate::workspace::Workspace;

/// Something that only the system's package manager installs.
pub(crate) enum Need {
    /// A program, and Debian's package for it.
    Program(&'static str, &'static str),
    /// A file that is no program, and Debian's package for it.
    File(&'static str, &'static str),
    /// A browser, under any of its names.
    Browser(&'static Browser),
    /// A Python that can make this virtual environment, unless it exists.
    Python(&'static Venv),
    /// A software driver for Vulkan, which wgpu's tests need on Linux.
    Vulkan,
}

/// The tests compile the CUDA kernels as plain C++, and libFuzzer is C++.
pub(crate) const COMPILER: Need = Need::Program("c++", "g++");
/// Asks a running search how it goes.
pub(crate) const CURL: Need = Need::Program("curl", "curl");
pub(crate) const NODE: Need = Need::Program("node", "nodejs");
pub(crate) const NPM: Need = Need::Program("npm", "npm");
pub(crate) const QEMU: Need = Need::Program("qemu-aarch64", "qemu-user");
/// With promtool, which comes along.
pub(crate) const PROMETHEUS: Need = Need::Program("prometheus", "prometheus");
/// The server between many rigs, in Debian's version.
pub(crate) const NATS: Need = Need::File(NATS_SERVER, "nats-server");
/// Gives programs another time of day.
pub(crate) const FAKETIME: Need = Need::Program("faketime", "faketime");
pub(crate) const NATS_SERVER: &str = "/usr/sbin/nats-server";
/// Links programs for Windows.
pub(crate) const MINGW: Need =
    Need::Program("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64-posix");
pub(crate) const WINE: Need = Need::Program("wine", "wine");
/// Links programs for Linux on AArch64.
pub(crate) const ARM_COMPILER: Need =
    Need::Program("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu");
/// What those are linked with, and what they run with.
pub(crate) const ARM_LIBC: Need =
    Need::File("/usr/aarch64-linux-gnu/lib/crt1.o", "libc6-dev-arm64-cross");
/// Boots a system in a folder.
pub(crate) const NSPAWN: Need = Need::Program("systemd-nspawn", "systemd-container");
/// Makes the root of a Debian system.
pub(crate) const DEBOOTSTRAP: Need = Need::Program("debootstrap", "debootstrap");

/// WebKitGTK and what drives it, and the screen in memory that it needs.
pub(crate) const WEBKIT: Need = Need::Program("WebKitWebDriver", "webkit2gtk-driver");
pub(crate) const SCREEN: Need = Need::Program("Xvfb", "xvfb");

/// A browser that the tests start.
pub(crate) struct Browser {
    title: &'static str,
    /// The variable with the path of another one.
    variable: &'static str,
    /// Its names in the path; the first is also the name of Debian's package.
    names: &'static [&'static str],
}

pub(crate) const CHROMIUM: Browser = Browser {
    title: "Chromium",
    variable: "BTPOW_CHROMIUM",
    names: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ],
};
pub(crate) const FIREFOX: Browser = Browser {
    title: "Firefox",
    variable: "BTPOW_FIREFOX",
    names: &["firefox-esr", "firefox"],
};

/// Where Vulkan's loader finds drivers, the start of the name of Mesa's software driver, and Debian's packages for it.
const VULKAN_DRIVERS: &str = "/usr/share/vulkan/icd.d";
const VULKAN_SOFTWARE: &str = "lvp_icd";
const VULKAN_PACKAGES: [&str; 2] = ["libvulkan1", "mesa-vulkan-drivers"];

/// Packages that are missing, each with what needs it.
pub(crate) type Missing = Vec<(&'static str, Vec<&'static str>)>;

impl Need {
    /// Debian's packages that it needs and that are missing.
    pub(crate) fn missing(&self, workspace: &Workspace) -> Vec<&'static str> {
        let unless = |there: bool, packages: &[&'static str]| {
            if there { Vec::new() } else { packages.to_vec() }
        };
        match *self {
            Self::Program(program, package) => unless(shell::in_path(program), &[package]),
            Self::File(file, package) => unless(Path::new(file).exists(), &[package]),
            Self::Browser(browser) => unless(browser.find().is_ok(), &browser.names[..1]),
            Self::Python(venv) if workspace.has_venv(venv) => Vec::new(),
            // Debian packages what venv needs apart from Python itself.
            Self::Python(_) if shell::in_path("python3") => {
                unless(makes_venvs(workspace), &["python3-venv"])
            }
            Self::Python(_) => vec!["python3", "python3-venv"],
            Self::Vulkan => unless(
                !cfg!(target_os = "linux") || has_software_driver(),
                &VULKAN_PACKAGES,
            ),
        }
    }
}

/// The packages missing for these needs, each once, in the order of the first need.
pub(crate) fn missing<'a>(
    asked: impl IntoIterator<Item = (&'static str, &'a [Need])>,
    missing_for: impl Fn(&Need) -> Vec<&'static str>,
) -> Missing {
    let mut list = Missing::new();
    for (name, needs) in asked {
        for package in needs.iter().flat_map(&missing_for) {
            match list.iter_mut().find(|(listed, _)| *listed == package) {
                None => list.push((package, vec![name])),
                Some((_, names)) if !names.contains(&name) => names.push(name),
                Some(_) => (),
            }
        }
    }
    list
}

impl Browser {
    /// The one that the tests start: what its variable names, or one in the path.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) fn find(&self) -> Result<PathBuf> {
        let Self {
            title,
            variable,
            names,
        } = self;
        env::var_os(variable)
            .map(PathBuf::from)
            .or_else(|| names.iter().copied().find_map(shell::find))
            .with_context(|| {
                format!("there is no {title}: install it, or set {variable} to its path")
            })
    }
}

fn makes_venvs(workspace: &Workspace) -> bool {
    workspace
        .program("python3", "-c")
        .arg("import ensurepip, venv")
        .ask()
        .is_ok()
}

fn has_software_driver() -> bool {
    let Ok(drivers) = fs::read_dir(Path::new(VULKAN_DRIVERS)) else {
        return false;
    };
    drivers.flatten().any(|driver| {
        let name = driver.file_name();
        name.to_string_lossy().starts_with(VULKAN_SOFTWARE)
    })
}

#[cfg(test)]
mod tests {
    use super::{COMPILER, NODE, NPM, Need, QEMU, missing};

    /// Of a system that has Node and nothing else.
    fn packages(need: &Need) -> Vec<&'static str> {
        match need {
            Need::Program("node", _) => vec![],
            Need::Program(_, package) => vec![package],
            Need::Vulkan => vec!["libvulkan1", "mesa-vulkan-drivers"],
            _ => vec![],
        }
    }

    #[test]
    fn each_package_is_listed_once_with_all_that_needs_it() {
        let list = missing(
            [
                ("fmt", [].as_slice()),
                ("tests", &[COMPILER, NPM, Need::Vulkan]),
                ("neon", &[QEMU]),
                ("npm", &[NODE, NPM]),
                ("fuzz-build", &[COMPILER]),
            ],
            packages,
        );
        assert_eq!(
            list,
            [
                ("g++", vec!["tests", "fuzz-build"]),
                ("npm", vec!["tests", "npm"]),
                ("libvulkan1", vec!["tests"]),
                ("mesa-vulkan-drivers", vec!["tests"]),
                ("qemu-user", vec!["neon"]),
            ]
        );
    }

    #[test]
    fn what_is_there_is_not_listed() {
        assert_eq!(missing([("npm", [NODE].as_slice())], packages), []);
    }
}
