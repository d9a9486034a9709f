//! SHA-256 one round at a time, with all of its state in memory.
//!
//! [`sha256::digest`] keeps its state in registers, but a kernel that does rounds of Keccak in the same
//! loop has none to spare. Here a round of SHA-256 is loads, sums and three stores, and all are alike:
//! each turn of Keccak's rolled loop can hold one, and use the cycles in which Keccak waits for its own
//! results.

use crate::{
    job::{Job, K},
    lane::Lane32,
    sha256::{self, Prologue},
};

/// What round `t` of SHA-256 leaves: the new `a` and `e`, and the word `W[t]` that went into them.
#[derive(Clone, Copy)]
struct Row<V> {
    a: V,
    e: V,
    w: V,
}

/// The rounds of SHA-256 of one block; made once for a job, and reused for block after block.
#[repr(align(64))]
pub(crate) struct Ring<V> {
    rows: [Row<V>; 64],
}

/// The first round of SHA-256 that runs on its own: from here to the end there are 44, twice the 22
/// full rounds of Keccak.
pub(crate) const FIRST_ROUND: usize = 20;

impl<V: Lane32> Ring<V> {
    /// A ring with the words of the schedule that are the same for all nonces.
    #[inline(always)]
    pub(crate) fn new(job: &Job) -> Self {
        let zero = V::splat(0);
        let row = Row {
            a: zero,
            e: zero,
            w: zero,
        };
        let mut rows = [row; 64];
        for t in FIRST_ROUND - 16..16 {
            rows[t].w = V::splat(job.round_constants[t].wrapping_sub(K[t]));
        }
        rows[17].w = sha256::part(job, 17);
        rows[19].w = sha256::part(job, 19);
        Self { rows }
    }

    /// Does the rounds before [`FIRST_ROUND`], for a vector of `w0`.
    #[inline(always)]
    pub(crate) fn begin(&mut self, prologue: &Prologue, w0: V) {
        let job = &prologue.job;
        let state = sha256::sixteen_rounds(prologue, w0);
        let w16 = sha256::part::<V>(job, 16).add(w0);
        let w18 = sha256::part::<V>(job, 18).add(sha256::lower1(w16));
        let state = sha256::round(state, sha256::plus_k(w16, 16));
        let state = sha256::round(state, sha256::kw(job, 17));
        let state = sha256::round(state, sha256::plus_k(w18, 18));
        let [a, b, c, d, e, f, g, h] = sha256::round(state, sha256::kw(job, 19));
        let rows = &mut self.rows;
        (rows[16].w, rows[18].w) = (w16, w18);
        (rows[16].a, rows[17].a, rows[18].a, rows[19].a) = (d, c, b, a);
        (rows[16].e, rows[17].e, rows[18].e, rows[19].e) = (h, g, f, e);
    }

    /// The sixteen rounds before `t`, and `t`.
    #[inline(always)]
    fn window(&mut self, t: usize) -> &mut [Row<V>; 17] {
        // One check of bounds, not one for each access.
        self.rows[t - 16..]
            .first_chunk_mut()
            .expect("t is at most 63")
    }

    /// Does the first half of round `t` of SHA-256: the word of the schedule.
    #[inline(always)]
    pub(crate) fn expand(&mut self, t: usize) {
        let [r16, r15, _, _, _, _, _, _, _, r7, _, _, _, _, r2, _, r0] = self.window(t);
        r0.w = sha256::following(r16.w, r15.w, r7.w, r2.w);
    }

    /// Does the second half of round `t` of SHA-256: the working variables.
    #[inline(always)]
    pub(crate) fn round(&mut self, t: usize) {
        let [.., r4, r3, r2, r1, r0] = self.window(t);
        let state = [r1.a, r2.a, r3.a, r4.a, r1.e, r2.e, r3.e, r4.e];
        let [a, _, _, _, e, _, _, _] = sha256::round(state, sha256::plus_k(r0.w, t));
        (r0.a, r0.e) = (a, e);
    }

    /// The eight words of the digest, after round 63.
    #[inline(always)]
    pub(crate) fn digest(&self, job: &Job) -> [V; 8] {
        let [.., r4, r3, r2, r1] = &self.rows;
        sha256::add_chaining(job, [r1.a, r2.a, r3.a, r4.a, r1.e, r2.e, r3.e, r4.e])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Challenge, Difficulty, Jobs, Order, Protocol, Span};

    #[test]
    fn rounds_in_memory_give_the_digest_block_after_block() {
        let target = Difficulty::new(10).expect("not zero").target();
        let v1 = Challenge::v1(7, [1; 32], [2; 32], [3; 32]).expect("netuid 7");
        let legacy = Challenge::legacy(Order::Little, [1; 32], [2; 32]);
        for challenge in [v1, legacy] {
            let protocol: Protocol = challenge.protocol();
            let job = Jobs::new(&challenge, &target).at(Span::new(5, protocol));
            let prologue = Prologue::new(&job);
            let mut ring = Ring::new(&job);
            for w0 in [0_u32, 0x1234_5680, 0xffff_ffff] {
                ring.begin(&prologue, w0);
                for t in FIRST_ROUND..64 {
                    ring.expand(t);
                    ring.round(t);
                }
                assert_eq!(ring.digest(&job), sha256::digest(&prologue, w0));
            }
        }
    }
}
