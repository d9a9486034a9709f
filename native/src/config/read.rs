//! From the text of a settings file to what each command takes of it. Every mistake is told, with its place.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
};

use clap::Command;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    FileGoal, Given, Place, Source, goal,
    keys::{self, Keys, YES},
    value,
};
use crate::{cli::Usage, text};

/// The tables of goals.
pub(super) const GOAL: &str = "goal";

/// What people write who look for the place of a password.
const PASSWORDS: [&str; 3] = ["password", "wallet-password", "bt-wallet-password"];

/// What a key of the file says.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The long name of its flag.
    pub key: String,
    /// What it gives the flag.
    pub given: Given,
    /// Where it stands.
    pub place: Place,
}

impl Setting {
    /// Its value, if it has one.
    pub(crate) fn text(&self) -> Option<&OsStr> {
        match &self.given {
            Given::Values(values) => values.first().map(OsString::as_os_str),
            Given::Switch(_) | Given::Times(_) => None,
        }
    }
}

/// What a settings file says.
#[derive(Debug, Default)]
pub struct Settings {
    /// The top level: for every command that has such a flag.
    pub all: Vec<Setting>,
    /// The tables of commands.
    pub tables: BTreeMap<String, Vec<Setting>>,
    /// What `register` is to do, and where it stands.
    pub goals: Vec<(FileGoal, Place)>,
}

/// The mistakes of a file, in their order.
#[derive(Debug)]
pub(crate) struct Mistakes {
    pub(crate) first: Usage,
    pub(crate) others: Vec<Usage>,
}

/// A mistake and its place, since the reader goes through the keys in another order.
pub(super) type Mistake = (Place, Usage);

/// What reads a file.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) keys: &'a Keys,
    pub(super) mistakes: Vec<Mistake>,
}

impl Settings {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// All its mistakes, in their order.
    pub(crate) fn read(source: &Source, keys: &Keys) -> Result<Self, Mistakes> {
        let (table, wrong) = DeTable::parse_recoverable(source.text());
        let mut reader = Reader {
            source,
            keys,
            mistakes: Vec::new(),
        };
        let settings = if wrong.is_empty() {
            reader.settings(table.get_ref())
        } else {
            // What is left of the file may lack what makes the rest right.
            for error in wrong {
                let span = error.span().unwrap_or_default();
                let place = source.place(span.start);
                let (problem, remedy) = reader.no_toml(error.message(), &source.text()[span]);
                reader.mistake(place, &problem, &remedy);
            }
            Self::default()
        };
        let mut mistakes = reader.mistakes;
        mistakes.sort_by_key(|(place, _)| *place);
        let mut mistakes = mistakes.into_iter().map(|(_, usage)| usage);
        match mistakes.next() {
            None => Ok(settings),
            Some(first) => Err(Mistakes {
                first,
                others: mistakes.collect(),
            }),
        }
    }

    /// The table of a command.
    pub(crate) fn table(&self, command: &str) -> &[Setting] {
        self.tables.get(command).map_or(&[], Vec::as_slice)
    }

    /// What the file says for `register`, unless a goal says it.
    pub(super) fn of_register(&self, key: &str) -> Option<&Setting> {
        let all = self.table(YES.1).iter().chain(&self.all);
        all.into_iter().find(|it| it.key == key)
    }
}

/// Whether somebody meant the tables of goals.
fn is_goals(key: &str, value: &DeValue<'_>) -> bool {
    let is_table = |value: &Spanned<DeValue<'_>>| matches!(value.get_ref(), DeValue::Table(_));
    let has_tables = match value {
        DeValue::Array(values) => !values.is_empty() && values.iter().all(is_table),
        DeValue::Table(_) => true,
        _ => false,
    };
    has_tables && matches!(key, GOAL | "goals")
}

impl<'a> Reader<'a> {
    fn settings(&mut self, table: &DeTable<'_>) -> Settings {
        let mut settings = Settings::default();
        let mut goals = None;
        for (typed, value) in table {
            let place = self.place(typed);
            let key = keys::normal(typed.get_ref());
            if key == GOAL {
                goals = Some((place, value));
            } else if let Some(command) = self.of_command(&key, value) {
                if let DeValue::Table(table) = value.get_ref() {
                    let read = self.table(Some(command), table);
                    settings.tables.insert(key, read);
                } else {
                    let problem = format!("{key} is a command, and its settings are a table");
                    self.mistake(place, &problem, &format!("write [{key}]"));
                }
            } else if matches!(value.get_ref(), DeValue::Table(_)) && self.keys.find(&key).is_none()
            {
                self.no_table(place, typed.get_ref(), &key);
            }
        }
        settings.all = self.table(None, table);
        if let Some((place, value)) = goals {
            settings.goals = goal::goals(self, &settings, place, value);
        }
        settings
    }

    /// The command that a key of the top level names. One has the name of a flag, which has another value.
    fn of_command(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<&'a Command> {
        let is_table = matches!(value.get_ref(), DeValue::Table(_));
        let command = self.keys.command(key)?;
        (is_table || self.keys.find(key).is_none()).then_some(command)
    }

    /// The settings of a command's table, or of the top level.
    fn table(&mut self, of: Option<&'a Command>, table: &DeTable<'_>) -> Vec<Setting> {
        let mut read: Vec<Setting> = Vec::new();
        for (typed, value) in table {
            let place = self.place(typed);
            let key = keys::normal(typed.get_ref());
            let is_table = key == GOAL || self.of_command(&key, value).is_some();
            let found = match of {
                Some(command) => keys::arg(command, &key).map(|arg| (command, arg)),
                None if is_table => continue,
                None => self.keys.find(&key),
            };
            let is_misplaced = key == YES.0 && of.is_none_or(|it| it.get_name() != YES.1);
            let Some((command, arg)) = found.filter(|_| !is_misplaced) else {
                if is_goals(&key, value.get_ref()) {
                    let problem = match of {
                        Some(command) => format!("goals are no part of [{}]", command.get_name()),
                        None => format!(
                            "there is no key {}",
                            text::line(typed.get_ref(), text::NAME)
                        ),
                    };
                    self.mistake(
                        place,
                        &problem,
                        "write [[goal]] for each goal, whatever stands above it",
                    );
                    continue;
                }
                // A table that is none has been told.
                if of.is_some() || !matches!(value.get_ref(), DeValue::Table(_)) {
                    self.no_key(of, place, typed.get_ref(), &key);
                }
                continue;
            };
            if let Some(first) = read.iter().find(|it| it.key == key) {
                let problem = format!("{key} is here twice: line {} has it too", first.place.line);
                self.mistake(place, &problem, "drop one");
                continue;
            }
            match value::given(self.source, (command, arg), typed.get_ref(), value) {
                Ok(given) => read.push(Setting { key, given, place }),
                Err(usage) => self.mistakes.push((place, usage)),
            }
        }
        read.sort_by_key(|it| it.place);
        self.conflicts(of, &read);
        read
    }

    /// Tells of keys that cannot be together.
    fn conflicts(&mut self, of: Option<&Command>, read: &[Setting]) {
        for (number, second) in read.iter().enumerate() {
            let conflicts = |first: &&Setting| {
                let mut commands = of.into_iter().chain(self.keys.commands());
                first.given.is_something()
                    && second.given.is_something()
                    && (keys::are_opposites(&first.key, &second.key)
                        || commands.any(|it| keys::conflict(it, &first.key, &second.key)))
            };
            if let Some(first) = read[..number].iter().find(conflicts) {
                let (one, other, line) = (&second.key, &first.key, first.place.line);
                let problem = format!("{one} cannot be used with {other}, which is in line {line}");
                self.mistake(second.place, &problem, "drop one");
            }
        }
    }

    /// What to tell of text that is no TOML, and what to do.
    fn no_toml(&self, message: &str, typed: &str) -> (String, String) {
        let mut problem = format!("this is not TOML: {message}");
        let mut remedy = "correct it; https://toml.io says how".to_owned();
        if message == "duplicate key" {
            let shown = text::line(typed, text::NAME);
            problem += &format!(" {shown}");
            let key = keys::normal(typed);
            if self.keys.command(&key).is_some() && self.keys.find(&key).is_some() {
                remedy = format!(
                    "write either {key} at the top or a table [{key}]; with the table, each command's table has its own {key}"
                );
            }
        }
        (problem, remedy)
    }

    /// Tells of a key that nothing knows.
    fn no_key(&mut self, of: Option<&Command>, place: Place, typed: &str, key: &str) {
        let shown = text::line(typed, text::NAME);
        let (problem, remedy) = if PASSWORDS.contains(&key) {
            let problem = format!("{shown}: passwords do not belong here");
            let remedy = "write password-file = \"FILE\", and the password into that file, closed to others by \
                          chmod 600";
            (problem, remedy.to_owned())
        } else if key == YES.0 {
            let problem = "yes holds for one command, since it signs without a question";
            (problem.to_owned(), format!("move it to [{}]", YES.1))
        } else if matches!(key, "config" | "no-config") {
            let problem = format!("{shown} is about this file and cannot be in it");
            (problem, "drop it, and use the flag".to_owned())
        } else if let (Some(command), Some(_)) = (of, self.keys.find(key)) {
            let problem = format!("{} has no use for {shown}", command.get_name());
            let remedy =
                "drop it, or move it to the top, where it is for all commands that have it";
            (problem, remedy.to_owned())
        } else {
            let all = self.keys.commands().filter(|_| of.is_none()).chain(of);
            let known = all.flat_map(keys::args).map(|arg| {
                let aliases = arg.get_all_aliases().unwrap_or_default();
                (keys::key(arg), aliases)
            });
            let remedy = keys::nearest(key, known).map_or_else(
                || match of {
                    Some(command) => format!(
                        "use the long names of flags, as in btpow {} --help",
                        command.get_name()
                    ),
                    None => "use the long names of flags, as in btpow register --help".to_owned(),
                },
                |nearest| format!("did you mean {nearest}?"),
            );
            (format!("there is no key {shown}"), remedy)
        };
        self.mistake(place, &problem, &remedy);
    }

    /// Tells of a table that nothing knows.
    fn no_table(&mut self, place: Place, typed: &str, key: &str) {
        let shown = text::line(typed, text::NAME);
        let names: Vec<_> = self.keys.commands().map(Command::get_name).collect();
        let known = names.iter().copied().chain([GOAL]);
        let nearest = keys::nearest(key, known.map(|name| (name, Vec::new())));
        let remedy = nearest.map_or_else(
            || format!("tables are commands ({}), or [[goal]]", names.join(", ")),
            |name| match name {
                GOAL => "did you mean [[goal]]?".to_owned(),
                name => format!("did you mean [{name}]?"),
            },
        );
        self.mistake(place, &format!("there is no command {shown}"), &remedy);
    }

    pub(super) fn place<T>(&self, of: &Spanned<T>) -> Place {
        self.source.place(of.span().start)
    }

    pub(super) fn mistake(&mut self, place: Place, problem: &str, remedy: &str) {
        let usage = self.source.mistake(place, problem, remedy);
        self.mistakes.push((place, usage));
    }
}
