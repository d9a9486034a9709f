//! Which keys a settings file may have, and what their values look like: clap's arguments say it, and nothing else does.

use core::any::TypeId;
use std::{ffi::OsString, path::PathBuf};

use clap::{
    Arg, ArgAction, ArgMatches, Command, CommandFactory as _,
    error::{ContextKind, ContextValue, ErrorKind},
};

use super::Setting;
use crate::cli::{Cli, Usage};

/// What a file cannot say: it would be about itself.
const NEVER: [&str; 4] = ["config", "no-config", "help", "version"];

/// What a file says of one command alone: that nobody is asked before something is signed.
pub(super) const YES: (&str, &str) = ("yes", "register");

/// What says whose challenge it is. Where a command takes a challenge from its flags (those with this flag), only its
/// own table says it: otherwise the top level would be half of another challenge.
const OF_A_CHAIN: [&str; 4] = ["network", "netuid", "hotkey", "coldkey"];
const CHALLENGE: &str = "block-hash";

/// What means something only for a fleet. clap is not told: it would not see a fleet that the file names.
const OF_A_FLEET: [&str; 3] = ["fleet-creds", "no-local", "standby"];

/// The command whose settings are those of its question, and the question.
const ASKING: (&str, &str) = ("fleet", "status");

/// The flags that replace each other where one comes from a higher place, besides those that clap knows to conflict.
const REPLACED: [(&[&str], &[&str]); 5] = [
    (&["output-in-place"], &["no-output-in-place"]),
    (&["hotkey", "coldkey"], &["wallet-name", "wallet-hotkey"]),
    (&["device"], &["cuda", "dev-id"]),
    (
        &["sample"],
        &[
            "protocol",
            "order",
            "netuid",
            "block-hash",
            "hotkey",
            "coldkey",
            "block-number",
            "difficulty",
            "network",
        ],
    ),
    (&["network"], &["block-hash", "block-number"]),
];

/// What the value of a key looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// true or false.
    Switch,
    /// How often the flag is given.
    Count,
    /// One value, which may be a number.
    Value {
        /// Whether a number is welcome.
        numbers: bool,
    },
    /// One or more values.
    List {
        /// Whether numbers are welcome.
        numbers: bool,
    },
}

/// The program's commands and their flags.
pub(crate) struct Keys {
    program: Command,
    asking: Command,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let mut program = Cli::command();
        // Gives each command the program's own flags.
        program.build();
        let asking = program.find_subcommand(ASKING.0);
        let asking = asking.and_then(|it| it.find_subcommand(ASKING.1));
        let asking = asking.cloned().unwrap_or_default().name(ASKING.0);
        Self { program, asking }
    }

    /// The program.
    pub(crate) const fn program(&self) -> &Command {
        &self.program
    }

    /// The commands that a file can say something about: those with flags of their own.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        let all = self.program.get_subcommands().map(|it| {
            if it.get_name() == ASKING.0 {
                &self.asking
            } else {
                it
            }
        });
        all.filter(|it| has_own(it))
    }

    /// One of them by its name.
    pub(crate) fn command(&self, name: &str) -> Option<&Command> {
        self.commands().find(|it| it.get_name() == name)
    }

    /// The first command that knows a key, and the key's argument there.
    pub(super) fn find(&self, key: &str) -> Option<(&Command, &Arg)> {
        self.commands()
            .find_map(|command| Some((command, arg(command, key)?)))
    }
}

impl Kind {
    /// The kind of an argument's values.
    pub(crate) fn of(arg: &Arg) -> Self {
        let reader = arg.get_value_parser().type_id();
        let is_text = reader == TypeId::of::<String>() || is_path(arg);
        // Numbers that are parted by commas, such as those of cards, are read as text.
        let numbers = !is_text || arg.get_value_delimiter().is_some();
        match arg.get_action() {
            ArgAction::SetTrue => Self::Switch,
            ArgAction::Count => Self::Count,
            ArgAction::Append => Self::List { numbers },
            _ => Self::Value { numbers },
        }
    }

    /// What is expected, in words that follow "expected".
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Switch => "true or false",
            Self::Count => "a whole number from 0 to 3",
            Self::Value { numbers: true } => "a number, or text in quotes",
            Self::Value { numbers: false } => "text in quotes",
            Self::List { numbers: true } => "a number, text in quotes, or several in brackets",
            Self::List { numbers: false } => "text in quotes, or several in brackets",
        }
    }
}

/// Whether a command has flags of its own, so that a file can say something about it.
pub(super) fn has_own(command: &Command) -> bool {
    args(command).any(|arg| !arg.is_global_set())
}

/// The words that lead to the flags of a command with this name.
pub(crate) fn words(name: &str) -> Vec<&str> {
    let question = (name == ASKING.0).then_some(ASKING.1);
    [name].into_iter().chain(question).collect()
}

/// The command that was given, and the matches of its flags.
pub(crate) fn given(matches: &ArgMatches) -> Option<(&str, &ArgMatches)> {
    let (name, matches) = matches.subcommand()?;
    let question = matches.subcommand().filter(|_| name == ASKING.0);
    Some((name, question.map_or(matches, |(_, matches)| matches)))
}

/// The arguments of a command that a file can give.
pub(crate) fn args(command: &Command) -> impl Iterator<Item = &Arg> {
    let settable = |it: &&Arg| it.get_long().is_some_and(|long| !NEVER.contains(&long));
    command.get_arguments().filter(settable)
}

/// The argument of a command with this long name.
pub(crate) fn arg<'a>(command: &'a Command, key: &str) -> Option<&'a Arg> {
    args(command).find(|it| it.get_long() == Some(key))
}

/// The long name of an argument that a file can give.
pub(crate) fn key(arg: &Arg) -> &str {
    arg.get_long().unwrap_or_default()
}

/// Whether the top level of a file says it for a command that knows it.
pub(crate) fn is_for_all(command: &Command, key: &str) -> bool {
    key != YES.0 && !(OF_A_CHAIN.contains(&key) && arg(command, CHALLENGE).is_some())
}

/// Whether the value of an argument is a path.
pub(super) fn is_path(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == TypeId::of::<PathBuf>()
}

/// Whether two switches say the opposite of each other, of which the last one counts on a command line. A file has no
/// last one.
pub(super) fn are_opposites(one: &str, other: &str) -> bool {
    let (these, those) = REPLACED[0];
    let is = |keys: &[&str], key: &str| keys.contains(&key);
    is(these, one) && is(those, other) || is(those, one) && is(these, other)
}

/// Whether two flags of a command cannot be given together.
pub(super) fn conflict(command: &Command, one: &str, other: &str) -> bool {
    let names = |one: &str, other: &str| {
        let conflicts = arg(command, one).map(|it| command.get_arg_conflicts_with(it));
        let mut conflicts = conflicts.into_iter().flatten();
        conflicts.any(|it| it.get_long() == Some(other))
    };
    names(one, other) || names(other, one)
}

/// The flags without which a command does not take this one. clap keeps them to itself, except in its complaint.
pub(super) fn required(command: &Command, setting: &Setting) -> Vec<String> {
    if OF_A_FLEET.contains(&&*setting.key) {
        return vec!["fleet".to_owned()];
    }
    let line = [OsString::from(command.get_name())].into_iter();
    let line = line.chain(setting.given.arguments(&setting.key));
    match command.clone().try_get_matches_from(line) {
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => flags(&error),
        _ => Vec::new(),
    }
}

/// The long names of the flags that a complaint is about.
pub(super) fn flags(error: &clap::Error) -> Vec<String> {
    let mut shown: Vec<&str> = Vec::new();
    for kind in [ContextKind::InvalidArg, ContextKind::PriorArg] {
        match error.get(kind) {
            Some(ContextValue::String(one)) => shown.push(one),
            Some(ContextValue::Strings(several)) => {
                shown.extend(several.iter().map(String::as_str))
            }
            _ => {}
        }
    }
    // The name of the value follows.
    let name = |shown: &str| {
        let (name, _) = shown.split_once([' ', '=']).unwrap_or((shown, ""));
        name.strip_prefix("--").map(str::to_owned)
    };
    shown.into_iter().filter_map(name).collect()
}

/// Whether a flag from a higher place replaces another one.
pub(super) fn replaces(command: &Command, higher: &str, lower: &str) -> bool {
    let is_listed = REPLACED.iter().any(|(some, others)| {
        let is = |these: &[&str], key| these.contains(&key);
        is(some, higher) && is(others, lower) || is(others, higher) && is(some, lower)
    });
    // An order belongs to the protocol that is named with it.
    let is_order = higher == "protocol" && lower == "order";
    higher == lower || is_listed || is_order || conflict(command, higher, lower)
}

/// A key as the flags write it.
pub(super) fn normal(key: &str) -> String {
    key.replace('_', "-")
}

/// Reads a value as the flag of the command would.
///
/// # Errors
///
/// The words of its reader.
pub(super) fn read(command: &Command, key: &str, value: &str) -> Result<(), String> {
    let line = [command.get_name(), &format!("--{key}={value}")].map(str::to_owned);
    let Err(error) = command.clone().try_get_matches_from(line) else {
        return Ok(());
    };
    let words = Usage::from(&error).to_string();
    let flag = format!("--{key}: ");
    Err(words.strip_prefix(&flag).unwrap_or(&words).to_owned())
}

/// Which key was probably meant by one that is none, of these.
pub(super) fn nearest<'a>(
    typed: &str,
    known: impl Iterator<Item = (&'a str, Vec<&'a str>)>,
) -> Option<&'a str> {
    let mut best: Option<(usize, &str)> = None;
    for (key, aliases) in known {
        for name in aliases.into_iter().chain([key]) {
            let name = normal(name);
            let is_part = typed.len() > 3 && (name.contains(typed) || typed.contains(&name));
            let distance = strsim::damerau_levenshtein(typed, &name);
            let is_close = distance <= 2 && distance < typed.len();
            if (is_part || is_close) && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, key));
            }
        }
    }
    best.map(|(_, key)| key)
}
