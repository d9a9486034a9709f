//! Runs Node's tests and reads the report of `xtask/node/reporter.mjs`.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::outcome::{Outcome, reason};
use crate::shell::Program;
use crate::workspace::Workspace;

/// The folder of our reporter and its tests.
pub(crate) const REPORTER: &str = "xtask/node";

/// Node, about to run all test files of some folders.
///
/// # Errors
///
/// When a folder cannot be read.
pub(crate) fn tests(workspace: &Workspace, folders: &[&str]) -> Result<Program> {
    // One file after the other: some tests measure time.
    let mut program = workspace.program("node", "--test --test-concurrency=1");
    for folder in folders {
        for file in test_files(&workspace.at(folder))? {
            program = program.arg(file);
        }
    }
    Ok(program)
}

/// The test files of a folder, sorted.
fn test_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|file| file.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    Ok(files)
}

/// Runs Node, or a script that starts it, and counts its tests.
///
/// # Errors
///
/// The report cannot be read. A failing test is no error; it is counted.
pub(crate) fn run(workspace: &Workspace, program: Program, outcome: &mut Outcome) -> Result<()> {
    let report = workspace
        .target
        .join(format!("node-tests-{}.jsonl", std::process::id()));
    let reporter = workspace.at(REPORTER).join("reporter.mjs");
    // Through the environment, since an npm script takes no options for the Node that it starts.
    let ended = program
        .env("NODE_OPTIONS", node_options(&reporter, &report))
        .run();
    let lines = fs::read_to_string(&report)
        .with_context(|| format!("Node has left no report in {}", report.display()));
    if lines.is_ok() {
        fs::remove_file(&report)?;
    }
    match (ended, lines) {
        (ended, Ok(lines)) => count(&lines, ended, outcome),
        // The reason why it did not even start is the better answer.
        (Err(error), Err(_)) | (Ok(()), Err(error)) => Err(error),
    }
}

/// One reporter for people, and ours, which writes to a file.
fn node_options(reporter: &Path, report: &Path) -> OsString {
    let mut options = OsString::from("--test-reporter=spec --test-reporter-destination=stdout");
    for (name, path) in [
        (" --test-reporter=", reporter),
        (" --test-reporter-destination=", report),
    ] {
        options.push(name);
        options.push(quoted(&path.to_string_lossy()));
    }
    options
}

/// A word quoted for `NODE_OPTIONS`.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', r"\\").replace('"', r#"\""#))
}

/// Counts the tests of a report. A run that failed without a failing test, or in which no test ran, counts as one
/// failure.
fn count(report: &str, ended: Result<()>, outcome: &mut Outcome) -> Result<()> {
    let (mut passed, mut failed) = (0, 0);
    for line in report.lines() {
        let test: Value = serde_json::from_str(line)
            .with_context(|| format!("the report of Node has a line that is not JSON: {line}"))?;
        let text = |field: &str| test[field].as_str().unwrap_or_default();
        let (name, why) = (text("name"), text("why"));
        match text("result") {
            "passed" => {
                outcome.pass();
                passed += 1;
            }
            "failed" => {
                let colon = if why.is_empty() { "" } else { ": " };
                outcome.fail(format!("test {name}{colon}{why}"));
                failed += 1;
            }
            "skipped" => outcome.skip(format!("test {name}: {}", reason(why))),
            _ => bail!("the report of Node has a line that says no result: {line}"),
        }
    }
    match ended {
        Err(error) if failed == 0 => outcome.fail(format!("no test failed, but {error:#}")),
        Ok(()) if passed + failed == 0 => outcome.fail("no test ran"),
        _ => (),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    const REPORT: &str = r#"
{"result":"passed","name":"seals.test.mjs: a seal"}
{"result":"failed","name":"seals.test.mjs: suite > another"}
{"result":"failed","name":"empty.test.mjs","why":"no test ran"}
{"result":"skipped","name":"solve.test.mjs: on a card","why":"needs a GPU"}
{"result":"skipped","name":"solve.test.mjs: later","why":""}
"#;

    fn counted(report: &str, ended: Result<()>) -> Result<Outcome> {
        let mut outcome = Outcome::default();
        count(report.trim_start(), ended, &mut outcome)?;
        Ok(outcome)
    }

    #[test]
    fn tests_are_counted_and_named() {
        let outcome = counted(REPORT, Err(anyhow!("it ended with 1"))).expect("a report");
        assert_eq!((outcome.passed, outcome.failed, outcome.skipped), (1, 2, 2));
        assert_eq!(
            outcome.notes,
            [
                "test seals.test.mjs: suite > another",
                "test empty.test.mjs: no test ran",
                "skipped: test solve.test.mjs: on a card: needs a GPU",
                "skipped: test solve.test.mjs: later: the test does not say why",
            ]
        );
    }

    #[test]
    fn an_end_that_no_test_explains_is_a_failure() {
        let passed = r#"{"result":"passed","name":"a"}"#;
        let skipped = r#"{"result":"skipped","name":"a","why":"no card"}"#;
        for (report, ended, note) in [
            (
                passed,
                Err(anyhow!("it ended with 7")),
                "no test failed, but it ended with 7",
            ),
            ("", Ok(()), "no test ran"),
        ] {
            let outcome = counted(report, ended).expect("a report");
            assert_eq!(outcome.failed, 1);
            assert_eq!(outcome.notes, [note]);
        }
        assert_eq!(counted(skipped, Ok(())).expect("a report").failed, 1);
        assert_eq!(counted(passed, Ok(())).expect("a report").failed, 0);
    }

    #[test]
    fn a_report_of_something_else_is_an_error() {
        assert!(counted("ok 1 - a seal", Ok(())).is_err());
        assert!(counted(r#"{"result":"perhaps","name":"a"}"#, Ok(())).is_err());
    }

    #[test]
    fn paths_with_spaces_reach_node_whole() {
        assert_eq!(quoted(r#"/a b/c"d\e"#), r#""/a b/c\"d\\e""#);
    }
}
