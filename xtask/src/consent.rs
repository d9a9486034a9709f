//! Decides whether to change the system, and changes it.
//!
//! In CI and with `--install`, packages are installed. Otherwise a person in a terminal is asked once, before anything
//! runs. If there is nobody to ask, the command ends with the line that installs them.

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, Result, ensure};

use crate::shell;
use crate::system::{self, Missing, Need};
use crate::workspace::Workspace;

/// Who decides whether to install packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Consent {
    /// Nobody needs to: install them.
    Given,
    /// The person at the terminal.
    Asked,
    /// Nobody can: do not install them.
    Withheld,
}

/// Packages to install, with consent.
pub(crate) struct Packages {
    names: Vec<&'static str>,
    /// Whether this user may install them, or needs sudo.
    root: bool,
}

const APT: &str = "DEBIAN_FRONTEND=noninteractive apt-get -q";

impl Consent {
    /// Decides by `--install`, the environment, and whether there is somebody to ask.
    pub(crate) fn find(install: bool) -> Self {
        let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
        Self::of(install, env::var_os("CI").as_deref(), terminal)
    }

    fn of(install: bool, ci: Option<&OsStr>, terminal: bool) -> Self {
        let in_ci = ci.is_some_and(|ci| !ci.is_empty() && ci != "false");
        match (install || in_ci, terminal) {
            (true, _) => Self::Given,
            (false, true) => Self::Asked,
            (false, false) => Self::Withheld,
        }
    }

    /// Makes sure that the system has all that a command needs.
    ///
    /// # Errors
    ///
    /// When something is missing, and may not or cannot be installed.
    pub(crate) fn require(
        self,
        workspace: &Workspace,
        command: &'static str,
        needs: &[Need],
    ) -> Result<()> {
        match self.to_install(workspace, [(command, needs)])? {
            Some(packages) => packages.install(workspace),
            None => Ok(()),
        }
    }

    /// The packages to install for these needs, with consent.
    ///
    /// # Errors
    ///
    /// When something is missing, and may not or cannot be installed.
    pub(crate) fn to_install<'a>(
        self,
        workspace: &Workspace,
        asked: impl IntoIterator<Item = (&'static str, &'a [Need])>,
    ) -> Result<Option<Packages>> {
        let missing = system::missing(asked, |need| need.missing(workspace));
        if missing.is_empty() {
            return Ok(None);
        }
        eprint!("{}", list(&missing));
        ensure!(
            shell::in_path("apt-get"),
            "this system has no apt: install what Debian has under these names with its own package manager"
        );
        let packages = Packages {
            names: missing.iter().map(|(package, _)| *package).collect(),
            root: workspace.is_root()?,
        };
        let command = packages.command();
        let agreed = match self {
            Self::Given => true,
            Self::Asked => {
                eprint!("Run `{command}`? [y/N] ");
                let mut answer = String::new();
                io::stdin().lock().read_line(&mut answer)?;
                is_yes(&answer)
            }
            Self::Withheld => false,
        };
        ensure!(
            agreed,
            "nothing was installed: run `{command}`, or add `--install`"
        );
        Ok(Some(packages))
    }
}

impl Packages {
    /// Installs them.
    ///
    /// # Errors
    ///
    /// When they cannot be installed.
    pub(crate) fn install(&self, workspace: &Workspace) -> Result<()> {
        let apt = |arguments: &str| {
            // Through `env`, since sudo passes no variables on.
            let program = workspace.as_root(self.root, "env");
            program.args(APT).args(arguments)
        };
        // Package lists are old or absent in most containers.
        apt("update").run()?;
        apt("install -y --no-install-recommends")
            .args(&self.names.join(" "))
            .run()
            .with_context(|| format!("run `{}`", self.command()))
    }

    /// What a person would type to install them.
    fn command(&self) -> String {
        let sudo = if self.root { "" } else { "sudo " };
        format!(
            "{sudo}apt-get install --no-install-recommends {}",
            self.names.join(" ")
        )
    }
}

/// The missing packages, each with its purpose.
fn list(missing: &Missing) -> String {
    let mut text = "These packages are missing on this system:\n".to_owned();
    for (package, names) in missing {
        text += &format!("  {package:<22}for {}\n", names.join(", "));
    }
    text
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_without_being_asked_for() {
        use Consent::{Asked, Given, Withheld};
        for (install, ci, terminal, consent) in [
            (false, None, false, Withheld),
            (false, None, true, Asked),
            (false, Some(""), false, Withheld),
            (false, Some(""), true, Asked),
            (false, Some("false"), false, Withheld),
            (false, Some("false"), true, Asked),
            (false, Some("true"), false, Given),
            (false, Some("true"), true, Given),
            (false, Some("1"), false, Given),
            (true, None, false, Given),
            (true, None, true, Given),
            (true, Some("false"), false, Given),
        ] {
            assert_eq!(
                Consent::of(install, ci.map(OsStr::new), terminal),
                consent,
                "--install {install}, CI {ci:?}, terminal {terminal}"
            );
        }
    }

    #[test]
    fn only_a_yes_is_a_yes() {
        for yes in ["y\n", "Y\n", " yes \n", "YES"] {
            assert!(is_yes(yes), "{yes}");
        }
        for no in ["", "\n", "n\n", "no\n", "yesterday\n"] {
            assert!(!is_yes(no), "{no}");
        }
    }

    #[test]
    fn the_line_to_type_has_the_rights_it_needs() {
        let line = |root| {
            let names = vec!["g++", "qemu-user"];
            Packages { names, root }.command()
        };
        let install = "apt-get install --no-install-recommends g++ qemu-user";
        assert_eq!(line(true), install);
        assert_eq!(line(false), format!("sudo {install}"));
    }

    #[test]
    fn the_list_says_what_each_package_is_for() {
        let text = list(&vec![
            ("g++", vec!["tests", "fuzz-build"]),
            ("npm", vec!["npm"]),
        ]);
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(
            lines,
            [
                "  g++                   for tests, fuzz-build",
                "  npm                   for npm"
            ]
        );
    }
}
