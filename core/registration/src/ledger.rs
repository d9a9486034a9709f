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

    /// Whether it is known which block the best chain has at a number.
    pub fn knows(&self, number: u64) -> bool {
        self.chain.get(number).is_some()
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
mod tests;
