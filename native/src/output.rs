//! Standard output and standard error. Everything that the program prints goes through this module, or
//! through the [status](crate::report::status) of a search, which make it harmless: names of runtimes,
//! wallets and devices, and messages of nodes and libraries, must not move a cursor, fill a clipboard or
//! look like our own lines.

use core::fmt;
use std::{
    io::{self, Write},
    sync::{Mutex, OnceLock, PoisonError},
};

use thiserror::Error;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    Layer,
    fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter, format::Writer},
    layer::Context,
    registry::LookupSpan,
};

use crate::{
    events::Report,
    log_entry::{self, Entry, Format},
    log_file::LogFile,
    report::{Snapshot, plain},
    text,
};

/// What is said goes there as well, if the user wants that.
static LOG: Mutex<Option<LogFile>> = Mutex::new(None);

/// How that, and what standard error gets, is written.
static FORMATS: OnceLock<Formats> = OnceLock::new();

/// How a log is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Formats {
    /// To the log file.
    pub file: Format,
    /// To standard error.
    pub stderr: Format,
}

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
        write_to_stderr(&answer);
        return Ok(());
    }
    write(&answer).map_err(|error| {
        write_to_stderr(&answer);
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
        Err(error) if has_gone(&error) => Ok(()),
        written => Ok(written?),
    }
}

/// Whether nobody reads any more. Windows' "no process is on the other end of the pipe" (233) has no kind.
fn has_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
        || (cfg!(windows) && error.raw_os_error() == Some(233))
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

/// From now on, what is said goes to this file as well.
pub fn also_to(log: LogFile) {
    *LOG.lock().unwrap_or_else(PoisonError::into_inner) = Some(log);
}

/// From now on, logs are written like this. The first call counts.
pub fn set_formats(formats: Formats) {
    // There is one call.
    let _ = FORMATS.set(formats);
}

fn formats() -> Formats {
    FORMATS.get().copied().unwrap_or_default()
}

/// Writes a line to standard error, and to the log file.
pub fn say(line: &str) {
    print(line);
    log(line);
}

/// Writes a line to standard error alone.
pub fn print(line: &str) {
    match formats().stderr {
        Format::Text => write_to_stderr(&format!("{}\n", text::one_line(line))),
        Format::Json => write_to_stderr(&Entry::said(line).to_json()),
    }
}

/// The same with the time before it.
pub fn print_with_time(line: &str) {
    match formats().stderr {
        Format::Text => print(&format!("{} {line}", log_entry::now())),
        // An object has it.
        Format::Json => print(line),
    }
}

/// Writes a line to the log file alone, if there is one.
pub fn log(line: &str) {
    match formats().file {
        Format::Text => add(&format!("{} {}", log_entry::now(), text::one_line(line))),
        Format::Json => add(&Entry::said(line).to_json()),
    }
}

/// Writes the state of a search to the log file, if there is one.
pub fn log_state(snapshot: &Snapshot) {
    match formats().file {
        Format::Text => log(&plain::line(snapshot)),
        Format::Json => add(&Entry::state(snapshot).to_json()),
    }
}

/// Writes the state of a search to standard error, where programs read it. Returns whether they do.
pub fn print_state(snapshot: &Snapshot) -> bool {
    let is_json = formats().stderr == Format::Json;
    if is_json {
        write_to_stderr(&Entry::state(snapshot).to_json());
    }
    is_json
}

/// Writes an event to those logs that programs read. People read of it in words.
pub(crate) fn tell(report: &Report<'_>) {
    add_entry(&Entry::told(report));
}

/// Writes an entry to those logs that programs read.
fn add_entry(entry: &Entry<'_>) {
    let Formats { file, stderr } = formats();
    if stderr == Format::Json {
        write_to_stderr(&entry.to_json());
    }
    if file == Format::Json {
        add(&entry.to_json());
    }
}

/// Adds a line to the log file, if there is one.
fn add(line: &str) {
    let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    let failed = log.as_mut().and_then(|log| log.add(line.trim_end()));
    drop(log);
    if let Some(error) = failed {
        print(&format!(
            "warning: cannot write to the log file: {error}; going on without it until it can be written"
        ));
    }
}

/// Writes lines, or the start of one, to standard error.
pub fn show(lines: &str) {
    match formats().stderr {
        Format::Text => write_to_stderr(lines),
        Format::Json => lines
            .lines()
            .filter(|line| !line.is_empty())
            .for_each(print),
    }
}

fn write_to_stderr(lines: &str) {
    // When standard error is gone, nobody is left to tell, and the work goes on.
    let mut out = io::stderr().lock();
    let _ = out.write_all(text::harmless(lines).as_bytes());
    let _ = out.flush();
}

/// Writes log lines to standard error, made harmless except for the log's own colours; and to the log file.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// Whether to keep colours. The log itself removes all that are not its own.
    pub color: bool,
    /// Whether lines begin with the time. In the file they always do.
    pub has_times: bool,
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = String::from_utf8_lossy(bytes);
        let pieces = line.trim_end_matches('\n').split('\u{1b}');
        let pieces: Vec<_> = pieces
            .map(|it| text::harmless(&it.replace('\n', " ")))
            .collect();
        let line = pieces.join(if self.color { "\u{1b}" } else { "" });
        let time = if self.has_times {
            format!("{} ", log_entry::now())
        } else {
            String::new()
        };
        io::stderr().write_all(format!("{time}{line}\n").as_bytes())?;
        if formats().file == Format::Text {
            log(&without_colors(&pieces));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The pieces of a line that begin with the rest of a colour's sequence, except for the first, without those.
fn without_colors(pieces: &[String]) -> String {
    let mut pieces = pieces.iter();
    let first = pieces.next().cloned().unwrap_or_default();
    pieces.fold(first, |line, piece| {
        let rest = piece.strip_prefix('[').and_then(|it| it.split_once('m'));
        line + rest.map_or(piece.as_str(), |(_, rest)| rest)
    })
}

/// The form of log lines in the middle of what the program says: `warning: …`.
#[derive(Clone, Copy, Debug)]
pub struct Warning;

impl<S, N> FormatEvent<S, N> for Warning
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let what = if *event.metadata().level() == Level::ERROR {
            "error"
        } else {
            "warning"
        };
        write!(writer, "{what}: ")?;
        context.format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}

/// Writes what parts of the program log to those logs that programs read.
#[derive(Clone, Copy, Debug)]
pub struct JsonLog;

impl<S: Subscriber> Layer<S> for JsonLog {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        add_entry(&Entry::traced(event));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_no_colors() {
        let line = "\u{1b}[2mDEBUG\u{1b}[0m btpow: [mm] it\u{1b}[3m is\u{1b}[0m so";
        let pieces: Vec<_> = line.split('\u{1b}').map(str::to_owned).collect();
        assert_eq!(without_colors(&pieces), "DEBUG btpow: [mm] it is so");
    }
}
