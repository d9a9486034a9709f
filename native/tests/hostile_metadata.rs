//! An endpoint that lies about its runtime gets no signature, and the error names the lie.
//!
//! The chain behind it is honest and would take a registration, as the first test shows.

mod chain;
mod common;

use btpow_devnet::{ALICE, BOB};
use btpow_forgery::{Forgery, lies, unnamed};
use scale_info::{TypeDefArray, TypeDefComposite, TypeDefPrimitive, TypeDefTuple};
use serde_json::json;

use chain::{
    extrinsic::{Signed, registrations},
    program::{self, Program, Told},
    proxy::{Fate, Proxy, SUBMIT},
    state::Chain,
    wallet::Wallet,
};

const METADATA: &str = "state_call";
const OLDER_METADATA: &str = "state_getMetadata";
const VERSION: &str = "state_getRuntimeVersion";

const REGISTER: &str = "register --netuid 1 --yes --json --threads 1";

fn hex(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}")
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = hex.strip_prefix("0x").expect("0x");
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("digits");
    (0..digits.len()).step_by(2).map(byte).collect()
}

/// An honest chain, an endpoint in front of it, and the chain's own metadata.
struct Liar {
    chain: Chain,
    proxy: Proxy,
    wallet: Wallet,
    metadata: Forgery,
}

impl Liar {
    fn new() -> Self {
        let chain = Chain::easy();
        let method = json!(["Metadata_metadata_at_version", "0x0f000000"]);
        let answer = chain.rpc(METADATA, method).expect("metadata");
        let metadata = Forgery::read_answer(&bytes(answer.as_str().expect("metadata")));
        Self {
            proxy: Proxy::before(chain.endpoint()),
            wallet: Wallet::new(&ALICE, &BOB),
            chain,
            metadata,
        }
    }

    /// Serves this metadata in either format, and this spec version.
    fn tells(&self, metadata: &Forgery, newer: bool, spec: u32) {
        let (answer, older) = (hex(&metadata.encode_answer()), hex(&metadata.encode()));
        self.proxy.on_request(move |method, _| match method {
            METADATA if newer => Fate::Answered(answer.clone().into()),
            METADATA => Fate::Refused(json!({ "code": -32601, "message": "no such method" })),
            OLDER_METADATA => Fate::Answered(older.clone().into()),
            VERSION => Fate::Answered(json!({
                "specName": "btpow-test",
                "specVersion": spec,
                "transactionVersion": 1,
            })),
            _ => Fate::Passed,
        });
    }

    fn register(&self) -> Told {
        program::run(program::with(
            &self.wallet,
            &self.proxy.endpoint(),
            REGISTER,
        ))
    }
}

#[test]
fn an_honest_endpoint_gets_a_signature() {
    for newer in [true, false] {
        let liar = Liar::new();
        liar.tells(&liar.metadata, newer, 475);
        let program = Program::start(program::with(
            &liar.wallet,
            &liar.proxy.endpoint(),
            REGISTER,
        ));
        program.says("submitted; waiting");
        liar.chain.block();
        program.end().exits(0);
        let sent = liar.proxy.submitted();
        assert_eq!(registrations(&sent, &ALICE, &BOB), 1);
        let signed = Signed::read(&sent[0]);
        let birth = bytes(&liar.chain.hash(1)).try_into().expect("32 bytes");
        assert!(signed.is_good_for(475, [0x45; 32], birth));
        assert!(!signed.is_good_for(476, [0x45; 32], birth));
        assert_eq!(liar.chain.uid(1, &BOB), Some(0));
    }
}

/// The error for each lie.
fn words(lie: &str) -> &'static str {
    match lie {
        "pallet-number" | "attack-batch" => "SubtensorModule is pallet 11, not 7",
        "call-number-of-register" | "attack-burn" => "pow_register is call 6, not 152",
        "call-number-zero" => "pow_register is call 0, not 152",
        "call-twice" => "pow_register is there twice",
        "argument-renamed" => "pow_register has an argument \"tip\" instead of nonce",
        "argument-unnamed" => "pow_register has an argument \"\" instead of nonce",
        "arguments-exchanged" => "an argument \"nonce\" instead of work_block",
        "argument-dropped" => "pow_register has 4 arguments, not 5",
        "argument-added" => "pow_register has 6 arguments, not 5",
        "arguments-none" => "pow_register has 0 arguments, not 5",
        "argument-narrower" => "the argument work_block of pow_register is no u64",
        "argument-compact" => "the argument nonce of pow_register is no u64",
        "argument-of-any-length" | "argument-longer" => {
            "the argument work of pow_register is no [u8; 32]"
        }
        "argument-no-account" => "the argument hotkey of pow_register is no AccountId32",
        lie if lie.starts_with("argument") => "the argument netuid of pow_register is no u16",
        "extrinsic-version" => "extrinsics have version 5, not 4",
        "extensions-none" => "CheckSpecVersion is missing",
        "extension-dropped" | "extensions-reordered" => {
            "ChargeTransactionPayment is not in its place"
        }
        "extension-hash-dropped" => "CheckMetadataHash is missing",
        "extension-doubled" => "ChargeTransactionPayment is there twice",
        "extension-without-bytes-doubled" => "CheckWeight is there twice",
        "versions-exchanged" | "attack-versions" => "CheckTxVersion is not in its place",
        "extension-unknown" => "a transaction extension \"TipTheEndpoint\"",
        "extension-of-another-type" => "CheckNonce has other bytes",
        "extension-tip-wider" => "ChargeTransactionPayment has other bytes",
        "extension-genesis-signed-otherwise" => "CheckGenesis has other bytes",
        lie if lie.starts_with("extension-hash") || lie.starts_with("extension-mode") => {
            "CheckMetadataHash has other bytes"
        }
        lie if lie.starts_with("era") => "CheckMortality has other bytes",
        _ => "CheckWeight has other bytes",
    }
}

#[test]
fn no_lie_about_call_and_extensions_gets_a_signature() {
    let liar = Liar::new();
    for (newer, (lie, tell)) in [true, false].into_iter().cycle().zip(lies::all()) {
        let mut metadata = liar.metadata.clone();
        tell(&mut metadata);
        // The attack on the hotkey's signature claimed an old version.
        let spec = if *lie == "attack-versions" { 1 } else { 475 };
        liar.tells(&metadata, newer, spec);
        let told = liar.register().exits(4);
        let told = told.complaining(&[
            &format!("runtime {spec} is not as btpow knows it: "),
            words(lie),
            "is there a newer btpow?",
            "nothing was sent",
        ]);
        assert_eq!(told.stdout, "", "{lie}");
    }
    assert_eq!(liar.proxy.count(SUBMIT), 0);
}

#[test]
fn doctor_and_mine_refuse_what_register_refuses() {
    let liar = Liar::new();
    let (_, tell) = lies::named("attack-batch").expect("a lie");
    let mut metadata = liar.metadata.clone();
    tell(&mut metadata);
    liar.tells(&metadata, true, 475);
    for command in ["doctor --netuid 1", "mine --netuid 1 --once --threads 1"] {
        let told = program::run(program::with(&liar.wallet, &liar.proxy.endpoint(), command));
        told.exits(4).complaining(&[words("attack-batch")]);
    }
}

/// Types that contain themselves, used for storage and events.
#[test]
fn types_without_an_end_are_not_followed() {
    let liar = Liar::new();
    let endless = |metadata: &mut Forgery| {
        let number = metadata.add_type("Endless", TypeDefTuple::new_portable([]));
        metadata.ty(number).type_def = TypeDefComposite::new([unnamed(number)]).into();
        number
    };
    // Deeper than any stack.
    let deep = |metadata: &mut Forgery| {
        let mut number = metadata.primitive(TypeDefPrimitive::U16);
        for _ in 0..60_000 {
            number = metadata.add_type("Deep", TypeDefComposite::new([unnamed(number)]));
        }
        number
    };
    // So many empty values that reading them takes an hour.
    let nothing = |metadata: &mut Forgery| {
        let nothing = metadata.add_type("Nothing", TypeDefTuple::new_portable([]));
        metadata.add_type("Often", TypeDefArray::new(u32::MAX, nothing.into()))
    };
    let types: [&dyn Fn(&mut Forgery) -> u32; 3] = [&endless, &deep, &nothing];
    for (number, (entry, is_key)) in types.into_iter().flat_map(|ty| {
        let items = [
            ("NetworksAdded", true),
            ("Difficulty", false),
            ("Owner", false),
        ];
        items.map(|item| (ty, item))
    }) {
        let mut metadata = liar.metadata.clone();
        let number = number(&mut metadata);
        metadata.set_storage_type(entry, is_key, number);
        liar.tells(&metadata, true, 475);
        let told = liar.register().exits(4);
        let item =
            format!("SubtensorModule.{entry} cannot be read: its type has no end, or is absurd");
        told.complaining(&[&item]);
    }
    assert_eq!(liar.proxy.count(SUBMIT), 0);
    // Without events, the program finds a registration in the chain's storage.
    let mut metadata = liar.metadata.clone();
    let number = endless(&mut metadata);
    metadata.set_event_type(number);
    liar.tells(&metadata, true, 475);
    let program = Program::start(program::with(
        &liar.wallet,
        &liar.proxy.endpoint(),
        REGISTER,
    ));
    program.says("submitted; waiting");
    liar.chain.block();
    program.says("the events cannot be read: their type has no end, or is absurd");
    liar.chain.block();
    program
        .end()
        .exits(0)
        .answering(json!({ "status": "registered", "uid": 0 }));
}

#[test]
fn metadata_that_is_none_is_refused() {
    let liar = Liar::new();
    let real = liar.metadata.encode();
    let mut long = real.clone();
    long.resize((4 << 20) + 1, 0);
    let mut other = real.clone();
    other[4] = 13;
    for (metadata, words) in [
        (Vec::new(), "does not begin as metadata does"),
        (b"meta".to_vec(), "damaged at byte 4"),
        (real[..real.len() / 2].to_vec(), "damaged at byte"),
        (long, "it has 4194305 bytes"),
        (other, "it has format 13, and btpow reads 14 and 15"),
        // More types than there are bytes.
        (b"meta\x0e\xfe\xff\xff\xff".to_vec(), "damaged at byte 5"),
    ] {
        let answer = hex(&metadata);
        liar.proxy.on_request(move |method, _| match method {
            METADATA => Fate::Refused(json!({ "code": -32601, "message": "no such method" })),
            OLDER_METADATA => Fate::Answered(answer.clone().into()),
            _ => Fate::Passed,
        });
        let told = liar.register().exits(4);
        told.complaining(&["the metadata cannot be read: ", words]);
    }
    assert_eq!(liar.proxy.count(SUBMIT), 0);
}
