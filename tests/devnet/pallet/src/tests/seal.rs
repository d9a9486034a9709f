//! Seals against the known answers.

use serde_json::Value;

use super::vectors::{account, bytes, number, order, vectors};
use crate::NetUid;
use crate::seal::{self, Order};

fn netuid(record: &Value) -> NetUid {
    NetUid(record["netuid"].as_u64().unwrap().try_into().unwrap())
}

fn seal_of(record: &Value, nonce: u64) -> [u8; 32] {
    let block_hash = bytes(record, "block_hash");
    if record.get("coldkey").is_some() {
        let (hotkey, coldkey) = (account(record, "hotkey"), account(record, "coldkey"));
        seal::pow(netuid(record), &block_hash, &hotkey, &coldkey, nonce)
    } else {
        seal::legacy(&block_hash, &account(record, "key"), nonce)
    }
}

#[test]
fn seals_are_the_known_ones() {
    for file in ["seal_v1.json", "seal_legacy.json"] {
        for record in vectors(file) {
            let seal = seal_of(&record, number(&record, "nonce"));
            assert_eq!(seal, bytes(&record, "seal"), "{record}");
        }
    }
}

/// The first nonce from `start` that wins, in the order that the record names. For large difficulties the search takes
/// long, so only the winner is checked.
#[test]
fn first_solutions_are_the_known_ones() {
    let mut walked = [0, 0];
    for record in vectors("first_solution.json") {
        let order = order(&record);
        let difficulty = number(&record, "difficulty");
        let (start, nonce) = (number(&record, "start"), number(&record, "nonce"));
        let wins = |nonce| seal::meets(&seal_of(&record, nonce), difficulty, order);
        assert!(wins(nonce), "{record}");
        let steps = nonce.wrapping_sub(start);
        if steps < 5_000 {
            let before = (0..steps).find(|&step| wins(start.wrapping_add(step)));
            assert_eq!(before, None, "{record}");
            walked[usize::from(order == Order::Big)] += 1;
        }
    }
    assert!(walked.iter().all(|&walks| walks > 0), "{walked:?}");
}

#[test]
fn the_target_is_the_last_that_wins() {
    // 2^255 times 2 is 2^256, which is too much; one less is not.
    let mut half = [0; 32];
    half[31] = 0x80;
    let mut below = [0xff; 32];
    below[31] = 0x7f;
    assert!(!seal::meets(&half, 2, Order::Little));
    assert!(seal::meets(&below, 2, Order::Little));
    assert!(seal::meets(&half, 2, Order::Big));
    assert!(!seal::meets(&below, 2, Order::Big));
    assert!(seal::meets(&[0xff; 32], 1, Order::Big));
}
