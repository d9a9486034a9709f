//! A Debian package: what `native/Cargo.toml` says it holds.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{Built, Papers, Release, copy_into};
use crate::tools::CargoTool;

const CARGO_DEB: CargoTool = CargoTool {
    name: "cargo-deb",
    version: "3.8.0",
    flags: "",
};

/// Packs a program. Returns the package.
pub(super) fn pack(release: &Release<'_>, program: &Built, papers: &Papers) -> Result<PathBuf> {
    let deb = release
        .workspace
        .ensure_cargo_tool(&CARGO_DEB)?
        .join(CARGO_DEB.name);
    // Where cargo-deb looks for what is not in the clone.
    let beside = program
        .path
        .parent()
        .context("it is in a folder")?
        .join("papers");
    fs::create_dir_all(&beside)?;
    for paper in papers.paths() {
        copy_into(&paper, &beside)?;
    }
    let packages = release.target.join("packages").join(&program.target);
    if packages.exists() {
        fs::remove_dir_all(&packages)?;
    }
    release
        .workspace
        .program(&deb, "--package btpow --locked --no-build --no-strip")
        .args("--target")
        .arg(&program.target)
        .arg("--output")
        .arg(&packages)
        .env("CARGO_TARGET_DIR", &release.target)
        .run()?;
    let package = fs::read_dir(&packages)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?
        .pop()
        .context("cargo-deb made no package")?;
    copy_into(&package, &release.folder)?;
    Ok(package)
}
