//! The file of `--log-file`, which does not grow for ever.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// How long a file may be before it makes way for the next.
const MOST: u64 = 10 << 20;

/// How many files are kept beside the present one: `FILE.1`, the newest, to `FILE.4`.
const KEPT: u32 = 4;

/// A file to which lines are added.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: File,
    /// How long it is, and may be.
    len: u64,
    most: u64,
    /// Whether the last line could not be written.
    is_failing: bool,
}

impl LogFile {
    /// Opens a file to add lines to, or makes it.
    ///
    /// # Errors
    ///
    /// The system's; or there is something that is no regular file. Nothing reads a device or a pipe as long as the
    /// program runs, and a pipe without a reader would stop it.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::with_most(path, MOST)
    }

    fn with_most(path: &Path, most: u64) -> io::Result<Self> {
        let file = append(path)?;
        let len = file.metadata()?.len();
        Ok(Self {
            path: path.to_owned(),
            file,
            len,
            most,
            is_failing: false,
        })
    }

    /// Adds a line. Returns an error where the line before could still be written: it is told once.
    pub fn add(&mut self, line: &str) -> Option<io::Error> {
        // What was there may have ended in the middle of a line.
        let begin = if self.is_failing { "\n" } else { "" };
        let line = format!("{begin}{line}\n");
        if self.len > 0 && self.len.saturating_add(line.len() as u64) > self.most {
            self.rotate();
        }
        let written = self.file.write_all(line.as_bytes());
        // A full disk must not move the good files away.
        if written.is_ok() {
            self.len += line.len() as u64;
        }
        let was_failing = self.is_failing;
        self.is_failing = written.is_err();
        written.err().filter(|_| !was_failing)
    }

    /// Begins a new file. Where that fails, the old one grows on.
    fn rotate(&mut self) {
        for number in (1..KEPT).rev() {
            // There may be fewer.
            let _ = fs::rename(self.numbered(number), self.numbered(number + 1));
        }
        let moved = fs::rename(&self.path, self.numbered(1));
        // Somebody may have moved it away, which is as good.
        if let Err(error) = moved
            && error.kind() != io::ErrorKind::NotFound
        {
            self.len = 0;
            return;
        }
        if let Ok(file) = append(&self.path) {
            self.file = file;
        }
        self.len = 0;
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = OsString::from(&self.path);
        name.push(format!(".{number}"));
        name.into()
    }
}

fn append(path: &Path) -> io::Result<File> {
    // To open a pipe waits for its reader. What cannot be looked at cannot be opened either, and says why.
    if fs::metadata(path).is_ok_and(|it| !it.is_file()) {
        return Err(io::Error::other("it is not a regular file"));
    }
    OpenOptions::new().append(true).create(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &Path) -> Vec<String> {
        let text = fs::read_to_string(path).expect("a file");
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn lines_are_added() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        for line in ["one", "two"] {
            let mut log = LogFile::open(&path).expect("opened");
            assert!(log.add(line).is_none());
        }
        assert_eq!(lines(&path), ["one", "two"]);
    }

    #[test]
    fn a_long_file_makes_way_and_the_oldest_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        // Two lines of 2 bytes fit.
        let mut log = LogFile::with_most(&path, 5).expect("opened");
        for number in 0..20 {
            assert!(log.add(&(number % 10).to_string()).is_none());
        }
        assert_eq!(lines(&path), ["8", "9"]);
        for (number, expected) in [(1, ["6", "7"]), (2, ["4", "5"]), (4, ["0", "1"])] {
            assert_eq!(lines(&log.numbered(number)), expected);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 5);
        // What is too long for any file has one of its own.
        assert!(log.add(&"x".repeat(99)).is_none());
        assert_eq!(lines(&path).len(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_file_that_somebody_moved_or_removed_stops_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let mut log = LogFile::with_most(&path, 5).expect("opened");
        fs::remove_file(&path).expect("removed");
        for number in 0..3 {
            assert!(log.add(&number.to_string()).is_none());
        }
        assert_eq!(lines(&path), ["2"]);
        fs::remove_file(&path).expect("removed");
        fs::create_dir(&path).expect("in its place");
        for _ in 0..3 {
            assert!(log.add("x").is_none());
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_once() {
        let path = PathBuf::from("/dev/full");
        let file = OpenOptions::new().append(true).open(&path);
        let mut log = LogFile {
            path,
            file: file.expect("opened"),
            len: 0,
            most: MOST,
            is_failing: false,
        };
        assert!(log.add("x").is_some());
        assert!(log.add("x").is_none());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_no_regular_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::RWXU;
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0)
            .expect("a pipe");
        for path in [&*pipe, Path::new("/dev/null"), folder.path()] {
            let error = LogFile::open(path).expect_err("no file");
            assert!(error.to_string().contains("not a regular file"), "{error}");
        }
    }
}
