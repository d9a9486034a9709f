//! Storage keys are those of the official SDK, by finney's own metadata.

use btpow_core::{PublicKey, key};
use serde_json::Value as Json;
use subxt::{
    dynamic::Value,
    ext::scale_value::{Primitive, ValueDef},
};

use super::{Runtime, runtime, storage::Item};

const GOLDEN: &str = include_str!("../../../tests/vectors/subtensor-461/golden.json");
const V14: &[u8] = include_bytes!("../../../tests/vectors/subtensor-461/metadata_v14.scale");
const V15: &[u8] = include_bytes!("../../../tests/vectors/subtensor-461/metadata_v15.scale");

fn golden() -> Json {
    serde_json::from_str(GOLDEN).expect("JSON")
}

fn text<'a>(of: &'a Json, field: &str) -> &'a str {
    of[field].as_str().unwrap_or_else(|| panic!("no {field}"))
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.strip_prefix("0x").expect("0x");
    let pair = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(pair).collect()
}

/// The runtime of the vectors, by either format of its metadata.
fn runtimes() -> [Runtime; 2] {
    let golden = golden();
    let genesis = key::hex32(text(&golden["network"], "genesis_hash")).expect("32 bytes");
    // As the runtime's API returns it.
    let v15 = runtime::opaque(V15).expect("metadata");
    [V14, &v15].map(|metadata| {
        Runtime::new("node-subtensor", (461, 1), metadata, genesis).expect("a Subtensor runtime")
    })
}

fn number(number: u64) -> Value {
    Value {
        value: ValueDef::Primitive(Primitive::U128(number.into())),
        context: (),
    }
}

/// A parameter of a vector: a number, or an address.
fn parameter(json: &Json) -> Value {
    if let Some(value) = json.as_u64() {
        return number(value);
    }
    let text = json.as_str().expect("a number or a text");
    let key: PublicKey = text.parse().expect("a key");
    Value::from_bytes(key.0)
}

#[test]
fn storage_keys() {
    let golden = golden();
    let mut compared = 0;
    for runtime in runtimes() {
        for vector in golden["storage_keys"].as_array().expect("a list") {
            let leak = |field| -> &'static str { text(vector, field).to_owned().leak() };
            let parts = vector["params"].as_array().expect("a list");
            let parts = parts.iter().map(parameter).collect();
            let item = Item::new(&runtime, leak("pallet"), leak("storage_function"), parts);
            let item = item.expect("an item of this runtime");
            assert_eq!(item.key(), bytes(text(vector, "key_hex")), "{item}");
            compared += 1;
        }
    }
    assert_eq!(compared, 20);
}
