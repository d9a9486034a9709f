//! SHA-256 of the last block of a span, over vectors of nonces.
//!
//! FIPS 180-4 §6.2.2, reduced to what depends on `w0`: round 0 is two sums, rounds 1 to 15, 17, 19 and
//! 21 add one constant each, and W16 to W37 start from constants.

use crate::{
    group::{Schedule, Spans},
    job::{Job, K},
    lane::Lane32,
};

/// A job, and the sums that its first rounds of SHA-256 share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prologue {
    pub(crate) job: Job,
    /// `a` after round 0, without `w0`.
    pub(crate) a: u32,
    /// `e` after round 0, without `w0`.
    pub(crate) e: u32,
    /// `h + K[t] + W[t]` of rounds 1 to 3, in which `h` is still part of the chaining value.
    pub(crate) early: [u32; 3],
}

impl Prologue {
    pub(crate) fn new(job: &Job) -> Self {
        let [a, b, c, d, e, f, g, h] = job.chaining;
        let sum = [big_sigma1(e), choose(e, f, g), job.round_constants[0]];
        let t1 = sum.into_iter().fold(h, u32::wrapping_add);
        let t2 = big_sigma0(a).wrapping_add(majority(a, b, c));
        let early = [g, f, e];
        Self {
            job: *job,
            a: t1.wrapping_add(t2),
            e: d.wrapping_add(t1),
            early: core::array::from_fn(|i| early[i].wrapping_add(job.round_constants[i + 1])),
        }
    }
}

const fn big_sigma0(x: u32) -> u32 {
    x.rotate_right(2) ^ x.rotate_right(13) ^ x.rotate_right(22)
}

const fn big_sigma1(x: u32) -> u32 {
    x.rotate_right(6) ^ x.rotate_right(11) ^ x.rotate_right(25)
}

const fn choose(e: u32, f: u32, g: u32) -> u32 {
    (e & f) ^ (!e & g)
}

const fn majority(a: u32, b: u32, c: u32) -> u32 {
    (a & b) ^ (a & c) ^ (b & c)
}

#[inline(always)]
fn upper0<V: Lane32>(x: V) -> V {
    V::xor3(x.rotr::<2>(), x.rotr::<13>(), x.rotr::<22>())
}

#[inline(always)]
fn upper1<V: Lane32>(x: V) -> V {
    V::xor3(x.rotr::<6>(), x.rotr::<11>(), x.rotr::<25>())
}

#[inline(always)]
fn lower0<V: Lane32>(x: V) -> V {
    V::xor3(x.rotr::<7>(), x.rotr::<18>(), x.shr::<3>())
}

#[inline(always)]
pub(crate) fn lower1<V: Lane32>(x: V) -> V {
    V::xor3(x.rotr::<17>(), x.rotr::<19>(), x.shr::<10>())
}

/// The working variables `a` to `h`.
pub(crate) type State<V> = [V; 8];

/// A round of SHA-256 given `K[t] + W[t]`.
#[inline(always)]
pub(crate) fn round<V: Lane32>(state: State<V>, kw: V) -> State<V> {
    let hkw = state[7].add(kw);
    round_with_h(state, hkw)
}

/// A round of SHA-256 given `h + K[t] + W[t]`.
#[inline(always)]
fn round_with_h<V: Lane32>([a, b, c, d, e, f, g, _]: State<V>, hkw: V) -> State<V> {
    let t1 = hkw.add(V::choose(e, f, g)).add(upper1(e));
    let t2 = upper0(a).add(V::majority(a, b, c));
    [t1.add(t2), a, b, c, d.add(t1), e, f, g]
}

/// Eight rounds of SHA-256, spelt out: the compiler might not unroll a loop.
#[inline(always)]
fn eight_rounds<V: Lane32>(state: State<V>, kw: [V; 8]) -> State<V> {
    let [k0, k1, k2, k3, k4, k5, k6, k7] = kw;
    let state = round(round(state, k0), k1);
    let state = round(round(state, k2), k3);
    let state = round(round(state, k4), k5);
    round(round(state, k6), k7)
}

/// The working variables after rounds 0 to 15 of SHA-256.
#[inline(always)]
pub(crate) fn sixteen_rounds<V: Lane32>(prologue: &Prologue, w0: V) -> State<V> {
    let job = &prologue.job;

    // Two sums are left of round 0; then come the rounds in which h is still constant.
    let [a, b, c, _, e, f, g, _] = splat(job.chaining);
    let state = [
        V::splat(prologue.a).add(w0),
        a,
        b,
        c,
        V::splat(prologue.e).add(w0),
        e,
        f,
        g,
    ];
    let state = round_with_h(state, V::splat(prologue.early[0]));
    let state = round_with_h(state, V::splat(prologue.early[1]));
    let state = round_with_h(state, V::splat(prologue.early[2]));

    let state = round(
        round(state, V::splat(job.round_constants[4])),
        V::splat(job.round_constants[5]),
    );
    let state = round(
        round(state, V::splat(job.round_constants[6])),
        V::splat(job.round_constants[7]),
    );
    let [.., k8, k9, k10, k11, k12, k13, k14, k15] = job.round_constants;
    eight_rounds(state, splat([k8, k9, k10, k11, k12, k13, k14, k15]))
}

/// The eight words of the digest for a vector of `w0`.
#[inline(always)]
pub(crate) fn digest<V: Lane32>(prologue: &Prologue, w0: V) -> [V; 8] {
    let job = &prologue.job;
    let state = sixteen_rounds(prologue, w0);

    // The schedule. Constant words stay scalars, so that no round adds them twice.
    let w16 = part::<V>(job, 16).add(w0);
    let w18 = part::<V>(job, 18).add(lower1(w16));
    let w20 = part::<V>(job, 20).add(lower1(w18));
    let w22 = part::<V>(job, 22).add(lower1(w20));
    let w23 = part::<V>(job, 23).add(w16);
    let early = [
        plus_k(w16, 16),
        kw(job, 17),
        plus_k(w18, 18),
        kw(job, 19),
        plus_k(w20, 20),
        kw(job, 21),
        plus_k(w22, 22),
        plus_k(w23, 23),
    ];
    let state = eight_rounds(state, early);

    let w24 = part::<V>(job, 24).add(lower1(w22));
    let w25 = part::<V>(job, 25).add(lower1(w23)).add(w18);
    let w26 = part::<V>(job, 26).add(lower1(w24));
    let w27 = part::<V>(job, 27).add(lower1(w25)).add(w20);
    let w28 = part::<V>(job, 28).add(lower1(w26));
    let w29 = part::<V>(job, 29).add(lower1(w27)).add(w22);
    let w30 = part::<V>(job, 30).add(lower1(w28)).add(w23);
    let w31 = part::<V>(job, 31)
        .add(lower1(w29))
        .add(w24)
        .add(lower0(w16));
    let w = [w24, w25, w26, w27, w28, w29, w30, w31];
    let state = eight_rounds(state, with_constants(w, 24));

    let w32 = part::<V>(job, 32).add(lower1(w30)).add(w25).add(w16);
    let w33 = part::<V>(job, 33)
        .add(lower1(w31))
        .add(w26)
        .add(lower0(w18));
    let w34 = part::<V>(job, 34).add(lower1(w32)).add(w27).add(w18);
    let w35 = part::<V>(job, 35)
        .add(lower1(w33))
        .add(w28)
        .add(lower0(w20));
    let w36 = part::<V>(job, 36).add(lower1(w34)).add(w29).add(w20);
    let w37 = part::<V>(job, 37)
        .add(lower1(w35))
        .add(w30)
        .add(lower0(w22));
    let w38 = lower1(w36).add(w31).add(lower0(w23)).add(w22);
    let w39 = lower1(w37).add(w32).add(lower0(w24)).add(w23);
    let next = [w32, w33, w34, w35, w36, w37, w38, w39];
    let state = eight_rounds(state, with_constants(next, 32));

    // The standard's recurrence from here on.
    let (state, third) = eight_rounds_expanding(state, w, next, 40);
    let (state, fourth) = eight_rounds_expanding(state, next, third, 48);
    let (state, _) = eight_rounds_expanding(state, third, fourth, 56);
    add_chaining(job, state)
}

/// The working variables after rounds 0 to 7 of SHA-256, at one index, for the spans from `at` on.
#[inline(always)]
fn eight_rounds_of_spans<V: Lane32>(spans: &Spans, at: usize, schedule: &Schedule) -> State<V> {
    let Schedule([k0, _, _, _, k4, k5, k6, k7, ..]) = schedule;
    let k0 = V::splat(*k0);
    let [a, b, c, _, e, f, g, _] = &spans.chaining;
    let state = [
        V::of(&spans.a, at).add(k0),
        V::of(a, at),
        V::of(b, at),
        V::of(c, at),
        V::of(&spans.e, at).add(k0),
        V::of(e, at),
        V::of(f, at),
        V::of(g, at),
    ];
    let [early1, early2, early3] = &spans.early;
    let state = round_with_h(state, V::of(early1, at));
    let state = round_with_h(state, V::of(early2, at));
    let state = round_with_h(state, V::of(early3, at));
    let state = round(round(state, V::splat(*k4)), V::splat(*k5));
    round(round(state, V::splat(*k6)), V::splat(*k7))
}

/// The working variables after the first `ROUNDS` rounds of SHA-256, a multiple of 4 from 8 on, at one
/// index, for the spans from `at` on.
#[inline(always)]
pub(crate) fn rounds_of_spans<V: Lane32, const ROUNDS: usize>(
    spans: &Spans,
    at: usize,
    schedule: &Schedule,
) -> State<V> {
    let mut state = eight_rounds_of_spans(spans, at, schedule);
    let (eights, rest) = schedule.0[8..ROUNDS].as_chunks();
    for &words in eights {
        state = eight_rounds(state, splat(words));
    }
    let (fours, _) = rest.as_chunks();
    for &[k0, k1, k2, k3] in fours {
        state = round(round(state, V::splat(k0)), V::splat(k1));
        state = round(round(state, V::splat(k2)), V::splat(k3));
    }
    state
}

/// The eight words of the digest at one index, for the spans from `at` on.
#[inline(always)]
pub(crate) fn digest_of_spans<V: Lane32>(spans: &Spans, at: usize, schedule: &Schedule) -> [V; 8] {
    let state = rounds_of_spans::<V, 64>(spans, at, schedule);
    add_chaining_of_spans(spans, at, state)
}

/// The digest: the working variables after the last round plus the chaining values of the spans from `at` on.
#[inline(always)]
pub(crate) fn add_chaining_of_spans<V: Lane32>(
    spans: &Spans,
    at: usize,
    state: State<V>,
) -> [V; 8] {
    let [a0, b0, c0, d0, e0, f0, g0, h0] = &spans.chaining;
    let [a, b, c, d, e, f, g, h] = state;
    [
        a.add(V::of(a0, at)),
        b.add(V::of(b0, at)),
        c.add(V::of(c0, at)),
        d.add(V::of(d0, at)),
        e.add(V::of(e0, at)),
        f.add(V::of(f0, at)),
        g.add(V::of(g0, at)),
        h.add(V::of(h0, at)),
    ]
}

/// The digest: the working variables after the last round plus the chaining value.
#[inline(always)]
pub(crate) fn add_chaining<V: Lane32>(job: &Job, state: State<V>) -> [V; 8] {
    let [a, b, c, d, e, f, g, h] = state;
    let [a0, b0, c0, d0, e0, f0, g0, h0] = splat(job.chaining);
    [
        a.add(a0),
        b.add(b0),
        c.add(c0),
        d.add(d0),
        e.add(e0),
        f.add(f0),
        g.add(g0),
        h.add(h0),
    ]
}

/// Each word in all lanes.
///
/// This file has no closures over vectors, and so no `map` or `from_fn`: a closure does not have
/// the target features of the kernel into which it should be inlined, and may stay a call.
#[inline(always)]
fn splat<V: Lane32>([a, b, c, d, e, f, g, h]: [u32; 8]) -> [V; 8] {
    [
        V::splat(a),
        V::splat(b),
        V::splat(c),
        V::splat(d),
        V::splat(e),
        V::splat(f),
        V::splat(g),
        V::splat(h),
    ]
}

/// The part of `W[t]` that is the same for all nonces.
#[inline(always)]
pub(crate) fn part<V: Lane32>(job: &Job, t: usize) -> V {
    V::splat(job.schedule[t - 16])
}

/// `K[t] + W[t]` if all of it is the same for all nonces.
#[inline(always)]
pub(crate) fn kw<V: Lane32>(job: &Job, t: usize) -> V {
    V::splat(job.schedule[t - 16].wrapping_add(K[t]))
}

/// `w + K[t]`.
#[inline(always)]
pub(crate) fn plus_k<V: Lane32>(w: V, t: usize) -> V {
    w.add(V::splat(K[t]))
}

/// `K[t] + W[t]` of the eight words from `t` on.
#[inline(always)]
fn with_constants<V: Lane32>([w0, w1, w2, w3, w4, w5, w6, w7]: [V; 8], t: usize) -> [V; 8] {
    [
        plus_k(w0, t),
        plus_k(w1, t + 1),
        plus_k(w2, t + 2),
        plus_k(w3, t + 3),
        plus_k(w4, t + 4),
        plus_k(w5, t + 5),
        plus_k(w6, t + 6),
        plus_k(w7, t + 7),
    ]
}

/// Eight rounds of SHA-256 from `t` on, with the words that follow sixteen consecutive ones. Returns those words too.
///
/// It makes each word just before its round: the rotations of eight words in a row would wait for
/// the vector units that rotate.
// WebAssembly shares one function for all three calls, which leaves a fifth of the kernel less to fetch and compile.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn eight_rounds_expanding<V: Lane32>(
    state: State<V>,
    older: [V; 8],
    newer: [V; 8],
    t: usize,
) -> (State<V>, [V; 8]) {
    let [a0, a1, a2, a3, a4, a5, a6, a7] = older;
    let [b0, b1, b2, b3, b4, b5, b6, b7] = newer;
    let c0 = following(a0, a1, b1, b6);
    let state = round(state, plus_k(c0, t));
    let c1 = following(a1, a2, b2, b7);
    let state = round(state, plus_k(c1, t + 1));
    let c2 = following(a2, a3, b3, c0);
    let state = round(state, plus_k(c2, t + 2));
    let c3 = following(a3, a4, b4, c1);
    let state = round(state, plus_k(c3, t + 3));
    let c4 = following(a4, a5, b5, c2);
    let state = round(state, plus_k(c4, t + 4));
    let c5 = following(a5, a6, b6, c3);
    let state = round(state, plus_k(c5, t + 5));
    let c6 = following(a6, a7, b7, c4);
    let state = round(state, plus_k(c6, t + 6));
    let c7 = following(a7, b0, c0, c5);
    let state = round(state, plus_k(c7, t + 7));
    (state, [c0, c1, c2, c3, c4, c5, c6, c7])
}

/// `W[t]` from the words 16, 15, 7 and 2 places before it.
#[inline(always)]
pub(crate) fn following<V: Lane32>(w16: V, w15: V, w7: V, w2: V) -> V {
    lower1(w2).add(w7).add(lower0(w15)).add(w16)
}
