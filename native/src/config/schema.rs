//! What a settings file looks like, as a JSON Schema for editors. It is made of the flags.

use core::{
    any::TypeId,
    net::SocketAddr,
    num::{NonZeroU32, NonZeroU64, NonZeroUsize},
    time::Duration,
};

use btpow_core::{Difficulty, PublicKey, Seal, Shard};
use clap::Arg;
use serde_json::{Map, Value, json};

use super::{
    goal,
    keys::{self, Keys, Kind, YES},
    read::GOAL,
    value::MOST_TIMES,
};
use crate::chain::network::Destination;

/// The schema of a settings file. It knows the keys as the flags write them, not those with underscores.
pub(crate) fn schema() -> Value {
    let all_keys = Keys::new();
    let mut properties = Map::new();
    for command in all_keys.commands() {
        let of_all = keys::args(command).filter(|arg| keys::is_for_all(command, keys::key(arg)));
        for arg in of_all {
            properties
                .entry(keys::key(arg))
                .or_insert_with(|| described(arg));
        }
    }
    for command in all_keys.commands() {
        let name = command.get_name();
        let own = keys::args(command).filter(|arg| keys::key(arg) != YES.0 || name == YES.1);
        let own: Map<_, _> = own
            .map(|arg| (keys::key(arg).to_owned(), described(arg)))
            .collect();
        let about = format!("Settings of btpow {name} alone");
        let table = table(&about, own, &[]);
        // One has the name of a flag.
        let both = properties
            .remove(name)
            .map(|flag| json!({ "anyOf": [flag, table] }));
        properties.insert(name.to_owned(), both.unwrap_or(table));
    }
    let register = all_keys.command(YES.1);
    let of_goal: Map<_, _> = goal::KEYS
        .iter()
        .filter_map(|(name, flag)| Some(((*name).to_owned(), keys::arg(register?, flag)?)))
        .map(|(name, arg)| (name, scalar(arg)))
        .collect();
    let goal = table("A key that btpow register registers", of_goal, &["netuid"]);
    properties.insert(GOAL.to_owned(), json!({ "type": "array", "items": goal }));
    table("Flags of btpow by their long names", properties, &[])
}

fn table(description: &str, properties: Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The value of a flag, with its help.
fn described(arg: &Arg) -> Value {
    let mut value = match Kind::of(arg) {
        Kind::Switch => json!({ "type": "boolean" }),
        Kind::Count => json!({ "type": "integer", "minimum": 0, "maximum": MOST_TIMES }),
        Kind::Value { .. } => scalar(arg),
        Kind::List { .. } => {
            let one = scalar(arg);
            json!({ "anyOf": [one, { "type": "array", "items": one }] })
        }
    };
    if let Some(help) = arg.get_help() {
        value["description"] = help.to_string().into();
    }
    value
}

/// What the values of a type look like, as far as a pattern can say it: the flag's reader decides. Each number may also be
/// text, as on a command line.
fn form(is: impl Fn(TypeId) -> bool) -> Option<Value> {
    const DIGITS: &str = "^[0-9]+$";
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let whole = |least: i64, most: Option<i64>| {
        let mut form =
            json!({ "type": ["integer", "string"], "minimum": least, "pattern": DIGITS });
        if let Some(most) = most {
            form["maximum"] = most.into();
        }
        form
    };
    let hash = || text("^(0[xX])?[0-9a-fA-F]{64}$");
    let forms: [(TypeId, Value); 14] = [
        (TypeId::of::<u16>(), whole(1, Some(65_535))),
        (TypeId::of::<u32>(), whole(0, Some(4_294_967_295))),
        (TypeId::of::<NonZeroU32>(), whole(1, None)),
        (TypeId::of::<NonZeroU64>(), whole(1, None)),
        (TypeId::of::<NonZeroUsize>(), whole(1, None)),
        (
            TypeId::of::<u64>(),
            json!({ "type": ["integer", "string"], "minimum": 0, "pattern": "^([0-9]+|0[xX][0-9a-fA-F]+)$" }),
        ),
        (
            TypeId::of::<Duration>(),
            json!({ "type": ["number", "string"], "exclusiveMinimum": 0, "pattern": "^[0-9.]+ *(ms|s|sec|seconds|m|min|minutes|h|d)?$" }),
        ),
        (
            TypeId::of::<Difficulty>(),
            json!({ "type": ["number", "string"], "minimum": 1, "pattern": "^[0-9]" }),
        ),
        (
            TypeId::of::<PublicKey>(),
            text("^(5[1-9A-HJ-NP-Za-km-z]{46,47}|(0[xX])?[0-9a-fA-F]{64})$"),
        ),
        (TypeId::of::<[u8; 32]>(), hash()),
        (TypeId::of::<Seal>(), hash()),
        (TypeId::of::<SocketAddr>(), text("^.+:[0-9]+$")),
        (TypeId::of::<Shard>(), text("^[0-9]+/[0-9]+$")),
        (
            TypeId::of::<Destination>(),
            json!({ "type": "string", "minLength": 1 }),
        ),
    ];
    let found = forms.into_iter().find(|(id, _)| is(*id));
    found.map(|(_, form)| form)
}

/// One value of a flag.
fn scalar(arg: &Arg) -> Value {
    let (Kind::Value { numbers } | Kind::List { numbers }) = Kind::of(arg) else {
        return json!({ "type": "boolean" });
    };
    let names: Vec<_> = arg.get_possible_values();
    let names: Vec<_> = names.iter().map(|it| it.get_name()).collect();
    let reader = arg.get_value_parser().type_id();
    if let Some(form) = form(|id| reader == id) {
        return form;
    }
    match (names.is_empty(), numbers) {
        (false, _) => json!({ "enum": names }),
        (true, true) => json!({ "type": ["string", "number"] }),
        (true, false) => json!({ "type": "string", "minLength": 1 }),
    }
}
