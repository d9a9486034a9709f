//! What is signed and sent reads back as exactly what was requested.

#![no_main]

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use btpow_core::{PublicKey, Seal};
use btpow_forgery::{
    Forgery,
    honest::{Extrinsic, Message, PalletCall, RuntimeCall},
};
use btpow_registration::{Call, Identity, Proof, Runtime, Scheme, Signature};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    which: u8,
    netuid: u16,
    work_block: u64,
    nonce: u64,
    seal: [u8; 32],
    hotkey: [u8; 32],
    coldkey: [u8; 32],
    block_hash: [u8; 32],
    account_nonce: u32,
    genesis: [u8; 32],
    transaction_version: u32,
    signature: [u8; 64],
}

static METADATA: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
    let ([new, _], [old, _]) = (Forgery::of_475(), Forgery::of_393());
    [new, old].map(|metadata| metadata.encode())
});

fuzz_target!(|input: Input| {
    let proof = Proof {
        work_block: input.work_block,
        nonce: input.nonce,
        seal: Seal(input.seal),
    };
    let (netuid, hotkey) = (input.netuid, PublicKey(input.hotkey));
    let (call, spec_version, metadata) = match input.which % 3 {
        0 => {
            let call = Call::PowRegister {
                netuid,
                proof,
                hotkey,
            };
            (call, 475, &METADATA[0])
        }
        1 => {
            let coldkey = PublicKey(input.coldkey);
            let call = Call::Register {
                netuid,
                proof,
                hotkey,
                coldkey,
            };
            (call, 393, &METADATA[1])
        }
        _ => (Call::Faucet { proof }, 393, &METADATA[1]),
    };
    let identity = Identity {
        name: "node-subtensor",
        spec_version,
        transaction_version: input.transaction_version,
        genesis: input.genesis,
    };
    let runtime = Runtime::compare(identity, metadata);
    let payload = runtime.payload(call, input.block_hash, input.account_nonce);
    let Ok(payload) = payload else {
        // finney and the test network accept only one call.
        assert!(btpow_registration::Network::of_genesis(input.genesis).is_some());
        return;
    };
    let message = Message::read(&payload.message()).expect("what an honest chain reads");
    let RuntimeCall::SubtensorModule(found) = &message.call;
    let seal = input.seal.to_vec();
    match found {
        PalletCall::PowRegister(it) => {
            let found = (it.netuid, it.work_block, it.nonce, it.work, it.hotkey);
            let asked = (
                netuid,
                input.work_block,
                input.nonce,
                input.seal,
                input.hotkey,
            );
            assert!(found == asked && input.which % 3 == 0);
        }
        PalletCall::Register(it) => {
            let found = (
                it.netuid,
                it.block_number,
                it.nonce,
                &it.work,
                it.hotkey,
                it.coldkey,
            );
            let (block, nonce) = (input.work_block, input.nonce);
            let asked = (netuid, block, nonce, &seal, input.hotkey, input.coldkey);
            assert!(found == asked && input.which % 3 == 1);
        }
        PalletCall::Faucet(it) => {
            let found = (it.block_number, it.nonce, &it.work);
            let asked = (input.work_block, input.nonce, &seal);
            assert!(found == asked && input.which % 3 == 2);
        }
    }
    assert_eq!(message.extra.nonce.0, input.account_nonce);
    assert_eq!((message.extra.tip.0, message.extra.mode), (0, 0));
    let implicit = &message.implicit;
    assert_eq!(implicit.spec_version, spec_version);
    assert_eq!(implicit.transaction_version, input.transaction_version);
    assert_eq!(implicit.genesis, input.genesis);
    assert_eq!(
        (implicit.birth, implicit.metadata_hash),
        (input.block_hash, None)
    );
    if let Some(last) = input.work_block.checked_add(payload.period() - 1) {
        assert_eq!(
            message.extra.blocks(input.work_block),
            Some((input.work_block, last))
        );
    }
    let signature = Signature {
        scheme: Scheme::Sr25519,
        bytes: input.signature,
    };
    let sent = payload.extrinsic(PublicKey(input.coldkey), signature);
    let sent = Extrinsic::read(&sent).expect("what an honest chain reads");
    assert_eq!((sent.call, sent.extra), (message.call, message.extra));
});
