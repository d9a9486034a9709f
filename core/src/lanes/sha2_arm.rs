//! SHA-256 of the last block of a span by the SHA-2 extension of ARMv8, with several nonces interleaved.
//!
//! `sha256h` and `sha256h2` are four rounds of SHA-256 with a latency of four to six cycles, so a single
//! nonce leaves the unit idle most of the time; two fill it. The compiler inlines these functions into
//! the search loop, and moves everything that does not depend on `w0` out of it.

use core::arch::aarch64::*;

use crate::{
    group::{Row, Schedule, Spans},
    job::K,
    sha256::Prologue,
};

/// The digest for each `w0`, in the byte order that Keccak takes.
#[target_feature(enable = "neon,sha2")]
#[inline]
pub(super) fn digests<const N: usize>(prologue: &Prologue, w0: [u32; N]) -> [[uint64x2_t; 2]; N] {
    let job = &prologue.job;
    let k = |t: usize| words(&K, t);
    let kw = |t: usize| words(&job.round_constants, t);
    let (abcd, efgh) = (words(&job.chaining, 0), words(&job.chaining, 4));
    let mut state = [(abcd, efgh); N];

    // Rounds 0 to 15: all of the message except w0 is constant.
    let first = w0.map(|word| vsetq_lane_u32::<0>(word, vdupq_n_u32(0)));
    let quad_0 = kw(0);
    for (state, &first) in state.iter_mut().zip(&first) {
        *state = four_rounds(*state, vaddq_u32(quad_0, first));
    }
    for t in [4, 8, 12] {
        let kw = kw(t);
        for state in &mut state {
            *state = four_rounds(*state, kw);
        }
    }

    // Before sigma1, W16 to W19 are a constant plus w0.
    let message = |t: usize| vsubq_u32(kw(t), k(t));
    let fixed = [message(0), message(4), message(8), message(12)];
    let part = vsha256su0q_u32(fixed[0], fixed[1]);
    let mut schedule = first.map(|w| {
        let quad_4 = vsha256su1q_u32(vaddq_u32(part, w), fixed[2], fixed[3]);
        [quad_4, fixed[1], fixed[2], fixed[3]]
    });
    let quad_4 = k(16);
    for (state, ring) in state.iter_mut().zip(&schedule) {
        *state = four_rounds(*state, vaddq_u32(ring[0], quad_4));
    }
    // Unrolled by hand: `% 4` must be a constant for the schedule to stay in registers.
    macro_rules! expand {
        ($($quad:literal)*) => {$(
            let kw = k(4 * $quad);
            for (state, ring) in state.iter_mut().zip(&mut schedule) {
                let at = |back: usize| ring[($quad + 4 - back) % 4];
                let next = vsha256su1q_u32(vsha256su0q_u32(at(4), at(3)), at(2), at(1));
                ring[$quad % 4] = next;
                *state = four_rounds(*state, vaddq_u32(next, kw));
            }
        )*};
    }
    expand!(5 6 7 8 9 10 11 12 13 14 15);

    state.map(|state| digest(state, (abcd, efgh)))
}

/// The digests of the four spans from `at` on, in two pairs, in the byte order that Keccak takes.
#[target_feature(enable = "neon,sha2")]
#[inline]
pub(super) fn digests_of_spans(
    spans: &Spans,
    at: usize,
    schedule: &Schedule,
) -> [[[uint64x2_t; 2]; 2]; 2] {
    let [a, b, c, d, e, f, g, h] = &spans.chaining;
    let abcd = transpose([a, b, c, d], at);
    let efgh = transpose([e, f, g, h], at);
    [0, 2].map(|first| {
        let chaining = [
            (abcd[first], efgh[first]),
            (abcd[first + 1], efgh[first + 1]),
        ];
        let mut state = chaining;
        for t in (0..64).step_by(4) {
            let kw = words(&schedule.0, t);
            for state in &mut state {
                *state = four_rounds(*state, kw);
            }
        }
        let [one, two] = state;
        let [before_one, before_two] = chaining;
        [digest(one, before_one), digest(two, before_two)]
    })
}

/// The digest: the working variables after the last round plus the chaining value.
#[target_feature(enable = "neon")]
#[inline]
fn digest(
    (abcd, efgh): (uint32x4_t, uint32x4_t),
    before: (uint32x4_t, uint32x4_t),
) -> [uint64x2_t; 2] {
    [
        swap(vaddq_u32(abcd, before.0)),
        swap(vaddq_u32(efgh, before.1)),
    ]
}

/// The four words of each of the four spans from `at` on.
#[target_feature(enable = "neon")]
#[inline]
fn transpose(rows: [&Row; 4], at: usize) -> [uint32x4_t; 4] {
    let [a, b, c, d] = rows.map(|row| words(&row.0, at));
    let (ab, ab_high) = (vzip1q_u32(a, b), vzip2q_u32(a, b));
    let (cd, cd_high) = (vzip1q_u32(c, d), vzip2q_u32(c, d));
    let low = |ab, cd| {
        let (ab, cd) = (vreinterpretq_u64_u32(ab), vreinterpretq_u64_u32(cd));
        vreinterpretq_u32_u64(vzip1q_u64(ab, cd))
    };
    let high = |ab, cd| {
        let (ab, cd) = (vreinterpretq_u64_u32(ab), vreinterpretq_u64_u32(cd));
        vreinterpretq_u32_u64(vzip2q_u64(ab, cd))
    };
    [
        low(ab, cd),
        high(ab, cd),
        low(ab_high, cd_high),
        high(ab_high, cd_high),
    ]
}

/// Four rounds of SHA-256; `kw` has `K[t] + W[t]` for each.
#[target_feature(enable = "neon,sha2")]
#[inline]
fn four_rounds((abcd, efgh): (uint32x4_t, uint32x4_t), kw: uint32x4_t) -> (uint32x4_t, uint32x4_t) {
    (
        vsha256hq_u32(abcd, efgh, kw),
        vsha256h2q_u32(efgh, abcd, kw),
    )
}

/// Reverses the bytes of each 32-bit word: four words as the digest has them.
#[target_feature(enable = "neon")]
#[inline]
fn swap(words: uint32x4_t) -> uint64x2_t {
    vreinterpretq_u64_u8(vrev32q_u8(vreinterpretq_u8_u32(words)))
}

/// Four words of `table` from `t`, the first in the least significant place.
#[target_feature(enable = "neon")]
#[inline]
fn words(table: &[u32], t: usize) -> uint32x4_t {
    let words = &table[t..t + 4];
    // SAFETY: the slice has the four words that are read.
    unsafe { vld1q_u32(words.as_ptr()) }
}
