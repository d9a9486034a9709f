//! The kernels' parameters and results, word for word as in `cuda/`.

use btpow_core::{Group, Job, Jobs, Protocol, job::K};

/// How many offsets a kernel keeps; it only counts later ones.
pub const FOUND_CAPACITY: usize = 256;

/// Spans of a v1 group.
pub const GROUP_SPANS: u32 = 1 << Protocol::V1.group_bits();

/// What a kernel needs of one span. In v1, nothing else differs between spans.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Span {
    /// The chaining value that enters the last block.
    pub chaining: [u32; 8],
    /// The working variable `a` after round 0, without `w0`.
    pub a: u32,
    /// The working variable `e` after round 0, without `w0`.
    pub e: u32,
    /// `h + K[t] + W[t]` of rounds 1 to 3, where `h` is still part of the chaining value.
    pub early: [u32; 3],
    /// `K[t] + W[t]` of rounds 17, 19 and 21, whose words do not vary.
    pub fixed: [u32; 3],
}

/// Numbers that the kernels' compiler must not know: `1`, and `2^i` at index `i`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Opaque {
    one: u32,
    power: [u32; 32],
}

/// A run of positions and the job for it.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Run {
    /// The constants of the first span.
    pub job: Job,
    /// Always [`Opaque::NUMBERS`].
    pub opaque: Opaque,
    /// The offset of the first position in its group.
    pub first: u32,
    /// That of the last one, at most 2^31 - 1 places further.
    pub last: u32,
    /// The bits that the sieve must find zero.
    pub sieve: u32,
    padding: [u32; 2],
    /// The first span.
    pub span: Span,
}

/// The spans of a v1 group, with the words of [`Span`] by fours: four of all spans, then the next four.
#[repr(C, align(16))]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Table([[[u32; 4]; GROUP_SPANS as usize]; 4]);

/// The candidates that a kernel found.
#[repr(C)]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Found {
    /// How many candidates there are, perhaps more than are kept.
    pub count: u32,
    /// Their offsets in the group, in any order.
    pub offsets: [u32; FOUND_CAPACITY],
}

impl Span {
    /// The values that follow from a job and a chaining value.
    pub fn new(job: &Job, chaining: [u32; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = chaining;
        let sum = |words: &[u32]| words.iter().copied().fold(0, u32::wrapping_add);
        let upper0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let upper1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choose = (e & f) ^ (!e & g);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let t1 = sum(&[h, upper1, choose, job.round_constants[0]]);
        Self {
            chaining,
            a: sum(&[t1, upper0, majority]),
            e: sum(&[t1, d]),
            early: [
                sum(&[g, job.round_constants[1]]),
                sum(&[f, job.round_constants[2]]),
                sum(&[e, job.round_constants[3]]),
            ],
            fixed: [17, 19, 21].map(|t: usize| sum(&[job.schedule[t - 16], K[t]])),
        }
    }

    /// The words in order.
    fn fours(&self) -> [[u32; 4]; 4] {
        let [a, b, c, d, e, f, g, h] = self.chaining;
        let [early_1, early_2, early_3] = self.early;
        let [fixed_17, fixed_19, fixed_21] = self.fixed;
        [
            [a, b, c, d],
            [e, f, g, h],
            [self.a, self.e, early_1, early_2],
            [early_3, fixed_17, fixed_19, fixed_21],
        ]
    }
}

impl Opaque {
    /// The numbers.
    pub const NUMBERS: Self = {
        let mut power = [1; 32];
        let mut i = 1;
        while i < 32 {
            power[i] = power[i - 1] * 2;
            i += 1;
        }
        Self { one: 1, power }
    };
}

impl Run {
    /// Positions of the group of a job's span: the offsets from `first` to `last`.
    pub fn new(job: Job, first: u32, last: u32) -> Self {
        Self {
            job,
            opaque: Opaque::NUMBERS,
            first,
            last,
            sieve: sieve(&job),
            padding: [0; 2],
            span: Span::new(&job, job.chaining),
        }
    }
}

impl Table {
    /// No spans.
    pub const EMPTY: Self = Self([[[0; 4]; GROUP_SPANS as usize]; 4]);

    /// Fills the table with the spans of a v1 group.
    pub fn fill(&mut self, jobs: &Jobs, group: Group) {
        let job = jobs.at(group.span(0, Protocol::V1));
        for (which, at) in (0..GROUP_SPANS).zip(0..) {
            let span = Span::new(&job, jobs.chaining(group.span(which, Protocol::V1)));
            for (row, words) in self.0.iter_mut().zip(span.fours()) {
                row[at] = words;
            }
        }
    }
}

impl Found {
    /// No candidates.
    pub const NOTHING: Self = Self {
        count: 0,
        offsets: [0; FOUND_CAPACITY],
    };

    /// The offsets that were kept.
    pub fn kept(&self) -> &[u32] {
        let kept = usize::try_from(self.count).unwrap_or(usize::MAX);
        &self.offsets[..kept.min(FOUND_CAPACITY)]
    }

    /// How many offsets were not kept.
    pub fn overflow(&self) -> u64 {
        u64::from(self.count) - self.kept().len() as u64
    }
}

/// The odd bits of the word with the tested one in it that are zero in every candidate, as the kernel's sieve has them:
/// bit `i` is bit `2 i + 1` of word 0 or 3 of Keccak's result, whose low or high half is the tested word.
fn sieve(job: &Job) -> u32 {
    // The bits above the highest bit of the threshold.
    let zero = !u32::MAX
        .checked_shr(job.threshold.leading_zeros())
        .unwrap_or(0);
    let word = if job.tested_word == 0 {
        u64::from(zero.swap_bytes())
    } else {
        u64::from(zero) << 32
    };
    (0..32).fold(0, |odd, i| {
        odd | u32::from(word >> (2 * i + 1) & 1 == 1) << i
    })
}

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty, Jobs, Order, Protocol, Span as CoreSpan};

    use super::*;

    #[test]
    fn structures_are_laid_out_as_in_the_kernels() {
        assert_eq!(size_of::<Span>(), 64);
        assert_eq!(size_of::<Opaque>(), 33 * 4);
        assert_eq!(size_of::<Found>(), 257 * 4);
        assert_eq!(core::mem::offset_of!(Run, first), 332);
        assert_eq!(core::mem::offset_of!(Run, span), 352);
        assert_eq!(core::mem::offset_of!(Run, last), 336);
        assert_eq!(size_of::<Run>(), 416);
        assert_eq!(size_of::<Table>(), 4 * 256 * 16);
    }

    #[test]
    fn a_table_has_every_span_of_its_group() {
        let challenge = Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1");
        let target = Difficulty::new(1_000).expect("not zero").target();
        let jobs = Jobs::new(&challenge, &target);
        for group in [Group::new(0), Group::new(0x0102_0304), Group::new(u32::MAX)] {
            let mut table = Table::EMPTY;
            table.fill(&jobs, group);
            for (which, at) in [(0, 0), (1, 1), (77, 77), (255, 255)] {
                let job = jobs.at(group.span(which, Protocol::V1));
                let expected = Span::new(&job, job.chaining);
                assert_eq!(
                    table.0.map(|row| row[at]),
                    expected.fours(),
                    "{group} {which}"
                );
            }
        }
    }

    /// The kernels add an offset to `w0`, less the number of the span.
    #[test]
    fn an_index_adds_as_much_to_w0_as_to_the_offset() {
        let challenge = Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1");
        let target = Difficulty::new(1_000).expect("not zero").target();
        let job = Jobs::new(&challenge, &target).at(CoreSpan::new(0, Protocol::V1));
        assert_eq!(job.w0_step, GROUP_SPANS);
    }

    fn job(order: Order, difficulty: u64) -> Job {
        let challenge = Challenge::legacy(order, [1; 32], [2; 32]);
        let target = Difficulty::new(difficulty).expect("not zero").target();
        let span = CoreSpan::new(0, Protocol::Legacy(order));
        Jobs::new(&challenge, &target).at(span)
    }

    #[test]
    fn the_sieve_tests_no_bit_that_a_candidate_may_have() {
        for difficulty in [1, 2, 3, 19, 20, 1_000, 1_024, 1_025, 1 << 33, u64::MAX] {
            for order in [Order::Big, Order::Little] {
                let job = job(order, difficulty);
                let mut highest = u32::MAX
                    .checked_shr(job.threshold.leading_zeros())
                    .unwrap_or(0);
                if order == Order::Big {
                    highest = highest.swap_bytes();
                }
                let mut word = u64::from(highest);
                if order == Order::Little {
                    word <<= 32;
                }
                for bit in (1..64).step_by(2).filter(|bit| word >> bit & 1 == 1) {
                    assert_eq!(sieve(&job) >> (bit / 2) & 1, 0, "{difficulty} {order:?}");
                }
            }
        }
        assert_eq!(sieve(&job(Order::Little, 1)), 0);
        assert_eq!(sieve(&job(Order::Little, 1 << 20)), 0xffc0_0000);
        // A number's first byte is the lowest of word 0: bits 0 to 15 and 20 to 23 are zero.
        assert_eq!(sieve(&job(Order::Big, 1 << 20)), 0x0000_0cff);
    }

    #[test]
    fn what_is_not_kept_is_counted() {
        let mut found = Found::NOTHING;
        assert_eq!((found.kept().len(), found.overflow()), (0, 0));
        found.count = 300;
        assert_eq!((found.kept().len(), found.overflow()), (256, 44));
    }
}
