//! The proofs that may still count.
//!
//! Nothing that the chain might still take is thrown away: the lowest seal of every block is kept until
//! the block's window ends, even while the block is not on the best chain.

use alloc::vec::Vec;
use core::cmp::Reverse;

use btpow_core::{Difficulty, Find, Freshness, Protocol, Seal, Solution, Target};

use crate::{Head, Proof};

/// How many blocks back the best chain is remembered. More than any window.
const MEMORY: u64 = 16;

/// How often the pool may refuse a proof for no known reason before it is given up.
const MOST_REFUSALS: u32 = 2;

/// A nonce that won, and the block that it won for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// As a call carries it.
    pub proof: Proof,
    /// Hash of the block that asked.
    pub block_hash: [u8; 32],
    /// The difficulty that was searched for.
    pub difficulty: Difficulty,
    solution: Solution,
    /// How often the pool refused it for no reason that is known here.
    refusals: u32,
    /// Whether it was signed. Then it stays: no second proof of its block is ever signed.
    signed: bool,
}

/// Which of several proofs comes first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Preference {
    /// The lowest seal: it survives the largest rise of the difficulty.
    Lowest,
    /// The newest block: it leaves the most time for a signature.
    Newest,
}

/// Why a proof cannot be sent now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Unfit {
    /// Its window is over, or the key has registered with a later block.
    Stale,
    /// Its block is not on the best chain.
    OffChain,
    /// The difficulty rose above it.
    TooHigh,
}

/// What a block asks of a proof.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// The largest seal that wins.
    pub target: Target,
    /// The block of the last proof that registered the key: this one must be for a later block.
    pub after: Option<u64>,
}

/// All proofs that may still count, and the blocks that they are for.
#[derive(Clone, Debug)]
pub struct Ledger {
    protocol: Protocol,
    works: Vec<Work>,
    chain: Chain,
    head: u64,
}

/// The last blocks of the best chain, as far as they are known, by number. There are so few that a list does.
#[derive(Clone, Debug)]
struct Chain(Vec<(u64, [u8; 32])>);

impl Chain {
    fn get(&self, number: u64) -> Option<[u8; 32]> {
        let mut blocks = self.0.iter();
        let block = blocks.find(|(known, _)| *known == number);
        block.map(|&(_, hash)| hash)
    }

    /// Puts a block in its place, or makes the place empty; which one was there.
    fn set(&mut self, number: u64, hash: Option<[u8; 32]>) -> Option<[u8; 32]> {
        let before = self.get(number);
        self.0.retain(|(known, _)| *known != number);
        self.0.extend(hash.map(|hash| (number, hash)));
        before
    }
}

impl Work {
    /// A solution for a block.
    pub const fn new(
        work_block: u64,
        block_hash: [u8; 32],
        difficulty: Difficulty,
        solution: Solution,
    ) -> Self {
        let proof = Proof {
            work_block,
            nonce: solution.nonce(),
            seal: solution.seal(),
        };
        Self {
            proof,
            block_hash,
            difficulty,
            solution,
            refusals: 0,
            signed: false,
        }
    }

    /// What a solver found; nothing if its search was for no block of a chain.
    pub fn of(find: &Find) -> Option<Self> {
        let search = &find.search;
        Some(Self::new(
            search.block_number?,
            search.challenge.block_hash(),
            search.difficulty,
            find.solution,
        ))
    }
}

impl Ledger {
    /// An empty ledger.
    pub const fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            works: Vec::new(),
            chain: Chain(Vec::new()),
            head: 0,
        }
    }

    /// Takes note of a best block. Returns whether blocks before it were replaced: the caller then asks
    /// which blocks are there now, and passes the answer to [`confirm`](Self::confirm).
    pub fn block(&mut self, head: Head) -> bool {
        let before = head.number.checked_sub(1);
        let replaced = before.is_some_and(|number| {
            let known = self.chain.set(number, Some(head.parent));
            known.is_some_and(|hash| hash != head.parent)
        });
        let same = self.chain.set(head.number, Some(head.hash));
        let replaced = replaced
            || same.is_some_and(|hash| hash != head.hash)
            || self.chain.0.iter().any(|(number, _)| *number > head.number);
        self.chain
            .0
            .retain(|(number, _)| *number <= head.number && head.number - number < MEMORY);
        self.head = head.number;
        // The head may go back, by a re-organisation or since it was a lie, and the proofs count again.
        self.works
            .retain(|work| work.proof.work_block.abs_diff(head.number) < MEMORY);
        replaced
    }

    /// Numbers of the blocks that there are proofs for, each once.
    pub fn work_blocks(&self) -> Vec<u64> {
        let mut blocks = Vec::new();
        for work in self.works.iter().filter(|work| !self.is_stale(work)) {
            let block = work.proof.work_block;
            if !blocks.contains(&block) {
                blocks.push(block);
            }
        }
        blocks
    }

    /// The proofs that were not signed.
    pub fn unsigned(&self) -> impl Iterator<Item = &Work> {
        let works = self.works.iter();
        works.filter(|work| !work.signed && !self.is_stale(work))
    }

    fn is_stale(&self, work: &Work) -> bool {
        self.protocol.freshness(work.proof.work_block, self.head) == Freshness::Stale
    }

    /// Takes note of the block that the best chain has at a number, if it has one. It has none above its head.
    pub fn confirm(&mut self, number: u64, hash: Option<[u8; 32]>) {
        self.chain.set(number, hash.filter(|_| number <= self.head));
    }

    /// Keeps a proof if it is the lowest of its block and none of that block was signed. Returns whether
    /// it did.
    pub fn add(&mut self, work: Work) -> bool {
        let block = work.proof.work_block;
        if self.is_stale(&work) || block.abs_diff(self.head) >= MEMORY {
            return false;
        }
        let mut works = self.works.iter_mut();
        let same = |known: &&mut Work| {
            known.block_hash == work.block_hash && known.proof.work_block == block
        };
        match works.find(same) {
            Some(known) if known.signed || known.solution.value() <= work.solution.value() => false,
            Some(known) => {
                *known = work;
                true
            }
            None => {
                self.works.push(work);
                true
            }
        }
    }

    /// Why a proof cannot be sent now; nothing if it can.
    pub fn unfit(&self, work: &Work, demand: Demand) -> Option<Unfit> {
        let block = work.proof.work_block;
        let used = demand.after.is_some_and(|after| block <= after);
        let freshness = self.protocol.freshness(block, self.head);
        if freshness == Freshness::Stale || used {
            Some(Unfit::Stale)
        } else if freshness == Freshness::Ahead || self.chain.get(block) != Some(work.block_hash) {
            Some(Unfit::OffChain)
        } else if !demand.target.admits(&work.proof.seal, self.protocol) {
            Some(Unfit::TooHigh)
        } else {
            None
        }
    }

    /// The best proof that the next block may take, of those that `may` be used.
    pub fn best(
        &self,
        demand: Demand,
        preference: Preference,
        may: impl Fn(&Work) -> bool,
    ) -> Option<&Work> {
        let works = self.works.iter();
        let fitting = works.filter(|work| self.unfit(work, demand).is_none() && may(work));
        fitting.max_by_key(|work| {
            let block = work.proof.work_block;
            let first = match preference {
                // In its last block a proof may come too late: it is taken when there is no other.
                Preference::Lowest => u64::from(self.blocks_left(block) > 1),
                Preference::Newest => block,
            };
            (first, Reverse(work.solution.value()))
        })
    }

    /// In how many blocks to come a proof for a block may still be included.
    pub fn blocks_left(&self, work_block: u64) -> u64 {
        match self.protocol.freshness(work_block, self.head) {
            Freshness::Fresh { blocks_left } => blocks_left,
            Freshness::Ahead | Freshness::Stale => 0,
        }
    }

    /// Takes note that a proof was signed.
    pub fn sign(&mut self, seal: Seal) {
        let works = self.works.iter_mut();
        for work in works.filter(|work| work.proof.seal == seal) {
            work.signed = true;
        }
    }

    /// Counts a refusal that nobody can explain; the second one is the last.
    pub fn refuse(&mut self, seal: Seal) {
        let works = self.works.iter_mut();
        for work in works.filter(|work| work.proof.seal == seal) {
            work.refusals += 1;
        }
        self.works.retain(|work| work.refusals < MOST_REFUSALS);
    }

    /// Forgets a proof that the chain will never take.
    pub fn forget(&mut self, seal: Seal) {
        self.works.retain(|work| work.proof.seal != seal);
    }
}

#[cfg(test)]
mod tests {
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
}
