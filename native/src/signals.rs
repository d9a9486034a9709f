//! Forwards Ctrl-C, `kill` and the end of a terminal to the code that can end the work, and the question how it goes.

use std::{
    io,
    thread::{self, JoinHandle},
};

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
    signal_hook::flag::register(signal_hook::consts::SIGUSR1, std::sync::Arc::default())?;
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

/// Where signals come from, one at a time until it is closed. The second one ends the program.
#[cfg(unix)]
mod source {
    use core::sync::atomic::AtomicBool;
    use std::{
        io,
        sync::{Arc, Mutex, PoisonError},
    };

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1},
        flag,
        iterator::{Handle, Signals},
    };

    use super::{Request, Signal};

    /// The signals that end the program, and their exit codes.
    fn endings() -> &'static [(i32, i32)] {
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
            let seen = Arc::new(AtomicBool::new(false));
            for &(signal, code) in endings() {
                // The order matters: the first signal finds the flag unset, and sets it.
                flag::register_conditional_shutdown(signal, code, Arc::clone(&seen))
                    .and_then(|_| flag::register(signal, Arc::clone(&seen)))?;
            }
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

/// As above, for Windows: the console reports Ctrl-C and Ctrl-Break on a thread of its own.
#[cfg(windows)]
mod source {
    use std::{
        io,
        sync::{
            Arc, Mutex, MutexGuard, PoisonError,
            mpsc::{self, Receiver, Sender},
        },
    };

    use signal_hook::low_level;

    use super::{Request, Signal};

    /// A process has one handler for good, so what it does is the process's, too.
    static STATE: Mutex<State> = Mutex::new(State {
        is_handled: false,
        is_seen: false,
        listener: None,
    });

    struct State {
        /// Whether the handler is set.
        is_handled: bool,
        /// Whether there was a signal.
        is_seen: bool,
        /// Whom to tell.
        listener: Option<Sender<Signal>>,
    }

    fn state() -> MutexGuard<'static, State> {
        STATE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[derive(Clone, Debug)]
    pub(super) struct Source(Arc<Mutex<Receiver<Signal>>>);

    impl Source {
        pub(super) fn new() -> io::Result<Self> {
            let (sender, receiver) = mpsc::channel();
            let mut state = state();
            if !state.is_handled {
                ctrlc::set_handler(interrupted).map_err(io::Error::other)?;
                state.is_handled = true;
            }
            state.listener = Some(sender);
            Ok(Self(Arc::new(Mutex::new(receiver))))
        }

        pub(super) fn next(&self) -> Option<Request> {
            let receiver = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            receiver.recv().ok().map(Request::End)
        }

        /// Nobody listens any more, which ends what [`next`](Self::next) waits for.
        pub(super) fn close(&self) {
            state().listener = None;
        }
    }

    fn interrupted() {
        let mut state = state();
        if state.is_seen {
            low_level::exit(130);
        }
        state.is_seen = true;
        if let Some(listener) = &state.listener {
            // Nobody listens any more where the program is about to end.
            let _ = listener.send(Signal::Interrupt);
        }
    }
}
