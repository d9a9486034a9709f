//! The outcome of a step.

/// The outcome of a step: how many checks, and what to say about them at the end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Checks that passed.
    pub(crate) passed: usize,
    /// Checks that failed.
    pub(crate) failed: usize,
    /// Checks that did not run.
    pub(crate) skipped: usize,
    /// One line for each failure or skip: its name and the reason.
    pub(crate) notes: Vec<String>,
}

impl Outcome {
    /// One check that passed.
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    /// One check that failed, and why.
    pub(crate) fn fail(&mut self, why: impl Into<String>) {
        self.failed += 1;
        self.notes.push(why.into());
    }

    /// One check that did not run, and why.
    pub(crate) fn skip(&mut self, why: impl Into<String>) {
        self.skipped += 1;
        self.notes.push(format!("skipped: {}", why.into()));
    }
}

/// Why a test was skipped, in its own words.
pub(crate) fn reason(words: &str) -> &str {
    match words.trim() {
        "" => "the test does not say why",
        words => words,
    }
}
