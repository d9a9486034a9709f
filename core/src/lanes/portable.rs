//! Portable lanes: one nonce at a time in safe Rust, for every processor.
//!
//! - Shape: a word is a `u32` or a `u64`; a block is one nonce.
//! - Needs: nothing.
//! - Checked by: `tests/lanes.rs`, like every instruction set, and by Miri.

#![forbid(unsafe_code)]

use crate::{
    GroupJob, Offsets,
    group::{Row, Schedule, Spans},
    keccak,
    lane::{Lane32, Lane64},
    scan::{self, Lanes, pair},
    sha256::{self, Prologue},
};

/// Calls `found` with every candidate among `offsets`.
pub(crate) fn scan(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    scan::scan::<Portable>(job, offsets, found);
}

struct Portable;

impl Lanes for Portable {
    const BLOCK: u32 = 1;

    #[inline(always)]
    fn indices<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32 {
        u32::from(top_word::<BIG>(pairs(digest(prologue, w0))) <= limit)
    }

    #[inline(always)]
    fn spans(spans: &Spans, at: usize, schedule: &Schedule, limit: u64) -> u32 {
        let digest = sha256::digest_of_spans(spans, at, schedule);
        u32::from(top_word::<false>(pairs(digest)) <= limit)
    }
}

/// The words of Keccak.
#[inline(always)]
fn pairs([a, b, c, d, e, f, g, h]: [u32; 8]) -> [u64; 4] {
    [pair(a, b), pair(c, d), pair(e, f), pair(g, h)]
}

/// SHA-256. In WebAssembly both byte orders of the seal share one function, which halves the module's size.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn digest(prologue: &Prologue, w0: u32) -> [u32; 8] {
    sha256::digest(prologue, w0)
}

/// Keccak. In WebAssembly it is a separate function, since engines compile large ones badly.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn top_word<const BIG: bool>(digest: [u64; 4]) -> u64 {
    keccak::top_word::<_, BIG>(digest)
}

impl Lane32 for u32 {
    #[inline(always)]
    fn splat(word: u32) -> Self {
        word
    }

    #[inline(always)]
    fn of(row: &Row, at: usize) -> Self {
        row.0[at]
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        a ^ (b ^ c)
    }

    #[inline(always)]
    fn rotr<const BITS: i32>(self) -> Self {
        self.rotate_right(BITS.unsigned_abs())
    }

    #[inline(always)]
    fn shr<const BITS: i32>(self) -> Self {
        self >> BITS
    }

    #[inline(always)]
    fn choose(e: Self, f: Self, g: Self) -> Self {
        g ^ (e & (f ^ g))
    }

    #[inline(always)]
    fn majority(a: Self, b: Self, c: Self) -> Self {
        (a & b) | (c & (a | b))
    }
}

impl Lane64 for u64 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        word
    }

    #[inline(always)]
    fn xor(a: Self, b: Self) -> Self {
        a ^ b
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        a ^ (b ^ c)
    }

    #[inline(always)]
    fn chi(a: Self, b: Self, c: Self) -> Self {
        a ^ (!b & c)
    }

    #[inline(always)]
    fn rotl<const BITS: i32>(self) -> Self {
        self.rotate_left(BITS.unsigned_abs())
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        self.swap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;
    use crate::{Challenge, Difficulty, Group, Jobs, Order, Position, Target};

    /// Small enough for Miri, which checks this file, the jobs and the reference.
    #[test]
    fn portable_lanes_equal_the_reference() {
        let target = Difficulty::new(3).expect("not zero").target();
        for challenge in [
            Challenge::v1(9, [1; 32], [2; 32], [3; 32]).expect("netuid 9"),
            Challenge::legacy(Order::Big, [1; 32], [2; 32]),
            Challenge::legacy(Order::Little, [1; 32], [2; 32]),
        ] {
            let protocol = challenge.protocol();
            let group = Group::new(0x00ab_cdef);
            let job = Jobs::new(&challenge, &target).group(group);
            let offsets = Offsets::new(0x00ff_fffc, 0x0100_0003).expect("not empty");
            let mut found = vec![];
            scan(&job, offsets, &mut |offset| found.push(offset));
            let expected: Vec<u32> = (offsets.first()..=offsets.last())
                .filter(|&offset| {
                    let nonce = Position::new(group, offset).nonce(protocol);
                    let seal = challenge.seal(nonce);
                    Target::tested_word(&seal, protocol.order()) <= target.threshold()
                })
                .collect();
            assert_eq!(found, expected, "{protocol}");
        }
    }
}
