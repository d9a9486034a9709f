//! `cargo xtask audit`: all dependencies of every committed lock file. For cargo, cargo-deny and `deny.toml` check
//! licences, bans, sources and advisories. For npm, npm checks advisories, and this module checks sources.
//!
//! Compiling cargo-deny takes minutes and advisories come over the network, so this is not part of `test`. A check that
//! cannot run is a failure, like a finding.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::tools::CargoTool;
use crate::workspace::Workspace;

const CARGO_DENY: CargoTool = CargoTool {
    name: "cargo-deny",
    version: "0.20.2",
    flags: "",
};

/// Runs all checks, even after one that fails.
///
/// # Errors
///
/// A tool is missing; or one line for each check that failed or could not run.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut failures = Vec::new();
    cargo(workspace, &mut failures)?;
    npm(workspace, &mut failures)?;
    if failures.is_empty() {
        return Ok(());
    }
    bail!("the audit did not pass:\n  {}", failures.join("\n  "));
}

fn cargo(workspace: &Workspace, failures: &mut Vec<String>) -> Result<()> {
    let deny = workspace
        .ensure_cargo_tool(&CARGO_DENY)?
        .join(CARGO_DENY.name);
    let fetched = workspace.program(&deny, "fetch db").run();
    if let Err(error) = &fetched {
        failures.push(format!(
            "advisories of crates: NOT CHECKED, as RustSec's database could not be fetched: {error:#}"
        ));
    }
    for lock in lock_files(workspace, "Cargo.lock")? {
        let check = |network: &str, checks: &str| {
            workspace
                .program(&deny, network)
                .arg("--manifest-path")
                .arg(Path::new(&lock).with_file_name("Cargo.toml"))
                .arg("check")
                .args(checks)
                .run()
        };
        if let Err(error) = check("--locked", "licenses bans sources") {
            failures.push(format!("{lock}: licences, bans or sources: {error:#}"));
        }
        // Everything is fetched by now, and another try would hide the findings.
        if fetched.is_ok()
            && let Err(error) = check("--frozen", "advisories")
        {
            failures.push(format!("{lock}: advisories: {error:#}"));
        }
    }
    Ok(())
}

fn npm(workspace: &Workspace, failures: &mut Vec<String>) -> Result<()> {
    for lock in lock_files(workspace, "package-lock.json")? {
        let text = fs::read_to_string(workspace.at(&lock))
            .with_context(|| format!("cannot read {lock}"))?;
        let packages = serde_json::from_str(&text).with_context(|| format!("{lock} is no JSON"))?;
        for package in of_other_sources(&packages) {
            failures.push(format!(
                "{lock}: {package} names a source of its own, or has no hash"
            ));
        }
        // npm ends the same way with advisories as without an answer, but only counts the former.
        let mut counted = false;
        let status = workspace
            .program("npm", "audit --package-lock-only --prefix")
            .arg(Path::new(&lock).with_file_name(""))
            .stream(|line| counted |= line.contains("vulnerabilit"))?;
        if !counted {
            failures.push(format!(
                "{lock}: advisories: NOT CHECKED, as npm's registry did not answer: see above"
            ));
        } else if !status.success() {
            failures.push(format!("{lock}: advisories: npm knows some, see above"));
        }
    }
    Ok(())
}

/// The paths of the committed files with this name.
fn lock_files(workspace: &Workspace, name: &str) -> Result<Vec<String>> {
    let listed = workspace
        .program("git", "ls-files --")
        .arg(format!(":(glob)**/{name}"))
        .output()?;
    let files: Vec<String> = listed.lines().map(str::to_owned).collect();
    if files.is_empty() {
        bail!("there is no {name} to check: run this in a clone");
    }
    Ok(files)
}

/// The packages in a lock file that no hash binds, or that name a source. Packages that name none come from npm's
/// configured registry.
fn of_other_sources(lock: &Value) -> Vec<String> {
    let packages = lock["packages"].as_object().into_iter().flatten();
    packages
        .filter(|(path, package)| {
            let named = package.get("resolved").is_some();
            // The entry without a path is the project itself.
            !path.is_empty() && (named || !package["integrity"].is_string())
        })
        .map(|(path, _)| path.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::json;

    use super::of_other_sources;

    /// SECURITY.md claims nothing without a test: the tests in the last column of its tables exist.
    #[test]
    fn every_claim_of_safety_has_its_test() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = fs::read_to_string(root.join("SECURITY.md")).expect("SECURITY.md");
        let mut sources = String::new();
        read_sources(&root, &mut sources);
        let mut names = 0;
        for row in text.lines().filter(|line| line.starts_with("| ")) {
            let tests = row.trim_end_matches([' ', '|']).rsplit(" | ").next();
            for name in tests.unwrap_or_default().split('`').skip(1).step_by(2) {
                let rust = format!("fn {name}(");
                let node = format!("test('{name}'");
                assert!(sources.contains(&rust) || sources.contains(&node), "{name}");
                names += 1;
            }
        }
        assert!(names > 40, "{names}");
    }

    /// All of the project's own Rust and tests in JavaScript.
    fn read_sources(folder: &Path, sources: &mut String) {
        const NOT_OURS: [&str; 6] = [
            "target",
            "node_modules",
            "dist",
            "generated",
            "corpus",
            ".git",
        ];
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.expect("a name");
            if path.is_dir() && !path.is_symlink() {
                if !NOT_OURS.contains(&name) {
                    read_sources(&path, sources);
                }
            } else if [".rs", ".test.mjs", ".test.ts"]
                .iter()
                .any(|end| name.ends_with(end))
            {
                *sources += &fs::read_to_string(&path).expect("text");
            }
        }
    }

    #[test]
    fn packages_of_npm_have_a_hash_and_no_source_of_their_own() {
        let lock = json!({ "packages": {
            "": { "name": "project" },
            "node_modules/bare": { "integrity": "sha512-AA==" },
            "node_modules/git": { "resolved": "git+ssh://git@example.com/git.git#0" },
            "node_modules/link": { "resolved": "../link", "link": true },
            "node_modules/mirror": {
                "resolved": "https://registry.example.com/mirror-1.0.0.tgz",
                "integrity": "sha512-AA==",
            },
            "node_modules/loose": { "version": "1.0.0" },
        } });
        let elsewhere = ["git", "link", "loose", "mirror"].map(|it| format!("node_modules/{it}"));
        let mut found = of_other_sources(&lock);
        found.sort();
        assert_eq!(found, elsewhere);
    }
}
