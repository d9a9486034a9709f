//! Searching a round with kernels, however they run.

use btpow_core::{Candidates, Difficulty, Jobs, Position, Round, Target};
use btpow_cuda::{
    abi::{Found, Table},
    plan::{Kernel, Launch},
};

pub(crate) fn target(difficulty: u64) -> Target {
    Difficulty::new(difficulty).expect("not zero").target()
}

/// The candidates of a round as offsets from its start, ascending. `run` does what a card does with a launch and its
/// table.
pub(crate) fn search(
    jobs: &Jobs,
    round: Round,
    mut run: impl FnMut(&Launch, &Table) -> Found,
) -> Vec<u64> {
    let mut candidates = Candidates::new();
    let mut rest = Some(round);
    while let Some(round) = rest {
        let (launch, left) = Launch::first_of(jobs, round);
        rest = left;
        launch.report(&run(&launch, &table(&launch, jobs)), &mut candidates);
    }
    assert_eq!(candidates.overflow(), 0);
    offsets(&candidates, round.start)
}

/// The table that a launch needs; legacy kernels do not look at it.
pub(crate) fn table(launch: &Launch, jobs: &Jobs) -> Table {
    let mut table = Table::EMPTY;
    if launch.kernel == Kernel::V1 {
        table.fill(jobs, launch.group);
    }
    table
}

/// The offsets of candidates from a position, ascending.
pub(crate) fn offsets(candidates: &Candidates, start: Position) -> Vec<u64> {
    let offset = |found: &Position| found.0.wrapping_sub(start.0);
    let mut offsets: Vec<_> = candidates.positions().iter().map(offset).collect();
    offsets.sort_unstable();
    offsets
}
