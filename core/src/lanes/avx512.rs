//! AVX-512 lanes: SHA-256 of sixteen nonces at once, feeding Keccak of eight at once, twice.
//!
//! - Shape: word `i` of sixteen messages sits in one `__m512i`; a Keccak vector holds one 64-bit
//!   word of eight. Within each 128-bit part, SHA-256 lanes 0 and 1 go to the first Keccak, lanes
//!   2 and 3 to the second; the lanes are numbered so that these are indices 0-7 and 8-15.
//! - Needs: AVX-512 F and BW (every AVX-512 processor but the Xeon Phi).
//! - Checked by: `tests/lanes.rs`, every index against [`Challenge::seal`](crate::Challenge::seal).
//! - Measured in: `benches/record/`.

use core::arch::x86_64::*;

use crate::{
    Indices, Job, keccak,
    lane::{Lane32, Lane64},
    scan::{self, Lanes},
    sha256::{self, Prologue},
};

/// Calls `found` with every candidate of `indices`.
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn scan(job: &Job, indices: Indices, found: &mut dyn FnMut(u32)) {
    scan::scan::<Avx512>(job, indices, found);
}

struct Avx512;

/// Sixteen 32-bit words. Invariant: exists only under [`scan()`], so AVX-512 F and BW are present.
#[derive(Clone, Copy)]
struct U32x16(__m512i);

/// Eight 64-bit words. Invariant: exists only under [`scan()`], so AVX-512 F and BW are present.
#[derive(Clone, Copy)]
struct U64x8(__m512i);

impl Lanes for Avx512 {
    const BLOCK: u32 = 16;

    #[inline(always)]
    fn block<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32 {
        // SAFETY: `Lanes` is used by `scan` alone, which has the target features.
        unsafe {
            let order = _mm512_setr_epi32(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15);
            let step = _mm512_set1_epi32(prologue.job.w0_step.cast_signed());
            let first = _mm512_set1_epi32(w0.cast_signed());
            let w0 = _mm512_add_epi32(first, _mm512_mullo_epi32(order, step));
            let digest = sha256::digest(prologue, U32x16(w0));
            let limit = _mm512_set1_epi64(limit.cast_signed());
            let (low, high) = halves(digest);
            let low = _mm512_cmple_epu64_mask(top_word::<BIG>(&low).0, limit);
            let high = _mm512_cmple_epu64_mask(top_word::<BIG>(&high).0, limit);
            u32::from(low) | u32::from(high) << 8
        }
    }
}

/// Keccak as one function with a rolled loop of rounds: two inlined and unrolled copies overflow
/// the cache of decoded instructions.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline(never)]
fn top_word<const BIG: bool>(digest: &[U64x8; 4]) -> U64x8 {
    keccak::top_word::<_, BIG>(*digest)
}

/// The Keccak words of indices 0-7 and of indices 8-15.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn halves(digest: [U32x16; 8]) -> ([U64x8; 4], [U64x8; 4]) {
    let swap = _mm512_broadcast_i32x4(_mm_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
    ));
    let swapped = digest.map(|word| _mm512_shuffle_epi8(word.0, swap));
    let low = |i: usize| U64x8(_mm512_unpacklo_epi32(swapped[2 * i], swapped[2 * i + 1]));
    let high = |i: usize| U64x8(_mm512_unpackhi_epi32(swapped[2 * i], swapped[2 * i + 1]));
    (
        [low(0), low(1), low(2), low(3)],
        [high(0), high(1), high(2), high(3)],
    )
}

/// A bit of the truth table of a three-input function is at `a << 2 | b << 1 | c`.
const XOR3: i32 = 0x96;
const CHOOSE: i32 = 0xca;
const MAJORITY: i32 = 0xe8;
const CHI: i32 = 0xd2;

impl Lane32 for U32x16 {
    #[inline(always)]
    fn splat(word: u32) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_ternarylogic_epi32::<XOR3>(a.0, b.0, c.0) })
    }

    #[inline(always)]
    fn rotr<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_ror_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn shr<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_srl_epi32(self.0, _mm_cvtsi32_si128(BITS)) })
    }

    #[inline(always)]
    fn choose(e: Self, f: Self, g: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_ternarylogic_epi32::<CHOOSE>(e.0, f.0, g.0) })
    }

    #[inline(always)]
    fn majority(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_ternarylogic_epi32::<MAJORITY>(a.0, b.0, c.0) })
    }
}

impl Lane64 for U64x8 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_set1_epi64(word.cast_signed()) })
    }

    #[inline(always)]
    fn xor(a: Self, b: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_xor_si512(a.0, b.0) })
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_ternarylogic_epi64::<XOR3>(a.0, b.0, c.0) })
    }

    #[inline(always)]
    fn chi(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_ternarylogic_epi64::<CHI>(a.0, b.0, c.0) })
    }

    #[inline(always)]
    fn rotl<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm512_rol_epi64::<BITS>(self.0) })
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        // SAFETY: the type's invariant.
        unsafe {
            let swap = _mm512_broadcast_i32x4(_mm_setr_epi8(
                7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8,
            ));
            Self(_mm512_shuffle_epi8(self.0, swap))
        }
    }
}
