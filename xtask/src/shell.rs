//! Starts programs. Each is shown before it runs, and gets the common target folder.

use core::fmt::Write as _;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// A program about to run in the clone's root.
pub(crate) struct Program {
    command: Command,
}

impl Workspace {
    /// Starts describing a program. Arguments are split at spaces; [`Program::arg`] does not split.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>, arguments: &str) -> Program {
        let mut command = Command::new(program);
        command
            .args(arguments.split_whitespace())
            .current_dir(&self.root);
        // What `cargo run` says about xtask itself must not reach the programs that xtask starts.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&*name);
            }
        }
        command.env("CARGO_TARGET_DIR", &self.target);
        if std::io::stderr().is_terminal() {
            command.env("CARGO_TERM_COLOR", "always");
        }
        Program { command }
    }

    /// Whether this user is root.
    ///
    /// # Errors
    ///
    /// When the system does not say.
    pub(crate) fn is_root(&self) -> Result<bool> {
        Ok(self.program("id", "-u").ask()? == "0")
    }

    /// A program that runs as root: through sudo unless this user is.
    pub(crate) fn as_root(&self, is_root: bool, program: &str) -> Program {
        if is_root {
            self.program(program, "")
        } else {
            self.program("sudo", program)
        }
    }

    /// Writes a script that runs `line` with its own arguments behind it. `name` is its path in the target folder.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn script(&self, name: &str, line: &str) -> Result<PathBuf> {
        let path = self.target_for(name);
        let folder = path.parent().context("it is in a folder")?;
        fs::create_dir_all(folder)?;
        fs::write(&path, format!("#!/bin/sh\n{line} \"$@\"\n"))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
        }
        Ok(path)
    }

    /// `cargo ARGUMENTS` of the toolchain that the clone pins.
    pub(crate) fn cargo(&self, arguments: &str) -> Program {
        self.program("cargo", arguments)
    }
}

impl Program {
    /// Adds arguments, split at spaces.
    pub(crate) fn args(mut self, arguments: &str) -> Self {
        self.command.args(arguments.split_whitespace());
        self
    }

    /// Adds one argument unchanged.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Starts it in another folder than the clone's root.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs the program with its output going straight to ours.
    ///
    /// # Errors
    ///
    /// When it cannot be started or does not succeed.
    pub(crate) fn run(mut self) -> Result<()> {
        self.show();
        let status = self.command.status().with_context(|| self.cannot_start())?;
        self.succeeded(status)
    }

    /// Runs the program, passes each line of its stdout on, and gives it to `each_line` as well.
    ///
    /// # Errors
    ///
    /// It cannot be started. The caller judges how it ended.
    pub(crate) fn stream(mut self, mut each_line: impl FnMut(&str)) -> Result<ExitStatus> {
        self.show();
        self.command.stdout(Stdio::piped());
        let mut child = self.command.spawn().with_context(|| self.cannot_start())?;
        let stdout = child.stdout.take().context("stdout was not piped")?;
        let mut reader = BufReader::new(stdout);
        let mut line = Vec::new();
        // Bytes, not text, since the output of a failing test need not be UTF-8.
        while reader.read_until(b'\n', &mut line)? > 0 {
            std::io::stdout().write_all(&line)?;
            each_line(String::from_utf8_lossy(&line).trim_end());
            line.clear();
        }
        Ok(child.wait()?)
    }

    /// Runs the program without showing it and returns its stdout; stderr goes to ours.
    ///
    /// # Errors
    ///
    /// When it cannot be started or does not succeed.
    pub(crate) fn output(mut self) -> Result<String> {
        self.command.stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = self.command.output().with_context(|| self.cannot_start())?;
        self.succeeded(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// [`Self::output`] with stderr dropped, for questions whose answer may be an error.
    ///
    /// # Errors
    ///
    /// When it cannot be started or does not succeed.
    pub(crate) fn ask(mut self) -> Result<String> {
        self.command.stdin(Stdio::null()).stderr(Stdio::null());
        let output = self.command.output().with_context(|| self.cannot_start())?;
        self.succeeded(output.status)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Becomes the program, so that a signal to this process is a signal to it.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    #[cfg(unix)]
    pub(crate) fn become_process(mut self) -> Result<ExitCode> {
        use std::os::unix::process::CommandExt as _;

        let error = self.command.exec();
        Err(error).with_context(|| self.cannot_start())
    }

    /// The same on systems where a process cannot become another.
    ///
    /// # Errors
    ///
    /// When it cannot be started or does not succeed.
    #[cfg(not(unix))]
    pub(crate) fn become_process(self) -> Result<ExitCode> {
        self.run()?;
        Ok(ExitCode::SUCCESS)
    }

    /// The command itself, for callers that watch the running process.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }

    /// The line as a person would type it, with our variables first.
    pub(crate) fn line(&self) -> String {
        let mut line = String::new();
        for (name, value) in self.command.get_envs() {
            let name = name.to_string_lossy();
            if let Some(value) = value
                && !matches!(&*name, "CARGO_TARGET_DIR" | "CARGO_TERM_COLOR")
            {
                // Writing to a string cannot fail.
                let _ = write!(line, "{name}={} ", quoted(value));
            }
        }
        line.push_str(&quoted(self.command.get_program()));
        for argument in self.command.get_args() {
            line.push(' ');
            line.push_str(&quoted(argument));
        }
        line
    }

    /// Says what is about to run.
    pub(crate) fn show(&self) {
        println!("$ {}", self.line());
    }

    fn cannot_start(&self) -> String {
        format!("cannot start {}", self.command.get_program().display())
    }

    fn succeeded(&self, status: ExitStatus) -> Result<()> {
        if status.success() {
            return Ok(());
        }
        bail!("`{}` ended with {status}", self.line())
    }
}

/// Whether a shell would find a program of this name.
pub(crate) fn in_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| in_folder(&folder, program)))
}

/// Where a shell would find a program of this name.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut folders = std::env::split_paths(&path);
    let folder = folders.find(|folder| in_folder(folder, program))?;
    Some(folder.join(program))
}

/// Whether a folder holds a program of this name.
pub(crate) fn in_folder(folder: &Path, program: &str) -> bool {
    folder.join(program).is_file() || folder.join(format!("{program}.exe")).is_file()
}

/// A word, in single quotes if a shell would split or expand it.
fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:+,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_only_when_a_shell_would_change_them() {
        assert_eq!(quoted("--target-dir=a/b".as_ref()), "--target-dir=a/b");
        assert_eq!(
            quoted("qemu-aarch64 -cpu max".as_ref()),
            "'qemu-aarch64 -cpu max'"
        );
        assert_eq!(quoted("it's".as_ref()), r"'it'\''s'");
        assert_eq!(quoted("".as_ref()), "''");
    }
}
