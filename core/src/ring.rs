//! SHA-256 one round at a time, with all of its state in memory.
//!
//! [`sha256::digest`] keeps its state in registers, but a kernel that does rounds of Keccak in the same
//! loop has none to spare. Here a round of SHA-256 is loads, sums and two or three stores, and all are alike:
//! each turn of Keccak's rolled loop can hold one, and use the cycles in which Keccak waits for its own
//! results.

use crate::{
    group::{Schedule, Spans},
    job::{Job, K},
    lane::Lane32,
    sha256::{self, Prologue, State},
};

/// The first round of SHA-256 that runs on its own: from here to the end there are 44, twice the 22
/// full rounds of Keccak.
pub(crate) const FIRST_ROUND: usize = 20;

/// The rounds of SHA-256 from [`FIRST_ROUND`] on, in two halves: Keccak has places for both.
pub(crate) trait Rounds {
    /// Does the first half of round `t` of SHA-256: the word of the schedule.
    fn expand(&mut self, t: usize);

    /// Does the second half of round `t` of SHA-256: the working variables.
    fn round(&mut self, t: usize);
}

/// A vector of indices of one span, and their schedules; made once for a job, and reused for block after
/// block.
pub(crate) struct RingOfIndices<V>(Ring<V, V>);

/// A vector of spans at one index, and the schedule that they share.
pub(crate) struct RingOfSpans<V> {
    ring: Ring<V, ()>,
    schedule: Schedule,
}

/// The rounds of SHA-256 of one block.
#[repr(align(64))]
struct Ring<V, W> {
    rows: [Row<V, W>; 64],
}

/// What round `t` of SHA-256 leaves: the new `a` and `e`, and the word `W[t]` that went into them unless
/// somebody else has it.
#[derive(Clone, Copy)]
struct Row<V, W> {
    a: V,
    e: V,
    w: W,
}

impl<V: Lane32, W: Copy> Ring<V, W> {
    #[inline(always)]
    fn new(w: W) -> Self {
        let (a, e) = (V::splat(0), V::splat(0));
        Self {
            rows: [Row { a, e, w }; 64],
        }
    }

    /// Takes the state after the rounds before [`FIRST_ROUND`].
    #[inline(always)]
    fn begin(&mut self, [a, b, c, d, e, f, g, h]: State<V>) {
        let rows = &mut self.rows;
        (rows[16].a, rows[17].a, rows[18].a, rows[19].a) = (d, c, b, a);
        (rows[16].e, rows[17].e, rows[18].e, rows[19].e) = (h, g, f, e);
    }

    /// The sixteen rounds before `t`, and `t`.
    #[inline(always)]
    fn window(&mut self, t: usize) -> &mut [Row<V, W>; 17] {
        // One check of bounds, not one for each access.
        self.rows[t - 16..]
            .first_chunk_mut()
            .expect("t is at most 63")
    }

    /// Does round `t`, given `K[t] + W[t]`.
    #[inline(always)]
    fn round(&mut self, t: usize, kw: V) {
        let [.., r4, r3, r2, r1, r0] = self.window(t);
        let state = [r1.a, r2.a, r3.a, r4.a, r1.e, r2.e, r3.e, r4.e];
        let [a, _, _, _, e, _, _, _] = sha256::round(state, kw);
        (r0.a, r0.e) = (a, e);
    }

    /// The working variables after round 63.
    #[inline(always)]
    fn state(&self) -> State<V> {
        let [.., r4, r3, r2, r1] = &self.rows;
        [r1.a, r2.a, r3.a, r4.a, r1.e, r2.e, r3.e, r4.e]
    }
}

impl<V: Lane32> RingOfIndices<V> {
    /// A ring with the words of the schedule that are the same for all nonces.
    #[inline(always)]
    pub(crate) fn new(job: &Job) -> Self {
        let mut ring = Ring::new(V::splat(0));
        let rows = &mut ring.rows;
        for t in FIRST_ROUND - 16..16 {
            rows[t].w = V::splat(job.round_constants[t].wrapping_sub(K[t]));
        }
        rows[17].w = sha256::part(job, 17);
        rows[19].w = sha256::part(job, 19);
        Self(ring)
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
        let state = sha256::round(state, sha256::kw(job, 19));
        self.0.begin(state);
        let rows = &mut self.0.rows;
        (rows[16].w, rows[18].w) = (w16, w18);
    }

    /// The eight words of the digest, after round 63.
    #[inline(always)]
    pub(crate) fn digest(&self, job: &Job) -> [V; 8] {
        sha256::add_chaining(job, self.0.state())
    }
}

impl<V: Lane32> Rounds for RingOfIndices<V> {
    #[inline(always)]
    fn expand(&mut self, t: usize) {
        let [r16, r15, _, _, _, _, _, _, _, r7, _, _, _, _, r2, _, r0] = self.0.window(t);
        r0.w = sha256::following(r16.w, r15.w, r7.w, r2.w);
    }

    #[inline(always)]
    fn round(&mut self, t: usize) {
        let kw = sha256::plus_k(self.0.rows[t].w, t);
        self.0.round(t, kw);
    }
}

impl<V: Lane32> RingOfSpans<V> {
    #[inline(always)]
    pub(crate) fn new(schedule: Schedule) -> Self {
        Self {
            ring: Ring::new(()),
            schedule,
        }
    }

    /// Goes to the next index.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    pub(crate) fn set_schedule(&mut self, schedule: Schedule) {
        self.schedule = schedule;
    }

    /// Does the rounds before [`FIRST_ROUND`], for the spans from `at` on.
    #[inline(always)]
    pub(crate) fn begin(&mut self, spans: &Spans, at: usize) {
        let state = sha256::rounds_of_spans::<V, FIRST_ROUND>(spans, at, &self.schedule);
        self.ring.begin(state);
    }

    /// The eight words of the digest, after round 63, for the spans from `at` on.
    #[inline(always)]
    pub(crate) fn digest(&self, spans: &Spans, at: usize) -> [V; 8] {
        sha256::add_chaining_of_spans(spans, at, self.ring.state())
    }
}

impl<V: Lane32> Rounds for RingOfSpans<V> {
    #[inline(always)]
    fn expand(&mut self, _: usize) {}

    #[inline(always)]
    fn round(&mut self, t: usize) {
        let kw = V::splat(self.schedule.0[t]);
        self.ring.round(t, kw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Challenge, Difficulty, Group, Jobs, Order, Protocol, group::Kind};

    fn finish(ring: &mut impl Rounds) {
        for t in FIRST_ROUND..64 {
            ring.expand(t);
            ring.round(t);
        }
    }

    #[test]
    fn rounds_in_memory_give_the_digest_of_index_after_index() {
        let target = Difficulty::new(10).expect("not zero").target();
        let challenge = Challenge::legacy(Order::Little, [1; 32], [2; 32]);
        let protocol: Protocol = challenge.protocol();
        let job = Jobs::new(&challenge, &target).at(Group::new(5).span(0, protocol));
        let prologue = Prologue::new(&job);
        let mut ring = RingOfIndices::new(&job);
        for w0 in [0_u32, 0x1234_5680, 0xffff_ffff] {
            ring.begin(&prologue, w0);
            finish(&mut ring);
            assert_eq!(ring.digest(&job), sha256::digest(&prologue, w0));
        }
    }

    #[test]
    fn rounds_in_memory_give_the_digest_of_span_after_span() {
        let target = Difficulty::new(10).expect("not zero").target();
        let challenge = Challenge::v1(7, [1; 32], [2; 32], [3; 32]).expect("netuid 7");
        let Kind::Spans(spans) = Jobs::new(&challenge, &target).group(Group::new(5)).0 else {
            panic!("v1 has spans");
        };
        let schedule = spans.schedule(0x12_3456);
        let mut ring = RingOfSpans::<u32>::new(schedule);
        for at in [0, 1, 255] {
            ring.begin(&spans, at);
            finish(&mut ring);
            assert_eq!(
                ring.digest(&spans, at),
                sha256::digest_of_spans(&spans, at, &schedule)
            );
        }
    }
}
