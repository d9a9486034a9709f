//! The proofs that may still count.
//!
//! Nothing that the chain might still take is thrown away: of every block the lowest seal is kept
//! until the block's window is over, also while its block is not on the best chain.

use std::collections::BTreeMap;

use btpow_core::{Find, Freshness, Protocol, Seal, Target};
use btpow_registration::Proof;

use crate::chain::Head;

/// How many blocks back it is known which of them are on the best chain. More than any window.
const MEMORY: u64 = 16;

/// How often a proof may be refused without a known reason before it is given up.
const MOST_REFUSALS: u32 = 2;

/// A proof and the block that it is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Work {
    /// As a call carries it.
    pub proof: Proof,
    /// Hash of the block that asked.
    pub block_hash: [u8; 32],
    /// The find that it is.
    pub find: Find,
    /// How often the pool refused it without a reason that is known here.
    pub refusals: u32,
    /// Whether it was signed. Then it stays, as no second one of its block is ever signed.
    pub signed: bool,
}

/// Which of several proofs is the best.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Preference {
    /// The lowest seal: it stands the longest when the difficulty rises.
    Lowest,
    /// The newest block: for a signature that takes its time.
    Newest,
}

/// All proofs that may still count, and the blocks that they are for.
#[derive(Clone, Debug)]
pub struct Ledger {
    protocol: Protocol,
    works: Vec<Work>,
    /// The best chain, as far as it is known.
    chain: BTreeMap<u64, [u8; 32]>,
    head: u64,
}

impl Ledger {
    /// Nothing yet.
    pub const fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            works: Vec::new(),
            chain: BTreeMap::new(),
            head: 0,
        }
    }

    /// Takes note of a best block. Returns whether blocks before it were replaced: then the caller
    /// asks which blocks are there now, and tells by [`confirm`](Self::confirm).
    pub fn block(&mut self, head: Head) -> bool {
        let before = head.number.checked_sub(1);
        let replaced = before.is_some_and(|number| {
            let known = self.chain.insert(number, head.parent);
            known.is_some_and(|hash| hash != head.parent)
        });
        let same = self.chain.insert(head.number, head.hash);
        let replaced = replaced
            || same.is_some_and(|hash| hash != head.hash)
            || self.chain.range(head.number + 1..).next().is_some();
        self.chain
            .retain(|&number, _| number <= head.number && number + MEMORY > head.number);
        self.head = head.number;
        let protocol = self.protocol;
        self.works.retain(|work| {
            // Ahead of the head is only what a re-organisation left behind; it may come back.
            protocol.freshness(work.proof.work_block, head.number) != Freshness::Stale
        });
        replaced
    }

    /// Numbers of the blocks that there are proofs for.
    pub fn work_blocks(&self) -> Vec<u64> {
        let mut blocks: Vec<_> = self
            .works
            .iter()
            .map(|work| work.proof.work_block)
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }

    /// Takes note of the block that is on the best chain at a number, if one is.
    pub fn confirm(&mut self, number: u64, hash: Option<[u8; 32]>) {
        match hash {
            Some(hash) => self.chain.insert(number, hash),
            None => self.chain.remove(&number),
        };
    }

    /// Keeps a find if it is the lowest of its block, and none of that block was signed; whether it is.
    pub fn add(&mut self, find: Find) -> bool {
        let Some(work_block) = find.search.block_number else {
            return false;
        };
        if self.protocol.freshness(work_block, self.head) == Freshness::Stale {
            return false;
        }
        let block_hash = find.search.challenge.block_hash();
        let work = Work {
            proof: Proof {
                work_block,
                nonce: find.solution.nonce(),
                seal: find.solution.seal(),
            },
            block_hash,
            find,
            refusals: 0,
            signed: false,
        };
        let mut works = self.works.iter_mut();
        match works.find(|known| known.block_hash == block_hash) {
            Some(known) if known.signed || known.find.solution.value() <= find.solution.value() => {
                false
            }
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

    /// The best proof that the next block may take: fresh, on the best chain, for a block after
    /// `after`, low enough for `target`, and one that `may` be used.
    pub fn best(
        &self,
        target: Target,
        after: Option<u64>,
        preference: Preference,
        may: impl Fn(&Work) -> bool,
    ) -> Option<&Work> {
        let fits = |work: &&Work| {
            let block = work.proof.work_block;
            self.blocks_left(block) > 0
                && self.chain.get(&block) == Some(&work.block_hash)
                && after.is_none_or(|after| block > after)
                && target.admits(&work.proof.seal, self.protocol)
                && may(work)
        };
        self.works
            .iter()
            .filter(fits)
            .max_by_key(|work| match preference {
                // In its last block a proof may come too late: only when there is no other.
                Preference::Lowest => (
                    u64::from(self.blocks_left(work.proof.work_block) > 1),
                    core::cmp::Reverse(work.find.solution.value()),
                ),
                Preference::Newest => (
                    work.proof.work_block,
                    core::cmp::Reverse(work.find.solution.value()),
                ),
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

    /// Counts a refusal of a proof that nobody can explain; the second one is the last.
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
