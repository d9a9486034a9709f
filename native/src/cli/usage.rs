//! Mistakes on the command line, one line each.

use core::{error::Error as _, fmt::Display};

use clap::error::{ContextKind, ContextValue};
use thiserror::Error;

use crate::text;

/// A mistake on the command line: what is wrong, what was expected, how to fix it. It is one harmless line,
/// whatever was typed.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{0}")]
pub struct Usage(String);

impl Usage {
    /// A mistake in the value of `flag`: what is wrong with it, and what to do.
    pub fn new(flag: &str, problem: impl Display, remedy: &str) -> Self {
        Self::of(flag, format_args!("{problem}; {remedy}"))
    }

    /// The same, in the words of the value's reader.
    pub fn of(flag: &str, wrong: impl Display) -> Self {
        Self(text::one_line(&format!("{flag}: {wrong}")))
    }

    /// A flag that is required and was not given.
    pub fn missing(flag: &str, expected: &str) -> Self {
        Self::new(flag, "missing", &format!("add it: {expected}"))
    }

    /// A mistake in somebody else's words, on one line.
    pub fn from_message(message: &str) -> Self {
        Self(text::line(message, usize::MAX))
    }
}

/// A complaint from clap. If it is about a value, its reader's words are used: clap's own would repeat the
/// value, which may be a secret.
impl From<&clap::Error> for Usage {
    fn from(error: &clap::Error) -> Self {
        if let (Some(wrong), Some(ContextValue::String(arg))) =
            (error.source(), error.get(ContextKind::InvalidArg))
        {
            // The name of the value follows.
            let flag = arg.split(' ').next().unwrap_or(arg);
            return Self::of(flag, wrong);
        }
        let text = error.to_string();
        let words = text.split("\n\nUsage:").next().unwrap_or(&text);
        let words = words.split("\n\nFor more").next().unwrap_or(words);
        let words = words
            .trim_start_matches("error: ")
            .replace("\n\n  tip:", ";");
        Self::from_message(&format!("{words}; see btpow --help"))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;

    /// Somebody may paste a secret where something else belongs. clap's own words would repeat it.
    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        let phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";
        for (command, flag) in [
            ("doctor", "--genesis"),
            ("doctor", "--hotkey"),
            ("mine", "--coldkey"),
            ("seal", "--block-hash"),
            ("seal", "--hotkey"),
            ("verify", "--seal"),
        ] {
            let error = Cli::try_parse_from(["btpow", command, flag, phrase]).expect_err("wrong");
            let complaint = Usage::from(&error).to_string();
            assert!(complaint.starts_with(&format!("{flag}: ")), "{complaint}");
            assert!(!complaint.contains("sausage"), "{complaint}");
        }
    }

    #[test]
    fn a_complaint_is_one_harmless_line() {
        let line = Usage::from_message("two\nlines  and \u{1b}[31ma colour").to_string();
        assert_eq!(line, "two lines and [31ma colour");
    }
}
