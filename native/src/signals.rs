//! Forwards Ctrl-C and `kill` to the code that can end the work.

use core::sync::atomic::AtomicBool;
use std::{
    io,
    sync::Arc,
    thread::{self, JoinHandle},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
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
    /// Calls `tell` with every signal, on a thread of its own. A second signal ends the program at once,
    /// in case it is stuck.
    ///
    /// # Errors
    ///
    /// [`SignalsError`] when the system refuses.
    pub fn forward(tell: impl Fn(Signal) + Send + 'static) -> Result<Self, SignalsError> {
        let seen = Arc::new(AtomicBool::new(false));
        for (signal, code) in [(SIGINT, 130), (SIGTERM, 143)] {
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
        consts::{SIGINT, SIGTERM},
        iterator::{Handle, Signals},
    };

    use super::Signal;

    /// Wakes up at once: the system's handler writes to a pipe.
    #[derive(Clone, Debug)]
    pub(super) struct Source {
        handle: Handle,
        signals: Arc<Mutex<Signals>>,
    }

    impl Source {
        pub(super) fn new() -> io::Result<Self> {
            let signals = Signals::new([SIGINT, SIGTERM])?;
            let handle = signals.handle();
            let signals = Arc::new(Mutex::new(signals));
            Ok(Self { handle, signals })
        }

        pub(super) fn next(&self) -> Option<Signal> {
            let mut signals = self.signals.lock().unwrap_or_else(PoisonError::into_inner);
            let signal = signals.forever().next()?;
            Some(match signal {
                SIGINT => Signal::Interrupt,
                _ => Signal::Terminate,
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

    use super::Signal;

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

        pub(super) fn next(&self) -> Option<Signal> {
            while !self.closed.load(Ordering::Relaxed) {
                match self.seen.swap(0, Ordering::Relaxed) {
                    INTERRUPT => return Some(Signal::Interrupt),
                    TERMINATE => return Some(Signal::Terminate),
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
