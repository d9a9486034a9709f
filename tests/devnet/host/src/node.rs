//! The process that runs the chain.

use core::time::Duration;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The longest time from the start of the process until it listens. It takes a second, on a busy machine several.
const START: Duration = Duration::from_secs(120);

/// How much of its output to keep.
const LOG_LINES: usize = 500;

/// The process. It ends when this value is dropped, and when this program ends in any way, since that closes its stdin.
pub(crate) struct Node {
    child: Child,
    stdin: Option<ChildStdin>,
    log: Log,
    pub(crate) port: u16,
}

impl Node {
    /// Starts the process, hands it its configuration and waits until it listens.
    pub(crate) fn start(mut command: Command, configuration: &Value) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let (sender, port) = mpsc::channel();
        let log = Log::default();
        log.keep(
            child.stdout.take().context("stdout is piped")?,
            Some(sender),
        );
        log.keep(child.stderr.take().context("stderr is piped")?, None);
        let mut stdin = child.stdin.take().context("stdin is piped")?;
        let written = writeln!(stdin, "{configuration}");
        let mut node = Self {
            child,
            stdin: Some(stdin),
            log,
            port: 0,
        };
        let port = match written {
            Ok(()) => port.recv_timeout(START),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        };
        node.port = match port {
            Ok(port) => port,
            Err(RecvTimeoutError::Timeout) => {
                bail!(
                    "the test chain did not start in {START:?}:\n{}",
                    node.log.text()
                )
            }
            Err(RecvTimeoutError::Disconnected) => {
                // It has ended, or is about to. Its last output is the reason.
                node.end();
                bail!(
                    "the test chain did not start: {}",
                    node.log.text().trim_end()
                )
            }
        };
        Ok(node)
    }

    /// What the process has printed.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// Whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some())
    }

    /// Ends the process: politely first, then by force.
    fn end(&mut self) {
        drop(self.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(5);
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        // An error means that it has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.end();
    }
}

/// The last lines of a process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    /// Reads to the end in the background, since a pipe that nobody reads would stop the process. The port goes to the sender
    /// when its line comes.
    fn keep(&self, output: impl Read + Send + 'static, mut port: Option<Sender<u16>>) {
        let Self(lines) = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(output).split(b'\n') {
                let Ok(line) = line else { break };
                let line = String::from_utf8_lossy(&line).into_owned();
                if port.is_some()
                    && let Some(found) = port_of(&line)
                    && let Some(port) = port.take()
                {
                    // If the start was given up, nobody waits any more.
                    let _ = port.send(found);
                    continue;
                }
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                if lines.len() == LOG_LINES {
                    lines.pop_front();
                }
                lines.push_back(line);
            }
        });
    }

    fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// The port in a line like `{"port":9944}`.
fn port_of(line: &str) -> Option<u16> {
    let line: Value = serde_json::from_str(line).ok()?;
    line.get("port")?.as_u64()?.try_into().ok()
}
