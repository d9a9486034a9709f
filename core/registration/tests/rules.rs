//! Which proof a runtime takes, and that none is signed for one that tells something else.

use btpow_conformance::vectors;
use btpow_core::{Order, Protocol, PublicKey, Seal};
use btpow_forgery::{Forgery, lies};
use btpow_registration::{
    Call, CallKind, Identity, Network, Proof, Refusal, Runtime,
    call::{ArgumentKind, PALLET},
    extension::Extension,
    metadata::MetadataError,
    refusal::{Difference, Name},
    standing::effective_difficulty,
};

const GENESIS: [u8; 32] = [0x45; 32];

const PROOF: Proof = Proof {
    work_block: 100,
    nonce: 7,
    seal: Seal([8; 32]),
};

const POW_REGISTER: Call = Call::PowRegister {
    netuid: 1,
    proof: PROOF,
    hotkey: PublicKey([2; 32]),
};

const REGISTER: Call = Call::Register {
    netuid: 1,
    proof: PROOF,
    hotkey: PublicKey([2; 32]),
    coldkey: PublicKey([3; 32]),
};

const FAUCET: Call = Call::Faucet { proof: PROOF };

fn subtensor(spec_version: u32) -> Identity<'static> {
    Identity {
        name: "node-subtensor",
        spec_version,
        transaction_version: 1,
        genesis: GENESIS,
    }
}

/// Metadata of a runtime that has these calls.
fn with(calls: &[CallKind]) -> Vec<u8> {
    let [mut forgery, _] = Forgery::of_475();
    let [mut old, _] = Forgery::of_393();
    let faucet = old.call("faucet").expect("a call of 393").clone();
    forgery.calls().push(faucet);
    let known = CallKind::ALL.map(CallKind::name);
    forgery.calls().retain(|call| {
        !known.contains(&call.name.as_str()) || calls.iter().any(|it| it.name() == call.name)
    });
    forgery.encode()
}

#[test]
fn effective_difficulties() {
    for vector in vectors::effective_difficulties() {
        let effective = effective_difficulty(vector.difficulty, vector.minimum, vector.maximum);
        assert_eq!(effective.get(), vector.effective, "{vector:?}");
    }
}

#[test]
fn a_runtime_with_pow_register_takes_v1() {
    let metadata = with(&CallKind::ALL);
    for spec in [300, 475, 1_000] {
        let runtime = Runtime::compare(subtensor(spec), &metadata);
        assert_eq!(runtime.registration(), Ok(Protocol::V1));
        assert_eq!(runtime.extensions().len(), 13);
        assert!(runtime.payload(POW_REGISTER, [9; 32], 0).is_ok());
        // It is not signed by the way that is gone.
        let (spec, call) = (spec, CallKind::Register);
        let refused = runtime.payload(REGISTER, [9; 32], 0);
        assert_eq!(refused, Err(Refusal::NoCall { spec, call }));
    }
}

#[test]
fn without_it_the_version_decides() {
    let metadata = with(&[CallKind::Register]);
    for (spec, expected) in [
        (1, Ok(Order::Big)),
        (277, Ok(Order::Big)),
        (278, Err(Refusal::UnknownVersion { spec: 278 })),
        (282, Err(Refusal::UnknownVersion { spec: 282 })),
        (283, Ok(Order::Little)),
        (393, Ok(Order::Little)),
        (394, Err(Refusal::UnknownVersion { spec: 394 })),
        (395, Err(Refusal::Burns { spec: 395 })),
        (461, Err(Refusal::Burns { spec: 461 })),
        (u32::MAX, Err(Refusal::Burns { spec: u32::MAX })),
    ] {
        let runtime = Runtime::compare(subtensor(spec), &metadata);
        let expected = expected.map(Protocol::Legacy);
        assert_eq!(runtime.registration(), expected);
        let payload = runtime.payload(REGISTER, [9; 32], 0);
        assert_eq!(payload.map(|_| ()), expected.map(|_| ()));
        let payload = runtime.payload(POW_REGISTER, [9; 32], 0);
        assert!(payload.is_err(), "{spec}");
    }
}

#[test]
fn the_faucet_outlives_the_legacy_register() {
    let metadata = with(&[CallKind::Faucet]);
    for (spec, expected) in [
        (277, Ok(Order::Big)),
        (280, Err(Refusal::UnknownVersion { spec: 280 })),
        (393, Ok(Order::Little)),
        (475, Ok(Order::Little)),
    ] {
        let runtime = Runtime::compare(subtensor(spec), &metadata);
        assert_eq!(runtime.faucet(), expected);
        let payload = runtime.payload(FAUCET, [9; 32], 0);
        assert_eq!(payload.map(|_| ()), expected.map(|_| ()));
    }
    let (spec, call) = (475, CallKind::Faucet);
    let runtime = Runtime::compare(subtensor(spec), &with(&[CallKind::Register]));
    let refused = Refusal::NoCall { spec, call };
    assert_eq!(runtime.faucet(), Err(refused));
    assert_eq!(runtime.payload(FAUCET, [9; 32], 0), Err(refused));
}

#[test]
fn other_chains_are_refused() {
    let metadata = with(&CallKind::ALL);
    let other = Identity {
        name: "polkadot\u{1b}[2J",
        ..subtensor(475)
    };
    let name = Name::new("polkadot??2J");
    let runtime = Runtime::compare(other, &metadata);
    assert_eq!(
        runtime.registration(),
        Err(Refusal::UnknownRuntime { name })
    );
    assert_eq!(runtime.faucet(), Err(Refusal::UnknownRuntime { name }));
    let (spec, call) = (475, CallKind::PowRegister);
    let runtime = Runtime::compare(subtensor(spec), &with(&[]));
    let refused = Err(Refusal::NoCall { spec, call });
    assert_eq!(runtime.registration(), refused);
    let runtime = Runtime::compare(subtensor(spec), b"none");
    let refused = Err(Refusal::Metadata(MetadataError::NotMetadata));
    assert_eq!(runtime.registration(), refused);
}

/// Whatever version is told: a signature of `register` would burn TAO there.
#[test]
fn public_networks_take_v1_only() {
    for network in Network::ALL {
        let genesis = network.genesis();
        for spec in [1, 277, 393, 475] {
            let identity = Identity {
                genesis,
                ..subtensor(spec)
            };
            let old = Runtime::compare(identity, &with(&[CallKind::Register, CallKind::Faucet]));
            let call = CallKind::Faucet;
            assert_eq!(old.faucet(), Err(Refusal::NotOn { network, call }));
            let call = CallKind::Register;
            let refused = if spec < 395 {
                Refusal::NotOn { network, call }
            } else {
                Refusal::Burns { spec }
            };
            assert_eq!(old.registration(), Err(refused));
            for call in [REGISTER, FAUCET, POW_REGISTER] {
                assert!(old.payload(call, [9; 32], 0).is_err());
            }
            let new = Runtime::compare(identity, &with(&CallKind::ALL));
            assert_eq!(new.registration(), Ok(Protocol::V1));
            assert!(new.payload(POW_REGISTER, [9; 32], 0).is_ok());
            for call in [REGISTER, FAUCET] {
                assert!(new.payload(call, [9; 32], 0).is_err());
            }
        }
    }
}

/// The metadata of spec 461, which is real, agrees with what is compiled in.
#[test]
fn finney_is_known() {
    for forgery in Forgery::of_461() {
        let metadata = forgery.encode();
        let runtime = Runtime::compare(subtensor(393), &metadata);
        // The call that burns, of a version in which it took a proof.
        let order = Order::Little;
        assert_eq!(runtime.registration(), Ok(Protocol::Legacy(order)));
        let names = runtime.extensions().iter().map(|it| it.name());
        let told = forgery.extensions().into_iter().map(|it| it.name);
        assert_eq!(names.collect::<Vec<_>>(), told.collect::<Vec<_>>());
        let runtime = Runtime::compare(subtensor(461), &metadata);
        let burns = Refusal::Burns { spec: 461 };
        assert_eq!(runtime.registration(), Err(burns));
    }
}

/// Those of spec 218, of 2025.
#[test]
fn older_extensions_are_known() {
    let [_, mut forgery] = Forgery::of_475();
    forgery.edit_extensions(|list| {
        list.retain(|it| {
            !["SudoTransactionExtension", "CheckShieldedTxValidity"].contains(&it.name.as_str())
        });
        for (old, new) in [
            ("SubtensorTransactionExtension", "SubtensorSignedExtension"),
            ("DrandPriority", "CommitmentsSignedExtension"),
        ] {
            let renamed = list.iter_mut().find(|it| it.name == old);
            renamed.expect("an extension of 461").name = new.to_owned();
        }
    });
    let runtime = Runtime::compare(subtensor(475), &forgery.encode());
    assert_eq!(runtime.registration(), Ok(Protocol::V1));
    assert_eq!(runtime.extensions().len(), 11);
}

/// What each lie is refused for.
fn expected(lie: &str) -> Difference {
    let call = CallKind::PowRegister;
    let kind = |argument, expected| Difference::ArgumentType {
        call,
        argument,
        expected,
    };
    let count = |found| Difference::ArgumentCount { call, found };
    let name = |expected, found| Difference::ArgumentName {
        call,
        expected,
        found: Name::new(found),
    };
    let (nonce, netuid) = ("nonce", "netuid");
    match lie {
        "pallet-number" | "attack-batch" => Difference::PalletNumber { found: 11 },
        "call-number-of-register" | "attack-burn" => Difference::CallNumber { call, found: 6 },
        "call-number-zero" => Difference::CallNumber { call, found: 0 },
        "call-twice" => Difference::RepeatedCall { call },
        "argument-renamed" => name(nonce, "tip"),
        "argument-unnamed" => name(nonce, ""),
        "arguments-exchanged" => name("work_block", nonce),
        "argument-dropped" => count(4),
        "argument-added" => count(6),
        "arguments-none" => count(0),
        "argument-narrower" => kind("work_block", ArgumentKind::U64),
        "argument-compact" => kind(nonce, ArgumentKind::U64),
        "argument-of-any-length" | "argument-longer" => kind("work", ArgumentKind::Bytes32),
        "argument-no-account" => kind("hotkey", ArgumentKind::Account),
        "argument-of-two"
        | "argument-of-no-type"
        | "argument-contains-itself"
        | "arguments-contain-each-other"
        | "argument-wrapped-too-often" => kind(netuid, ArgumentKind::U16),
        "extrinsic-version" => Difference::ExtrinsicVersion { found: 5 },
        "extensions-none" => Difference::MissingExtension {
            extension: Extension::CheckSpecVersion,
        },
        // The next one that has bytes is in its place.
        "extension-dropped" | "extensions-reordered" => Difference::ExtensionOrder {
            extension: Extension::ChargeTransactionPayment,
        },
        "extension-hash-dropped" => Difference::MissingExtension {
            extension: Extension::CheckMetadataHash,
        },
        "extension-doubled" => Difference::RepeatedExtension {
            extension: Extension::ChargeTransactionPayment,
        },
        "extension-without-bytes-doubled" => Difference::RepeatedExtension {
            extension: Extension::CheckWeight,
        },
        "versions-exchanged" | "attack-versions" => Difference::ExtensionOrder {
            extension: Extension::CheckTxVersion,
        },
        "extension-unknown" => Difference::UnknownExtension {
            name: Name::new("TipTheEndpoint"),
        },
        "extension-of-another-type" => Difference::ExtensionType {
            extension: Extension::CheckNonce,
        },
        "extension-tip-wider" => Difference::ExtensionType {
            extension: Extension::ChargeTransactionPayment,
        },
        "extension-without-bytes-has-bytes"
        | "extension-without-bytes-is-signed"
        | "extension-contains-itself"
        | "extension-of-nothing-very-often" => Difference::ExtensionType {
            extension: Extension::CheckWeight,
        },
        "extension-genesis-signed-otherwise" => Difference::ExtensionType {
            extension: Extension::CheckGenesis,
        },
        "extension-hash-not-optional"
        | "extension-mode-of-two-bytes"
        | "extension-modes-exchanged" => Difference::ExtensionType {
            extension: Extension::CheckMetadataHash,
        },
        "era-longer"
        | "era-shorter"
        | "era-numbers-exchanged"
        | "era-names-exchanged"
        | "era-with-one-more" => Difference::ExtensionType {
            extension: Extension::CheckMortality,
        },
        other => panic!("{other} is a new lie"),
    }
}

#[test]
fn every_lie_is_refused_and_named() {
    for (lie, tell) in lies::all() {
        for mut forgery in Forgery::of_475() {
            tell(&mut forgery);
            // The attack by the hotkey's signature told spec 1.
            let spec = if *lie == "attack-versions" { 1 } else { 475 };
            let runtime = Runtime::compare(subtensor(spec), &forgery.encode());
            let difference = expected(lie);
            let refusal = Refusal::Differs { spec, difference };
            assert_eq!(runtime.registration(), Err(refusal), "{lie}");
            for call in [POW_REGISTER, REGISTER, FAUCET] {
                assert!(runtime.payload(call, [9; 32], 0).is_err(), "{lie}");
            }
        }
    }
}

/// The older calls are compared as well.
#[test]
fn the_older_calls_are_compared() {
    let (spec, number) = (393, 99);
    for call in [CallKind::Register, CallKind::Faucet] {
        let mut forgery = Forgery::read(&with(&[CallKind::Register, CallKind::Faucet]));
        forgery.call(call.name()).expect("a call of these").index = number;
        let difference = Difference::CallNumber {
            call,
            found: number,
        };
        let refusal = Refusal::Differs { spec, difference };
        let runtime = Runtime::compare(subtensor(spec), &forgery.encode());
        let (register, faucet) = (runtime.registration(), runtime.faucet());
        let is_register = call == CallKind::Register;
        assert_eq!(register.err(), is_register.then_some(refusal));
        assert_eq!(faucet.err(), (!is_register).then_some(refusal));
    }
}

#[test]
fn refusals_say_what_is_different() {
    for (refusal, words) in [
        (
            Refusal::Differs {
                spec: 475,
                difference: Difference::PalletNumber { found: 11 },
            },
            "runtime 475 is not as btpow knows it: SubtensorModule is pallet 11, not 7 (is there a newer btpow?)",
        ),
        (
            Refusal::Differs {
                spec: 475,
                difference: expected("call-number-of-register"),
            },
            "runtime 475 is not as btpow knows it: pow_register is call 6, not 152 (is there a newer btpow?)",
        ),
        (
            Refusal::Differs {
                spec: 475,
                difference: expected("argument-longer"),
            },
            "the argument work of pow_register is no [u8; 32]",
        ),
        (
            Refusal::Differs {
                spec: 475,
                difference: expected("extension-unknown"),
            },
            "it has a transaction extension \"TipTheEndpoint\"",
        ),
        (
            Refusal::NotOn {
                network: Network::Finney,
                call: CallKind::Register,
            },
            "the chain is finney by its genesis, where btpow signs pow_register and nothing else",
        ),
    ] {
        let said = refusal.to_string();
        assert!(said.contains(words), "{said}");
        assert!(!said.contains('\n'), "{said}");
    }
    assert_eq!(PALLET, btpow_forgery::PALLET);
}
