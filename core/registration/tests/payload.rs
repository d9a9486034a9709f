//! What is signed and sent, read back by an independent decoder.

use std::sync::LazyLock;

use btpow_conformance::small_effort;
use btpow_core::{Protocol, PublicKey, Seal};
use btpow_forgery::{
    Extension, Forgery,
    honest::{
        Extra, Extrinsic, Faucet, Implicit, Message, MultiAddress, MultiSignature, PalletCall,
        PowRegister, Register, RuntimeCall,
    },
    lies,
};
use btpow_registration::{
    Call, Identity, Payload, Proof, Runtime, Scheme, Signature,
    payload::{MAX_EXTRINSIC, MAX_MESSAGE},
};
use parity_scale_codec::Compact;
use proptest::{prelude::*, sample::Index};

const SPEC: u32 = 475;

fn identity(genesis: [u8; 32], spec_version: u32) -> Identity<'static> {
    Identity {
        name: "node-subtensor",
        spec_version,
        transaction_version: 1,
        genesis,
    }
}

/// The bytes of a payload are those of exactly this call, and of nothing else.
fn check(payload: &Payload, call: Call, block_hash: [u8; 32], nonce: u32) {
    let bytes = payload.message();
    assert!(bytes.len() <= MAX_MESSAGE);
    let message = Message::read(&bytes).expect("what an honest chain reads");
    let expected = Message {
        call: expected(call),
        extra: Extra {
            era: payload.era(),
            nonce: Compact(nonce),
            tip: Compact(0),
            mode: 0,
        },
        implicit: Implicit {
            spec_version: payload.spec_version(),
            transaction_version: payload.transaction_version(),
            genesis: payload.genesis(),
            birth: block_hash,
            metadata_hash: None,
        },
    };
    assert_eq!(message, expected);
    // Born in the block that asked, whichever of its blocks the chain has arrived at.
    let work_block = call.proof().work_block;
    for age in 0..payload.period() {
        let last = work_block + payload.period() - 1;
        let blocks = message.extra.blocks(work_block + age);
        assert_eq!(blocks, Some((work_block, last)));
    }

    let signer = PublicKey([4; 32]);
    for (scheme, signature) in [
        (Scheme::Ed25519, MultiSignature::Ed25519([5; 64])),
        (Scheme::Sr25519, MultiSignature::Sr25519([5; 64])),
    ] {
        let bytes = [5; 64];
        let bytes = payload.extrinsic(signer, Signature { scheme, bytes });
        assert!(bytes.len() <= MAX_EXTRINSIC);
        let extrinsic = Extrinsic::read(&bytes).expect("what an honest chain reads");
        let expected = Extrinsic {
            version: 0x84,
            signer: MultiAddress::Id(signer.0),
            signature,
            extra: message.extra.clone(),
            call: message.call.clone(),
        };
        assert_eq!(extrinsic, expected);
    }
}

/// The same call in the types of the decoder.
fn expected(call: Call) -> RuntimeCall {
    let Proof {
        work_block,
        nonce,
        seal: Seal(work),
    } = call.proof();
    RuntimeCall::SubtensorModule(match call {
        Call::PowRegister { netuid, hotkey, .. } => PalletCall::PowRegister(PowRegister {
            netuid,
            work_block,
            nonce,
            work,
            hotkey: hotkey.0,
        }),
        Call::Register {
            netuid,
            hotkey,
            coldkey,
            ..
        } => PalletCall::Register(Register {
            netuid,
            block_number: work_block,
            nonce,
            work: work.to_vec(),
            hotkey: hotkey.0,
            coldkey: coldkey.0,
        }),
        Call::Faucet { .. } => PalletCall::Faucet(Faucet {
            block_number: work_block,
            nonce,
            work: work.to_vec(),
        }),
    })
}

fn proofs() -> impl Strategy<Value = Proof> {
    // Far from the end of all numbers, where a chain has no next block.
    (0..u64::MAX - 16, any::<u64>(), any::<[u8; 32]>()).prop_map(|(work_block, nonce, seal)| {
        Proof {
            work_block,
            nonce,
            seal: Seal(seal),
        }
    })
}

fn calls() -> impl Strategy<Value = Call> {
    let keys = || any::<[u8; 32]>().prop_map(PublicKey);
    let pow_register =
        (any::<u16>(), proofs(), keys()).prop_map(|(netuid, proof, hotkey)| Call::PowRegister {
            netuid,
            proof,
            hotkey,
        });
    let register = (any::<u16>(), proofs(), keys(), keys());
    let register = register.prop_map(|(netuid, proof, hotkey, coldkey)| Call::Register {
        netuid,
        proof,
        hotkey,
        coldkey,
    });
    let faucet = proofs().prop_map(|proof| Call::Faucet { proof });
    prop_oneof![pow_register, register, faucet]
}

/// A change of metadata that stays within its format.
#[derive(Clone, Debug)]
enum Change {
    Lie(Index),
    PalletNumber(u8),
    CallNumber(u8),
    CallName(String),
    DropArgument(Index),
    SwapArguments(Index, Index),
    ArgumentType(Index, u32),
    DropExtension(Index),
    SwapExtensions(Index, Index),
    RepeatExtension(Index, Index),
    ExtensionName(Index, String),
    ExtensionType(Index, u32, bool),
    NewExtension(Index, String, u32, u32),
    Type(Index, u32),
}

fn changes() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    let ty = || 0..700_u32;
    let name = || {
        prop_oneof![
            "[A-Za-z]{0,12}",
            Just("CheckWeight".to_owned()),
            Just("CheckNonce".to_owned())
        ]
    };
    prop_oneof![
        index().prop_map(Change::Lie),
        any::<u8>().prop_map(Change::PalletNumber),
        any::<u8>().prop_map(Change::CallNumber),
        name().prop_map(Change::CallName),
        index().prop_map(Change::DropArgument),
        (index(), index()).prop_map(|(a, b)| Change::SwapArguments(a, b)),
        (index(), ty()).prop_map(|(a, b)| Change::ArgumentType(a, b)),
        index().prop_map(Change::DropExtension),
        (index(), index()).prop_map(|(a, b)| Change::SwapExtensions(a, b)),
        (index(), index()).prop_map(|(a, b)| Change::RepeatExtension(a, b)),
        (index(), name()).prop_map(|(a, b)| Change::ExtensionName(a, b)),
        (index(), ty(), any::<bool>()).prop_map(|(a, b, c)| Change::ExtensionType(a, b, c)),
        (index(), name(), ty(), ty()).prop_map(|(a, b, c, d)| Change::NewExtension(a, b, c, d)),
        (index(), ty()).prop_map(|(a, b)| Change::Type(a, b)),
    ]
}

fn apply(forgery: &mut Forgery, change: Change) {
    let arguments = |forgery: &mut Forgery| forgery.call("pow_register").map(|it| it.fields.len());
    match change {
        Change::Lie(index) => {
            let lies: Vec<_> = lies::EXTENSIONS.iter().collect();
            let at = index.index(lies.len());
            // A lie needs what it changes to be there.
            let untouched = forgery.extensions() == Forgery::of_461()[0].extensions();
            if untouched && !lies[at].0.contains("often") {
                (lies[at].1)(forgery);
            }
        }
        Change::PalletNumber(number) => *forgery.pallet_number() = number,
        Change::CallNumber(number) => {
            if let Some(call) = forgery.call("pow_register") {
                call.index = number;
            }
        }
        Change::CallName(name) => {
            if let Some(call) = forgery.call("pow_register") {
                call.name = name;
            }
        }
        Change::DropArgument(at) => {
            if let Some(len @ 1..) = arguments(forgery) {
                let call = forgery.call("pow_register").expect("it has arguments");
                call.fields.remove(at.index(len));
            }
        }
        Change::SwapArguments(a, b) => {
            if let Some(len @ 1..) = arguments(forgery) {
                let call = forgery.call("pow_register").expect("it has arguments");
                call.fields.swap(a.index(len), b.index(len));
            }
        }
        Change::ArgumentType(at, ty) => {
            if let Some(len @ 1..) = arguments(forgery) {
                let call = forgery.call("pow_register").expect("it has arguments");
                call.fields[at.index(len)].ty = ty.into();
            }
        }
        Change::Type(at, other) => {
            // One type becomes another, wherever it is used.
            let len = forgery.types().len();
            let definition = forgery.types()[other as usize % len].ty.type_def.clone();
            forgery.types()[at.index(len)].ty.type_def = definition;
        }
        change => forgery.edit_extensions(|list| extension(list, change)),
    }
}

fn extension(list: &mut Vec<Extension>, change: Change) {
    if list.is_empty() {
        return;
    }
    let len = list.len();
    match change {
        Change::DropExtension(at) => drop(list.remove(at.index(len))),
        Change::SwapExtensions(a, b) => list.swap(a.index(len), b.index(len)),
        Change::RepeatExtension(from, to) => {
            let repeated = list[from.index(len)].clone();
            list.insert(to.index(len), repeated);
        }
        Change::ExtensionName(at, name) => list[at.index(len)].name = name,
        Change::ExtensionType(at, ty, extra) => {
            let told = &mut list[at.index(len)];
            *(if extra {
                &mut told.extra
            } else {
                &mut told.implicit
            }) = ty;
        }
        Change::NewExtension(at, name, extra, implicit) => list.insert(
            at.index(len),
            Extension {
                name,
                extra,
                implicit,
            },
        ),
        _ => unreachable!("the others are no changes of extensions"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if small_effort() { 24 } else { 256 }))]

    /// Metadata that agrees has a runtime that makes a payload of exactly the call that was asked for.
    #[test]
    fn payloads_are_what_was_asked_for(
        call in calls(),
        block_hash: [u8; 32],
        nonce: u32,
        genesis: [u8; 32],
    ) {
        let [new, old] = metadata();
        let new = Runtime::compare(identity(genesis, SPEC), new);
        let old = Runtime::compare(identity(genesis, 393), old);
        let is_new = matches!(call, Call::PowRegister { .. });
        let (right, wrong) = if is_new { (new, old) } else { (old, new) };
        let payload = right.payload(call, block_hash, nonce).expect("it agrees");
        check(&payload, call, block_hash, nonce);
        prop_assert!(wrong.payload(call, block_hash, nonce).is_err());
    }

    /// Whatever the metadata says, within its format: either nothing is signed, or exactly the call that
    /// was asked for, in exactly the bytes that an honest chain reads.
    #[test]
    fn metadata_makes_no_byte_that_is_signed(
        which in 0..2_usize,
        changes in prop::collection::vec(changes(), 0..4),
        call in calls(),
        block_hash: [u8; 32],
        nonce: u32,
        spec: u32,
        genesis: [u8; 32],
    ) {
        let is_new = matches!(call, Call::PowRegister { .. });
        let honest = if is_new { Forgery::of_475() } else { Forgery::of_393() };
        let mut forgery = honest[which].clone();
        for change in changes {
            apply(&mut forgery, change);
        }
        for spec in [if is_new { SPEC } else { 393 }, spec % 500] {
            let runtime = Runtime::compare(identity(genesis, spec), &forgery.encode());
            if let Ok(payload) = runtime.payload(call, block_hash, nonce) {
                check(&payload, call, block_hash, nonce);
                prop_assert!(runtime.registration().is_ok() || runtime.faucet().is_ok());
            }
        }
    }
}

/// The metadata of 475 and of 393, encoded once.
fn metadata() -> [&'static [u8]; 2] {
    static METADATA: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
        let ([new, _], [_, old]) = (Forgery::of_475(), Forgery::of_393());
        [new, old].map(|metadata| metadata.encode())
    });
    METADATA.each_ref().map(Vec::as_slice)
}

#[test]
fn the_bytes_of_a_registration() {
    let [new, _] = metadata();
    let runtime = Runtime::compare(identity([0x11; 32], SPEC), new);
    assert_eq!(runtime.registration(), Ok(Protocol::V1));
    let call = Call::PowRegister {
        netuid: 0x0102,
        proof: Proof {
            work_block: 0x0304,
            nonce: 0x0506_0708_090a_0b0c,
            seal: Seal([0xaa; 32]),
        },
        hotkey: PublicKey([0xbb; 32]),
    };
    let payload = runtime.payload(call, [0x22; 32], 64).expect("it agrees");
    let message: Vec<u8> = [
        &[0x07, 0x98, 0x02, 0x01][..],
        &[0x04, 0x03, 0, 0, 0, 0, 0, 0],
        &[0x0c, 0x0b, 0x0a, 0x09, 0x08, 0x07, 0x06, 0x05],
        &[0xaa; 32],
        &[0xbb; 32],
        // Period 8, phase 0x304 % 8; nonce 64; no tip; no hash.
        &[0x42, 0x00, 0x01, 0x01, 0x00, 0x00],
        &[0xdb, 0x01, 0, 0, 1, 0, 0, 0],
        &[0x11; 32],
        &[0x22; 32],
        &[0],
    ]
    .concat();
    assert_eq!(payload.message()[..], message);
    assert_eq!(call.encode().len(), 84);
    assert_eq!(call.name(), "pow_register");
    let shown = call
        .arguments()
        .map(|(name, value)| format!("{name} {value}"));
    let shown: Vec<_> = shown.collect();
    let seal = format!("work 0x{}", "aa".repeat(32));
    assert_eq!(shown[..2], ["netuid 258", "work_block 772"]);
    assert_eq!(shown[2..4], ["nonce 361984551142689548".to_owned(), seal]);
    assert!(shown[4].starts_with("hotkey 5"), "{shown:?}");
    assert_eq!(payload.call(), call);
    let told = (payload.block_hash(), payload.nonce(), payload.period());
    assert_eq!(told, ([0x22; 32], 64, 8));
}
