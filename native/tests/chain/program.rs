//! The program at work, and its output at the end.

use core::{fmt, time::Duration};
use std::{
    process::{Child, Command, Stdio},
    thread,
    time::Instant,
};

use serde_json::Value;

use super::{
    text::{PATIENCE, Text},
    wallet::Wallet,
};
use crate::common;

/// The program with these arguments at this endpoint.
pub(crate) fn at(endpoint: &str, arguments: &str) -> Command {
    let mut command = common::btpow(arguments);
    command.args(["--network", endpoint]);
    command
}

/// Likewise, with a wallet.
pub(crate) fn with(wallet: &Wallet, endpoint: &str, arguments: &str) -> Command {
    let mut command = at(endpoint, arguments);
    command.arg("--wallet-path").arg(wallet.path());
    command
}

/// Runs it to its end.
pub(crate) fn run(command: Command) -> Told {
    Program::start(command).end()
}

/// The program at work. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    /// The command, if its answer is JSON.
    schema: Option<String>,
    stdout: Text,
    stderr: Text,
}

/// How the program ended, and everything that it wrote.
pub(crate) struct Told {
    /// The exit code; none when a signal killed it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Program {
    /// Starts it with an empty standard input.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let words = command.get_args().map(|it| it.to_string_lossy());
        let words: Vec<_> = words.collect();
        let is_json = words.iter().any(|it| it == "--json");
        let pairs = words.windows(2).map(|pair| pair.join("-"));
        let mut names = pairs
            .chain(words.iter().map(ToString::to_string))
            .filter(|it| is_json && common::schema::knows(it));
        Self {
            schema: names.next(),
            stdout: Text::read(child.stdout.take().expect("piped")),
            stderr: Text::read(child.stderr.take().expect("piped")),
            child,
        }
    }

    /// Waits for a line on standard error that contains `words`; the line.
    pub(crate) fn says(&self, words: &str) -> String {
        self.says_times(1, words)
    }

    /// Waits for so many lines on standard error that contain `words`; the last of them.
    pub(crate) fn says_times(&self, times: usize, words: &str) -> String {
        let found = self.stderr.wait(|text| {
            let mut lines = whole_lines(text).filter(|line| line.contains(words));
            lines.nth(times - 1).map(str::to_owned)
        });
        found.unwrap_or_else(|| {
            let (stdout, stderr) = (self.stdout.all(), self.stderr.all());
            panic!("{words:?} was not said {times} times, but:\n{stdout}\n{stderr}")
        })
    }

    /// Waits for the line of standard output with this number, counted from 1.
    pub(crate) fn answer(&self, number: usize) -> String {
        let found = self.stdout.wait(|text| {
            let line = whole_lines(text).nth(number - 1);
            line.map(str::to_owned)
        });
        found.unwrap_or_else(|| panic!("no answer {number}, but:\n{}", self.stderr.all()))
    }

    /// What it has written on standard error so far.
    pub(crate) fn said(&self) -> String {
        self.stderr.all()
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, by the name that `kill` uses.
    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill")
            .args(["-s", name, &self.id().to_string()])
            .status();
        assert!(kill.expect("kill starts").success());
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Told {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("its state") {
                break status;
            }
            assert!(
                Instant::now() < deadline,
                "it did not end:\n{}\n{}",
                self.stdout.all(),
                self.stderr.all()
            );
            thread::sleep(Duration::from_millis(5));
        };
        // The pipes end with the process.
        let told = Told {
            code: status.code(),
            stdout: self.stdout.whole(),
            stderr: self.stderr.whole(),
        };
        if let Some(name) = &self.schema {
            common::schema::check_lines(name, &told.stdout);
        }
        told
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Told {
    /// It ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// All of these words are on standard error.
    #[track_caller]
    pub(crate) fn saying(self, words: &[&str]) -> Self {
        for words in words {
            assert!(
                self.stderr.contains(words),
                "{words:?} was not said: {self}"
            );
        }
        self
    }

    /// Its last line on standard error is an error with all of these words.
    #[track_caller]
    pub(crate) fn complaining(self, words: &[&str]) -> Self {
        let line = self.stderr.lines().last().unwrap_or_default();
        assert!(line.starts_with("error: "), "{self}");
        for words in words {
            assert!(
                line.contains(words),
                "{words:?} is not in the error: {self}"
            );
        }
        self
    }

    /// How often these words are on standard error.
    pub(crate) fn times(&self, words: &str) -> usize {
        self.stderr.matches(words).count()
    }

    /// The one JSON object on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert!(!self.stdout.is_empty(), "no JSON: {self}");
        common::object(self.stdout.as_bytes())
    }

    /// The one JSON object has these fields.
    #[track_caller]
    pub(crate) fn answering(self, expected: Value) -> Self {
        let found = self.json();
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(&found[name], value, "{name}: {self}");
        }
        self
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "exit {:?}\n--- stdout\n{}--- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }
}

/// Leaves out the last line if it may be incomplete.
fn whole_lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'))
}
