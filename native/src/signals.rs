//! Ctrl-C and `kill`: told to the rig, so that whatever waits for it wakes up at once.

use core::sync::atomic::AtomicBool;
use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

use self::source::Source;
use crate::{
    exit::Failure,
    rig::{Event, Messenger},
};

/// Forwards signals for as long as it lives.
#[derive(Debug)]
pub struct Signals {
    source: Source,
    thread: Option<JoinHandle<()>>,
}

impl Signals {
    /// Sends every signal to `messenger` as [`Event::Interrupted`]. A second one ends the program
    /// there and then, should it be stuck.
    ///
    /// # Errors
    ///
    /// [`Failure::Signals`], [`Failure::Thread`].
    pub fn forward(messenger: Messenger) -> Result<Self, Failure> {
        let seen = Arc::new(AtomicBool::new(false));
        for (signal, code) in [(SIGINT, 130), (SIGTERM, 143)] {
            // In this order: the first signal finds the flag unset, and sets it.
            flag::register_conditional_shutdown(signal, code, Arc::clone(&seen))
                .and_then(|_| flag::register(signal, Arc::clone(&seen)))
                .map_err(Failure::Signals)?;
        }
        let source = Source::new().map_err(Failure::Signals)?;
        let signals = source.clone();
        let thread = thread::Builder::new()
            .name("signals".to_owned())
            .stack_size(64 * 1024)
            .spawn(move || {
                while let Some(signal) = signals.next() {
                    messenger.tell(Event::Interrupted(signal));
                }
            })
            .map_err(Failure::Thread)?;
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
            // It only forwards; nothing of a panic there is left to tell.
            let _ = thread.join();
        }
    }
}

/// Where signals come from: one after the other, until it is closed.
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

    use crate::exit::Signal;

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

    use crate::exit::Signal;

    /// How often the flag is looked at.
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
