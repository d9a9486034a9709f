//! A value that is one of two names.

use std::ffi::OsStr;

use clap::{
    Arg, Command,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};

use super::value::{Wrong, shown};

/// One of two names. A complaint lists both, and shells complete them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<T: 'static> {
    /// What the names stand for.
    pub(super) kind: &'static str,
    pub(super) values: &'static [(&'static str, T); 2],
}

impl<T: Copy> Choice<T> {
    fn read(&self, text: &str) -> Result<T, Wrong> {
        let named = self.values.iter().find(|(name, _)| *name == text);
        let [(first, _), (second, _)] = self.values;
        named.map(|(_, value)| *value).ok_or_else(|| {
            let problem = format_args!("there is no {} {}", self.kind, shown(text));
            Wrong::new(problem, format_args!("choose {first} or {second}"))
        })
    }
}

impl<T: Copy + Send + Sync + 'static> TypedValueParser for Choice<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let choice = *self;
        let parser = StringValueParser::new().try_map(move |text| choice.read(&text));
        parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let names = self.values.iter().map(|(name, _)| *name);
        Some(Box::new(names.map(PossibleValue::new)))
    }
}
