//! Ctrl-C and `kill`: told to the rig, so that whatever waits for it wakes up at once.

use core::sync::atomic::AtomicBool;
use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
    iterator::{self, Handle},
};

use crate::{
    exit::{Failure, Signal},
    rig::{Event, Messenger},
};

/// Forwards signals for as long as it lives.
#[derive(Debug)]
pub struct Signals {
    handle: Handle,
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
        let mut signals = iterator::Signals::new([SIGINT, SIGTERM]).map_err(Failure::Signals)?;
        let handle = signals.handle();
        let thread = thread::Builder::new()
            .name("signals".to_owned())
            .stack_size(64 * 1024)
            .spawn(move || {
                for signal in signals.forever() {
                    messenger.tell(Event::Interrupted(if signal == SIGINT {
                        Signal::Interrupt
                    } else {
                        Signal::Terminate
                    }));
                }
            })
            .map_err(Failure::Thread)?;
        Ok(Self {
            handle,
            thread: Some(thread),
        })
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            // It only forwards; nothing of a panic there is left to tell.
            let _ = thread.join();
        }
    }
}
