//! WebAssembly lanes: SHA-256 of four nonces at once, feeding Keccak of two at once, twice.
//!
//! - Shape: word `i` of four messages sits in one `v128`; a Keccak vector holds one 64-bit word of
//!   two nonces.
//! - Needs: `simd128`, in every browser since 2023 and in Node since 16.4. It is a property of the
//!   module, not of the processor: a build with `-C target-feature=+simd128` has it.
//! - Checked by: the self-test that a device must pass before its first round, and `cargo xtask test npm`,
//!   which runs the known answers in Node and in Chromium.
//! - Measured: by `npm run bench` in `web`, see `benches/record`.

#![forbid(unsafe_code)]

use core::arch::wasm32::*;

use crate::{
    GroupJob, Offsets,
    group::{Row, Schedule, Spans},
    keccak,
    lane::{Lane32, Lane64},
    scan::{self, Lanes},
    sha256::{self, Prologue},
};

/// Calls `found` with every candidate among `offsets`.
pub(crate) fn scan(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    scan::scan::<Simd128>(job, offsets, found);
}

struct Simd128;

/// Four 32-bit words.
#[derive(Clone, Copy)]
struct U32x4(v128);

/// Two 64-bit words.
#[derive(Clone, Copy)]
struct U64x2(v128);

impl Lanes for Simd128 {
    const BLOCK: u32 = 4;

    #[inline(always)]
    fn indices<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32 {
        let order = i32x4_mul(u32x4(0, 1, 2, 3), u32x4_splat(prologue.job.w0_step));
        let w0 = i32x4_add(u32x4_splat(w0), order);
        let (low, high) = halves(digest(prologue, U32x4(w0)));
        candidates::<BIG>(&low, limit) | candidates::<BIG>(&high, limit) << 2
    }

    #[inline(always)]
    fn spans(spans: &Spans, at: usize, schedule: &Schedule, limit: u64) -> u32 {
        let (low, high) = halves(digest_of_spans(spans, at, schedule));
        candidates::<false>(&low, limit) | candidates::<false>(&high, limit) << 2
    }
}

/// Bit `i` is set when the top word of lane `i` is at most `limit`.
#[inline]
fn candidates<const BIG: bool>(digest: &[U64x2; 4], limit: u64) -> u32 {
    let word = top_word::<BIG>(digest).0;
    // WebAssembly has no unsigned comparison of 64-bit words.
    let within = |word: u64| u32::from(word <= limit);
    within(u64x2_extract_lane::<0>(word)) | within(u64x2_extract_lane::<1>(word)) << 1
}

/// SHA-256 as one function that both byte orders of the seal share, which halves the module's size.
#[inline(never)]
fn digest(prologue: &Prologue, w0: U32x4) -> [U32x4; 8] {
    sha256::digest(prologue, w0)
}

/// SHA-256 in v1.
#[inline(never)]
fn digest_of_spans(spans: &Spans, at: usize, schedule: &Schedule) -> [U32x4; 8] {
    sha256::digest_of_spans(spans, at, schedule)
}

/// Keccak as one function with a rolled loop of rounds, shared by all callers: engines assign
/// registers badly in large functions, so unrolling makes it slower.
#[inline(never)]
fn top_word<const BIG: bool>(digest: &[U64x2; 4]) -> U64x2 {
    keccak::top_word::<_, BIG>(*digest)
}

/// The Keccak words of indices 0 and 1 and of indices 2 and 3.
#[inline]
fn halves(digest: [U32x4; 8]) -> ([U64x2; 4], [U64x2; 4]) {
    // The bytes of two SHA-256 words in lane 0 (or 2), reversed, one word after the other.
    let low = |i: usize| {
        U64x2(i8x16_shuffle::<
            3,
            2,
            1,
            0,
            19,
            18,
            17,
            16,
            7,
            6,
            5,
            4,
            23,
            22,
            21,
            20,
        >(digest[2 * i].0, digest[2 * i + 1].0))
    };
    let high = |i: usize| {
        U64x2(i8x16_shuffle::<
            11,
            10,
            9,
            8,
            27,
            26,
            25,
            24,
            15,
            14,
            13,
            12,
            31,
            30,
            29,
            28,
        >(digest[2 * i].0, digest[2 * i + 1].0))
    };
    (
        [low(0), low(1), low(2), low(3)],
        [high(0), high(1), high(2), high(3)],
    )
}

impl Lane32 for U32x4 {
    #[inline(always)]
    fn splat(word: u32) -> Self {
        Self(u32x4_splat(word))
    }

    #[inline(always)]
    fn of(row: &Row, at: usize) -> Self {
        let [a, b, c, d] = *row.0[at..].first_chunk().expect("a whole block");
        Self(u32x4(a, b, c, d))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(i32x4_add(self.0, other.0))
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        Self(v128_xor(a.0, v128_xor(b.0, c.0)))
    }

    #[inline(always)]
    fn rotr<const BITS: i32>(self) -> Self {
        let right = u32x4_shr(self.0, BITS.unsigned_abs());
        Self(v128_or(i32x4_shl(self.0, 32 - BITS.unsigned_abs()), right))
    }

    #[inline(always)]
    fn shr<const BITS: i32>(self) -> Self {
        Self(u32x4_shr(self.0, BITS.unsigned_abs()))
    }

    #[inline(always)]
    fn choose(e: Self, f: Self, g: Self) -> Self {
        Self(v128_bitselect(f.0, g.0, e.0))
    }

    #[inline(always)]
    fn majority(a: Self, b: Self, c: Self) -> Self {
        // Where a and b differ, c decides.
        Self(v128_bitselect(c.0, a.0, v128_xor(a.0, b.0)))
    }
}

impl Lane64 for U64x2 {
    /// V8 keeps as many words in registers as it can and moves them about. When all are in memory
    /// between two rounds of Keccak, each round loads only what it needs, which is a quarter faster.
    #[inline(always)]
    fn spill(mut words: [Self; 25]) -> [Self; 25] {
        *core::hint::black_box(&mut words)
    }

    #[inline(always)]
    fn splat(word: u64) -> Self {
        Self(u64x2_splat(word))
    }

    #[inline(always)]
    fn xor(a: Self, b: Self) -> Self {
        Self(v128_xor(a.0, b.0))
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        Self::xor(a, Self::xor(b, c))
    }

    #[inline(always)]
    fn chi(a: Self, b: Self, c: Self) -> Self {
        Self(v128_xor(a.0, v128_andnot(c.0, b.0)))
    }

    #[inline(always)]
    fn rotl<const BITS: i32>(self) -> Self {
        let right = u64x2_shr(self.0, 64 - BITS.unsigned_abs());
        Self(v128_or(i64x2_shl(self.0, BITS.unsigned_abs()), right))
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        Self(i8x16_shuffle::<
            7,
            6,
            5,
            4,
            3,
            2,
            1,
            0,
            15,
            14,
            13,
            12,
            11,
            10,
            9,
            8,
        >(self.0, self.0))
    }
}
