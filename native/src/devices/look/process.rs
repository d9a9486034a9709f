//! The process that looks: how it is started, heard, and ended.

use core::{fmt, time::Duration};
use std::{
    env,
    ffi::OsString,
    fs::File,
    io::{self, BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio},
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        mpsc::{self, Receiver},
    },
    thread,
    time::Instant,
};

use signal_hook::low_level;
use tracing::info;

use super::{COMMAND, Findings, Kind};
use crate::wallet;

/// How long a driver may take to show its cards before somebody is told that it does not answer.
pub const LIMIT: Duration = Duration::from_secs(10);

/// How long a driver may take where the CPU works meanwhile, or the user named its card: without a daemon that keeps it
/// initialised, NVIDIA's takes seconds for each card.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long an answer that was sent may take to be read, on a machine that is busy or was asleep.
const GRACE: Duration = Duration::from_millis(200);

/// More than the findings about any machine.
const LONGEST: u64 = 1 << 20;

/// How often to ask whether a process has ended that should.
const INTERVAL: Duration = Duration::from_millis(2);

/// How long the end of the program waits for the processes that it ended.
const FAREWELL: Duration = Duration::from_millis(100);

/// The processes that look, none after the program has begun to end.
static RUNNING: Mutex<Option<Vec<Child>>> = Mutex::new(Some(Vec::new()));

/// How to start this program, if it is not an executable of its own.
static WORDS: OnceLock<Vec<OsString>> = OnceLock::new();

fn running() -> MutexGuard<'static, Option<Vec<Child>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process that looks for the devices of one kind.
pub(super) struct Look {
    kind: Kind,
    started: Result<Started, String>,
}

struct Started {
    id: u32,
    heard: Receiver<Findings>,
    until: Instant,
}

/// In words that complete "a card cannot be used: …".
pub(super) fn not_started(error: &impl fmt::Display) -> String {
    format!("this program cannot start itself to look for cards: {error}")
}

impl Look {
    pub(super) fn begin(kind: Kind, selectors: &[String], patience: Duration) -> Self {
        let started = Started::begin(kind, selectors, patience);
        Self {
            kind,
            started: started.map_err(|error| not_started(&error)),
        }
    }

    /// Waits for what the process says, or for its end, or for the limit.
    pub(super) fn findings(&self) -> Findings {
        let driver = self.kind.driver();
        let started = match &self.started {
            Ok(started) => started,
            Err(error) => return Findings::broken(error.clone()),
        };
        let left = started.until.saturating_duration_since(Instant::now());
        if let Ok(findings) = started.heard.recv_timeout(left) {
            return findings;
        }
        let end = started.end();
        // The answer may have come just before.
        if let Ok(findings) = started.heard.recv_timeout(GRACE) {
            return findings;
        }
        Findings::broken(match end {
            Some(end) => format!("{driver} ended the process that looked for its cards ({end})"),
            None => format!("{driver} does not answer"),
        })
    }

    /// Ends the process and waits until it is gone.
    pub(super) fn end(self) {
        let Ok(Started { id, .. }) = self.started else {
            return;
        };
        let child = running().as_mut().and_then(|all| {
            let place = all.iter().position(|it| it.id() == id)?;
            Some(all.swap_remove(place))
        });
        if let Some(mut child) = child
            && is_there(&mut child)
        {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Started {
    fn begin(kind: Kind, selectors: &[String], patience: Duration) -> io::Result<Self> {
        let mut command = command(kind, selectors)?;
        let (id, output, errors) = {
            // Under the lock, so that the end of the program misses no process.
            let mut running = running();
            let Some(all) = running.as_mut() else {
                return Err(io::Error::other("the program ends"));
            };
            let mut child = command.spawn()?;
            let (output, errors) = (child.stdout.take(), child.stderr.take());
            let id = child.id();
            all.push(child);
            (id, output, errors)
        };
        if let Some(errors) = errors {
            pass_on(kind, errors)?;
        }
        let output = output.ok_or(io::ErrorKind::BrokenPipe)?;
        let (tell, heard) = mpsc::channel();
        thread::Builder::new()
            .name(format!("hear {}", kind.name()))
            .stack_size(256 * 1024)
            .spawn(move || {
                // When nobody waits any more, nobody needs to know.
                let _ = hear(output).map(|it| tell.send(it));
            })?;
        Ok(Self {
            id,
            heard,
            until: Instant::now() + patience,
        })
    }

    /// How the process ended; none if it has not in time.
    fn end(&self) -> Option<String> {
        loop {
            let status = {
                let mut running = running();
                let all = running.as_mut()?;
                let child = all.iter_mut().find(|it| it.id() == self.id)?;
                child.try_wait()
            };
            match status {
                Ok(Some(status)) => return Some(ended(status)),
                // Whoever started this program ignores the ends of processes, so the system keeps none.
                Err(_) => return Some("the system does not say how".to_owned()),
                Ok(None) if Instant::now() >= self.until => return None,
                Ok(None) => thread::sleep(INTERVAL),
            }
        }
    }
}

/// Whether a process has not ended. Its number may be another's as soon as the system has forgotten it.
fn is_there(child: &mut Child) -> bool {
    matches!(child.try_wait(), Ok(None))
}

/// The program itself, as it looks for cards: without the passwords of its environment, and unable to outlive this
/// process, since it watches its standard input.
fn command(kind: Kind, selectors: &[String]) -> io::Result<Command> {
    let mut command = program()?;
    command.arg(kind.name());
    for selector in selectors {
        command.arg(format!("--device={selector}"));
    }
    wallet::hide_passwords(&mut command);
    // Some drivers complain there about every card that they do not drive. A terminal may stop a process that is not in
    // its foreground when it writes, so this one passes it on.
    let errors = if tracing::enabled!(tracing::Level::INFO) {
        Stdio::piped()
    } else {
        Stdio::null()
    };
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(errors);
    // Ctrl-C is for this process, which ends the other.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    #[cfg(windows)]
    {
        const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
        std::os::windows::process::CommandExt::creation_flags(
            &mut command,
            CREATE_NEW_PROCESS_GROUP,
        );
    }
    Ok(command)
}

/// Says how to start a process that looks, where this library is not a program but part of another one: a program and
/// its first arguments, which [`COMMAND`] does not follow. Without words there is no look. Only the first call counts.
pub fn start_with(words: Vec<OsString>) {
    let _ = WORDS.set(words);
}

/// This program, even where its file has been replaced meanwhile, as it looks.
fn program() -> io::Result<Command> {
    if let Some(words) = WORDS.get() {
        let (program, first) = words.split_first().ok_or(io::ErrorKind::Unsupported)?;
        let mut command = Command::new(program);
        command.args(first);
        return Ok(command);
    }
    let link = Path::new("/proc/self/exe");
    let file = if cfg!(target_os = "linux") && link.exists() {
        link.to_owned()
    } else {
        env::current_exe()?
    };
    let mut command = Command::new(file);
    command.arg(COMMAND);
    Ok(command)
}

/// The first line that is about findings: drivers write there, too.
fn hear(output: ChildStdout) -> Option<Findings> {
    let lines = BufReader::new(output.take(LONGEST)).split(b'\n');
    let mut lines = lines.map_while(Result::ok);
    lines.find_map(|line| serde_json::from_slice(&line).ok())
}

/// Logs what a driver complains of.
fn pass_on(kind: Kind, errors: ChildStderr) -> io::Result<()> {
    let lines = BufReader::new(errors.take(LONGEST)).split(b'\n');
    let lines = lines.map_while(Result::ok);
    thread::Builder::new()
        .name(format!("errors {}", kind.name()))
        .stack_size(256 * 1024)
        .spawn(move || {
            for line in lines {
                info!("{}: {}", kind.driver(), String::from_utf8_lossy(&line));
            }
        })?;
    Ok(())
}

/// How a process ended, in a few words.
fn ended(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let name = low_level::signal_name(signal);
        return name.map_or_else(|| format!("signal {signal}"), str::to_owned);
    }
    status.to_string()
}

/// In the process that looks: ends it as soon as the one that started it is gone.
///
/// Returns when somebody watches: while a library is being loaded no thread can begin, and a driver may never end
/// that. Nor may it close the descriptor that is watched.
///
/// # Errors
///
/// The system gives no thread or descriptor for it.
pub fn end_with_parent() -> io::Result<()> {
    #[cfg(unix)]
    let input = std::os::fd::AsFd::as_fd(&io::stdin()).try_clone_to_owned()?;
    #[cfg(windows)]
    let input = std::os::windows::io::AsHandle::as_handle(&io::stdin()).try_clone_to_owned()?;
    let (tell, heard) = mpsc::channel();
    let watch = move || {
        let _ = tell.send(());
        let _ = io::copy(&mut File::from(input), &mut io::sink());
        low_level::exit(1)
    };
    thread::Builder::new().stack_size(64 * 1024).spawn(watch)?;
    heard.recv().map_err(io::Error::other)
}

/// Ends the processes that still look for cards, for a program that ends.
pub fn quit() {
    let Some(mut all) = running().take() else {
        return;
    };
    for child in &mut all {
        if is_there(child) {
            let _ = child.kill();
        }
    }
    let until = Instant::now() + FAREWELL;
    // The system takes care of one that a driver keeps in its kernel module.
    while Instant::now() < until && all.iter_mut().any(is_there) {
        thread::sleep(INTERVAL);
    }
}
