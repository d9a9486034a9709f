//! Where things are: the clone, and the folders outside it, which outlive the clone.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folders of a run. All paths are absolute.
pub(crate) struct Workspace {
    /// The clone's root, in which every program starts.
    pub(crate) root: PathBuf,
    /// The `CARGO_TARGET_DIR` of everything that xtask starts.
    pub(crate) target: PathBuf,
    /// Installed tools and virtual environments.
    pub(crate) cache: PathBuf,
}

impl Workspace {
    /// Finds the clone by the environment of `cargo run`.
    ///
    /// # Errors
    ///
    /// When the user's home folder is not known.
    pub(crate) fn find() -> Result<Self> {
        // At run time, not with `env!`, since clones may share a target folder and so this binary.
        let manifest = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest
            .parent()
            .context("xtask is not inside a workspace")?
            .to_path_buf();
        let cache = user_cache()?.join("btpow");
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) if !folder.is_empty() => std::path::absolute(folder)?,
            _ => cache.join("target"),
        };
        Ok(Self {
            root,
            target,
            cache,
        })
    }

    /// A path in the clone.
    pub(crate) fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.root.join(path)
    }

    /// A separate target folder, for builds whose flags or compiler would spoil the common one.
    pub(crate) fn target_for(&self, purpose: &str) -> PathBuf {
        self.target.join(purpose)
    }
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
