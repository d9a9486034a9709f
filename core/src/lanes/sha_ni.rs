//! SHA-256 of the last block of a span by the SHA extensions of x86, with several nonces interleaved.
//!
//! One `sha256rnds2` is two rounds of SHA-256 with a latency of four cycles, so a single nonce leaves the
//! unit idle most of the time; two fill it.
//!
//! The SHA instructions have no VEX encoding. On Intel each waits for some hundred cycles while the upper
//! halves of the AVX registers are in use, so both functions are calls, and clear those halves first.

use core::arch::x86_64::*;

use crate::{
    group::{Row, Schedule, Spans},
    job::K,
    sha256::Prologue,
};

/// The digest for each `w0`, in the byte order that Keccak takes.
#[target_feature(enable = "avx2,sha")]
#[inline(never)]
pub(super) fn digests<const N: usize>(prologue: &Prologue, w0: [u32; N]) -> [[__m128i; 2]; N] {
    _mm256_zeroupper();
    let job = &prologue.job;
    let k = |t: usize| words([K[t], K[t + 1], K[t + 2], K[t + 3]]);
    let kw = |t: usize| {
        let rc = &job.round_constants;
        words([rc[t], rc[t + 1], rc[t + 2], rc[t + 3]])
    };
    let [a, b, c, d, e, f, g, h] = job.chaining;
    let (abef, cdgh) = (words([f, e, b, a]), words([h, g, d, c]));
    let mut state = [(abef, cdgh); N];

    // Rounds 0 to 15: all of the message except w0 is constant.
    let first = w0.map(|word| _mm_cvtsi32_si128(word.cast_signed()));
    let quad_0 = kw(0);
    for (state, &first) in state.iter_mut().zip(&first) {
        *state = four_rounds(*state, _mm_add_epi32(quad_0, first));
    }
    for t in [4, 8, 12] {
        let kw = kw(t);
        for state in &mut state {
            *state = four_rounds(*state, kw);
        }
    }

    let message = |t: usize| _mm_sub_epi32(kw(t), k(t));
    let fixed = [message(0), message(4), message(8), message(12)];
    let mut schedule: [[__m128i; 4]; N] =
        first.map(|w| [_mm_add_epi32(fixed[0], w), fixed[1], fixed[2], fixed[3]]);
    // Unrolled by hand: `% 4` must be a constant for the schedule to stay in registers.
    macro_rules! expand {
        ($($quad:literal)*) => {$(
            let kw = k(4 * $quad);
            for (state, ring) in state.iter_mut().zip(&mut schedule) {
                let at = |back: usize| ring[($quad + 4 - back) % 4];
                let sum = _mm_sha256msg1_epu32(at(4), at(3));
                let sum = _mm_add_epi32(sum, _mm_alignr_epi8::<4>(at(1), at(2)));
                let next = _mm_sha256msg2_epu32(sum, at(1));
                ring[$quad % 4] = next;
                *state = four_rounds(*state, _mm_add_epi32(next, kw));
            }
        )*};
    }
    expand!(4 5 6 7 8 9 10 11 12 13 14 15);

    state.map(|(x, y)| digest(_mm_add_epi32(x, abef), _mm_add_epi32(y, cdgh)))
}

/// The digests of the four spans from `at` on, in the byte order that Keccak takes.
#[target_feature(enable = "avx2,sha")]
#[inline(never)]
pub(super) fn digests_of_spans(spans: &Spans, at: usize, schedule: &Schedule) -> [[__m128i; 2]; 4] {
    _mm256_zeroupper();
    let [a, b, c, d, e, f, g, h] = &spans.chaining;
    let abef = transpose([four(f, at), four(e, at), four(b, at), four(a, at)]);
    let cdgh = transpose([four(h, at), four(g, at), four(d, at), four(c, at)]);
    let mut digests = [[_mm_setzero_si128(); 2]; 4];
    for pair in [0, 2] {
        let mut state = [(abef[pair], cdgh[pair]), (abef[pair + 1], cdgh[pair + 1])];
        for &quad in schedule.0.as_chunks().0 {
            let kw = words(quad);
            state = [four_rounds(state[0], kw), four_rounds(state[1], kw)];
        }
        for (i, (x, y)) in (pair..).zip(state) {
            digests[i] = digest(_mm_add_epi32(x, abef[i]), _mm_add_epi32(y, cdgh[i]));
        }
    }
    digests
}

/// A digest from its words, most significant first: `a b e f` and `c d g h`.
#[target_feature(enable = "avx2")]
#[inline]
fn digest(abef: __m128i, cdgh: __m128i) -> [__m128i; 2] {
    // Reversing the bytes of each 64-bit word puts a before b, big-endian, as the digest has them.
    [
        _mm_unpackhi_epi64(swap(abef), swap(cdgh)),
        _mm_unpacklo_epi64(swap(abef), swap(cdgh)),
    ]
}

/// The word of four spans.
#[target_feature(enable = "sse2")]
#[inline]
fn four(row: &Row, at: usize) -> __m128i {
    words(*row.0[at..].first_chunk().expect("a whole block"))
}

/// Vector `i` gets word `i` of each of the four.
#[target_feature(enable = "sse2")]
#[inline]
fn transpose([a, b, c, d]: [__m128i; 4]) -> [__m128i; 4] {
    let (ab, cd) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
    let (ab_high, cd_high) = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
    [
        _mm_unpacklo_epi64(ab, cd),
        _mm_unpackhi_epi64(ab, cd),
        _mm_unpacklo_epi64(ab_high, cd_high),
        _mm_unpackhi_epi64(ab_high, cd_high),
    ]
}

/// Four rounds of SHA-256; `kw` has `K[t] + W[t]` for each.
#[target_feature(enable = "sha")]
#[inline]
fn four_rounds((abef, cdgh): (__m128i, __m128i), kw: __m128i) -> (__m128i, __m128i) {
    let next = _mm_sha256rnds2_epu32(cdgh, abef, kw);
    let last = _mm_sha256rnds2_epu32(abef, next, _mm_shuffle_epi32::<0x0e>(kw));
    (last, next)
}

/// Reverses the bytes of each 64-bit word.
#[target_feature(enable = "avx2")]
#[inline]
fn swap(words: __m128i) -> __m128i {
    let order = _mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
    _mm_shuffle_epi8(words, order)
}

/// Four words, the first in the least significant place.
#[target_feature(enable = "sse2")]
#[inline]
fn words(words: [u32; 4]) -> __m128i {
    let [a, b, c, d] = words.map(u32::cast_signed);
    _mm_setr_epi32(a, b, c, d)
}
