//! Standard output and standard error. Everything that the program prints goes through this module, or
//! through the [status](crate::report::status) of a search, which make it harmless: names of runtimes,
//! wallets and devices, and messages of nodes and libraries, must not move a cursor, fill a clipboard or
//! look like our own lines.

use std::io::{self, Write};

use thiserror::Error;
use tracing_subscriber::fmt::MakeWriter;

use crate::text;

/// Standard output takes no more.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OutputError {
    /// It took not all of an answer.
    #[error("cannot write the answer to standard output: {0}")]
    Lost(#[from] io::Error),
    /// It took not all of an answer that standard error has instead.
    #[error("cannot write the answer to standard output ({0}); it is above, on standard error")]
    Elsewhere(#[source] io::Error),
}

/// Writes an answer to standard output. A reader that has gone had enough of it, which is no error.
///
/// # Errors
///
/// [`OutputError::Lost`].
pub fn answer(answer: &str) -> Result<(), OutputError> {
    generated(&text::harmless(answer))
}

/// Writes an answer that would take work to find again: where standard output takes it not, or may have been closed,
/// to standard error. An empty answer goes nowhere.
///
/// # Errors
///
/// [`OutputError::Elsewhere`], also for a reader that has gone.
pub fn treasure(answer: &str) -> Result<(), OutputError> {
    if answer.is_empty() {
        return Ok(());
    }
    let answer = text::harmless(answer);
    if may_be_closed() {
        show(&answer);
        return Ok(());
    }
    write(&answer).map_err(|error| {
        show(&answer);
        OutputError::Elsewhere(error)
    })
}

/// Writes text of the program's own, such as a manual page, to standard output unchanged. A reader may go, as for
/// [`answer`].
///
/// # Errors
///
/// [`OutputError::Lost`].
pub fn generated(text: &str) -> Result<(), OutputError> {
    match write(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn write(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Whether the program may have been started without a standard output. Rust's library has put `/dev/null` in its
/// place then, open for reading as well. A shell that throws the output away opens it for writing only, but Python,
/// Node and daemon(3) open it as Rust does: there is no telling whether somebody misses the answer.
fn may_be_closed() -> bool {
    #[cfg(unix)]
    {
        use std::{fs, os::unix::fs::MetadataExt as _};

        use rustix::fs::{OFlags, fcntl_getfl};

        let reads = fcntl_getfl(io::stdout()).is_ok_and(|it| it.contains(OFlags::RDWR));
        let file = |path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
        let null = file("/dev/null");
        reads && null.is_some() && file("/dev/fd/1") == null
    }
    #[cfg(not(unix))]
    false
}

/// Writes a line to standard error.
pub fn say(line: &str) {
    show(&format!("{}\n", text::one_line(line)));
}

/// Writes lines, or the start of one, to standard error.
pub fn show(lines: &str) {
    // When standard error is gone, nobody is left to tell, and the work goes on.
    let mut out = io::stderr().lock();
    let _ = out.write_all(text::harmless(lines).as_bytes());
    let _ = out.flush();
}

/// Writes log lines to standard error, made harmless except for the log's own colours.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// Whether to keep colours. The log itself removes all that are not its own.
    pub color: bool,
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let pieces = line.trim_end_matches('\n').split('\u{1b}');
        let pieces: Vec<_> = pieces
            .map(|it| text::harmless(&it.replace('\n', " ")))
            .collect();
        let line = pieces.join(if self.color { "\u{1b}" } else { "" });
        io::stderr().write_all(format!("{line}\n").as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}
