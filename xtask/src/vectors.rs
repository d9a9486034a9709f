//! The step `vectors`: `tests/vectors` matches its generator.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::outcome::Outcome;
use crate::tools::Venv;
use crate::workspace::Workspace;

/// The generator's packages. Any version gives the same files; a pinned one gives the same run.
pub(crate) const PYTHON: Venv = Venv {
    name: "vectors",
    requirements: &["pycryptodome==3.23.0"],
};
const ARGUMENTS: (&str, &str) = ("btpow-2026", "51");

/// Generates them again and compares.
pub(crate) fn up_to_date(workspace: &Workspace, _: &mut Outcome) -> Result<()> {
    let python = workspace.ensure_venv(&PYTHON)?;
    let made = workspace.target_for("vectors");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    fs::create_dir_all(&made)?;
    let (seed, count) = ARGUMENTS;
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
