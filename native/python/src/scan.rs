//! A bounded search on the caller's own thread, for callers that bring their own threads.

use btpow_core::{
    Challenge as Core, Isa, Jobs, Position, Protocol, Round, Scanner, Solution, Target,
};
use pyo3::{Bound, PyResult, Python, pyfunction, types::PyBytes};

use crate::{challenge::Challenge, numbers};

/// How many nonces between two looks for Ctrl-C: a few milliseconds' worth.
const BATCH: u64 = 1 << 16;

/// Consecutive nonces of a v1 challenge whose positions follow each other too: they differ in the lowest byte alone.
const RUN: u64 = 256;

type Found<'py> = PyResult<Option<(u64, Bound<'py, PyBytes>)>>;

/// Searches `attempts` nonces from `start` on, in the order of positions, which is the fastest. Returns the first win.
#[pyfunction]
pub(crate) fn scan<'py>(
    py: Python<'py>,
    challenge: &Challenge,
    difficulty: u64,
    start: u64,
    attempts: u64,
) -> Found<'py> {
    let first = Position::of_nonce(start, challenge.0.protocol());
    search(py, challenge, difficulty, attempts, BATCH, |done| {
        first.after(done)
    })
}

/// Searches the nonces `start` to `start + attempts`, modulo 2^64, of a v1 challenge, and no others. Returns the lowest
/// win, counted from `start`.
#[pyfunction]
pub(crate) fn scan_interval<'py>(
    py: Python<'py>,
    challenge: &Challenge,
    difficulty: u64,
    start: u64,
    attempts: u64,
) -> Found<'py> {
    // The first run ends where the lowest byte begins anew.
    let lead = (RUN - start % RUN) % RUN;
    let protocol = challenge.0.protocol();
    debug_assert_eq!(protocol, Protocol::V1);
    let at = move |done: u64| Position::of_nonce(start.wrapping_add(done), protocol);
    if let found @ Some(_) = search(py, challenge, difficulty, lead.min(attempts), RUN, at)? {
        return Ok(found);
    }
    let rest = attempts.saturating_sub(lead);
    search(py, challenge, difficulty, rest, RUN, |done| at(lead + done))
}

/// Searches in batches; `at` says where each begins.
fn search<'py>(
    py: Python<'py>,
    challenge: &Challenge,
    difficulty: u64,
    attempts: u64,
    batch: u64,
    at: impl Fn(u64) -> Position + Send + Sync,
) -> Found<'py> {
    let (challenge, target) = (&challenge.0, numbers::difficulty(difficulty)?.target());
    let mut scanner = Scanner::new(Jobs::new(challenge, &target));
    let isa = Isa::best();
    let mut done = 0;
    while done < attempts {
        let until = attempts.min(done + BATCH);
        let found = py.detach(|| {
            while done < until {
                let len = batch.min(until - done);
                let round = Round {
                    start: at(done),
                    len,
                };
                done += len;
                let win = first(challenge, &target, &mut scanner, isa, round);
                if win.is_some() {
                    return win;
                }
            }
            None
        });
        if let Some(win) = found {
            return Ok(Some((win.nonce(), PyBytes::new(py, &win.seal().0))));
        }
        py.check_signals()?;
    }
    Ok(None)
}

/// The first solution of a round.
fn first(
    challenge: &Core,
    target: &Target,
    scanner: &mut Scanner,
    isa: Isa,
    round: Round,
) -> Option<Solution> {
    let mut win = None;
    scanner.scan(isa, round, &mut |position| {
        let nonce = position.nonce(challenge.protocol());
        win = win.or_else(|| Solution::verify(challenge, target, nonce).ok());
    });
    win
}
