//! `cargo xtask dist`: what a release offers of the program, built and tried.
//!
//! On Linux that are archives and Debian packages for x86-64 and AArch64, elsewhere an archive for the machine at hand.
//! Linux's programs are linked against an old glibc, by Zig's linker, so that they run on systems of 2019; a static program
//! could not load a driver. Each program carries the list of its dependencies, which `cargo audit bin` reads.
//! [`trial`] then runs each of them.

mod archive;
mod deb;
mod root;
mod trial;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::shell::Program;
use crate::system::{ARM_LIBC, DEBOOTSTRAP, NPM, NSPAWN, Need, QEMU};
use crate::targets::{self, AARCH64_GNU};
use crate::tools::{CargoTool, Venv};
use crate::workspace::Workspace;

/// The oldest glibc that Linux's programs run with: that of Debian 10 and RHEL 8.
const GLIBC: (u32, u32) = (2, 28);

/// Cross compiler and linker.
const ZIG: Venv = Venv {
    name: "zig",
    requirements: &["ziglang==0.15.2"],
};
const CARGO_ZIGBUILD: CargoTool = CargoTool {
    name: "cargo-zigbuild",
    version: "0.24.1",
    flags: "",
};
const CARGO_AUDITABLE: CargoTool = CargoTool {
    name: "cargo-auditable",
    version: "0.7.7",
    flags: "",
};

const X86_64: &str = "x86_64-unknown-linux-gnu";

/// What the command needs on this system.
pub(crate) fn needs() -> &'static [Need] {
    if cfg!(target_os = "linux") {
        &[Need::Python(&ZIG), DEBOOTSTRAP, NSPAWN, QEMU, ARM_LIBC, NPM]
    } else {
        &[]
    }
}

/// Builds, packs and tries everything that can be built here. What a release offers is then in `dist/offered`, in the
/// target folder.
///
/// # Errors
///
/// When something does not compile, or does not do what it must.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let release = Release::prepare(workspace)?;
    let programs = if cfg!(target_os = "linux") {
        ensure!(
            env::consts::ARCH == "x86_64",
            "on Linux, releases are built on x86-64"
        );
        vec![release.for_linux(X86_64)?, release.for_linux(AARCH64_GNU)?]
    } else {
        vec![release.for_this_machine()?]
    };
    // What it says of itself is the same on every system.
    let papers = Papers::write(workspace, &release, &programs[0])?;
    for program in &programs {
        let archive = archive::pack(&release, program, &papers)?;
        trial::archive(&release, program, &archive)?;
        if cfg!(target_os = "linux") {
            let package = deb::pack(&release, program, &papers)?;
            if program.target == X86_64 {
                trial::package(&release, &archive, &package)?;
            }
        }
    }
    if cfg!(target_os = "linux") {
        release.sums()?;
    }
    println!("what a release offers is in {}", release.folder.display());
    Ok(())
}

/// The release that is made, and where.
struct Release<'a> {
    workspace: &'a Workspace,
    version: &'static str,
    /// The target folder of cargo: programs with other linkers and flags would spoil the common one.
    target: PathBuf,
    /// The folder of what is offered, empty at the start.
    folder: PathBuf,
}

/// A compiled program.
struct Built {
    target: String,
    path: PathBuf,
}

impl<'a> Release<'a> {
    fn prepare(workspace: &'a Workspace) -> Result<Self> {
        let version = env!("CARGO_PKG_VERSION");
        let target = workspace.target_for("dist");
        let folder = target.join("offered");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        Ok(Self {
            workspace,
            version,
            target,
            folder,
        })
    }

    /// The name of an archive without its ending, and of the folder in it; `Cargo.toml` of the program tells it to cargo-binstall.
    fn name(&self, target: &str) -> String {
        format!("btpow-{}-{target}", self.version)
    }

    fn for_linux(&self, target: &str) -> Result<Built> {
        self.workspace.ensure_target(target)?;
        let python = self.workspace.ensure_venv(&ZIG)?;
        let command = format!("zigbuild --target {target}.{}.{}", GLIBC.0, GLIBC.1);
        let zig = [self.workspace.ensure_cargo_tool(&CARGO_ZIGBUILD)?];
        self.auditable(&command, &zig)?
            .env("CARGO_ZIGBUILD_PYTHON_PATH", python)
            .run()?;
        self.built(target, "btpow")
    }

    fn for_this_machine(&self) -> Result<Built> {
        let target = targets::host(self.workspace)?;
        // Then it needs no runtime library of Microsoft's.
        let windows = "CARGO_TARGET_X86_64_PC_WINDOWS_MSVC_RUSTFLAGS";
        self.auditable(&format!("build --target {target}"), &[])?
            .env(windows, "-Ctarget-feature=+crt-static")
            .run()?;
        self.built(&target, &format!("btpow{}", env::consts::EXE_SUFFIX))
    }

    /// `cargo auditable COMMAND`, with these folders of tools in the path.
    fn auditable(&self, command: &str, tools: &[PathBuf]) -> Result<Program> {
        let auditable = self.workspace.ensure_cargo_tool(&CARGO_AUDITABLE)?;
        let system = env::var_os("PATH").unwrap_or_default();
        let path = env::join_paths(
            [auditable]
                .into_iter()
                .chain(tools.iter().cloned())
                .chain(env::split_paths(&system)),
        )?;
        Ok(self
            .workspace
            .cargo("auditable")
            .args(command)
            .args("--release --locked --package btpow --bins")
            .env("CARGO_TARGET_DIR", &self.target)
            .env("PATH", path))
    }

    fn built(&self, target: &str, name: &str) -> Result<Built> {
        let path = self.target.join(target).join("release").join(name);
        ensure!(path.is_file(), "there is no {}", path.display());
        Ok(Built {
            target: target.to_owned(),
            path,
        })
    }

    /// The checksums of all that is offered, as `sha256sum --check` reads them.
    fn sums(&self) -> Result<()> {
        let mut names: Vec<_> = fs::read_dir(&self.folder)?
            .map(|entry| Ok(entry?.file_name()))
            .collect::<std::io::Result<_>>()?;
        names.sort();
        let mut sums = self.workspace.program("sha256sum", "");
        for name in names {
            sums = sums.arg(name);
        }
        let sums = sums.folder(&self.folder).output()?;
        fs::write(self.folder.join("SHA256SUMS"), sums)?;
        Ok(())
    }
}

/// The man page and the completions, as the program writes them.
struct Papers {
    folder: PathBuf,
}

impl Papers {
    /// Each file, the command that writes it, and where a Debian package has it.
    const FILES: [(&'static str, &'static str); 4] = [
        ("btpow.1", "man"),
        ("btpow.bash", "completions bash"),
        ("_btpow", "completions zsh"),
        ("btpow.fish", "completions fish"),
    ];

    fn write(workspace: &Workspace, release: &Release<'_>, program: &Built) -> Result<Self> {
        let folder = release.target.join("papers");
        fs::create_dir_all(&folder)?;
        for (file, command) in Self::FILES {
            let text = workspace.program(&program.path, command).output()?;
            ensure!(!text.is_empty(), "`btpow {command}` writes nothing");
            fs::write(folder.join(file), text)?;
        }
        Ok(Self { folder })
    }

    fn paths(&self) -> impl Iterator<Item = PathBuf> + '_ {
        Self::FILES.iter().map(|(file, _)| self.folder.join(file))
    }
}

/// Copies a file into a folder, under its own name.
fn copy_into(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a file has a name")?;
    fs::copy(file, folder.join(name)).with_context(|| format!("cannot copy {}", file.display()))?;
    Ok(())
}
