//! Searches rounds with the lanes of an instruction set.

use crate::{Group, GroupJob, Isa, Jobs, Position, Round, span};

/// The search for the candidates of one challenge; keeps the group that it searched last (13 KiB), since the
/// next round is mostly in the same.
#[derive(Clone, Debug)]
pub struct Scanner {
    jobs: Jobs,
    kept: Option<(Group, GroupJob)>,
}

impl Scanner {
    /// A search for the candidates of `jobs`.
    pub const fn new(jobs: Jobs) -> Self {
        Self { jobs, kept: None }
    }

    /// Calls `found` with every candidate of `round`, in ascending order: each position whose tested word
    /// is at or below the threshold.
    // The instruction set is not kept here: a WebAssembly build has one, and the compiler leaves out the kernels of the
    // others where it sees that.
    #[cfg_attr(target_arch = "wasm32", inline(always))]
    pub fn scan(&mut self, isa: Isa, round: Round, found: &mut dyn FnMut(Position)) {
        for (group, offsets) in span::pieces(round.start, round.len) {
            let job = match &mut self.kept {
                Some((kept, job)) if *kept == group => job,
                kept => &mut kept.insert((group, self.jobs.group(group))).1,
            };
            isa.scan(job, offsets, &mut |offset| {
                found(Position::new(group, offset));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{Challenge, Difficulty};

    #[test]
    fn a_group_that_is_kept_is_the_right_one() {
        let challenge = Challenge::v1(7, [1; 32], [2; 32], [3; 32]).expect("netuid 7");
        let target = Difficulty::new(3).expect("not zero").target();
        let mut scanner = Scanner::new(Jobs::new(&challenge, &target));
        // There and back, across the end of a group.
        for start in [5 << 32, (5 << 32) - 20, 7, (5 << 32) - 20] {
            let round = Round {
                start: Position(start),
                len: 40,
            };
            let mut found = Vec::new();
            scanner.scan(Isa::best(), round, &mut |position| found.push(position));
            let expected: Vec<_> = (0..round.len)
                .map(|offset| round.start.after(offset))
                .filter(|position| {
                    let seal = challenge.seal(position.nonce(challenge.protocol()));
                    target.admits(&seal, challenge.protocol())
                })
                .collect();
            found.retain(|position| {
                let seal = challenge.seal(position.nonce(challenge.protocol()));
                target.admits(&seal, challenge.protocol())
            });
            assert_eq!(found, expected);
            assert!(!expected.is_empty());
        }
    }
}
