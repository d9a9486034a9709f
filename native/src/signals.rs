//! Forwards Ctrl-C, `kill` and the end of a terminal to the code that can end the work, and the question how it goes.

use core::sync::atomic::AtomicBool;
use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
};

use signal_hook::flag;
use thiserror::Error;

use self::source::Source;

/// A signal that ends the program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// What `kill` sends.
    Terminate,
    /// The end of the terminal or of the connection to it. Under `nohup` there is none.
    HangUp,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Request {
    /// To end.
    End(Signal),
    /// To say how it goes: `SIGUSR1`.
    Status,
}

/// Makes sure that the question how it goes ends nothing, also where no search is under way.
///
/// # Errors
///
/// [`SignalsError`] when the system refuses.
pub fn survive_questions() -> Result<(), SignalsError> {
    #[cfg(unix)]
    flag::register(signal_hook::consts::SIGUSR1, Arc::default())?;
    Ok(())
}

/// The system provides no signals, or no thread to wait for them.
#[derive(Debug, Error)]
#[error("cannot listen for signals: {0}")]
pub struct SignalsError(#[from] io::Error);

/// Forwards signals for as long as it lives.
#[derive(Debug)]
pub struct Signals {
    source: Source,
    thread: Option<JoinHandle<()>>,
}

impl Signals {
    /// Calls `tell` for every signal, on a thread of its own. A second signal to end ends the program at once,
    /// in case it is stuck.
    ///
    /// # Errors
    ///
    /// [`SignalsError`] when the system refuses.
    pub fn forward(tell: impl Fn(Request) + Send + 'static) -> Result<Self, SignalsError> {
        let seen = Arc::new(AtomicBool::new(false));
        for &(signal, code) in source::endings() {
            // The order matters: the first signal finds the flag unset, and sets it.
            flag::register_conditional_shutdown(signal, code, Arc::clone(&seen))
                .and_then(|_| flag::register(signal, Arc::clone(&seen)))?;
        }
        let source = Source::new()?;
        let signals = source.clone();
        let thread = thread::Builder::new()
            .name("signals".to_owned())
            .stack_size(64 * 1024)
            .spawn(move || {
                while let Some(signal) = signals.next() {
                    tell(signal);
                }
            })?;
        Ok(Self {
            source,
            thread: Some(thread),
        })
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.source.close();
        if let Some(thread) = self.thread.take() {
            // The thread only forwards, so a panic there leaves nothing to report.
            let _ = thread.join();
        }
    }
}

/// Where signals come from, one at a time until it is closed.
#[cfg(unix)]
mod source {
    use std::{
        io,
        sync::{Arc, Mutex, PoisonError},
    };

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1},
        iterator::{Handle, Signals},
    };

    use super::{Request, Signal};

    /// The signals that end the program, and their exit codes.
    pub(super) fn endings() -> &'static [(i32, i32)] {
        const ALL: [(i32, i32); 3] = [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)];
        if hears_of_hang_ups() { &ALL } else { &ALL[..2] }
    }

    /// Whether the end of the terminal is to end the program: not under `nohup`, which Linux alone tells.
    fn hears_of_hang_ups() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
        ignored.is_some_and(|ignored| ignored >> (SIGHUP - 1) & 1 == 0)
    }

    /// Wakes up at once: the system's handler writes to a pipe.
    #[derive(Clone, Debug)]
    pub(super) struct Source {
        handle: Handle,
        signals: Arc<Mutex<Signals>>,
    }

    impl Source {
        pub(super) fn new() -> io::Result<Self> {
            let endings = endings().iter().map(|(signal, _)| *signal);
            let signals = Signals::new(endings.chain([SIGUSR1]))?;
            let handle = signals.handle();
            let signals = Arc::new(Mutex::new(signals));
            Ok(Self { handle, signals })
        }

        pub(super) fn next(&self) -> Option<Request> {
            let mut signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
            let signal = signals.forever().next()?;
            Some(match signal {
                SIGUSR1 => Request::Status,
                SIGINT => Request::End(Signal::Interrupt),
                SIGHUP => Request::End(Signal::HangUp),
                _ => Request::End(Signal::Terminate),
            })
        }

        pub(super) fn close(&self) {
            self.handle.close();
        }
    }
}

/// As above, for systems without signals: the handlers of their runtime set a flag.
#[cfg(not(unix))]
mod source {
    use core::{
        sync::atomic::{AtomicBool, AtomicUsize, Ordering},
        time::Duration,
    };
    use std::{io, sync::Arc, thread};

    use signal_hook::{
        consts::{SIGINT, SIGTERM},
        flag,
    };

    use super::{Request, Signal};

    /// The signals that end the program, and their exit codes.
    pub(super) const fn endings() -> &'static [(i32, i32)] {
        &[(SIGINT, 130), (SIGTERM, 143)]
    }

    /// How often to check the flag.
    const LOOK: Duration = Duration::from_millis(20);

    const INTERRUPT: usize = 1;
    const TERMINATE: usize = 2;

    #[derive(Clone, Debug)]
    pub(super) struct Source {
        seen: Arc<AtomicUsize>,
        closed: Arc<AtomicBool>,
    }

    impl Source {
        pub(super) fn new() -> io::Result<Self> {
            let seen = Arc::new(AtomicUsize::new(0));
            for (signal, value) in [(SIGINT, INTERRUPT), (SIGTERM, TERMINATE)] {
                flag::register_usize(signal, Arc::clone(&seen), value)?;
            }
            let closed = Arc::default();
            Ok(Self { seen, closed })
        }

        pub(super) fn next(&self) -> Option<Request> {
            while !self.closed.load(Ordering::Relaxed) {
                match self.seen.swap(0, Ordering::Relaxed) {
                    INTERRUPT => return Some(Request::End(Signal::Interrupt)),
                    TERMINATE => return Some(Request::End(Signal::Terminate)),
                    _ => thread::sleep(LOOK),
                }
            }
            None
        }

        pub(super) fn close(&self) {
            self.closed.store(true, Ordering::Relaxed);
        }
    }
}
