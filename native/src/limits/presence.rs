//! Whether somebody uses the machine, as logind knows it: by the desktop's own idea of idle, or by what was typed on a
//! text console. Its program is asked, which is there wherever the service is.

use core::time::Duration;
use std::{
    io::{self, Read as _},
    process::{Command, Stdio},
    thread,
    time::Instant,
};

use thiserror::Error;

use crate::wallet;

/// The program, and the question whether all sessions are idle.
const PROGRAM: &str = "loginctl";
const QUESTION: [&str; 2] = ["show-session", "--property=IdleHint"];

/// How long it may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// How often to ask whether it has.
const INTERVAL: Duration = Duration::from_millis(5);

/// Why it is not known. Messages are one line.
#[derive(Debug, Error)]
pub(super) enum Unknown {
    /// It cannot be asked.
    #[error("{PROGRAM} cannot be run: {0}")]
    NoProgram(#[from] io::Error),

    /// It does not answer in time.
    #[error("{PROGRAM} does not answer")]
    Silent,

    /// It answers something else.
    #[error("{PROGRAM} does not know")]
    NoAnswer,
}

/// Whether somebody uses the machine.
pub(super) fn is_used() -> Result<bool, Unknown> {
    let mut command = Command::new(PROGRAM);
    command
        .args(QUESTION)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    wallet::hide_passwords(&mut command);
    let mut child = command.spawn()?;
    let until = Instant::now() + LIMIT;
    while child.try_wait()?.is_none() {
        if Instant::now() >= until {
            child.kill()?;
            child.wait()?;
            return Err(Unknown::Silent);
        }
        thread::sleep(INTERVAL);
    }
    // One line, which fits into a pipe.
    let mut answer = String::new();
    if let Some(output) = &mut child.stdout {
        output.read_to_string(&mut answer)?;
    }
    used(&answer).ok_or(Unknown::NoAnswer)
}

fn used(answer: &str) -> Option<bool> {
    let mut lines = answer.lines();
    let idle = lines.find_map(|line| line.strip_prefix("IdleHint="))?;
    match idle.trim() {
        "yes" => Some(false),
        "no" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_whose_sessions_are_not_all_idle_is_used() {
        assert_eq!(used("IdleHint=no\n"), Some(true));
        assert_eq!(used("IdleHint=yes\n"), Some(false));
        for other in [
            "",
            "IdleHint=\n",
            "IdleAction=ignore\n",
            "Failed to connect",
        ] {
            assert_eq!(used(other), None, "{other}");
        }
    }
}
