//! What goes before what: flags, variables, the table of a command, the top level of the file.

use std::ffi::{OsStr, OsString};

use clap::{ArgMatches, Command, parser::ValueSource};

use super::{
    FileGoal, Given, Place, Setting, Settings,
    keys::{self, YES},
};
use crate::environment::Environment;

/// The flags that say which goal; with one of them, a file's goals do not count.
const OF_ONE_GOAL: [&str; 3] = ["netuid", "wallet-name", "wallet-hotkey"];

/// The flags that say which chain and whose keys. A file's yes does not agree to those of others.
const SIGNED: [&str; 7] = [
    "network",
    "genesis",
    "insecure",
    "netuid",
    "wallet-name",
    "wallet-hotkey",
    "wallet-path",
];

/// What goes before a settings file, for one command.
pub(crate) struct Layers<'a> {
    command: &'a Command,
    /// What was typed: keys and values.
    pub(crate) typed: Vec<(String, Vec<OsString>)>,
    /// What variables say: keys, names and values.
    pub(crate) variables: Vec<(&'static str, &'static str, String)>,
}

impl<'a> Layers<'a> {
    /// Looks at the arguments of a command, and at the variables.
    pub(crate) fn new(
        command: &'a Command,
        matches: &ArgMatches,
        environment: &Environment,
    ) -> Self {
        let typed = keys::args(command).filter_map(|arg| {
            let id = arg.get_id().as_str();
            let is_typed = matches.value_source(id) == Some(ValueSource::CommandLine);
            let values = || matches.get_raw(id).into_iter().flatten();
            is_typed.then(|| {
                (
                    keys::key(arg).to_owned(),
                    values().map(OsStr::to_owned).collect(),
                )
            })
        });
        let variables = environment.bittensor.flags();
        let holds = |(key, ..): &(&str, &str, String)| {
            keys::arg(command, key).is_some() && keys::is_for_all(command, key)
        };
        Self {
            command,
            typed: typed.collect(),
            variables: variables.into_iter().filter(holds).collect(),
        }
    }

    /// What a file adds for the command.
    pub(crate) fn kept<'s>(&self, settings: &'s Settings) -> Vec<&'s Setting> {
        let has = |it: &&Setting| keys::arg(self.command, &it.key).is_some();
        let name = self.command.get_name();
        let own: Vec<_> = settings.table(name).iter().filter(has).collect();
        let for_all = |it: &&Setting| has(it) && keys::is_for_all(self.command, &it.key);
        // A netuid of all commands is not that of a goal.
        let is_goals = !self.goals(settings).is_empty();
        let for_all = |it: &&Setting| for_all(it) && !(is_goals && it.key == "netuid");
        let all: Vec<_> = settings.all.iter().filter(for_all).collect();
        let mut kept: Vec<&Setting> = Vec::new();
        for layer in [own, all] {
            let stays = |it: &&Setting| !self.replaces(&kept, it);
            let staying: Vec<_> = layer.into_iter().filter(stays).collect();
            kept.extend(staying);
        }
        // What the top says holds where it can. What a command's own table says is meant for it.
        let useful = |it: &&Setting| self.is_useful(it, &kept, settings);
        kept.iter().copied().filter(useful).collect()
    }

    /// Whether a setting can be added.
    fn is_useful(&self, setting: &Setting, kept: &[&Setting], settings: &Settings) -> bool {
        if setting.key == YES.0 {
            // It agrees to what the file says, not to what it never named.
            return !SIGNED.iter().any(|key| self.is_given(key));
        }
        let mut own = settings.table(self.command.get_name()).iter();
        let is_own = own.any(|it| it.place == setting.place);
        let has = |key: &String| {
            let of_file = kept.iter().find(|it| it.key == *key);
            self.is_given(key) || of_file.is_some_and(|it| it.given.is_something())
        };
        is_own || keys::required(self.command, setting).iter().all(has)
    }

    /// The goals of a file that count for the command, with what the flags say for all of them.
    pub(crate) fn goals<'s>(&self, settings: &'s Settings) -> Vec<&'s (FileGoal, Place)> {
        if self.command.get_name() != YES.1 || self.goal_flag().is_some() {
            return Vec::new();
        }
        settings.goals.iter().collect()
    }

    /// The first flag that was typed and says which goal.
    pub(crate) fn goal_flag(&self) -> Option<&str> {
        let mut typed = self.typed.iter().map(|(key, _)| key.as_str());
        typed.find(|key| OF_ONE_GOAL.contains(key))
    }

    /// Whether a flag was typed, or a variable says the same.
    fn is_given(&self, key: &str) -> bool {
        self.is_typed(key) || self.variables.iter().any(|(known, ..)| *known == key)
    }

    /// Whether a flag was typed.
    pub(crate) fn is_typed(&self, key: &str) -> bool {
        self.typed.iter().any(|(typed, _)| typed == key)
    }

    /// Whether something higher replaces a setting: what was typed, a variable, or these settings.
    fn replaces(&self, settings: &[&Setting], lower: &Setting) -> bool {
        let typed = self.typed.iter();
        let typed = typed.map(|(key, values)| (key.as_str(), values.clone(), true));
        let variables = self.variables.iter();
        let variables = variables.map(|(key, _, value)| (*key, vec![value.into()], true));
        let settings = settings.iter().map(|it| {
            let values = match &it.given {
                Given::Values(values) => values.clone(),
                Given::Switch(_) | Given::Times(_) => Vec::new(),
            };
            (it.key.as_str(), values, it.given.is_something())
        });
        let mut all = typed.chain(variables).chain(settings);
        all.any(|(key, values, is_something)| {
            key == lower.key
                || is_something
                    && (keys::replaces(self.command, key, &lower.key)
                        || makes_useless(key, &values, &lower.key))
        })
    }
}

/// Whether a value leaves nothing for another flag to say.
fn makes_useless(key: &str, values: &[OsString], lower: &str) -> bool {
    let mut texts = values.iter().map(|value| value.to_string_lossy());
    match (key, lower) {
        ("wallet-name", "wallet-hotkey") => texts.any(|it| it.contains('/')),
        ("device", "tpb") => !texts.any(|it| it.split(',').any(|it| it.starts_with("cuda"))),
        _ => false,
    }
}
