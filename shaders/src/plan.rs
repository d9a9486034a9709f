//! The input of a dispatch: the job and a table of rows, one for each span that it touches.

use btpow_core::{Job, Jobs, Position, Protocol, span};

use crate::shader::{COLUMNS, CONSTANTS, ROWS};

/// The longest dispatch, wherever it begins: each of its spans has a row.
pub(crate) const LONGEST: u64 = (ROWS as u64 - 1) << 24;

/// Words before the rows: 24 round constants as vectors, the job padded to whole vectors.
const HEAD: usize = 24 * 4 + 13 * 4;
const ROW: usize = 16;

/// Bytes of the uniforms.
pub(crate) const UNIFORM_BYTES: u64 = (HEAD + ROWS * ROW) as u64 * 4;

/// One dispatch.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Plan {
    /// The kernel's uniforms, up to the last row in use.
    pub(crate) uniforms: Vec<u8>,
    /// Workgroups in each dimension; the third counts the rows.
    pub(crate) grid: [u32; 3],
}

/// How many of `len` nonces from `start` one dispatch may do. A legacy job is for one span.
pub(crate) fn shorten(protocol: Protocol, start: Position, len: u64) -> u64 {
    let len = len.min(LONGEST);
    match protocol {
        Protocol::V1 => len,
        Protocol::Legacy(_) => len.min((1 << 32) - u64::from(start.index(protocol))),
    }
}

impl Plan {
    /// The dispatch over `len` nonces from `start`, which [`shorten`] has approved.
    pub(crate) fn new(jobs: &Jobs, start: Position, len: u64, workgroup: u32) -> Self {
        let protocol = jobs.protocol();
        debug_assert!(len > 0 && shorten(protocol, start, len) == len);
        let job = jobs.at(start.span(protocol));
        let mut words = Vec::with_capacity(HEAD + 2 * ROW);
        words.extend(CONSTANTS.iter().flat_map(|&constant| {
            let [low, high] = halves(constant);
            [low, high, 0, 0]
        }));
        words.extend(job_words(&job));
        words.resize(HEAD, 0);
        let (mut rows, mut longest, mut offset) = (0, 0, 0);
        for (span, indices) in span::pieces(start, len, protocol) {
            let chaining = jobs.chaining(span);
            let w0 = job
                .w0_base
                .wrapping_add(indices.first().wrapping_mul(job.w0_step));
            // A dispatch is shorter than 2^32, and so is each part of it.
            let [count, _] = halves(indices.len());
            words.extend(chaining);
            words.extend(prologue(&job, &chaining));
            words.extend([w0, count, offset]);
            offset = offset.wrapping_add(count);
            longest = longest.max(count);
            rows += 1;
        }
        let groups = longest.div_ceil(workgroup);
        Self {
            uniforms: words.iter().flat_map(|word| word.to_le_bytes()).collect(),
            grid: [groups.min(COLUMNS), groups.div_ceil(COLUMNS), rows],
        }
    }
}

/// The job's words, as they lie in memory.
fn job_words(job: &Job) -> impl Iterator<Item = u32> {
    let Job {
        chaining,
        w0_base,
        w0_step,
        round_constants,
        schedule,
        tested_word,
        threshold,
    } = *job;
    chaining
        .into_iter()
        .chain([w0_base, w0_step])
        .chain(round_constants)
        .chain(schedule)
        .chain([tested_word, threshold])
}

/// What the first rounds of SHA-256 of a row share: `a` and `e` after round 0 without `w0`, and
/// `h + K + W` of rounds 1 to 3 (FIPS 180-4 §6.2.2).
fn prologue(job: &Job, &[a, b, c, d, e, f, g, h]: &[u32; 8]) -> [u32; 5] {
    let choose = (e & f) ^ (!e & g);
    let majority = (a & b) ^ (a & c) ^ (b & c);
    let upper1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
    let upper0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
    let sum = [upper1, choose, job.round_constants[0]];
    let t1 = sum.into_iter().fold(h, u32::wrapping_add);
    let t2 = upper0.wrapping_add(majority);
    [
        t1.wrapping_add(t2),
        d.wrapping_add(t1),
        g.wrapping_add(job.round_constants[1]),
        f.wrapping_add(job.round_constants[2]),
        e.wrapping_add(job.round_constants[3]),
    ]
}

/// The low and the high half.
#[expect(clippy::cast_possible_truncation, reason = "both halves are returned")]
const fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty, Order, Span};

    use super::*;

    fn jobs() -> [Jobs; 2] {
        let target = Difficulty::new(1_000).expect("not zero").target();
        [
            Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1"),
            Challenge::legacy(Order::Big, [1; 32], [2; 32]),
        ]
        .map(|challenge| Jobs::new(&challenge, &target))
    }

    fn word(plan: &Plan, i: usize) -> u32 {
        let bytes = &plan.uniforms[4 * i..4 * i + 4];
        u32::from_le_bytes(bytes.try_into().expect("four bytes"))
    }

    #[test]
    fn a_dispatch_over_three_spans_has_three_rows() {
        let [jobs, _] = jobs();
        let start = Position::new(Span::new(7, Protocol::V1), 0xff_fffe, Protocol::V1);
        let plan = Plan::new(&jobs, start, (1 << 24) + 3, 64);
        assert_eq!(plan.grid, [COLUMNS, 8, 3]);
        assert_eq!(plan.uniforms.len(), 4 * (HEAD + 3 * ROW));
        let row = |i: usize, field: usize| word(&plan, HEAD + i * ROW + field);
        let places = [0, 1, 2].map(|i| [13, 14, 15].map(|field| row(i, field)));
        assert_eq!(
            places,
            [
                [0xffff_fe80, 2, 0],
                [0x80, 1 << 24, 2],
                [0x80, 1, 2 + (1 << 24)]
            ]
        );
        let chaining = jobs.chaining(Span::new(8, Protocol::V1));
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7].map(|i| row(1, i)), chaining);
    }

    #[test]
    fn the_job_lies_there_as_in_memory() {
        let [jobs, _] = jobs();
        let plan = Plan::new(&jobs, Position(0), 1, 64);
        let job = jobs.at(Span::new(0, Protocol::V1));
        assert_eq!(word(&plan, 24 * 4), job.chaining[0]);
        assert_eq!(word(&plan, 24 * 4 + 9), job.w0_step);
        assert_eq!(word(&plan, 24 * 4 + 26), job.schedule[0]);
        assert_eq!(word(&plan, 24 * 4 + 49), job.threshold);
        assert_eq!(plan.grid, [1, 1, 1]);
    }

    #[test]
    fn the_longest_dispatch_has_a_row_for_every_span() {
        let [jobs, _] = jobs();
        let start = Position(u64::MAX - 5);
        let plan = Plan::new(&jobs, start, shorten(Protocol::V1, start, u64::MAX), 256);
        assert_eq!(plan.grid[2] as usize, ROWS);
        assert_eq!(plan.uniforms.len() as u64, UNIFORM_BYTES);
    }

    #[test]
    fn a_legacy_dispatch_ends_with_its_span() {
        let protocol = Protocol::Legacy(Order::Big);
        assert_eq!(shorten(protocol, Position(u64::MAX), 10), 1);
        assert_eq!(shorten(protocol, Position(5 << 32), u64::MAX), LONGEST);
    }
}
