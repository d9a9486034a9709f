//! The command line with what the settings file adds.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{
    ArgMatches, CommandFactory as _, FromArgMatches as _,
    error::{ContextKind, ContextValue},
};

use super::{
    FileGoal, Setting, Settings, Source,
    keys::{self, Keys, YES},
    order::Layers,
    read::Mistakes,
};
use crate::{
    cli::{Cli, Command, FaucetArgs, RegisterArgs, Usage},
    environment::Environment,
    exit::Failure,
};

/// A whole command line.
#[derive(Debug)]
pub struct Line {
    /// The command and its flags, from wherever they come.
    pub cli: Cli,
    /// What of it comes from the settings file.
    pub origin: Origin,
    /// What the user should know of that, in one line.
    pub note: Option<String>,
}

/// What comes from a settings file.
#[derive(Debug, Default)]
pub struct Origin {
    /// The file, if the command has one.
    source: Option<Source>,
    /// What it added.
    added: Vec<Setting>,
}

/// Why there is no whole command line.
#[derive(Debug)]
pub enum Unread {
    /// What was typed is wrong, or asks for help.
    Typed(clap::Error),
    /// The settings file is wrong.
    File(Usage),
}

impl From<clap::Error> for Unread {
    fn from(error: clap::Error) -> Self {
        Self::Typed(error)
    }
}

impl From<Usage> for Unread {
    fn from(usage: Usage) -> Self {
        Self::File(usage)
    }
}

/// Reads the arguments, and the settings file for a command that it can say something about.
///
/// # Errors
///
/// What was typed is wrong, whatever the file says; or the file is.
pub fn line(args: &[OsString], environment: &Environment) -> Result<Line, Unread> {
    let mut program = Cli::command();
    let matches = program.try_get_matches_from_mut(args);
    let matches = matches.map_err(|error| of_typed(error, args))?;
    let typed = keys::given(&matches);
    let takes_settings = |name: &str| {
        let mut words = keys::words(name).into_iter();
        let command = words.try_fold(&program, |command, word| command.find_subcommand(word));
        command.is_some_and(keys::has_own)
    };
    let source = match typed.filter(|(name, _)| takes_settings(name)) {
        Some(_) => {
            let named = matches.get_one::<PathBuf>("config");
            source(named.map(PathBuf::as_path), matches.get_flag("no_config"))?
        }
        None => None,
    };
    let Some((source, (name, of_command))) = source.zip(typed) else {
        return alone(&matches);
    };
    let keys = Keys::new();
    let settings = Settings::read(&source, &keys).map_err(|it| first(it, &source))?;
    let Some(command) = keys.command(name) else {
        return alone(&matches);
    };
    let layers = Layers::new(command, of_command, environment);
    let added: Vec<_> = layers.kept(&settings).into_iter().cloned().collect();
    let whole = Cli::command().try_get_matches_from(with(args, &added));
    let whole = whole.map_err(|error| of_file(error, &source, command, &added))?;
    let mut cli = Cli::from_arg_matches(&whole)?;
    let has = |key: &str| added.iter().any(|it| it.key == key);
    let is_password = has("password-file") || has("password-fd");
    match &mut cli.command {
        Command::Register(RegisterArgs { send, .. }) | Command::Faucet(FaucetArgs { send, .. }) => {
            send.password.is_from_file = is_password;
            send.settings = Some(source.path().to_owned());
        }
        _ => {}
    }
    let mut note = None;
    match &mut cli.command {
        Command::Register(args) => {
            args.goals = goals(&layers, &settings);
            let aside = settings.goals.len();
            if args.goals.is_empty() && aside > 0 {
                note = layers
                    .goal_flag()
                    .map(|flag| put_aside(aside, flag, &source));
            }
        }
        Command::Top(args) => args.find(&settings),
        Command::Fleet(args) => args.find(&settings),
        _ => {}
    }
    let source = Some(source);
    Ok(Line {
        cli,
        origin: Origin { source, added },
        note,
    })
}

/// The same mistake, which names of a group of flags those that were typed.
fn of_typed(mut error: clap::Error, args: &[OsString]) -> clap::Error {
    let typed = |flag: &String| {
        let flag = flag.split([' ', '=']).next().unwrap_or(flag);
        let words = args.iter().filter_map(|word| word.to_str());
        let mut flags = words.map(|word| word.split('=').next().unwrap_or(word));
        flags.any(|it| it == flag)
    };
    if let Some(ContextValue::Strings(flags)) = error.get(ContextKind::PriorArg) {
        let typed: Vec<_> = flags.iter().filter(|it| typed(it)).cloned().collect();
        match typed.as_slice() {
            [] => {}
            [one] => {
                let one = ContextValue::String(one.clone());
                error.insert(ContextKind::PriorArg, one);
            }
            _ => {
                error.insert(ContextKind::PriorArg, ContextValue::Strings(typed));
            }
        }
    }
    error
}

/// That the goals of the file do not count.
fn put_aside(goals: usize, flag: &str, source: &Source) -> String {
    let goals = match goals {
        1 => "the goal".to_owned(),
        all => format!("the {all} goals"),
    };
    let path = source.path().display();
    format!("{goals} of {path} put aside, since --{flag} says what to register")
}

/// What commands would not take of a file whose values are right, each with its place: `register`, and every command
/// with a table. `mistakes` finds what their flags cannot mean together.
pub(crate) fn refused(
    source: &Source,
    settings: &Settings,
    keys: &Keys,
    mistakes: impl Fn(&Command) -> Vec<Usage>,
) -> Vec<Usage> {
    let mut refused: Vec<Usage> = Vec::new();
    for command in keys.commands() {
        let name = command.get_name();
        if name != YES.1 && !settings.tables.contains_key(name) {
            continue;
        }
        let words = ["btpow"].into_iter().chain(keys::words(name));
        let args: Vec<_> = words.map(OsString::from).collect();
        let Ok(matches) = keys.program().clone().try_get_matches_from(&args) else {
            continue;
        };
        let Some((_, of_command)) = keys::given(&matches) else {
            continue;
        };
        let layers = Layers::new(command, of_command, &Environment::default());
        let added: Vec<_> = layers.kept(settings).into_iter().cloned().collect();
        let whole = Cli::command().try_get_matches_from(with(&args, &added));
        let found = match whole.and_then(|whole| Cli::from_arg_matches(&whole)) {
            Ok(mut cli) => {
                if let Command::Fleet(args) = &mut cli.command {
                    args.find(settings);
                }
                let mistakes = mistakes(&cli.command).into_iter();
                let located = mistakes.filter_map(|it| located(source, &added, &it));
                located.collect()
            }
            Err(error) => match of_file(error, source, command, &added) {
                Unread::File(usage) => vec![usage],
                // It is about what the file leaves to flags.
                Unread::Typed(_) => Vec::new(),
            },
        };
        for usage in found {
            if !refused.contains(&usage) {
                refused.push(usage);
            }
        }
    }
    refused
}

/// A mistake about one of these settings, with its place.
fn located(source: &Source, added: &[Setting], usage: &Usage) -> Option<Usage> {
    let (flag, words) = usage.about()?;
    let setting = added.iter().find(|it| it.key == flag)?;
    let words = format_args!("{flag}: {words}");
    Some(source.mistaken(setting.place, words))
}

/// What was typed, alone.
fn alone(matches: &ArgMatches) -> Result<Line, Unread> {
    Ok(Line {
        cli: Cli::from_arg_matches(matches)?,
        origin: Origin::default(),
        note: None,
    })
}

/// The settings file that the flags name, or the user's own.
///
/// # Errors
///
/// It cannot be read; or the flags say both that it is read and that none is.
pub(crate) fn source(named: Option<&Path>, is_unread: bool) -> Result<Option<Source>, Usage> {
    match named {
        // clap does not compare what stands before the command with what stands behind it.
        Some(_) if is_unread => {
            let problem = "there is --config, too";
            Err(Usage::new("--no-config", problem, "drop either of the two"))
        }
        None if is_unread => Ok(None),
        named => Source::find(named),
    }
}

/// The goals of the file, for which flags go before what they say themselves.
pub(crate) fn goals(layers: &Layers<'_>, settings: &Settings) -> Vec<FileGoal> {
    let goals = layers.goals(settings).into_iter().map(|(goal, _)| {
        let mut goal = goal.clone();
        if layers.is_typed("wallet-path") {
            goal.wallet_path = None;
        }
        if layers.is_typed("password-file") || layers.is_typed("password-fd") {
            goal.password_file = None;
        }
        goal
    });
    goals.collect()
}

/// The first of several mistakes in a file.
pub(crate) fn first(mistakes: Mistakes, source: &Source) -> Usage {
    let others = mistakes.others.len();
    let named = source
        .named()
        .map_or_else(String::new, |path| format!(" --config {}", path.display()));
    let remedy = format!("btpow config check{named} tells all");
    mistakes.first.among(others, &remedy)
}

/// A complaint about the whole command line, with the place in the file if something there is what it is about.
fn of_file(
    error: clap::Error,
    source: &Source,
    command: &clap::Command,
    added: &[Setting],
) -> Unread {
    let flags = keys::flags(&error);
    let named = added.iter().find(|it| flags.contains(&it.key));
    let needs = |it: &&Setting| {
        let required = keys::required(command, it);
        required.iter().any(|flag| flags.contains(flag))
    };
    let Some(setting) = named.or_else(|| added.iter().find(needs)) else {
        return Unread::Typed(error);
    };
    let usage = Usage::from(&error);
    let words = usage.to_string();
    let words = usage.about().map_or(&*words, |(_, words)| words);
    let words = format_args!("{}: {words}", setting.key);
    Unread::File(source.mistaken(setting.place, words))
}

/// The arguments, and those that a file adds.
fn with(args: &[OsString], added: &[Setting]) -> Vec<OsString> {
    let more = added.iter().flat_map(|it| it.given.arguments(&it.key));
    // Nothing behind two dashes is a flag.
    let end = args.iter().position(|it| it == "--").unwrap_or(args.len());
    let (before, after) = args.split_at(end);
    let before = before.iter().cloned();
    before.chain(more).chain(after.iter().cloned()).collect()
}

impl Origin {
    /// Refuses what comes from a file that others can write. It may warn, so the log must be there.
    ///
    /// # Errors
    ///
    /// As [`Source::guard`].
    pub fn guard(&self) -> Result<(), Failure> {
        self.source.as_ref().map_or(Ok(()), |it| Ok(it.guard()?))
    }

    /// Whether the file says this.
    pub fn has(&self, key: &str) -> bool {
        self.added.iter().any(|it| it.key == key)
    }

    /// Names the place of a mistake that is the file's.
    pub fn located(&self, failure: Failure) -> Failure {
        let Failure::Usage(usage) = &failure else {
            return failure;
        };
        let source = self.source.as_ref();
        let located = source.and_then(|source| located(source, &self.added, usage));
        located.map_or(failure, Into::into)
    }
}
