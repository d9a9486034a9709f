//! The known answers in `tests/vectors`, made by other implementations.

use serde_json::Value;
use sp_runtime::AccountId32;

use crate::seal::Order;

/// The records of a file in `tests/vectors`.
pub(super) fn vectors(file: &str) -> Vec<Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors");
    let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
    let records: Vec<Value> = serde_json::from_str(&text).unwrap();
    assert!(!records.is_empty(), "{file} has no record");
    records
}

pub(super) fn bytes(record: &Value, field: &str) -> [u8; 32] {
    unhex(record[field].as_str().unwrap())
}

pub(super) fn unhex(hex: &str) -> [u8; 32] {
    assert_eq!(hex.len(), 64, "{hex}");
    core::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
}

pub(super) fn account(record: &Value, field: &str) -> AccountId32 {
    bytes(record, field).into()
}

/// Large numbers are text in these files.
pub(super) fn number(record: &Value, field: &str) -> u64 {
    record[field].as_str().unwrap().parse().unwrap()
}

/// How the record's seal is read.
pub(super) fn order(record: &Value) -> Order {
    match record["order"].as_str().unwrap() {
        "little" => Order::Little,
        "big" => Order::Big,
        other => panic!("order {other}"),
    }
}
