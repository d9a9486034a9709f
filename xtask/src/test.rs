//! `cargo xtask test`: runs the steps, even after failures, and counts.
//!
//! The last line is `N passed, N failed, N skipped`, for people and for CI alike. A step that runs
//! tests counts them; any other step counts as one.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::consent::Consent;
use crate::outcome::Outcome;
use crate::steps::{STEPS, Step};
use crate::workspace::Workspace;

/// Prints the steps.
pub(crate) fn list() {
    for step in STEPS {
        let when = if step.on_demand {
            " (only by name)"
        } else {
            ""
        };
        println!("{:<22}{}{when}", step.name, step.about);
    }
}

/// Runs all steps but those on demand, or those that are named.
///
/// # Errors
///
/// A name belongs to no step, or a missing package may not be installed. Failing steps are no errors: they are counted,
/// and the exit code is 1.
pub(crate) fn run(workspace: &Workspace, names: &[&str], consent: Consent) -> Result<ExitCode> {
    if let Some(unknown) = names
        .iter()
        .find(|name| !STEPS.iter().any(|step| is_named(step, name)))
    {
        bail!("no step is named {unknown}: see `cargo xtask test --list`");
    }
    let chosen = || {
        STEPS.iter().filter(|step| match names {
            [] => !step.on_demand,
            names => names.iter().any(|name| is_named(step, name)),
        })
    };
    let mut report = Report::default();
    let needs = chosen().map(|step| (step.name, step.needs));
    if let Some(packages) = consent.to_install(workspace, needs)? {
        // Counted like a step: if it fails, the steps that do not need it run all the same.
        report.add("install", "packages of the system", |_| {
            packages.install(workspace)
        });
    }
    for step in chosen() {
        report.add(step.name, step.about, |outcome| {
            (step.run)(workspace, outcome)
        });
    }
    print!("\n{}", report.text());
    Ok(if report.sum(|outcome| outcome.failed) == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// `clippy` names the step `clippy` and those that begin with `clippy-`.
fn is_named(step: &Step, name: &str) -> bool {
    step.name
        .strip_prefix(name)
        .is_some_and(|rest| !name.is_empty() && (rest.is_empty() || rest.starts_with('-')))
}

/// What happened: step, outcome, seconds.
#[derive(Default)]
struct Report {
    steps: Vec<(&'static str, Outcome, f64)>,
}

impl Report {
    /// Runs a step: an error counts as a failure, and a step that counted nothing as one check.
    fn add(
        &mut self,
        name: &'static str,
        about: &str,
        run: impl FnOnce(&mut Outcome) -> Result<()>,
    ) {
        println!("\n== {name}: {about}");
        let start = Instant::now();
        let mut outcome = Outcome::default();
        match run(&mut outcome) {
            Err(error) => outcome.fail(format!("{error:#}")),
            Ok(()) if outcome == Outcome::default() => outcome.pass(),
            Ok(()) => (),
        }
        self.steps
            .push((name, outcome, start.elapsed().as_secs_f64()));
    }

    fn sum(&self, count: impl Fn(&Outcome) -> usize) -> usize {
        self.steps
            .iter()
            .map(|(_, outcome, _)| count(outcome))
            .sum()
    }

    /// The table, the failures and skips with their reasons, and the line of counts.
    fn text(&self) -> String {
        let mut lines = vec![format!(
            "{:<22}{:<8}{:>7}{:>8}{:>9}{:>9}",
            "step", "result", "passed", "failed", "skipped", "seconds"
        )];
        for (name, outcome, seconds) in &self.steps {
            let Outcome {
                passed,
                failed,
                skipped,
                ..
            } = outcome;
            let result = match (failed, passed) {
                (1.., _) => "FAILED",
                (0, 0) => "skipped",
                (0, 1..) => "ok",
            };
            lines.push(format!(
                "{name:<22}{result:<8}{passed:>7}{failed:>8}{skipped:>9}{seconds:>9.1}"
            ));
        }
        for (name, outcome, _) in &self.steps {
            let mark = if outcome.failed > 0 { "FAILED " } else { "" };
            lines.extend(
                outcome
                    .notes
                    .iter()
                    .map(|note| format!("{mark}{name}: {note}")),
            );
        }
        lines.push(format!(
            "{} passed, {} failed, {} skipped\n",
            self.sum(|outcome| outcome.passed),
            self.sum(|outcome| outcome.failed),
            self.sum(|outcome| outcome.skipped)
        ));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::{Outcome, Report, STEPS, is_named};

    #[test]
    fn the_last_line_is_the_counts() {
        let mut tests = Outcome {
            passed: 12,
            ..Outcome::default()
        };
        tests.fail("test a::b");
        tests.skip("test c: needs a GPU");
        let mut fmt = Outcome::default();
        fmt.pass();
        let report = Report {
            steps: vec![("fmt", fmt, 0.25), ("tests", tests, 61.0)],
        };
        let text = report.text();
        assert!(
            text.ends_with("\n13 passed, 1 failed, 1 skipped\n"),
            "{text}"
        );
        assert!(text.contains("FAILED tests: test a::b\n"), "{text}");
        assert!(text.contains("skipped: test c: needs a GPU\n"), "{text}");
    }

    #[test]
    fn a_step_that_fails_is_counted_and_one_that_counts_nothing_is_a_check() {
        let mut report = Report::default();
        report.add("install", "packages", |_| bail!("no network"));
        report.add("fmt", "form", |_| Ok(()));
        report.add("tests", "tests", |outcome| {
            outcome.pass();
            outcome.skip("no card");
            bail!("it ended early")
        });
        let text = report.text();
        assert!(text.contains("FAILED install: no network\n"), "{text}");
        assert!(
            text.ends_with("\n2 passed, 2 failed, 1 skipped\n"),
            "{text}"
        );
    }

    #[test]
    fn a_name_selects_its_family() {
        let named = |name: &str| STEPS.iter().filter(|step| is_named(step, name)).count();
        assert!(named("clippy") > 1);
        assert_eq!(named("fmt"), 1);
        assert_eq!(named("clip"), 0);
        assert_eq!(named(""), 0);
    }

    #[test]
    fn step_names_are_distinct() {
        let mut names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
