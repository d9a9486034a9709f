//! AVX2 lanes: Keccak of four nonces at once, fed by SHA-256 of eight nonces at once or, where the
//! processor has them, by the SHA instructions.
//!
//! - Shape: a Keccak vector holds one 64-bit word of four nonces. Without SHA instructions word `i`
//!   of eight messages sits in one `__m256i`, as in [`avx512`](super::avx512); with them each nonce
//!   has its own registers, and two nonces interleave to hide the latency of a round of SHA-256.
//! - Needs: AVX2; [`scan_sha`] also the SHA extensions (AMD since Zen, Intel since Ice Lake). There
//!   is no rotation below AVX-512: it is two shifts, or one byte shuffle.
//! - Checked by: `tests/lanes.rs`, every index against [`Challenge::seal`](crate::Challenge::seal).
//! - Measured in: `benches/record/`.

use core::arch::x86_64::*;

use super::sha_ni;
use crate::{
    GroupJob, Offsets,
    group::{Row, Schedule, Spans},
    keccak,
    lane::{Lane32, Lane64},
    scan::{self, Lanes, interleave},
    sha256::{self, Prologue},
};

/// Calls `found` with every candidate among `offsets`.
#[target_feature(enable = "avx2")]
pub(crate) fn scan(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    scan::scan::<Avx2>(job, offsets, found);
}

/// As [`scan()`], with the SHA extensions.
#[target_feature(enable = "avx2,sha")]
pub(crate) fn scan_sha(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    scan::scan::<Avx2Sha>(job, offsets, found);
}

struct Avx2;

struct Avx2Sha;

/// Eight 32-bit words. Invariant: exists only under [`scan()`], so AVX2 is present.
#[derive(Clone, Copy)]
struct U32x8(__m256i);

/// Four 64-bit words. Invariant: exists only under [`scan()`] or [`scan_sha`], so AVX2 is present.
#[derive(Clone, Copy)]
struct U64x4(__m256i);

impl Lanes for Avx2 {
    const BLOCK: u32 = 8;

    #[inline(always)]
    fn indices<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32 {
        // SAFETY: `Lanes` is used by `scan` alone, which has the target features.
        unsafe {
            let order = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let step = _mm256_set1_epi32(prologue.job.w0_step.cast_signed());
            let first = _mm256_set1_epi32(w0.cast_signed());
            let w0 = _mm256_add_epi32(first, _mm256_mullo_epi32(order, step));
            let (low, high) = halves(sha256::digest(prologue, U32x8(w0)));
            interleave(
                candidates::<BIG>(&low, limit),
                candidates::<BIG>(&high, limit),
            )
        }
    }

    #[inline(always)]
    fn spans(spans: &Spans, at: usize, schedule: &Schedule, limit: u64) -> u32 {
        // SAFETY: `Lanes` is used by `scan` alone, which has the target features.
        unsafe {
            let (low, high) = halves(sha256::digest_of_spans::<U32x8>(spans, at, schedule));
            interleave(
                candidates::<false>(&low, limit),
                candidates::<false>(&high, limit),
            )
        }
    }
}

impl Lanes for Avx2Sha {
    const BLOCK: u32 = 4;

    #[inline(always)]
    fn indices<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32 {
        let step = prologue.job.w0_step;
        let at = |i: u32| w0.wrapping_add(i.wrapping_mul(step));
        // SAFETY: `Lanes` is used by `scan_sha` alone, which has the target features.
        unsafe {
            let [a, b] = sha_ni::digests(prologue, [at(0), at(1)]);
            let [c, d] = sha_ni::digests(prologue, [at(2), at(3)]);
            candidates::<BIG>(&transpose([a, b, c, d]), limit)
        }
    }

    #[inline(always)]
    fn spans(spans: &Spans, at: usize, schedule: &Schedule, limit: u64) -> u32 {
        // SAFETY: `Lanes` is used by `scan_sha` alone, which has the target features.
        unsafe {
            let digests = sha_ni::digests_of_spans(spans, at, schedule);
            candidates::<false>(&transpose(digests), limit)
        }
    }
}

/// Bit `i` is set when the top word of lane `i` is at most `limit`.
#[target_feature(enable = "avx2")]
#[inline]
fn candidates<const BIG: bool>(digest: &[U64x4; 4], limit: u64) -> u32 {
    // AVX2 compares only signed words; flipping the sign bits makes that an unsigned comparison.
    let sign = _mm256_set1_epi64x(i64::MIN);
    let limit = _mm256_xor_si256(_mm256_set1_epi64x(limit.cast_signed()), sign);
    let word = _mm256_xor_si256(top_word::<BIG>(digest).0, sign);
    let above = _mm256_castsi256_pd(_mm256_cmpgt_epi64(word, limit));
    !_mm256_movemask_pd(above).cast_unsigned() & 0xf
}

/// Keccak as one function with a rolled loop of rounds, shared by all callers: unrolled copies
/// overflow the cache of decoded instructions.
///
/// Sixteen registers do not hold 25 words, so every round of Keccak spills. The black box is an aligned
/// place in memory, which makes the compiler align the stack. Otherwise, depending on where the stack
/// happens to begin, half of the spills cross a cache line and the rate falls by up to 45 %.
#[target_feature(enable = "avx2")]
#[inline(never)]
fn top_word<const BIG: bool>(digest: &[U64x4; 4]) -> U64x4 {
    keccak::top_word::<_, BIG>(core::hint::black_box(*digest))
}

/// The Keccak words of indices 0-3 and of indices 4-7.
#[target_feature(enable = "avx2")]
#[inline]
fn halves(digest: [U32x8; 8]) -> ([U64x4; 4], [U64x4; 4]) {
    let swap = _mm256_broadcastsi128_si256(_mm_setr_epi8(
        3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
    ));
    let swapped = digest.map(|word| _mm256_shuffle_epi8(word.0, swap));
    let low = |i: usize| U64x4(_mm256_unpacklo_epi32(swapped[2 * i], swapped[2 * i + 1]));
    let high = |i: usize| U64x4(_mm256_unpackhi_epi32(swapped[2 * i], swapped[2 * i + 1]));
    (
        [low(0), low(1), low(2), low(3)],
        [high(0), high(1), high(2), high(3)],
    )
}

/// The Keccak words of four digests of two vectors each.
#[target_feature(enable = "avx2")]
#[inline]
fn transpose(digests: [[__m128i; 2]; 4]) -> [U64x4; 4] {
    let [a, b, c, d] = digests;
    let words = |i: usize| {
        let even = _mm256_set_m128i(c[i], a[i]);
        let odd = _mm256_set_m128i(d[i], b[i]);
        (
            _mm256_unpacklo_epi64(even, odd),
            _mm256_unpackhi_epi64(even, odd),
        )
    };
    let ((w0, w1), (w2, w3)) = (words(0), words(1));
    [U64x4(w0), U64x4(w1), U64x4(w2), U64x4(w3)]
}

impl Lane32 for U32x8 {
    #[inline(always)]
    fn splat(word: u32) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm256_set1_epi32(word.cast_signed()) })
    }

    #[inline(always)]
    fn of(row: &Row, at: usize) -> Self {
        let words: &[u32; 8] = row.0[at..].first_chunk().expect("a whole block");
        // SAFETY: the array has the eight words that are read; the type's invariant.
        Self(unsafe { _mm256_loadu_si256(words.as_ptr().cast()) })
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm256_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm256_xor_si256(a.0, _mm256_xor_si256(b.0, c.0)) })
    }

    #[inline(always)]
    fn rotr<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        unsafe {
            let (left, right) = (_mm_cvtsi32_si128(32 - BITS), _mm_cvtsi32_si128(BITS));
            Self(_mm256_or_si256(
                _mm256_sll_epi32(self.0, left),
                _mm256_srl_epi32(self.0, right),
            ))
        }
    }

    #[inline(always)]
    fn shr<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm256_srli_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    fn choose(e: Self, f: Self, g: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm256_xor_si256(g.0, _mm256_and_si256(e.0, _mm256_xor_si256(f.0, g.0))) })
    }

    #[inline(always)]
    fn majority(a: Self, b: Self, c: Self) -> Self {
        // `a ^ b` here is `b ^ c` one round later, so it is computed only once.
        // SAFETY: the type's invariant.
        unsafe {
            let (ab, bc) = (_mm256_xor_si256(a.0, b.0), _mm256_xor_si256(b.0, c.0));
            Self(_mm256_xor_si256(b.0, _mm256_and_si256(ab, bc)))
        }
    }
}

impl Lane64 for U64x4 {
    #[inline(always)]
    fn splat(word: u64) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm256_set1_epi64x(word.cast_signed()) })
    }

    #[inline(always)]
    fn xor(a: Self, b: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm256_xor_si256(a.0, b.0) })
    }

    #[inline(always)]
    fn xor3(a: Self, b: Self, c: Self) -> Self {
        Self::xor(a, Self::xor(b, c))
    }

    #[inline(always)]
    fn chi(a: Self, b: Self, c: Self) -> Self {
        // SAFETY: the type's invariant.
        Self(unsafe { _mm256_xor_si256(a.0, _mm256_andnot_si256(b.0, c.0)) })
    }

    #[inline(always)]
    fn rotl<const BITS: i32>(self) -> Self {
        // SAFETY: the type's invariant.
        unsafe {
            match BITS {
                // One shuffle moves whole bytes.
                8 => Self(_mm256_shuffle_epi8(
                    self.0,
                    _mm256_broadcastsi128_si256(_mm_setr_epi8(
                        7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14,
                    )),
                )),
                56 => Self(_mm256_shuffle_epi8(
                    self.0,
                    _mm256_broadcastsi128_si256(_mm_setr_epi8(
                        1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8,
                    )),
                )),
                _ => {
                    let (left, right) = (_mm_cvtsi32_si128(BITS), _mm_cvtsi32_si128(64 - BITS));
                    let left = _mm256_sll_epi64(self.0, left);
                    Self(_mm256_or_si256(left, _mm256_srl_epi64(self.0, right)))
                }
            }
        }
    }

    #[inline(always)]
    fn swap_bytes(self) -> Self {
        // SAFETY: the type's invariant.
        unsafe {
            let swap = _mm256_broadcastsi128_si256(_mm_setr_epi8(
                7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8,
            ));
            Self(_mm256_shuffle_epi8(self.0, swap))
        }
    }
}
