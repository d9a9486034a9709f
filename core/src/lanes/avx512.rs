//! AVX-512 lanes: SHA-256 of sixteen nonces at once, feeding Keccak of eight at once, twice.
//!
//! - Shape: word `i` of sixteen messages sits in one `__m512i`; a Keccak vector holds one 64-bit
//!   word of eight. Within each 128-bit part, SHA-256 lanes 0 and 1 go to the first Keccak, lanes
//!   2 and 3 to the second. The rounds of Keccak for one block carry the rounds of SHA-256 for the next.
//! - Needs: AVX-512 F and BW (every AVX-512 processor except the Xeon Phi).
//! - Checked by: `tests/lanes.rs`, every index against [`Challenge::seal`](crate::Challenge::seal).
//! - Measured in: `benches/record/`.

use core::{arch::x86_64::*, hint::black_box};

use crate::{
    GroupJob, Offsets,
    group::{Kind, Row, Spans},
    keccak,
    lane::{Lane32, Lane64},
    ring::{FIRST_ROUND, RingOfIndices, RingOfSpans, Rounds},
    scan::{interleave, place, report},
    sha256::Prologue,
};

/// Calls `found` with every candidate among `offsets`.
#[target_feature(enable = "avx512f,avx512bw")]
pub(crate) fn scan(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    match &job.0 {
        Kind::Spans(spans) => search_spans(spans, offsets, found),
        Kind::Indices(prologue) if prologue.job.tested_word == 0 => {
            search_indices::<true>(prologue, offsets, found);
        }
        Kind::Indices(prologue) => search_indices::<false>(prologue, offsets, found),
    }
}

/// Nonces in a block.
const BLOCK: u32 = 16;

/// Sixteen 32-bit words. Invariant: exists only under [`scan()`], so AVX-512 F and BW are present.
#[derive(Clone, Copy)]
struct U32x16(__m512i);

/// Eight 64-bit words. Invariant: exists only under [`scan()`], so AVX-512 F and BW are present.
#[derive(Clone, Copy)]
struct U64x8(__m512i);

/// The search loop of v1: while Keccak runs for one block of spans, SHA-256 runs for the next.
///
/// A round of Keccak leaves an eighth of the cycles unused, waiting for the column sums; SHA-256 on
/// its own keeps all units busy.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn search_spans(spans: &Spans, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    let limit = _mm512_set1_epi64(spans.limit().cast_signed());
    let mut first = offsets.first() & !(BLOCK - 1);
    let (index, mut at) = place(first);
    let mut ring = RingOfSpans::new(spans.schedule(index));
    begin_spans(&mut ring, spans, at);
    finish(&mut ring);
    loop {
        let (low, high) = halves(ring.digest(spans, at));
        // After the last block this block is one that nobody asks for, and its offsets do not matter.
        let (index, next) = place(first.wrapping_add(BLOCK));
        if next == 0 {
            ring.set_schedule(spans.schedule(index));
        }
        begin_spans(&mut ring, spans, next);
        let hits = candidates::<false>(&low, &high, &mut ring, limit);
        if report(hits, first, BLOCK, offsets, found) {
            return;
        }
        first += BLOCK;
        at = next;
    }
}

/// The search loop of legacy, in which the lanes are indices.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn search_indices<const BIG: bool>(
    prologue: &Prologue,
    offsets: Offsets,
    found: &mut dyn FnMut(u32),
) {
    let job = &prologue.job;
    let limit = _mm512_set1_epi64(job.limit().cast_signed());
    let mut first = offsets.first();
    let mut ring = RingOfIndices::new(job);
    begin_indices(&mut ring, prologue, first);
    finish(&mut ring);
    loop {
        let (low, high) = halves(ring.digest(job));
        // As above.
        begin_indices(&mut ring, prologue, first.wrapping_add(BLOCK));
        let hits = candidates::<BIG>(&low, &high, &mut ring, limit);
        if report(hits, first, BLOCK, offsets, found) {
            return;
        }
        first += BLOCK;
    }
}

/// Starts SHA-256 of the block of spans that starts at `at`.
///
/// A separate function: inlined, it would take its constants from copies on the stack.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline(never)]
fn begin_spans(ring: &mut RingOfSpans<U32x16>, spans: &Spans, at: usize) {
    ring.begin(spans, at);
}

/// Starts SHA-256 of the block of indices that starts at `first`.
///
/// A separate function, as above.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline(never)]
fn begin_indices(ring: &mut RingOfIndices<U32x16>, prologue: &Prologue, first: u32) {
    let job = &prologue.job;
    let order = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let step = _mm512_set1_epi32(job.w0_step.cast_signed());
    let w0 = _mm512_set1_epi32(job.w0(first).cast_signed());
    let w0 = _mm512_add_epi32(w0, _mm512_mullo_epi32(order, step));
    ring.begin(prologue, U32x16(w0));
}

/// Does the rounds of SHA-256 that Keccak carries, when there is no block before.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn finish(ring: &mut impl Rounds) {
    for t in FIRST_ROUND..64 {
        ring.expand(t);
        ring.round(t);
    }
}

/// Bit `i` is set when the top word of lane `i` is at most the limit. Does the rounds of SHA-256 of the next
/// block meanwhile.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline]
fn candidates<const BIG: bool>(
    low: &[U64x8; 4],
    high: &[U64x8; 4],
    next: &mut impl Rounds,
    limit: __m512i,
) -> u32 {
    let low = top_word::<BIG>(low, next, FIRST_ROUND).0;
    let high = top_word::<BIG>(high, next, FIRST_ROUND + 22).0;
    let low = _mm512_cmple_epu64_mask(low, limit);
    let high = _mm512_cmple_epu64_mask(high, limit);
    interleave(low.into(), high.into())
}

/// Keccak; its 22 full rounds carry the rounds of SHA-256 from `t` on.
///
/// One function with a rolled loop: two inlined and unrolled copies overflow the cache of decoded
/// instructions. The schedule's word stands after the column sums, for which Keccak waits, and the
/// rest of the round of SHA-256 stands where Keccak needs the fewest registers.
#[target_feature(enable = "avx512f,avx512bw")]
#[inline(never)]
fn top_word<const BIG: bool>(digest: &[U64x8; 4], ring: &mut impl Rounds, t: usize) -> U64x8 {
    // Only a variable in memory makes the compiler align the stack, and with it the few words that do
    // not fit into registers; otherwise each would straddle two cache lines.
    let mut state = keccak::first_round(black_box(*digest));
    for (&constant, t) in keccak::ROUND_CONSTANTS[1..23].iter().zip(t..) {
        let parities = keccak::parities(&state);
        ring.expand(t);
        state = keccak::after_parities(state, parities, constant);
        ring.round(t);
    }
    let word = keccak::last_round::<_, BIG>(state);
    if BIG { word.swap_bytes() } else { word }
}

/// The Keccak words of every other pair of lanes, and of the pairs between.
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
    fn of(row: &Row, at: usize) -> Self {
        let words: &[u32; 16] = row.0[at..].first_chunk().expect("a whole block");
        // SAFETY: the array has the sixteen words that are read; the type's invariant.
        Self(unsafe { _mm512_loadu_si512(words.as_ptr().cast()) })
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

    // Here rounds of SHA-256 fill the wait, so fewer instructions are faster.
    #[inline(always)]
    fn sum5(a: Self, b: Self, c: Self, d: Self, e: Self) -> Self {
        Self::xor3(Self::xor3(d, c, b), e, a)
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
