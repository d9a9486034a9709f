//! Standard output and standard error. Everything that the program prints goes through this module, or
//! through the [status](crate::report::status) of a search, which make it harmless: names of runtimes,
//! wallets and devices, and messages of nodes and libraries, must not move a cursor, fill a clipboard or
//! look like our own lines.

use std::io::{self, Write};

use thiserror::Error;
use tracing_subscriber::fmt::MakeWriter;

use crate::text;

/// Standard output takes no more, for instance because its reader is gone.
#[derive(Debug, Error)]
#[error("cannot write the answer to standard output: {0}")]
pub struct OutputError(#[from] io::Error);

/// Writes an answer to standard output.
///
/// # Errors
///
/// [`OutputError`].
pub fn answer(answer: &str) -> Result<(), OutputError> {
    generated(&text::harmless(answer))
}

/// Writes text of the program's own, such as a manual page, to standard output unchanged.
///
/// # Errors
///
/// [`OutputError`].
pub fn generated(text: &str) -> Result<(), OutputError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
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
