//! Every kind of lanes reports exactly the reference's candidates, for any job.

#![no_main]

use arbitrary::Arbitrary;
use btpow_core::{Challenge, Difficulty, Group, Isa, Jobs, Order, Position, Target, span};
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Case {
    protocol: u8,
    netuid: u16,
    block_hash: [u8; 32],
    hotkey: [u8; 32],
    coldkey: [u8; 32],
    difficulty: u8,
    start: u64,
    /// Whether to start near the end of a group.
    near_end: Option<u8>,
    len: u8,
}

fuzz_target!(|case: Case| {
    let challenge = match case.protocol % 3 {
        0 => Challenge::v1(
            case.netuid.max(1),
            case.block_hash,
            case.hotkey,
            case.coldkey,
        )
        .expect("not the root"),
        1 => Challenge::legacy(Order::Big, case.block_hash, case.hotkey),
        _ => Challenge::legacy(Order::Little, case.block_hash, case.hotkey),
    };
    let protocol = challenge.protocol();
    let target = Difficulty::new(u64::from(case.difficulty).max(1))
        .expect("not zero")
        .target();
    let jobs = Jobs::new(&challenge, &target);
    let start = match case.near_end {
        Some(before) => (case.start | (Group::LEN - 1)).wrapping_sub(u64::from(before)),
        None => case.start,
    };
    for (group, offsets) in span::pieces(Position(start), u64::from(case.len)) {
        let job = jobs.group(group);
        let expected: Vec<u32> = (offsets.first()..=offsets.last())
            .filter(|&offset| {
                let seal = challenge.seal(Position::new(group, offset).nonce(protocol));
                Target::tested_word(&seal, protocol.order()) <= target.threshold()
            })
            .collect();
        for isa in Isa::available() {
            let mut found = Vec::new();
            isa.scan(&job, offsets, &mut |offset| found.push(offset));
            assert_eq!(found, expected, "{isa}");
        }
    }
});
