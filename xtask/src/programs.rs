//! Compiles programs of this workspace for what xtask does with them.

use std::env;
use std::path::PathBuf;

use anyhow::Result;

use crate::workspace::Workspace;

impl Workspace {
    /// Compiles a program. Returns its path.
    ///
    /// # Errors
    ///
    /// When it does not compile.
    pub(crate) fn program_of_ours(&self, name: &str) -> Result<PathBuf> {
        // The example is small; see below for why there is one.
        self.compile(&format!("--bin {name} --example forge"))?;
        Ok(self.compiled(name))
    }

    /// Compiles an example of a crate. Returns its path.
    ///
    /// # Errors
    ///
    /// When it does not compile.
    pub(crate) fn example_of_ours(&self, name: &str) -> Result<PathBuf> {
        self.compile(&format!("--example {name}"))?;
        Ok(self.compiled(&format!("examples/{name}")))
    }

    /// With the features that dependencies have in the step `tests`. If cargo were asked for one crate, or for nothing
    /// that needs dev-dependencies, it would leave out what others ask of the dependencies, and compile many of them once more.
    fn compile(&self, targets: &str) -> Result<()> {
        self.cargo("build --quiet --workspace --locked")
            .args(targets)
            .run()
    }

    fn compiled(&self, name: &str) -> PathBuf {
        let name = format!("{name}{}", env::consts::EXE_SUFFIX);
        self.target.join("debug").join(name)
    }
}
