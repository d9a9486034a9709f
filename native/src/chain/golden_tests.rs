//! What is encoded equals what the official SDK encodes, by finney's own metadata.
//!
//! `tests/vectors/subtensor-461` predates `pow_register`: the calls and payloads here are of other
//! calls, made by the same code. The test chain checks `pow_register` itself.

use btpow_core::{PublicKey, key};
use serde_json::Value as Json;
use subxt::{
    config::DefaultExtrinsicParamsBuilder,
    dynamic::{self, Value},
    ext::scale_value::{Composite, Primitive, ValueDef},
    metadata::Metadata,
    utils::{AccountId32, MultiSignature},
};

use super::{
    Config, PALLET, Runtime,
    extrinsic::{self, Mortality, Terms},
    runtime,
    storage::Item,
};

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
    let v14 = Metadata::decode_from(V14).expect("metadata");
    // As the runtime's API answers it.
    let v15 = runtime::opaque(V15).expect("metadata");
    [v14, v15].map(|metadata| {
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

#[test]
fn arguments_are_encoded_by_their_names() {
    let golden = golden();
    let calls = golden["calls"].as_array().expect("a list");
    let burned_register = calls
        .iter()
        .find(|call| call["function"] == "burned_register")
        .expect("the call that registers for TAO");
    let [hotkey, netuid] = ["hotkey", "netuid"]
        .map(|name| (name.to_owned(), parameter(&burned_register["params"][name])));
    // In another order than the runtime's: it is the names that count.
    let payload = dynamic::transaction(
        PALLET,
        "burned_register",
        Composite::Named(vec![hotkey, netuid]),
    );
    for runtime in runtimes() {
        let encoded = runtime.client().tx().call_data(&payload).expect("a call");
        assert_eq!(encoded, bytes(text(burned_register, "data_hex")));
    }
}

/// The nonce, and the mortality where there is one.
fn terms(vector: &Json, birth_hash: [u8; 32]) -> (u64, Option<Mortality>) {
    let nonce = vector["nonce"].as_u64().expect("a number");
    let mortality = vector["era"].as_object().map(|era| Mortality {
        period: era["period"].as_u64().expect("a number"),
        birth: era["current"].as_u64().expect("a number"),
        birth_hash,
    });
    (nonce, mortality)
}

#[test]
fn signed_payloads() {
    let golden = golden();
    let mut mortal = 0;
    for vector in golden["signature_payloads"].as_array().expect("a list") {
        let birth = vector["era_birth_block_hash"].as_str();
        let birth = birth.map(|hash| key::hex32(hash).expect("32 bytes"));
        let (nonce, mortality) = terms(vector, birth.unwrap_or_default());
        for runtime in runtimes() {
            let transactions = runtime.client().tx();
            let call = transactions.from_call_data_bytes(&bytes(text(vector, "call_data_hex")));
            let call = call.expect("a call of this runtime");
            let params = mortality.map_or_else(
                || {
                    let params = DefaultExtrinsicParamsBuilder::<Config>::new();
                    params.immortal().nonce(nonce).build()
                },
                |mortality| extrinsic::params(&Terms { nonce, mortality }),
            );
            let signable = transactions.create_v4_signable_offline(&call, params);
            let payload = signable.expect("known extensions").signer_payload();
            assert_eq!(
                payload.expect("a payload"),
                bytes(text(vector, "payload_hex"))
            );
            mortal += usize::from(mortality.is_some());
        }
    }
    assert_eq!(mortal, 2, "the mortal payload, by both formats");
}

#[test]
fn signed_extrinsics() {
    let golden = golden();
    let mut compared = 0;
    for vector in golden["extrinsics"].as_array().expect("a list") {
        // Of the birth block only the number goes into the extrinsic.
        let (nonce, mortality) = terms(vector, [0; 32]);
        let Some(mortality) = mortality else { continue };
        let account = key::hex32(text(vector, "public_key_hex")).expect("32 bytes");
        let signature: [u8; 64] = bytes(text(vector, "signature_hex"))
            .try_into()
            .expect("64 bytes");
        for runtime in runtimes() {
            let transactions = runtime.client().tx();
            let call = transactions.from_call_data_bytes(&bytes(text(vector, "call_data_hex")));
            let call = call.expect("a call of this runtime");
            let params = extrinsic::params(&Terms { nonce, mortality });
            let mut signable = transactions
                .create_v4_signable_offline(&call, params)
                .expect("known extensions");
            let signed = signable
                .sign_with_account_and_signature(
                    &AccountId32(account),
                    &MultiSignature::Sr25519(signature),
                )
                .expect("an extrinsic");
            assert_eq!(signed.encoded(), bytes(text(vector, "extrinsic_hex")));
            compared += 1;
        }
    }
    assert!(compared > 0, "no mortal extrinsic among the vectors");
}
