//! The messages to a worker and back: plain words, so that each crosses as one buffer.
//!
//! An assignment is the words of [`Jobs`], then the start and the length of the round, low words first. An
//! answer is the number of candidates that did not fit, then the offsets of those that did, counted
//! from the start of the round. The GPU's module reads and writes the same.

use alloc::{vec, vec::Vec};

use btpow_core::{Candidates, Isa, Jobs, Position, Round, Scanner};

/// The assignment of a round.
pub fn write(jobs: &Jobs, round: &Round) -> Vec<u32> {
    let mut assignment = Vec::with_capacity(Jobs::WORDS + 4);
    assignment.extend(jobs.to_words());
    for value in [round.start.0, round.len] {
        assignment.extend(halves(value));
    }
    assignment
}

/// Reads an assignment; `None` for words that are not one.
pub fn read(assignment: &[u32]) -> Option<(Jobs, Round)> {
    let (jobs, rest) = assignment.split_first_chunk()?;
    let &[start, start_high, len, len_high] = rest else {
        return None;
    };
    let round = Round {
        start: Position(whole(start, start_high)),
        len: whole(len, len_high),
    };
    Some((Jobs::from_words(jobs)?, round))
}

/// Does assignments with the fastest instruction set of this build.
#[derive(Debug, Default)]
pub struct Kernel {
    /// The words of the last jobs, and their search: making its tables anew takes a hundredth of a round.
    kept: Option<(Vec<u32>, Scanner)>,
}

impl Kernel {
    /// Does an assignment, and returns the answer. Ignores words that are not an assignment: the solver's
    /// self-test would notice.
    pub fn scan(&mut self, assignment: &[u32]) -> Vec<u32> {
        let mut answer = vec![0];
        let Some((jobs, round)) = read(assignment) else {
            return answer;
        };
        let words = &assignment[..Jobs::WORDS];
        let scanner = match &mut self.kept {
            Some((kept, scanner)) if kept == words => scanner,
            kept => &mut kept.insert((words.to_vec(), Scanner::new(jobs))).1,
        };
        scanner.scan(Isa::best(), round, &mut |position| {
            if answer.len() > Candidates::CAPACITY {
                answer[0] += 1;
            } else {
                // A round is a few thousandths of 2^32.
                let [offset, _] = halves(position.0.wrapping_sub(round.start.0));
                answer.push(offset);
            }
        });
        answer
    }
}

/// The low and the high half.
#[expect(clippy::cast_possible_truncation, reason = "both halves are returned")]
pub(crate) const fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

const fn whole(low: u32, high: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

#[cfg(test)]
mod tests {
    use btpow_core::{Challenge, Difficulty};

    use super::*;

    /// What is kept of one assignment is not used for another's jobs.
    #[test]
    fn each_assignment_is_done_for_its_own_jobs() {
        let target = Difficulty::new(50).expect("not zero").target();
        let round = Round {
            start: Position(5),
            len: 1_000,
        };
        let mut kernel = Kernel::default();
        let mut answers = Vec::new();
        for hotkey in [1, 2, 1, 1] {
            let challenge = Challenge::v1(7, [1; 32], [hotkey; 32], [3; 32]).expect("netuid 7");
            let assignment = write(&Jobs::new(&challenge, &target), &round);
            let answer = kernel.scan(&assignment);
            assert_eq!(answer, Kernel::default().scan(&assignment));
            assert!(answer.len() > 1);
            answers.push(answer);
        }
        assert_ne!(answers[0], answers[1]);
        assert_eq!(answers[0], answers[3]);
    }

    #[test]
    fn an_assignment_survives_the_way_to_a_worker() {
        let challenge = Challenge::v1(7, [1; 32], [2; 32], [3; 32]).expect("netuid 7");
        let jobs = Jobs::new(&challenge, &Difficulty::new(10).expect("not zero").target());
        let round = Round {
            start: Position((5 << 40) - 3),
            len: 10 << 33,
        };
        let assignment = write(&jobs, &round);
        let (same, again) = read(&assignment).expect("an assignment");
        assert_eq!((same.to_words(), again), (jobs.to_words(), round));
        assert!(read(&assignment[1..]).is_none());
        assert_eq!(Kernel::default().scan(&[]), [0]);
    }
}
