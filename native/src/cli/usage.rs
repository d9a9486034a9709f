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

    /// The long name of the flag that the mistake is about, and the words about it.
    pub(crate) fn about(&self) -> Option<(&str, &str)> {
        let (flag, words) = self.0.strip_prefix("--")?.split_once(": ")?;
        (!flag.contains(' ')).then_some((flag, words))
    }

    /// The same mistake, where it is not the only one.
    pub(crate) fn among(self, others: usize, remedy: &str) -> Self {
        match others {
            0 => self,
            1 => Self(format!("{self}; and one more mistake: {remedy}")),
            _ => Self(format!("{self}; and {others} more mistakes: {remedy}")),
        }
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
        let mut parts = words.trim_start_matches("error: ").split("\n\n  tip:");
        let mut words = parts.next().unwrap_or_default().to_owned();
        let command = command(error);
        let typed = match error.get(ContextKind::InvalidArg) {
            Some(ContextValue::String(typed)) => typed.as_str(),
            _ => "",
        };
        match tip(error, &command, typed) {
            Some(tip) => words += &tip,
            // Tips about something else than other names.
            None if error.get(ContextKind::SuggestedArg).is_none() => {
                parts.for_each(|tip| words += &format!(";{tip}"));
            }
            None => {}
        }
        Self::from_message(&format!("{words}; see {command} --help"))
    }
}

/// The command that was typed, as in `btpow register`.
fn command(error: &clap::Error) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string);
    let usage = usage.unwrap_or_default();
    let usage = usage.trim().trim_start_matches("Usage: ");
    let is_name = |word: &&str| word.starts_with(|it: char| it.is_ascii_lowercase());
    let words: Vec<_> = usage.split_whitespace().take_while(is_name).collect();
    if words.is_empty() {
        "btpow".to_owned()
    } else {
        words.join(" ")
    }
}

/// What was probably meant by a flag that is none.
fn tip(error: &clap::Error, command: &str, typed: &str) -> Option<String> {
    if typed == "--hotkey" || typed == "--coldkey" {
        let signs = matches!(command, "btpow register" | "btpow faucet");
        return signs.then(|| {
            "; it signs with the keys of a wallet: name them with --wallet-name and --wallet-hotkey"
                .to_owned()
        });
    }
    if typed.starts_with("--wallet") && command == "btpow rig" {
        return Some("; a rig needs no wallet, as the coordinator has it".to_owned());
    }
    let Some(ContextValue::String(known)) = error.get(ContextKind::SuggestedArg) else {
        return None;
    };
    // The library suggests what shares a few letters, such as --password-file for --log-level.
    let (flag, name) = (typed.trim_start_matches('-'), known.trim_start_matches('-'));
    let is_part = flag.len() > 3 && (name.contains(flag) || flag.contains(name));
    let is_close = is_part || strsim::damerau_levenshtein(flag, name) <= 2;
    is_close.then(|| format!("; did you mean {known}?"))
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
    fn an_unknown_flag_leads_to_the_help_of_its_command_and_to_what_was_meant() {
        for (line, expected) in [
            (
                "register --nonsense",
                "'--nonsense' found; see btpow register --help",
            ),
            (
                "mine --log-level x",
                "'--log-level' found; see btpow mine --help",
            ),
            (
                "register --wallet-nam w",
                "; did you mean --wallet-name?; see btpow register --help",
            ),
            (
                "register --hotkey h",
                "name them with --wallet-name and --wallet-hotkey; see",
            ),
            (
                "rig --wallet-name w",
                "a rig needs no wallet, as the coordinator has it; see btpow rig --help",
            ),
            ("--nonsense", "'--nonsense' found; see btpow --help"),
        ] {
            let words = ["btpow"].into_iter().chain(line.split(' '));
            let error = Cli::try_parse_from(words).expect_err("wrong");
            let complaint = Usage::from(&error).to_string();
            assert!(complaint.contains(expected), "{complaint}");
        }
    }

    #[test]
    fn a_complaint_is_one_harmless_line() {
        let line = Usage::from_message("two\nlines  and \u{1b}[31ma colour").to_string();
        assert_eq!(line, "two lines and [31ma colour");
    }
}
