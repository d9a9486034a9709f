//! Every kind of lanes reports exactly the reference's candidates, for any job.

#![no_main]

use arbitrary::Arbitrary;
use btpow_core::{Challenge, Difficulty, Isa, Jobs, Order, Position, Target, span};
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
    /// Whether to start near the end of a span.
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
    let span_mask = (1_u64 << protocol.span_bits()) - 1;
    let start = match case.near_end {
        Some(before) => (case.start | span_mask).wrapping_sub(u64::from(before)),
        None => case.start,
    };
    for (span, indices) in span::pieces(Position(start), u64::from(case.len), protocol) {
        let job = jobs.at(span);
        let expected: Vec<u32> = (indices.first()..=indices.last())
            .filter(|&index| {
                let seal = challenge.seal(span.nonce(index, protocol));
                Target::tested_word(&seal, protocol.order()) <= target.threshold()
            })
            .collect();
        for isa in Isa::available() {
            let mut found = Vec::new();
            isa.scan(&job, indices, &mut |index| found.push(index));
            assert_eq!(found, expected, "{isa}");
        }
    }
});
