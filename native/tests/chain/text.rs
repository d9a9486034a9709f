//! The output of a pipe or terminal so far.

use core::time::Duration;
use std::{
    io::{BufRead as _, BufReader, Read},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Instant,
};

/// How long a test waits for anything, far longer than needed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// Everything read so far, while a thread reads on.
#[derive(Clone)]
pub(crate) struct Text(Arc<(Mutex<Progress>, Condvar)>);

#[derive(Default)]
struct Progress {
    text: String,
    ended: bool,
}

impl Text {
    /// Reads to the end, in the background.
    pub(crate) fn read(source: impl Read + Send + 'static) -> Self {
        let text = Self(Arc::default());
        let writer = text.clone();
        thread::spawn(move || {
            let mut source = BufReader::new(source);
            loop {
                // A terminal whose program has ended gives an error.
                let read = source.fill_buf().unwrap_or_default();
                let (length, ended) = (read.len(), read.is_empty());
                writer.change(|progress| {
                    progress.text += &String::from_utf8_lossy(read);
                    progress.ended = ended;
                });
                if ended {
                    return;
                }
                source.consume(length);
            }
        });
        text
    }

    /// Waits until `find` finds something; none when the source ends or takes too long.
    pub(crate) fn wait<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let deadline = Instant::now() + PATIENCE;
        let (progress, changed) = &*self.0;
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let found = find(&progress.text);
            let left = deadline.saturating_duration_since(Instant::now());
            if found.is_some() || progress.ended || left.is_zero() {
                return found;
            }
            let waited = changed.wait_timeout(progress, left);
            progress = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The text so far.
    pub(crate) fn all(&self) -> String {
        let (progress, _) = &*self.0;
        let progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress.text.clone()
    }

    /// The whole text, once the source ends.
    pub(crate) fn whole(&self) -> String {
        self.wait(|_| None::<()>);
        self.all()
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) {
        let (progress, changed) = &*self.0;
        change(&mut progress.lock().unwrap_or_else(PoisonError::into_inner));
        changed.notify_all();
    }
}
