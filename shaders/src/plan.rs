//! The input of a dispatch, and how many workgroups do it.

use btpow_core::{Group, Job, Jobs, Position, Protocol};

use crate::{
    shader::{CONSTANTS, EXPANDERS, INDICES, Kernel, SPANS},
    table::sums,
};

/// The longest dispatch of any protocol.
pub(crate) const LONGEST: u64 = 1 << 30;

/// Workgroups in a row of the grid: below WebGPU's limit of 65,535.
const COLUMNS: u32 = 1 << 15;

/// Words of the uniforms: 24 round constants as vectors, the job padded to whole vectors, the dispatch.
const WORDS: usize = 24 * 4 + 13 * 4 + 12;

/// Bytes of the uniforms.
pub(crate) const UNIFORM_BYTES: u64 = WORDS as u64 * 4;

/// One dispatch.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Plan {
    /// The uniforms of its kernels.
    pub(crate) uniforms: Vec<u8>,
    pub(crate) work: Work,
}

/// Workgroups in each dimension.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Work {
    /// v1, with the workgroups that expand the schedules first.
    Spans { expand: u32, scan: [u32; 3] },
    /// Legacy.
    Indices { scan: [u32; 3] },
}

/// How many of `left` nonces from `start` one dispatch does when it should do about `len`. It ends with
/// its group, and in v1 with an index where it can, because the kernel hashes whole indices.
pub(crate) fn fit(protocol: Protocol, start: Position, len: u64, left: u64) -> u64 {
    let len = match Kernel::of(protocol) {
        Kernel::Spans => {
            let spans = u64::from(SPANS);
            let lead = u64::from(start.offset()) % spans;
            (lead + len)
                .next_multiple_of(spans)
                .min(u64::from(INDICES) * spans)
                - lead
        }
        Kernel::Indices => len.min(LONGEST),
    };
    len.min(left).min(Group::LEN - u64::from(start.offset()))
}

impl Plan {
    /// The dispatch over `len` nonces from `start`, a length from [`fit`].
    pub(crate) fn new(jobs: &Jobs, start: Position, len: u64, workgroup: u32) -> Self {
        let protocol = jobs.protocol();
        debug_assert!(len > 0 && fit(protocol, start, len, len) == len);
        let job = jobs.at(start.span(protocol));
        // A dispatch is shorter than 2^32.
        let [count, _] = halves(len);
        let lead = start.offset() % (1 << protocol.group_bits());
        let (work, columns) = match Kernel::of(protocol) {
            Kernel::Spans => {
                let indices = (lead + count).div_ceil(SPANS);
                // Equal parts, so that little of the grid is left over.
                let planes = indices.div_ceil(COLUMNS);
                let columns = indices.div_ceil(planes);
                let expand = indices.div_ceil(EXPANDERS);
                let scan = [SPANS / workgroup, columns, planes];
                (Work::Spans { expand, scan }, columns)
            }
            Kernel::Indices => {
                let groups = count.div_ceil(workgroup);
                let columns = groups.min(COLUMNS);
                let scan = [columns, groups.div_ceil(COLUMNS), 1];
                (Work::Indices { scan }, columns)
            }
        };
        let first = start.index(protocol);
        let w0 = job.w0_base.wrapping_add(first.wrapping_mul(job.w0_step));
        let mut words = Vec::with_capacity(WORDS);
        words.extend(CONSTANTS.iter().flat_map(|&constant| {
            let [low, high] = halves(constant);
            [low, high, 0, 0]
        }));
        words.extend(job_words(&job));
        words.extend([0; 2]);
        words.extend(sums(&job, &job.chaining));
        words.extend([w0, count, lead, columns]);
        words.resize(WORDS, 0);
        Self {
            uniforms: words.iter().flat_map(|word| word.to_le_bytes()).collect(),
            work,
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

/// The low and the high half.
#[expect(clippy::cast_possible_truncation, reason = "both halves are returned")]
const fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty, Order, Span};

    use super::*;

    const LEGACY: Protocol = Protocol::Legacy(Order::Big);

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

    /// `w0`, `count`, `lead` and `columns`.
    fn place(plan: &Plan) -> [u32; 4] {
        [0, 1, 2, 3].map(|field| word(plan, 24 * 4 + 13 * 4 + 5 + field))
    }

    #[test]
    fn a_v1_dispatch_hashes_whole_indices() {
        let [jobs, _] = jobs();
        let start = Position::new(Group::new(7), 5 << 8 | 250);
        let plan = Plan::new(&jobs, start, 6 + 256 * 100 + 1, 64);
        let scan = [4, 102, 1];
        assert_eq!(plan.work, Work::Spans { expand: 2, scan });
        assert_eq!(place(&plan), [0x580, 6 + 256 * 100 + 1, 250, 102]);
        assert_eq!(plan.uniforms.len() as u64, UNIFORM_BYTES);
    }

    /// The schedules that `scan` reads are in the buffer, and few are of no use.
    #[test]
    fn the_grid_of_v1_stays_in_the_buffer() {
        let [jobs, _] = jobs();
        for indices in [
            1,
            COLUMNS,
            COLUMNS + 1,
            3 * COLUMNS + 2,
            INDICES - 1,
            INDICES,
        ] {
            let plan = Plan::new(&jobs, Position(0), u64::from(indices) << 8, 256);
            let Work::Spans { expand, scan } = plan.work else {
                panic!("v1 has spans");
            };
            assert!((indices..=INDICES).contains(&(expand * EXPANDERS)));
            assert!((indices..=INDICES.min(indices + 3)).contains(&(scan[1] * scan[2])));
            assert_eq!(scan[0], 1);
        }
    }

    #[test]
    fn a_legacy_dispatch_counts_indices() {
        let [_, jobs] = jobs();
        let start = Position::new(Group::new(7), 1000);
        let plan = Plan::new(&jobs, start, 64 * u64::from(COLUMNS) + 1, 64);
        let scan = [COLUMNS, 2, 1];
        assert_eq!(plan.work, Work::Indices { scan });
        assert_eq!(place(&plan), [1000, 64 * COLUMNS + 1, 0, COLUMNS]);
        let job = jobs.at(Span::new(7, LEGACY));
        let sums = sums(&job, &job.chaining);
        assert_eq!([0, 1, 2, 3, 4].map(|i| word(&plan, 37 * 4 + i)), sums);
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
    }

    #[test]
    fn a_dispatch_ends_with_its_group() {
        for protocol in Protocol::ALL {
            assert_eq!(fit(protocol, Position(u64::MAX), 10, 10), 1);
        }
        assert_eq!(fit(LEGACY, Position(5 << 32), u64::MAX, u64::MAX), LONGEST);
    }

    #[test]
    fn a_v1_dispatch_ends_with_an_index() {
        let fit = |start, len, left| fit(Protocol::V1, Position(start), len, left);
        assert_eq!(fit(0, 1_000, 5_000), 1_024);
        assert_eq!(fit(1_000, 1_000, 5_000), 1_048);
        assert_eq!(fit(0, 1_000, 1_010), 1_010);
        assert_eq!(fit(3, 1 << 30, 1 << 30), (1 << 25) - 3);
    }
}
