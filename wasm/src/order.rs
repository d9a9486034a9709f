//! What is posted to a worker and back: plain words, so that it crosses as one buffer.
//!
//! An order is one or more pieces, in the order of search. A piece is [`PIECE`] words: the 50 of
//! its [`Job`], then the first and the last index. An answer is the number of candidates that did not
//! fit, then the offsets of those that did, counted from the start of the round.

use alloc::{vec, vec::Vec};

use btpow_core::{Candidates, Indices, Isa, Job, Jobs, Round, job::SCHEDULE_LEN, span};

/// Words of a job.
const JOB: usize = 50;

/// Words of a piece: its job and the first and last index.
pub const PIECE: usize = JOB + 2;

/// The order for a round.
pub fn write(jobs: &Jobs, round: &Round) -> Vec<u32> {
    let mut order = Vec::with_capacity(PIECE);
    for (span, indices) in span::pieces(round.start, round.len, jobs.protocol()) {
        let job = jobs.at(span);
        order.extend(job.chaining);
        order.extend([job.w0_base, job.w0_step]);
        order.extend(job.round_constants);
        order.extend(job.schedule);
        order.extend([job.tested_word, job.threshold]);
        order.extend([indices.first(), indices.last()]);
    }
    order
}

/// Does what an order says, with the fastest lanes of this build; the answer. Words that are no whole
/// piece, and pieces without an index, are passed over: the solver's own test would notice.
pub fn scan(order: &[u32]) -> Vec<u32> {
    let isa = Isa::best();
    let mut answer = vec![0];
    // Of the pieces before.
    let mut done = 0_u32;
    for piece in order.chunks_exact(PIECE) {
        let (job, range) = piece.split_at(JOB);
        let Some(indices) = Indices::new(range[0], range[1]) else {
            continue;
        };
        isa.scan(&read(job), indices, &mut |index| {
            if answer.len() > Candidates::CAPACITY {
                answer[0] += 1;
            } else {
                answer.push(done.wrapping_add(index - indices.first()));
            }
        });
        // A round is some thousandths of 2^32.
        done = done.wrapping_add((range[1] - range[0]).wrapping_add(1));
    }
    answer
}

/// The job of [`JOB`] words.
fn read(words: &[u32]) -> Job {
    let mut job = Job {
        chaining: [0; 8],
        w0_base: words[8],
        w0_step: words[9],
        round_constants: [0; 16],
        schedule: [0; SCHEDULE_LEN],
        tested_word: words[48],
        threshold: words[49],
    };
    job.chaining.copy_from_slice(&words[..8]);
    job.round_constants.copy_from_slice(&words[10..26]);
    job.schedule.copy_from_slice(&words[26..48]);
    job
}

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty, Position};

    use super::*;

    #[test]
    fn a_job_survives_the_way_to_a_worker() {
        let challenge = Challenge::v1(7, [1; 32], [2; 32], [3; 32]).expect("netuid 7");
        let jobs = Jobs::new(&challenge, &Difficulty::new(10).expect("not zero").target());
        let round = Round {
            start: Position((5 << 24) - 3),
            len: 10,
        };
        let order = write(&jobs, &round);
        assert_eq!(order.len(), 2 * PIECE, "it lies in two spans");
        let spans = [4, 5].map(|number| span::Span::new(number, jobs.protocol()));
        for (piece, span) in order.chunks_exact(PIECE).zip(spans) {
            assert_eq!(read(&piece[..JOB]), jobs.at(span));
        }
        assert_eq!(order[JOB..PIECE], [0xff_fffd, 0xff_ffff]);
        assert_eq!(order[PIECE + JOB..], [0, 6]);
    }
}
