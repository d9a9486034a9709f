//! The assignments of `btpow_wasm::assignment`, as the GPU reads them.

use btpow_core::{Candidates, Jobs, Position, Round};

/// Reads an assignment; `None` for words that are not one.
pub(crate) fn read(assignment: &[u32]) -> Option<(Jobs, Round)> {
    let (jobs, rest) = assignment.split_first_chunk()?;
    let &[start, start_high, len, len_high] = rest else {
        return None;
    };
    let whole = |low, high| u64::from(low) | u64::from(high) << 32;
    let round = Round {
        start: Position(whole(start, start_high)),
        len: whole(len, len_high),
    };
    Some((Jobs::from_words(jobs)?, round))
}

/// The answer: how many candidates did not fit, and the offsets of those that did.
pub(crate) fn answer(round: &Round, found: &Candidates) -> Vec<u32> {
    // A round on the fastest card is a twentieth of 2^32.
    let word = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
    let offsets = found
        .positions()
        .iter()
        .map(|position| word(position.0.wrapping_sub(round.start.0)));
    [word(found.overflow())]
        .into_iter()
        .chain(offsets)
        .collect()
}
