//! Whether JSON is what `btpow schema` says.

#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use jsonschema::Validator;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// A schema, and all names of fields in it.
struct Schema {
    validator: Validator,
    names: BTreeSet<String>,
}

static SCHEMAS: LazyLock<BTreeMap<String, Schema>> = LazyLock::new(|| {
    let output = super::run("schema");
    let all: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let read = |(name, schema): (String, Value)| {
        let validator = jsonschema::draft202012::new(&schema);
        let validator = validator.unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut names = BTreeSet::new();
        collect(&schema, &mut names);
        (name, Schema { validator, names })
    };
    all.into_iter().map(read).collect()
});

/// Whether there is a schema of this name.
pub(crate) fn knows(name: &str) -> bool {
    SCHEMAS.contains_key(name)
}

/// What the schema of this name has against a value; nothing if it is right.
pub(crate) fn complaints(name: &str, value: &Value) -> Vec<String> {
    let schema = SCHEMAS.get(name);
    let schema = schema.unwrap_or_else(|| panic!("there is no schema {name}"));
    let wrong = schema.validator.iter_errors(value);
    let mut complaints: Vec<_> = wrong
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    // A schema allows more fields, for programs that come later. This one has none.
    let fields = value.as_object().into_iter().flatten();
    let unknown = fields.filter(|(field, _)| !schema.names.contains(*field));
    complaints.extend(unknown.map(|(field, _)| format!("{field} is not in the schema")));
    complaints
}

/// A value is what the schema of this name says.
#[track_caller]
pub(crate) fn check(name: &str, value: &Value) {
    let complaints = complaints(name, value);
    assert!(complaints.is_empty(), "{name}: {complaints:?}: {value}");
}

/// Each line of an answer is what the schema of its command says.
#[track_caller]
pub(crate) fn check_lines(name: &str, answer: &str) {
    for line in answer.lines() {
        let value = serde_json::from_str(line);
        check(
            name,
            &value.unwrap_or_else(|error| panic!("{error}: {line}")),
        );
    }
}

/// A settings file as JSON.
pub(crate) fn settings(text: &str) -> Value {
    let table = DeTable::parse(text).unwrap_or_else(|error| panic!("{error}"));
    value(&DeValue::Table(table.into_inner()))
}

fn value(of: &DeValue<'_>) -> Value {
    match of {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => number.as_str().parse::<i64>().expect("small").into(),
        DeValue::Float(number) => number.as_str().parse::<f64>().expect("a number").into(),
        DeValue::Boolean(is_on) => (*is_on).into(),
        DeValue::Datetime(_) => panic!("no flag is a date"),
        DeValue::Array(values) => values.iter().map(|it| value(it.get_ref())).collect(),
        DeValue::Table(table) => {
            let fields = table.iter();
            fields
                .map(|(key, it)| (key.get_ref().clone().into_owned(), value(it.get_ref())))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
    }
}

fn collect(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                names.extend(properties.keys().cloned());
            }
            fields.values().for_each(|it| collect(it, names));
        }
        Value::Array(values) => values.iter().for_each(|it| collect(it, names)),
        _ => {}
    }
}
