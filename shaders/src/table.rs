//! The spans of a v1 group as the kernel reads them, and the sums of the first rounds of SHA-256.

use btpow_core::{Group, Job, Jobs, Protocol};

use crate::shader::SPANS;

/// Words of a span: its chaining value, five sums, padding.
const WORDS: usize = 16;

/// Bytes of the table.
pub(crate) const TABLE_BYTES: u64 = 4 * WORDS as u64 * SPANS as u64;

/// The table of a group: the first four words of each span, then the next four of each, and so on.
pub(crate) fn table(jobs: &Jobs, group: Group) -> Vec<u8> {
    let job = jobs.at(group.span(0, Protocol::V1));
    let spans: Vec<[u32; WORDS]> = (0..SPANS)
        .map(|which| {
            let chaining = jobs.chaining(group.span(which, Protocol::V1));
            let mut words = [0; WORDS];
            words[..8].copy_from_slice(&chaining);
            words[8..13].copy_from_slice(&sums(&job, &chaining));
            words
        })
        .collect();
    let fours = (0..WORDS).step_by(4);
    fours
        .flat_map(|first| spans.iter().flat_map(move |words| &words[first..first + 4]))
        .flat_map(|word| word.to_le_bytes())
        .collect()
}

/// What follows from the chaining value: `a` and `e` after round 0 of SHA-256 without `w0`, and
/// `h + K + W` of rounds 1 to 3 (FIPS 180-4 §6.2.2).
pub(crate) fn sums(job: &Job, &[a, b, c, d, e, f, g, h]: &[u32; 8]) -> [u32; 5] {
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

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty};

    use super::*;

    #[test]
    fn neighbours_lie_side_by_side() {
        let target = Difficulty::new(1_000).expect("not zero").target();
        let challenge = Challenge::v1(1, [1; 32], [2; 32], [3; 32]).expect("netuid 1");
        let jobs = Jobs::new(&challenge, &target);
        let group = Group::new(7);
        let bytes = table(&jobs, group);
        assert_eq!(bytes.len() as u64, TABLE_BYTES);
        let (words, _) = bytes.as_chunks();
        let word = |i: usize| u32::from_le_bytes(words[i]);
        for (which, at) in [(0, 0), (1, 1), (255, 255)] {
            let span = group.span(which, Protocol::V1);
            let chaining = jobs.chaining(span);
            let expected = chaining.into_iter().chain(sums(&jobs.at(span), &chaining));
            for (i, expected) in expected.enumerate() {
                assert_eq!(word(i / 4 * 1024 + at * 4 + i % 4), expected, "{which} {i}");
            }
        }
    }
}
