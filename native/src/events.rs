//! Tells a command of the user's what happens (`--on-event`), and a log that programs read. Whatever becomes of the
//! command, the work goes on.

mod queue;

use core::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use std::{
    io::{self, Write as _},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver},
    },
    thread,
    time::Instant,
};

use btpow_core::PublicKey;
use schemars::JsonSchema;
use serde::Serialize;

use self::queue::Queue;
use crate::{
    log_entry, output,
    report::{json, units},
    rig::{self, Messenger, RigError},
    wallet,
};

/// How long the command may take for an event, and the program for what is left at its end.
const LIMIT: Duration = Duration::from_secs(10);

/// How often to ask whether the command has ended.
const INTERVAL: Duration = Duration::from_millis(5);

/// Stack of the thread that starts the command.
const STACK: usize = 256 * 1024;

/// What happens, as the command gets it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The key is on the subnet.
    Registered {
        /// Its number there.
        uid: u16,
        /// The block that holds the registration, if it was seen.
        block_hash: Option<String>,
    },
    /// The first proof for a block.
    ProofFound {
        /// The block.
        block_number: u64,
        /// Its hash.
        block_hash: String,
        /// The difficulty that was searched for.
        difficulty: String,
        /// The nonce.
        nonce: String,
        /// Its seal.
        seal: String,
        /// The rig of the fleet that found it; missing if a device here did.
        #[serde(skip_serializing_if = "Option::is_none")]
        rig: Option<String>,
    },
    /// A device gets no more work.
    DeviceDropped {
        /// Its name.
        device: String,
        /// Why.
        reason: String,
    },
    /// A device reports nothing any more and is opened again.
    DeviceReset {
        /// Its name.
        device: String,
    },
    /// A device pauses while others go on.
    DevicePaused {
        /// Its name.
        device: String,
        /// Why, as the statistics name it.
        reason: &'static str,
        /// The same in words.
        message: String,
    },
    /// It works again.
    DeviceResumed {
        /// Its name.
        device: String,
        /// Why it did not.
        reason: &'static str,
    },
    /// A goal is not searched for any more; without a netuid, none is.
    Paused {
        /// Why, as the statistics name it.
        reason: &'static str,
        /// The same in words.
        message: String,
    },
    /// It is again.
    Resumed {
        /// Why it was not.
        reason: &'static str,
    },
    /// The connection to an endpoint is lost, or of no use.
    ChainLost {
        /// The endpoint.
        endpoint: String,
        /// What happened.
        reason: String,
    },
    /// There is a connection again.
    ChainBack {
        /// The endpoint.
        endpoint: String,
    },
}

/// An event, when it happened, and whose it is.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Report<'a> {
    #[serde(flatten)]
    event: &'a Event,
    time: String,
    /// Null for what is about no goal, where there are several.
    netuid: Option<u16>,
    hotkey: Option<&'a str>,
}

impl Report<'_> {
    /// Whether something is worse than before.
    pub(crate) const fn is_trouble(&self) -> bool {
        matches!(
            self.event,
            Event::DeviceDropped { .. } | Event::DeviceReset { .. } | Event::ChainLost { .. }
        )
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.event {
            Event::Registered { uid, .. } => write!(f, "registered with UID {uid}"),
            Event::ProofFound { block_number, .. } => {
                write!(f, "found a proof for block {block_number}")
            }
            Event::DeviceDropped { device, reason } => write!(f, "{device} was dropped: {reason}"),
            Event::DeviceReset { device } => {
                write!(f, "{device} reports nothing and is opened again")
            }
            Event::DevicePaused {
                device, message, ..
            } => write!(f, "{device} pauses: {message}"),
            Event::DeviceResumed { device, .. } => write!(f, "{device} works again"),
            Event::Paused { message, .. } => write!(f, "paused: {message}"),
            Event::Resumed { .. } => f.write_str("the search goes on"),
            Event::ChainLost { endpoint, reason } => write!(f, "{endpoint} is lost: {reason}"),
            Event::ChainBack { endpoint } => write!(f, "connected to {endpoint}"),
        }
    }
}

/// Tells a log for programs and a command of the user's what happens.
#[derive(Debug, Default)]
pub struct Events {
    /// The subnet and the key of each goal.
    goals: Vec<(u16, String)>,
    teller: Option<Teller>,
}

#[derive(Debug)]
struct Teller {
    /// Whether the user knows that the queue is full.
    is_behind: AtomicBool,
    worker: Arc<Worker>,
    /// Ends when the worker does.
    ended: Receiver<()>,
}

/// What the thread that starts the command knows.
#[derive(Debug)]
struct Worker {
    command: String,
    messenger: Messenger,
    queue: Queue,
    /// When to be done with everything, once the program is about to end.
    end: Mutex<Option<Instant>>,
}

impl Events {
    /// Tells of goals, which are subnets and keys. With a command, a shell runs it for every event; warnings go to the
    /// rig's owner.
    ///
    /// # Errors
    ///
    /// [`RigError::Thread`] when the system gives no more threads.
    pub fn new(
        goals: &[(u16, PublicKey)],
        command: Option<&str>,
        messenger: Messenger,
    ) -> Result<Self, RigError> {
        let goals = goals.iter();
        let goals = goals.map(|(netuid, hotkey)| (*netuid, hotkey.to_string()));
        let teller = command.map(|command| Teller::start(command, messenger));
        Ok(Self {
            goals: goals.collect(),
            teller: teller.transpose()?,
        })
    }

    /// Tells of an event of a goal, or of one that is about none, without waiting.
    pub fn tell(&self, goal: Option<usize>, event: &Event) {
        let goal = match (goal, self.goals.as_slice()) {
            (Some(place), goals) => goals.get(place),
            // Whatever happens is about the only one.
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        let report = Report {
            event,
            time: log_entry::now(),
            netuid: goal.map(|(netuid, _)| *netuid),
            hotkey: goal.map(|(_, hotkey)| hotkey.as_str()),
        };
        output::tell(&report);
        if let Some(teller) = &self.teller {
            teller.tell(&report);
        }
    }

    /// Waits for the command, but not for long.
    pub fn finish(self) {
        if let Some(teller) = self.teller {
            teller.finish();
        }
    }
}

impl Teller {
    /// Starts the thread that runs the command.
    fn start(command: &str, messenger: Messenger) -> Result<Self, RigError> {
        let (tell_end, ended) = mpsc::channel();
        let worker = Arc::new(Worker {
            command: command.to_owned(),
            messenger,
            queue: Queue::default(),
            end: Mutex::new(None),
        });
        let working = Arc::clone(&worker);
        thread::Builder::new()
            .name("events".to_owned())
            .stack_size(STACK)
            .spawn(move || {
                working.work();
                // Where nobody waits for it, nobody needs to know.
                let _ = tell_end.send(());
            })
            .map_err(RigError::Thread)?;
        Ok(Self {
            is_behind: AtomicBool::new(false),
            worker,
            ended,
        })
    }

    fn tell(&self, report: &Report<'_>) {
        let subject = match report.event {
            Event::ChainLost { endpoint, .. } => Some(format!("lost {endpoint}")),
            Event::ChainBack { endpoint } => Some(format!("back {endpoint}")),
            _ => None,
        };
        let has_room = self.worker.queue.add(json::line(report), subject);
        if !has_room && !self.is_behind.swap(true, Ordering::Relaxed) {
            self.worker.warn("is too slow: some events are not told");
        } else if has_room {
            self.is_behind.store(false, Ordering::Relaxed);
        }
    }

    fn finish(self) {
        *self.worker.end() = Some(Instant::now() + LIMIT);
        self.worker.queue.close();
        // The worker keeps to the same time.
        let _ = self.ended.recv();
    }
}

impl Worker {
    fn work(&self) {
        while let Some(report) = self.queue.take() {
            if self.end().is_some_and(|end| Instant::now() >= end) {
                return self.warn("is too slow: the last events are not told");
            }
            match self.run(&report) {
                Ok(Some(status)) if status.success() => {}
                Ok(Some(status)) => self.warn(&format!("failed ({status})")),
                Ok(None) => {
                    let limit = units::time(LIMIT.as_secs_f64());
                    self.warn(&format!("has not ended within {limit}, and was ended"));
                }
                Err(error) => self.warn(&format!("cannot be run: {error}")),
            }
        }
    }

    /// Runs the command with a report; none if it takes too long.
    fn run(&self, report: &str) -> io::Result<Option<ExitStatus>> {
        let until = Instant::now() + LIMIT;
        let mut child = shell(&self.command).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // A report fits into a pipe. A command need not read it.
            let _ = input.write_all(report.as_bytes());
        }
        loop {
            match child.try_wait() {
                Ok(None) => {}
                // Nobody tells of ends where whoever started the program ignores them.
                Err(error) => {
                    kill(&mut child);
                    return Err(error);
                }
                ended => return ended,
            }
            let now = Instant::now();
            if now >= until || self.end().is_some_and(|end| now >= end) {
                kill(&mut child);
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(INTERVAL);
        }
    }

    fn end(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn warn(&self, what: &str) {
        let warning = format!("the command of --on-event {what}");
        if self.end().is_some() {
            // Nobody shows a search any more.
            output::say(&format!("warning: {warning}"));
        } else {
            self.messenger.tell(rig::Event::Warning(warning));
        }
    }
}

/// The shell with a command, without the passwords of this process's environment, and in a group of its own, which ends
/// together and hears no Ctrl-C.
fn shell(line: &str) -> Command {
    #[cfg(unix)]
    let mut command = {
        let mut command = Command::new("sh");
        command.arg("-c").arg(line);
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    };
    #[cfg(windows)]
    let mut command = {
        use std::os::windows::process::CommandExt as _;

        let mut command = Command::new("cmd");
        command.arg("/C").raw_arg(line);
        command
    };
    wallet::hide_passwords(&mut command);
    // Standard output is for answers, and a line of the status may be on standard error.
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Ends a command, and what it started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};

        // It is not waited for yet, so the number is still its.
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    #[cfg(not(unix))]
    let _ = child.kill();
}
