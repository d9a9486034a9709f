//! The comparison ends soon for any metadata, and if the metadata agrees, the reference reads it the same way. No payload
//! depends on it.

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use btpow_core::{PublicKey, Seal};
use btpow_forgery::{Forgery, honest::Message};
use btpow_registration::{Call, Identity, Proof, Runtime};
use libfuzzer_sys::fuzz_target;

/// Arbitrary bytes, or real metadata with some bytes replaced.
#[derive(Arbitrary, Debug)]
enum Input {
    Bytes(Vec<u8>),
    Real(bool, Vec<Edit>),
}

#[derive(Arbitrary, Debug)]
struct Edit {
    /// Counted from the end, where the compared parts are.
    at: u32,
    remove: u8,
    insert: Vec<u8>,
}

/// With few types, so that an edit hits something that matters.
static METADATA: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    Forgery::of_475().map(|mut metadata| {
        metadata.keep_what_is_compared();
        metadata.encode()
    })
});

fuzz_target!(|input: (Input, u32, bool)| {
    let (input, spec, public) = input;
    let metadata = match input {
        Input::Bytes(bytes) => [b"meta\x0e", &bytes[..]].concat(),
        Input::Real(which, edits) => {
            let mut bytes = METADATA[usize::from(which)].clone();
            for Edit { at, remove, insert } in edits {
                let at = bytes.len() - (at as usize % (bytes.len() + 1));
                let end = bytes.len().min(at + usize::from(remove));
                bytes.splice(at..end, insert);
            }
            bytes
        }
    };
    let spec_version = spec % 600;
    let genesis = if public {
        btpow_registration::Network::Finney.genesis()
    } else {
        [7; 32]
    };
    let identity = Identity {
        name: "node-subtensor",
        spec_version,
        transaction_version: 1,
        genesis,
    };
    let runtime = Runtime::compare(identity, &metadata);
    let proof = Proof {
        work_block: 1,
        nonce: 2,
        seal: Seal([3; 32]),
    };
    let hotkey = PublicKey([4; 32]);
    let calls = [
        Call::PowRegister {
            netuid: 5,
            proof,
            hotkey,
        },
        Call::Register {
            netuid: 5,
            proof,
            hotkey,
            coldkey: PublicKey([6; 32]),
        },
        Call::Faucet { proof },
    ];
    for (place, call) in calls.into_iter().enumerate() {
        let Ok(payload) = runtime.payload(call, [8; 32], 9) else {
            continue;
        };
        assert!(
            place == 0 || !public,
            "a public network takes pow_register alone"
        );
        let message = payload.message();
        assert!(message.starts_with(&call.encode()));
        let message = Message::read(&message).expect("what an honest chain reads");
        assert_eq!((message.extra.tip.0, message.extra.nonce.0), (0, 9));
        assert_eq!(message.implicit.spec_version, spec_version);
    }
});
