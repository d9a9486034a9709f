//! `btpow config`: what the settings file says, and whether it is right.

use std::{borrow::Cow, path::Path};

use clap::{Arg, ArgMatches};
use schemars::JsonSchema;
use serde::Serialize;

use super::check;
use crate::{
    chain::{
        network::{self, Destination},
        proxy::Proxy,
    },
    cli::{ConfigArgs, ConfigCommand, ConfigShowArgs, Usage},
    config::{self, FileGoal, Given, Keys, Layers, Mistakes, Place, Setting, Settings, Source},
    environment::Environment,
    exit::{Exit, Failure},
    output,
    report::json,
};

/// The JSON answer of `config show`.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct Answer {
    /// The settings file; null if there is none.
    file: Option<String>,
    /// The command; null for what the file says of any.
    command: Option<String>,
    settings: Vec<Row>,
    /// What `register` would register, if no flag names it.
    goals: Vec<GoalFields>,
}

/// One setting.
#[derive(Debug, JsonSchema, Serialize)]
struct Row {
    /// The long name of the flag.
    key: String,
    /// The table that it stands in; null at the top level, and for what is not of the file.
    table: Option<String>,
    /// Its values as text; none where there is no value.
    values: Vec<String>,
    /// `flag`, `variable`, `file` or `default`.
    source: &'static str,
    /// The name of the variable.
    variable: Option<&'static str>,
    /// The line in the file, from 1.
    line: Option<usize>,
    /// What there is without it, in words for people.
    #[serde(skip)]
    words: Option<String>,
}

/// A goal.
#[derive(Debug, JsonSchema, Serialize)]
struct GoalFields {
    netuid: u16,
    wallet: Option<String>,
    hotkey: Option<String>,
    wallet_path: Option<String>,
    password_file: Option<String>,
    /// The line in the file, from 1.
    line: usize,
}

/// Shows or checks the file that the flags name, or else the user's own.
///
/// # Errors
///
/// [`Failure::Usage`] for a wrong file, when it is shown; [`Failure::Output`].
pub fn run(
    args: &ConfigArgs,
    named: Option<&Path>,
    is_unread: bool,
    environment: &Environment,
) -> Result<Exit, Failure> {
    let source = config::source(named, is_unread)?;
    match &args.command {
        ConfigCommand::Show(args) => show(args, source.as_ref(), is_unread, environment),
        ConfigCommand::Check if is_unread => {
            let problem = "there is nothing to check without a file";
            Err(Usage::new(
                "--no-config",
                problem,
                "drop it, or name a file with --config",
            )
            .into())
        }
        ConfigCommand::Check => check_file(source.as_ref(), environment),
    }
}

/// Tells every mistake of the file.
fn check_file(source: Option<&Source>, environment: &Environment) -> Result<Exit, Failure> {
    let Some(source) = source else {
        output::answer(&match Source::default_path() {
            Some(path) => format!("there is no settings file {}\n", path.display()),
            None => "there is no settings file, and no folder for one\n".to_owned(),
        })?;
        return Ok(Exit::Success);
    };
    let mut mistakes: Vec<Usage> = source.guard().err().into_iter().collect();
    let keys = Keys::new();
    match Settings::read(source, &keys) {
        Ok(settings) => {
            let refused = config::refused(source, &settings, &keys, |command| {
                check::mistakes(command, environment)
            });
            mistakes.extend(refused);
        }
        Err(Mistakes { first, others }) => {
            mistakes.push(first);
            mistakes.extend(others);
        }
    }
    if mistakes.is_empty() {
        output::answer(&format!("{} is right\n", source.path().display()))?;
        return Ok(Exit::Success);
    }
    for mistake in mistakes {
        output::say(&format!("error: {mistake}"));
    }
    Ok(Exit::Usage)
}

fn show(
    args: &ConfigShowArgs,
    source: Option<&Source>,
    is_unread: bool,
    environment: &Environment,
) -> Result<Exit, Failure> {
    let keys = Keys::new();
    let settings = match source {
        Some(source) => {
            source.guard()?;
            Settings::read(source, &keys).map_err(|it| config::first(it, source))?
        }
        None => Settings::default(),
    };
    let (settings, goals) = match &args.command {
        Some(command) => of_command(command, &args.flags, &keys, &settings, environment)?,
        None => (of_file(&settings), of_goals(&settings)),
    };
    let answer = Answer {
        file: source.map(|it| it.path().display().to_string()),
        command: args.command.clone(),
        settings,
        goals,
    };
    output::answer(&if args.json {
        json::line(&answer)
    } else {
        people(&answer, source, is_unread)
    })?;
    Ok(Exit::Success)
}

/// Everything that a file can say of a command, as it holds.
fn of_command(
    name: &str,
    flags: &[String],
    keys: &Keys,
    settings: &Settings,
    environment: &Environment,
) -> Result<(Vec<Row>, Vec<GoalFields>), Failure> {
    let Some(command) = keys.command(name) else {
        let names: Vec<_> = keys.commands().map(clap::Command::get_name).collect();
        let problem = format_args!("there is no command {name:?} with settings");
        let remedy = format!("choose among: {}", names.join(", "));
        return Err(Usage::new("COMMAND", problem, &remedy).into());
    };
    let words = ["btpow"].into_iter().chain(config::words(name));
    let line = words.map(str::to_owned);
    let line = line.chain(flags.iter().cloned());
    let matches = keys.program().clone().try_get_matches_from(line);
    let matches = matches.map_err(|error| Usage::from(&error))?;
    let (_, matches) = config::given(&matches).expect("it was given");
    let layers = Layers::new(command, matches, environment);
    let kept = layers.kept(settings);
    let row = |arg: &Arg| {
        let key = config::key(arg);
        let of_file = kept.iter().find(|it| it.key == key);
        let table = |setting: &Setting| {
            let own = settings.tables.get(name).into_iter().flatten();
            let is_own = own.into_iter().any(|it| it.place == setting.place);
            is_own.then(|| name.to_owned())
        };
        let typed = layers.typed.iter().find(|(typed, _)| typed == key);
        let variable = layers.variables.iter().find(|(flag, ..)| *flag == key);
        match (typed, variable, of_file) {
            (Some((_, values)), ..) => {
                let values = values.iter().map(|it| it.to_string_lossy());
                Row::new(key, "flag", values, None)
            }
            (None, Some((_, variable, value)), _) => Row {
                variable: Some(variable),
                ..Row::new(key, "variable", [value.into()], None)
            },
            (None, None, Some(setting)) => Row::of(setting, table(setting)),
            (None, None, None) => Row {
                words: default_words(arg, command),
                ..Row::new(key, "default", defaults(arg, matches), None)
            },
        }
    };
    let rows = config::args(command).map(row).collect();
    let placed = layers.goals(settings);
    let goals = config::goals(&layers, settings).into_iter().zip(placed);
    let goals = goals.map(|(goal, (_, place))| GoalFields::new(&goal, *place));
    Ok((rows, goals.collect()))
}

/// What the file says, whichever command it holds for.
fn of_file(settings: &Settings) -> Vec<Row> {
    let all = settings.all.iter().map(|it| Row::of(it, None));
    let tables = settings.tables.iter().flat_map(|(table, settings)| {
        let rows = settings.iter();
        rows.map(|it| Row::of(it, Some(table.clone())))
    });
    all.chain(tables).collect()
}

fn of_goals(settings: &Settings) -> Vec<GoalFields> {
    let goals = settings.goals.iter();
    goals
        .map(|(goal, place)| GoalFields::new(goal, *place))
        .collect()
}

/// The value of a flag that nothing gives.
fn defaults<'a>(arg: &'a Arg, matches: &'a ArgMatches) -> Vec<Cow<'a, str>> {
    let raw = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
    raw.map(|it| it.to_string_lossy()).collect()
}

/// What the help says of the default.
fn default_words(arg: &Arg, command: &clap::Command) -> Option<String> {
    let key = config::key(arg);
    // Without any, where a command has one at all.
    if key == "network" && config::is_for_all(command, key) {
        return Some(network::DEFAULT.to_owned());
    }
    let help = arg.get_help()?.to_string();
    let (_, rest) = help.split_once("(default: ")?;
    let (words, _) = rest.split_once(')')?;
    Some(words.to_owned())
}

impl Row {
    fn new<'a>(
        key: &str,
        source: &'static str,
        values: impl IntoIterator<Item = Cow<'a, str>>,
        line: Option<usize>,
    ) -> Self {
        let values = values.into_iter().map(|value| discreet(key, &value, line));
        Self {
            key: key.to_owned(),
            table: None,
            values: values.collect(),
            source,
            variable: None,
            line,
            words: None,
        }
    }

    fn of(setting: &Setting, table: Option<String>) -> Self {
        let values: Vec<Cow<'_, str>> = match &setting.given {
            Given::Switch(is_on) => vec![is_on.to_string().into()],
            Given::Times(times) => vec![times.to_string().into()],
            Given::Values(values) => values.iter().map(|it| it.to_string_lossy()).collect(),
        };
        Self {
            table,
            ..Self::new(&setting.key, "file", values, Some(setting.place.line))
        }
    }
}

/// A value without what lets others in: people paste what this command prints.
fn discreet(key: &str, value: &str, line: Option<usize>) -> String {
    let hidden = match key {
        // Addresses of hooks and headers of requests are as good as passwords.
        "on-event" => Some(line.map_or_else(
            || "a command".to_owned(),
            |line| format!("a command (line {line})"),
        )),
        "proxy" => value.parse().map(|proxy: Proxy| proxy.to_string()).ok(),
        "network" => match value.parse() {
            Ok(Destination::Node(endpoint)) => Some(endpoint.to_string()),
            _ => None,
        },
        _ => None,
    };
    hidden.unwrap_or_else(|| value.to_owned())
}

impl GoalFields {
    fn new(goal: &FileGoal, place: Place) -> Self {
        let path = |path: &Option<std::path::PathBuf>| {
            let path = path.as_ref();
            path.map(|it| it.display().to_string())
        };
        Self {
            netuid: goal.netuid,
            wallet: goal.wallet_name.clone(),
            hotkey: goal.wallet_hotkey.clone(),
            wallet_path: path(&goal.wallet_path),
            password_file: path(&goal.password_file),
            line: place.line,
        }
    }

    /// For people.
    fn words(&self) -> String {
        let parts = [
            Some(format!("netuid {}", self.netuid)),
            self.wallet.as_ref().map(|it| format!("wallet {it}")),
            self.hotkey.as_ref().map(|it| format!("hotkey {it}")),
            self.wallet_path.as_ref().map(|it| format!("in {it}")),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        parts.join(", ")
    }
}

fn people(answer: &Answer, source: Option<&Source>, is_unread: bool) -> String {
    let name = source.and_then(|it| it.path().file_name());
    let name = name.map_or_else(String::new, |it| it.to_string_lossy().into_owned());
    let at = |line: usize| format!("{name}:{line}");
    let mut rows = vec![match (&answer.file, Source::default_path()) {
        (Some(file), _) => ("file".to_owned(), file.clone(), String::new()),
        (None, _) if is_unread => {
            let none = "none, by --no-config".to_owned();
            ("file".to_owned(), none, String::new())
        }
        (None, Some(path)) => {
            let none = format!("none, not even {}", path.display());
            ("file".to_owned(), none, String::new())
        }
        (None, None) => ("file".to_owned(), "none".to_owned(), String::new()),
    }];
    for row in &answer.settings {
        let key = match &row.table {
            Some(table) if answer.command.is_none() => format!("{table}.{}", row.key),
            _ => row.key.clone(),
        };
        let value = row.words.clone().unwrap_or_else(|| row.values.join(", "));
        let value = if value.is_empty() {
            "-".to_owned()
        } else {
            value
        };
        let from = match (row.variable, row.line) {
            (Some(variable), _) => variable.to_owned(),
            (None, Some(line)) => at(line),
            (None, None) => row.source.to_owned(),
        };
        rows.push((key, value, from));
    }
    for goal in &answer.goals {
        rows.push(("goal".to_owned(), goal.words(), at(goal.line)));
    }
    let width = |column: fn(&(String, String, String)) -> &String| {
        let lengths = rows.iter().skip(1).map(|row| column(row).chars().count());
        lengths.max().unwrap_or_default()
    };
    let (first, second) = (width(|it| &it.0).max("file".len()), width(|it| &it.1));
    let lines = rows.iter().map(|(key, value, from)| {
        let line = format!("{key:first$}  {value:second$}  {from}");
        line.trim_end().to_owned() + "\n"
    });
    lines.collect()
}
