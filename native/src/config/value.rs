//! What a value of TOML is as an argument.

use std::ffi::OsString;

use clap::{Arg, Command};
use toml::{
    Spanned,
    de::{DeInteger, DeValue},
};

use super::{
    Source,
    keys::{self, Kind},
};
use crate::cli::Usage;

/// The most times that a flag counts.
pub(super) const MOST_TIMES: u8 = 3;

/// What a key gives its flag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Given {
    /// Whether it is there.
    Switch(bool),
    /// How often it is there.
    Times(u8),
    /// Its values; none of a list is what there is without the flag.
    Values(Vec<OsString>),
}

impl Given {
    /// Whether it gives the flag at all.
    pub(crate) const fn is_something(&self) -> bool {
        !matches!(self, Self::Switch(false) | Self::Times(0))
    }

    /// The arguments of the flag.
    pub(super) fn arguments(&self, key: &str) -> Vec<OsString> {
        let flag = OsString::from(format!("--{key}"));
        match self {
            Self::Switch(is_on) => vec![flag; usize::from(*is_on)],
            Self::Times(times) => vec![flag; usize::from(*times)],
            Self::Values(values) => {
                let with = |value: &OsString| {
                    let mut argument = flag.clone();
                    argument.push("=");
                    argument.push(value);
                    argument
                };
                values.iter().map(with).collect()
            }
        }
    }
}

/// Reads the value of a key for an argument of a command.
///
/// # Errors
///
/// The value has another type, or the flag's reader refuses it.
pub(super) fn given(
    source: &Source,
    (command, arg): (&Command, &Arg),
    typed: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<Given, Usage> {
    let kind = Kind::of(arg);
    let one = |value: &Spanned<DeValue<'_>>, numbers: bool| {
        let text = text(value.get_ref(), numbers);
        let text = text.ok_or_else(|| unexpected(source, kind, typed, value))?;
        let wrong = |words: &str| {
            let place = source.place(value.span().start);
            source.mistaken(place, format_args!("{typed}: {words}"))
        };
        if text.is_empty() {
            return Err(wrong("there is nothing in it; give a value, or drop it"));
        }
        let key = keys::key(arg);
        let text = if keys::is_path(arg) && text != "-" {
            source.resolved(&text).into_os_string()
        } else {
            // A path is what it is; anything else has a reader that may refuse it.
            let read = keys::read(command, key, &text);
            read.map_err(|words| wrong(&words))?;
            text.into()
        };
        Ok(text)
    };
    match (kind, value.get_ref()) {
        (Kind::Switch, DeValue::Boolean(is_on)) => Ok(Given::Switch(*is_on)),
        (Kind::Count, DeValue::Integer(number)) => {
            let times = decimal(number).and_then(|it| it.parse().ok());
            let times = times.filter(|times| *times <= MOST_TIMES);
            let times = times.ok_or_else(|| unexpected(source, kind, typed, value))?;
            Ok(Given::Times(times))
        }
        (Kind::List { numbers }, DeValue::Array(values)) => {
            let values = values.iter().map(|value| one(value, numbers));
            Ok(Given::Values(values.collect::<Result<_, _>>()?))
        }
        (Kind::Value { numbers } | Kind::List { numbers }, _) => {
            Ok(Given::Values(vec![one(value, numbers)?]))
        }
        _ => Err(unexpected(source, kind, typed, value)),
    }
}

/// The value has another type than the flag's.
fn unexpected(source: &Source, kind: Kind, typed: &str, value: &Spanned<DeValue<'_>>) -> Usage {
    let found = match value.get_ref() {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time of day",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let place = source.place(value.span().start);
    let problem = match kind {
        Kind::Count if found == "a number" => format!("{typed}: not a number that it takes"),
        _ => format!("{typed}: {found} is not what it takes"),
    };
    source.mistake(place, problem, &format!("write {}", kind.expected()))
}

/// A value as one types it.
fn text(value: &DeValue<'_>, numbers: bool) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) if numbers => decimal(number),
        DeValue::Float(number) if numbers => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// A whole number in the digits that every flag reads; none for one that no flag could take.
fn decimal(number: &DeInteger<'_>) -> Option<String> {
    let number = i128::from_str_radix(number.as_str(), number.radix()).ok()?;
    Some(number.to_string())
}
