//! What is written of a run: a line for people, or an object for programs (`--log-format json`).

use core::fmt;
use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use tracing::{
    Event, Level as TracingLevel,
    field::{Field, Visit},
};
use tracing_subscriber::fmt::{
    format::Writer,
    time::{FormatTime as _, SystemTime},
};

use crate::{
    events::Report,
    report::{
        Snapshot,
        json::{self, StatisticsFields},
        plain,
    },
};

/// How a log is written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// How much something matters.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

/// One line of a log.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct Entry<'a> {
    /// When, by RFC 3339, in UTC.
    time: String,
    /// How much it matters.
    level: Level,
    /// What, in words for people.
    message: Cow<'a, str>,
    /// The part of the program that says it, where `--verbose` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'static str>,
    /// What that part knows of it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    fields: Map<String, Value>,
    /// What the command of --on-event gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a Report<'a>>,
    /// The state of the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    statistics: Option<StatisticsFields>,
}

/// The time now, as RFC 3339 writes it, in UTC.
pub fn now() -> String {
    let mut text = String::new();
    // A clock before 1970 is the only error, and writes a text of its own.
    let _ = SystemTime.format_time(&mut Writer::new(&mut text));
    text
}

impl<'a> Entry<'a> {
    fn new(level: Level, message: Cow<'a, str>) -> Self {
        Self {
            time: now(),
            level,
            message,
            target: None,
            fields: Map::new(),
            event: None,
            statistics: None,
        }
    }

    /// A line that is said. Its level is the word that it begins with.
    pub(crate) fn said(line: &'a str) -> Self {
        let line = line.trim_start();
        let levels = [("error: ", Level::Error), ("warning: ", Level::Warn)];
        let named = levels.into_iter().find_map(|(word, level)| {
            let message = line.strip_prefix(word)?;
            Some((level, message))
        });
        let (level, message) = named.unwrap_or((Level::Info, line));
        Self::new(level, message.into())
    }

    /// The state of a search.
    pub(crate) fn state(snapshot: &Snapshot) -> Self {
        Self {
            statistics: Some(snapshot.into()),
            ..Self::new(Level::Info, plain::line(snapshot).into())
        }
    }

    /// An event, as a command of the user's gets it.
    pub(crate) fn told(report: &'a Report<'a>) -> Self {
        let level = if report.is_trouble() {
            Level::Warn
        } else {
            Level::Info
        };
        Self {
            event: Some(report),
            ..Self::new(level, report.to_string().into())
        }
    }

    /// What a part of the program says for `--verbose`.
    pub(crate) fn traced(event: &Event<'_>) -> Self {
        let metadata = event.metadata();
        let level = match *metadata.level() {
            TracingLevel::ERROR => Level::Error,
            TracingLevel::WARN => Level::Warn,
            TracingLevel::INFO => Level::Info,
            TracingLevel::DEBUG => Level::Debug,
            TracingLevel::TRACE => Level::Trace,
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        Self {
            target: Some(metadata.target()),
            fields: fields.others,
            ..Self::new(level, fields.message.into())
        }
    }

    /// The object on a line of its own, with what is said in it made harmless.
    pub(crate) fn to_json(&self) -> String {
        json::line(self)
    }
}

/// The fields of what a part of the program says.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Value>,
}

impl Fields {
    fn add(&mut self, field: &Field, value: Value) {
        self.others.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" {
            self.message = text;
        } else {
            self.add(field, text.into());
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        } else {
            self.add(field, value.into());
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
