//! `btpow schema`: what JSON answers and the settings file look like.
//!
//! The schemas of answers are made of the types that are written, that of the settings file of the flags. So neither
//! can say something else than the program does.

use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::{bench, config as config_command, devices, doctor, mine, sending, subnets, tune};
use crate::{
    api,
    cli::{SchemaArgs, Usage},
    config, events,
    exit::{Exit, Failure},
    fleet::fields::StatusFields,
    log_entry, output,
    report::json::{Sealed, Solved, Verified},
};

/// The number of all formats. It grows when a field goes or means something else. New fields and new values of
/// `status` or `reason` leave it.
const VERSION: u32 = 1;

/// Where the schemas are at home.
const HOME: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/schema");

/// How to make a schema.
type Make = fn() -> Schema;

/// The answers, and what is told to a command.
const ANSWERS: [(&str, &str, Make); 16] = [
    (
        "register",
        "The line for each goal of btpow register --json",
        of::<sending::Answer<'_>>,
    ),
    (
        "faucet",
        "The answer of btpow faucet --json",
        of::<sending::Answer<'_>>,
    ),
    ("mine", "A line of btpow mine --json", of::<mine::Line>),
    (
        "solve",
        "The answer of btpow solve --json",
        of::<Solved<'_>>,
    ),
    (
        "verify",
        "The answer of btpow verify --json",
        of::<Verified>,
    ),
    ("seal", "The answer of btpow seal --json", of::<Sealed>),
    (
        "bench",
        "The answer of btpow bench --json",
        of::<bench::Answer>,
    ),
    (
        "doctor",
        "The answer of btpow doctor --json",
        of::<doctor::Answer>,
    ),
    (
        "subnets",
        "The answer of btpow subnets --json",
        of::<subnets::Answer>,
    ),
    (
        "devices",
        "The answer of btpow devices --json",
        of::<devices::Answer>,
    ),
    (
        "tune",
        "The answer of btpow tune --json",
        of::<tune::Answer>,
    ),
    (
        "fleet-status",
        "The answer of btpow fleet status --json",
        of::<StatusFields>,
    ),
    (
        "event",
        "What the command of --on-event gets",
        of::<events::Report<'_>>,
    ),
    (
        "log",
        "A line of --log-format json",
        of::<log_entry::Entry<'_>>,
    ),
    (
        "config-show",
        "The answer of btpow config show --json",
        of::<config_command::Answer>,
    ),
    (
        "status",
        "The answer to /status of --api",
        of::<api::Status>,
    ),
];

/// Prints a schema, or all of them.
///
/// # Errors
///
/// [`Failure::Usage`] for an unknown name; [`Failure::Output`].
pub fn run(args: &SchemaArgs) -> Result<Exit, Failure> {
    let answers = ANSWERS.iter();
    let answers = answers.map(|(name, title, make)| (*name, *title, make().to_value()));
    let file = ("config", "btpow's settings file", config::schema());
    let all: Map<_, _> = answers
        .chain([file])
        .map(|(name, title, schema)| (name.to_owned(), whole(name, title, schema)))
        .collect();
    let shown = match &args.name {
        None => Value::Object(all),
        Some(name) => all.get(name).cloned().ok_or_else(|| {
            let names: Vec<_> = all.keys().map(String::as_str).collect();
            let remedy = format!("choose among: {}", names.join(", "));
            Usage::new("NAME", format_args!("there is no schema {name:?}"), &remedy)
        })?,
    };
    output::generated(&format!("{shown:#}\n"))?;
    Ok(Exit::Success)
}

/// The schema of what is written of a type.
fn of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}

/// A schema with its name, its title and its version.
fn whole(name: &str, title: &str, schema: Value) -> Value {
    let release = env!("CARGO_PKG_VERSION");
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("{HOME}/{release}/{name}.json"),
        "title": title,
        "version": VERSION,
    });
    if let (Value::Object(whole), Value::Object(schema)) = (&mut whole, schema) {
        for (key, value) in schema {
            whole.entry(key).or_insert(value);
        }
    }
    whole
}
