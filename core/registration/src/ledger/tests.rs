//! The proofs that may still count, block by block.

use btpow_core::{Challenge, PublicKey};

use super::*;
use crate::Goal;

const GOAL: Goal = Goal::Register {
    netuid: 1,
    hotkey: PublicKey([2; 32]),
    coldkey: PublicKey([3; 32]),
};

const fn hash(number: u8, fork: u8) -> [u8; 32] {
    let mut hash = [fork; 32];
    hash[0] = number;
    hash
}

fn head(number: u8, fork: u8) -> Head {
    Head {
        number: number.into(),
        hash: hash(number, fork),
        parent: hash(number - 1, fork),
    }
}

/// The first proof for a block whose seal wins at this difficulty.
fn proof(number: u8, fork: u8, seals: u64) -> Work {
    let challenge: Challenge = GOAL.challenge(Protocol::V1, hash(number, fork));
    let difficulty = Difficulty::new(seals).expect("not zero");
    let solution = (0..)
        .find_map(|nonce| Solution::verify(&challenge, &difficulty.target(), nonce).ok())
        .expect("there is one");
    Work::new(number.into(), hash(number, fork), difficulty, solution)
}

fn demand(seals: u64) -> Demand {
    let target = Difficulty::new(seals).expect("not zero").target();
    let after = None;
    Demand { target, after }
}

/// The nonce of the best proof.
fn best(ledger: &Ledger, demand: Demand, preference: Preference) -> Option<u64> {
    let best = ledger.best(demand, preference, |_| true);
    best.map(|work| work.proof.nonce)
}

fn ledger(numbers: impl IntoIterator<Item = u8>) -> Ledger {
    let mut ledger = Ledger::new(Protocol::V1);
    for number in numbers {
        assert!(!ledger.block(head(number, 0)), "nothing is replaced");
    }
    ledger
}

#[test]
fn the_lowest_seal_of_every_block_is_kept() {
    let mut ledger = ledger([10]);
    let [high, low] = [proof(10, 0, 1), proof(10, 0, 1_000)];
    assert!(ledger.add(high));
    assert!(ledger.add(low));
    assert!(!ledger.add(high), "it is not the lowest");
    assert!(!ledger.add(low), "it is there already");
    assert_eq!(
        best(&ledger, demand(1), Preference::Newest),
        Some(low.proof.nonce)
    );
    ledger.block(head(11, 0));
    let newer = proof(11, 0, 1);
    assert!(ledger.add(newer));
    assert_eq!(
        best(&ledger, demand(1), Preference::Newest),
        Some(newer.proof.nonce)
    );
    assert_eq!(
        best(&ledger, demand(1), Preference::Lowest),
        Some(low.proof.nonce)
    );
    // A key registers with a later block than the one before.
    let after = Some(11);
    assert_eq!(
        best(&ledger, Demand { after, ..demand(1) }, Preference::Newest),
        None
    );
}

#[test]
fn a_proof_counts_for_five_blocks() {
    let mut ledger = ledger([10]);
    let work = proof(10, 0, 1);
    ledger.add(work);
    for (number, left) in [(10, 5), (11, 4), (14, 1)] {
        ledger.block(head(number, 0));
        assert_eq!(ledger.blocks_left(10), left);
        assert_eq!(ledger.unfit(&work, demand(1)), None);
    }
    ledger.block(head(15, 0));
    assert_eq!(ledger.unfit(&work, demand(1)), Some(Unfit::Stale));
    assert_eq!(best(&ledger, demand(1), Preference::Newest), None);
    assert!(!ledger.add(work), "what is stale is not taken");
}

#[test]
fn a_risen_difficulty_leaves_what_is_low_enough() {
    let mut ledger = ledger([10]);
    let work = proof(10, 0, 1_000);
    ledger.add(work);
    assert!(best(&ledger, demand(1_000), Preference::Lowest).is_some());
    assert_eq!(best(&ledger, demand(u64::MAX), Preference::Lowest), None);
    assert_eq!(ledger.unfit(&work, demand(u64::MAX)), Some(Unfit::TooHigh));
    // It may fall again in time.
    assert!(best(&ledger, demand(1_000), Preference::Lowest).is_some());
}

#[test]
fn blocks_that_were_replaced_are_noticed_and_their_proofs_wait() {
    let mut ledger = ledger([10, 11]);
    let work = proof(11, 0, 1);
    ledger.add(work);
    // Another block 11, and one that stands on it.
    assert!(ledger.block(head(12, 1)));
    assert_eq!(ledger.unfit(&work, demand(1)), Some(Unfit::OffChain));
    assert_eq!(ledger.work_blocks(), [11]);
    // The head comes back to the old branch.
    assert!(ledger.block(head(12, 0)));
    ledger.confirm(11, Some(hash(11, 0)));
    assert_eq!(ledger.unfit(&work, demand(1)), None);
    ledger.confirm(11, None);
    assert_eq!(ledger.unfit(&work, demand(1)), Some(Unfit::OffChain));
}

#[test]
fn a_shorter_chain_is_a_replaced_one() {
    let mut ledger = ledger([10, 11, 12]);
    let work = proof(12, 0, 1);
    ledger.add(work);
    assert!(ledger.block(head(10, 0)));
    assert_eq!(ledger.unfit(&work, demand(1)), Some(Unfit::OffChain));
    assert_eq!(ledger.blocks_left(12), 0);
    assert_eq!(ledger.unsigned().count(), 1, "it may come back");
}

#[test]
fn a_head_that_was_too_high_costs_no_proof() {
    let mut ledger = ledger([10]);
    let work = proof(10, 0, 1);
    ledger.add(work);
    ledger.block(head(20, 0));
    assert_eq!(ledger.unfit(&work, demand(1)), Some(Unfit::Stale));
    assert_eq!(
        (ledger.work_blocks().len(), ledger.unsigned().count()),
        (0, 0)
    );
    assert!(ledger.block(head(11, 0)));
    ledger.confirm(10, Some(hash(10, 0)));
    assert_eq!(ledger.unfit(&work, demand(1)), None, "it was a lie");
    ledger.block(head(200, 0));
    assert!(ledger.works.is_empty(), "nothing is kept for ever");
}

#[test]
fn proofs_for_blocks_far_ahead_are_not_kept() {
    let mut ledger = ledger([100]);
    assert!(ledger.add(proof(115, 0, 1)));
    assert!(!ledger.add(proof(116, 0, 1)));
    // Neither is a block above the head.
    ledger.confirm(105, Some(hash(105, 0)));
    assert!(!ledger.block(head(101, 0)), "nothing is replaced");
    // A proof with a wrong number hides none with the right one.
    let mut wrong = proof(101, 0, 1_000);
    wrong.proof.work_block = 110;
    assert!(ledger.add(wrong) && ledger.add(proof(101, 0, 1)));
}

#[test]
fn what_is_signed_stays_whatever_is_found() {
    let mut ledger = ledger([10]);
    let work = proof(10, 0, 1);
    ledger.add(work);
    ledger.sign(work.proof.seal);
    assert!(
        !ledger.add(proof(10, 0, 1_000)),
        "a lower one of the same block"
    );
    assert_eq!(
        best(&ledger, demand(1), Preference::Lowest),
        Some(work.proof.nonce)
    );
    assert_eq!(ledger.unsigned().count(), 0);
    assert_eq!(
        ledger.work_blocks(),
        [10],
        "whether it is sent is still to be told"
    );
}
