//! The search loops, written once for every instruction set.
//!
//! In v1 the lanes of a vector are spans, in legacy they are indices. AVX-512 has its own loops, which begin
//! one block while they finish another.

use crate::{
    GroupJob, Offsets, Protocol,
    group::{Kind, SPANS, Schedule, Spans},
    sha256::Prologue,
};

/// A way to hash a block of nonces at once.
pub(crate) trait Lanes {
    /// Nonces in a block: a power of two, 1 to 32.
    const BLOCK: u32;

    /// Legacy: the candidates among the indices from the one with `w0` on; bit `i` stands for the one `i`
    /// places further.
    ///
    /// `limit` is the largest top word of a candidate.
    fn indices<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32;

    /// v1: the candidates among the spans from `at` on; bit `i` stands for the one `i` places further.
    fn spans(spans: &Spans, at: usize, schedule: &Schedule, limit: u64) -> u32;
}

/// Calls `found` with every candidate among `offsets`, in ascending order.
#[inline(always)]
pub(crate) fn scan<L: Lanes>(job: &GroupJob, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    match &job.0 {
        Kind::Spans(spans) => search_spans::<L>(spans, offsets, found),
        Kind::Indices(prologue) if prologue.job.tested_word == 0 => {
            search_indices::<L, true>(prologue, offsets, found);
        }
        Kind::Indices(prologue) => search_indices::<L, false>(prologue, offsets, found),
    }
}

#[inline(always)]
fn search_spans<L: Lanes>(spans: &Spans, offsets: Offsets, found: &mut dyn FnMut(u32)) {
    let limit = spans.limit();
    let mut first = offsets.first() & !(L::BLOCK - 1);
    loop {
        let (index, mut at) = place(first);
        let schedule = spans.schedule(index);
        while at < SPANS {
            let hits = L::spans(spans, at, &schedule, limit);
            if report(hits, first, L::BLOCK, offsets, found) {
                return;
            }
            first += L::BLOCK;
            at += L::BLOCK as usize;
        }
    }
}

/// The index at a v1 offset, and the number of its span in the group.
pub(crate) const fn place(offset: u32) -> (u32, usize) {
    (offset >> Protocol::V1.group_bits(), offset as usize % SPANS)
}

#[inline(always)]
fn search_indices<L: Lanes, const BIG: bool>(
    prologue: &Prologue,
    offsets: Offsets,
    found: &mut dyn FnMut(u32),
) {
    let limit = prologue.job.limit();
    let mut first = offsets.first();
    loop {
        let hits = L::indices::<BIG>(prologue, prologue.job.w0(first), limit);
        if report(hits, first, L::BLOCK, offsets, found) {
            return;
        }
        first += L::BLOCK;
    }
}

/// Calls `found` with the candidates in the block of `length` offsets that starts at `first`; bit `i`
/// of `hits` stands for offset `i` of the block. Returns whether that block was the last.
#[inline(always)]
pub(crate) fn report(
    mut hits: u32,
    first: u32,
    length: u32,
    offsets: Offsets,
    found: &mut dyn FnMut(u32),
) -> bool {
    // The caller may want only some lanes of the first block and of the last.
    let left = offsets.last() - first;
    if left < length - 1 {
        hits &= (2 << left) - 1;
    }
    hits &= u32::MAX << offsets.first().saturating_sub(first);
    while hits != 0 {
        found(first + hits.trailing_zeros());
        hits &= hits - 1;
    }
    left < length
}

/// The bits of two vectors of Keccak, whose words are those of one vector of SHA-256: pairs of lanes go to
/// `low` and to `high` in turn, because the words are unpacked within 128 bits.
#[cfg(target_arch = "x86_64")]
pub(crate) const fn interleave(low: u32, high: u32) -> u32 {
    const fn spread(pairs: u32) -> u32 {
        let pairs = (pairs | pairs << 4) & 0x0f0f;
        (pairs | pairs << 2) & 0x3333
    }
    spread(low) | spread(high) << 2
}

/// The digest words of SHA-256 enter Keccak in pairs, each byte-reversed: this is how code without a
/// byte shuffle does it.
#[inline(always)]
pub(crate) fn pair(low: u32, high: u32) -> u64 {
    u64::from(low.swap_bytes()) | u64::from(high.swap_bytes()) << 32
}
