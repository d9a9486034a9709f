//! The constants that the lanes need to search one group.

use crate::{
    Group, Job, Jobs, Protocol,
    job::K,
    sha256::{self, Prologue},
};

/// Spans of a v1 group.
pub(crate) const SPANS: usize = 1 << Protocol::V1.group_bits();

/// What [`Isa::scan`](crate::Isa::scan) needs to search one group: a job, and in v1 a table of 13 KiB.
///
/// Making one costs a v1 group 256 blocks of SHA-256, so whoever searches a group in many parts keeps it.
#[derive(Clone, Debug)]
pub struct GroupJob(pub(crate) Kind);

#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is nothing to box it with, and v1 is what lives"
)]
pub(crate) enum Kind {
    /// Legacy: one span, whose indices are hashed side by side.
    Indices(Prologue),
    /// v1: spans that are hashed side by side.
    Spans(Spans),
}

/// The spans of a v1 group: their chaining values, and the sums of the first rounds of SHA-256 that
/// follow from these. A lane is a span.
#[derive(Clone, Debug)]
pub(crate) struct Spans {
    /// The job of the first span. The others differ in the chaining value alone.
    job: Job,
    /// The eight words of the chaining value, `a` to `h`.
    pub(crate) chaining: [Row; 8],
    /// `a` after round 0, without `K[0]` and `w0`.
    pub(crate) a: Row,
    /// `e` after round 0, without `K[0]` and `w0`.
    pub(crate) e: Row,
    /// `h + K[t] + W[t]` of rounds 1 to 3, in which `h` is still part of the chaining value.
    pub(crate) early: [Row; 3],
}

/// A word of each span, in the order of their numbers; aligned for the widest vectors.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Row(pub(crate) [u32; SPANS]);

/// `K[t] + W[t]` of all rounds at one index, which all spans of a group share.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Schedule(pub(crate) [u32; 64]);

impl Jobs {
    /// What the lanes need to search `group`.
    pub fn group(&self, group: Group) -> GroupJob {
        let job = self.at(group.span(0, self.protocol()));
        GroupJob(match self.protocol() {
            Protocol::Legacy(_) => Kind::Indices(Prologue::new(&job)),
            Protocol::V1 => Kind::Spans(Spans::new(self, group, job)),
        })
    }
}

impl Spans {
    fn new(jobs: &Jobs, group: Group, job: Job) -> Self {
        let row = Row([0; SPANS]);
        let mut spans = Self {
            job,
            chaining: [row; 8],
            a: row,
            e: row,
            early: [row; 3],
        };
        // The schedule has the constant of round 0.
        let mut shared = job;
        shared.round_constants[0] = 0;
        for (which, at) in (0..).zip(0..SPANS) {
            let chaining = jobs.chaining(group.span(which, Protocol::V1));
            let prologue = Prologue::new(&Job { chaining, ..shared });
            for (row, word) in spans.chaining.iter_mut().zip(chaining) {
                row.0[at] = word;
            }
            (spans.a.0[at], spans.e.0[at]) = (prologue.a, prologue.e);
            for (row, word) in spans.early.iter_mut().zip(prologue.early) {
                row.0[at] = word;
            }
        }
        spans
    }

    /// The largest top word of a candidate.
    pub(crate) fn limit(&self) -> u64 {
        self.job.limit()
    }

    /// The schedule at an index of the spans.
    pub(crate) fn schedule(&self, index: u32) -> Schedule {
        let job = &self.job;
        let mut w = [0; 64];
        w[0] = job.w0(index);
        for t in 1..16 {
            w[t] = job.round_constants[t].wrapping_sub(K[t]);
        }
        for t in 16..64 {
            w[t] = sha256::following(w[t - 16], w[t - 15], w[t - 7], w[t - 2]);
        }
        for (word, k) in w.iter_mut().zip(K) {
            *word = word.wrapping_add(k);
        }
        Schedule(w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Challenge, Difficulty, Span};

    #[test]
    fn each_span_of_a_group_gets_its_digest() {
        let challenge = Challenge::v1(7, [1; 32], [2; 32], [3; 32]).expect("netuid 7");
        let jobs = Jobs::new(&challenge, &Difficulty::new(10).expect("not zero").target());
        let group = Group::new(0x0102_0304);
        let Kind::Spans(spans) = jobs.group(group).0 else {
            panic!("v1 has spans");
        };
        let index = 0x00ab_cdef;
        let schedule = spans.schedule(index);
        for (which, at) in [(0, 0), (1, 1), (100, 100), (255, 255)] {
            let span = group.span(which, Protocol::V1);
            assert_eq!(
                span,
                Span::new(0x01_0203_0400 + u64::from(which), Protocol::V1)
            );
            let prologue = Prologue::new(&jobs.at(span));
            let expected = sha256::digest(&prologue, prologue.job.w0(index));
            assert_eq!(
                sha256::digest_of_spans::<u32>(&spans, at, &schedule),
                expected
            );
        }
    }
}
