//! The search loop, written once for every instruction set.
//!
//! AVX-512 has its own, which begins one block while it finishes another.

use crate::{Indices, Job, sha256::Prologue};

/// A way to hash a block of consecutive indices at once.
pub(crate) trait Lanes {
    /// Indices in a block: 1 to 32.
    const BLOCK: u32;

    /// The candidates in the block that starts at `w0`: bit `i` stands for index `i` of the block.
    ///
    /// `limit` is the largest top word of a candidate.
    fn block<const BIG: bool>(prologue: &Prologue, w0: u32, limit: u64) -> u32;
}

/// Calls `found` with every candidate among `indices`, in ascending order.
#[inline(always)]
pub(crate) fn scan<L: Lanes>(job: &Job, indices: Indices, found: &mut dyn FnMut(u32)) {
    if job.tested_word == 0 {
        search::<L, true>(job, indices, found);
    } else {
        search::<L, false>(job, indices, found);
    }
}

#[inline(always)]
fn search<L: Lanes, const BIG: bool>(job: &Job, indices: Indices, found: &mut dyn FnMut(u32)) {
    let prologue = Prologue::new(job);
    let limit = u64::from(job.threshold) << 32 | 0xffff_ffff;
    let mut first = indices.first();
    loop {
        let w0 = job.w0_base.wrapping_add(first.wrapping_mul(job.w0_step));
        let hits = L::block::<BIG>(&prologue, w0, limit);
        if report(hits, first, L::BLOCK, indices, found) {
            return;
        }
        first += L::BLOCK;
    }
}

/// Calls `found` with the candidates in the block of `length` indices that starts at `first`; bit `i`
/// of `hits` stands for index `i` of the block. Returns whether that block was the last.
#[inline(always)]
pub(crate) fn report(
    mut hits: u32,
    first: u32,
    length: u32,
    indices: Indices,
    found: &mut dyn FnMut(u32),
) -> bool {
    // The caller may want only some lanes of the last block.
    let left = indices.last() - first;
    if left < length - 1 {
        hits &= (2 << left) - 1;
    }
    while hits != 0 {
        found(first + hits.trailing_zeros());
        hits &= hits - 1;
    }
    left < length
}

/// The digest words of SHA-256 enter Keccak in pairs, each byte-reversed: this is how code without a
/// byte shuffle does it.
#[inline(always)]
pub(crate) fn pair(low: u32, high: u32) -> u64 {
    u64::from(low.swap_bytes()) | u64::from(high.swap_bytes()) << 32
}
