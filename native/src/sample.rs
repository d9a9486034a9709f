//! Built-in challenges, which visibly belong to no chain.

use btpow_core::{Challenge, Difficulty, Order, Protocol, PublicKey};

use crate::task::Task;

/// Expected seals per win of the sample: about 10 s of work for two cores of 15 MH/s.
pub const SAMPLE_DIFFICULTY: u64 = 300_000_000;

/// The "hash" of the sample's block: text, which no real hash is.
const SAMPLE_BLOCK: [u8; 32] = *b"btpow sample, not a block at all";

/// The "hash" of the block that a bench uses.
const BENCH_BLOCK: [u8; 32] = *b"btpow bench, not a block at all!";

/// The public development account `//Alice`, known to every Substrate tool.
const ALICE: PublicKey = PublicKey([
    0xd4, 0x35, 0x93, 0xc7, 0x15, 0xfd, 0xd3, 0x1c, 0x61, 0x14, 0x1a, 0xbd, 0x04, 0xa9, 0x9f, 0xd6,
    0x82, 0x2c, 0x85, 0x58, 0x85, 0x4c, 0xcd, 0xe3, 0x9a, 0x56, 0x84, 0xe7, 0xa5, 0x6d, 0xa2, 0x7d,
]);

/// The public development account `//Bob`.
const BOB: PublicKey = PublicKey([
    0x8e, 0xaf, 0x04, 0x15, 0x16, 0x87, 0x73, 0x63, 0x26, 0xc9, 0xfe, 0xa1, 0x7e, 0x25, 0xfc, 0x52,
    0x87, 0x61, 0x36, 0x93, 0xc9, 0x12, 0x90, 0x9c, 0xb2, 0x26, 0xaa, 0x47, 0x94, 0xf2, 0x6a, 0x48,
]);

/// The sample challenge and its difficulty.
pub fn sample() -> (Task, Difficulty) {
    let task = Task {
        challenge: v1(SAMPLE_BLOCK),
        netuid: Some(1),
        block_number: None,
        hotkey: BOB,
        coldkey: Some(ALICE),
    };
    (task, difficulty(SAMPLE_DIFFICULTY))
}

/// The challenge of a bench, for a protocol.
pub fn bench(protocol: Protocol) -> Challenge {
    match protocol {
        Protocol::Legacy(order) => legacy(order),
        Protocol::V1 => v1(BENCH_BLOCK),
    }
}

fn legacy(order: Order) -> Challenge {
    Challenge::legacy(order, BENCH_BLOCK, BOB.0)
}

fn v1(block_hash: [u8; 32]) -> Challenge {
    Challenge::v1(1, block_hash, BOB.0, ALICE.0).expect("netuid 1 is not the root subnet")
}

fn difficulty(seals: u64) -> Difficulty {
    Difficulty::new(seals).expect("a constant above zero")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_development_accounts() {
        let text = |key: PublicKey| key.to_string();
        assert_eq!(
            text(ALICE),
            "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
        );
        assert_eq!(
            text(BOB),
            "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
        );
    }
}
