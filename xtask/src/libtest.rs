//! Running `cargo test` and counting its tests.
//!
//! nextest would write all of this to a file, but it runs no doctests, and compiling it on a fresh machine takes two
//! CPUs more than five minutes. It starts a process for each test, so those of the CUDA device, which share an
//! emulated driver, would take nearly three times as long.
//!
//! libtest has no stable machine-readable output; these three kinds of line have not changed in years:
//!
//! ```text
//! test lanes::agree ... FAILED
//! test slow ... ignored, takes an hour
//! test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s
//! ```

use anyhow::Result;

use crate::outcome::{Outcome, reason};
use crate::shell::Program;

/// Runs `cargo test` and counts its tests.
///
/// # Errors
///
/// It cannot be started. A failing test is no error; it is counted.
pub(crate) fn run(program: Program, outcome: &mut Outcome) -> Result<()> {
    let status = program.stream(|line| outcome.read_line(line))?;
    outcome.finish_tests(status.success());
    Ok(())
}

impl Outcome {
    /// Counts a line of `cargo test`; other lines change nothing.
    fn read_line(&mut self, line: &str) {
        let line = without_colour(line);
        if let Some(result) = line.strip_prefix("test result: ") {
            self.passed += count_before(result, "passed");
            self.failed += count_before(result, "failed");
            self.skipped += count_before(result, "ignored");
        } else if let Some((name, outcome)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.rsplit_once(" ... "))
        {
            if outcome == "FAILED" {
                self.notes.push(format!("test {name}"));
            } else if let Some(words) = outcome.strip_prefix("ignored") {
                let reason = reason(words.trim_start_matches(','));
                self.notes.push(format!("skipped: test {name}: {reason}"));
            }
        }
    }

    /// Closes a `cargo test` run. One that failed without a failing test, or that ran no test at all, counts as one
    /// failure.
    fn finish_tests(&mut self, succeeded: bool) {
        if !succeeded && self.failed == 0 {
            self.fail("cargo test failed before a test did: see its output above");
        } else if succeeded && self.passed + self.failed == 0 {
            self.fail("no test ran");
        }
    }
}

/// The number in front of `word`: 12 in `ok. 12 passed; …`.
fn count_before(line: &str, word: &str) -> usize {
    line.split([';', '.'])
        .filter_map(|part| part.trim().strip_suffix(word))
        .find_map(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

/// The line without terminal escape sequences (`ESC [ … letter`).
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        if c == '\u{1b}' {
            // Drops everything up to the letter that ends the sequence.
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    fn read(lines: &str, succeeded: bool) -> Outcome {
        let mut outcome = Outcome::default();
        lines.lines().for_each(|line| outcome.read_line(line));
        outcome.finish_tests(succeeded);
        outcome
    }

    #[test]
    fn counts_of_several_binaries_add_up() {
        let outcome = read(
            "running 2 tests\n\
             test a ... ok\n\
             test b::c - should panic ... ignored\n\
             test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s\n\
             test core/src/seal.rs - seal::Seal (line 9) ... ok\n\
             test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n",
            true,
        );
        assert_eq!(
            (outcome.passed, outcome.failed, outcome.skipped),
            (15, 0, 1)
        );
        assert_eq!(
            outcome.notes,
            ["skipped: test b::c - should panic: the test does not say why"]
        );
    }

    #[test]
    fn failures_are_named_and_not_counted_twice() {
        let outcome = read(
            "test lanes::agree ... FAILED\n\
             test slow ... ignored, takes an hour\n\
             \u{1b}[31mtest result: \u{1b}[m\u{1b}[31mFAILED\u{1b}[m. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.30s\n",
            false,
        );
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped), (2, 1, 1));
        assert_eq!(
            outcome.notes,
            ["test lanes::agree", "skipped: test slow: takes an hour"]
        );
    }

    #[test]
    fn an_error_before_any_test_is_one_failure() {
        let outcome = read("", false);
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped), (0, 1, 0));
    }

    #[test]
    fn a_later_binary_that_does_not_compile_is_one_failure() {
        let outcome = read(
            "test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0s\n",
            false,
        );
        assert_eq!((outcome.passed, outcome.failed), (5, 1));
    }

    #[test]
    fn a_filter_that_matches_nothing_is_a_failure() {
        let outcome = read(
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0s\n",
            true,
        );
        assert_eq!((outcome.passed, outcome.failed), (0, 1));
        assert_eq!(outcome.notes, ["no test ran"]);
    }
}
