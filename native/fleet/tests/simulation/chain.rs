//! A chain with the rules of `pow_register`, one account and one key that registers.
//!
//! It takes nothing on trust: a proof that is no proof, or one for a block that never was, ends the test.

use std::collections::HashMap;

use btpow_core::{Difficulty, Protocol, PublicKey, Solution};
use btpow_registration::{
    Account, Goal, Head, Hotkey, Outcome, Place, PoolRefusal, Progress, State, Subnet,
    session::Submission,
    standing::{Bounds, Count},
};

use crate::rng::Rng;

pub(crate) const HOTKEY: PublicKey = PublicKey([2; 32]);
pub(crate) const COLDKEY: PublicKey = PublicKey([3; 32]);
pub(crate) const GOAL: Goal = Goal::Register {
    netuid: 1,
    hotkey: HOTKEY,
    coldkey: COLDKEY,
};

/// Who has sent something: a coordinator's place and which of its lives.
pub(crate) type Sender = (usize, u64);

#[derive(Debug)]
pub(crate) struct Chain {
    /// The best chain; numbers are places.
    blocks: Vec<[u8; 32]>,
    /// Every block that ever was, with its number and what it asked.
    all: HashMap<[u8; 32], (u64, Difficulty)>,
    pool: Vec<(Sender, Submission)>,
    account: u32,
    /// The block that holds the registration, and the nonce of the account that was used.
    pub(crate) registered: Option<(u64, u32)>,
    /// Blocks up to this one have all the registrations that they may have.
    full_until: u64,
    made: u64,
}

/// The first block that the coordinators see.
pub(crate) const FIRST: u64 = 20;

impl Chain {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let mut chain = Self {
            blocks: Vec::new(),
            all: HashMap::new(),
            pool: Vec::new(),
            account: 0,
            registered: None,
            full_until: if rng.chance(50) {
                u64::MAX
            } else {
                FIRST + rng.between(0, 8)
            },
            made: 0,
        };
        for _ in 0..=FIRST {
            chain.grow(rng);
        }
        chain
    }

    fn grow(&mut self, rng: &mut Rng) {
        self.made += 1;
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&self.made.to_le_bytes());
        hash[8..16].copy_from_slice(&rng.next().to_le_bytes());
        let difficulty = Difficulty::new(rng.between(6, 48)).expect("not zero");
        self.all
            .insert(hash, (self.blocks.len() as u64, difficulty));
        self.blocks.push(hash);
    }

    /// Number of the newest block.
    pub(crate) const fn number(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }

    pub(crate) fn head(&self) -> Head {
        let [.., parent, hash] = self.blocks[..] else {
            unreachable!("there are some from the beginning");
        };
        Head {
            number: self.number(),
            hash,
            parent,
        }
    }

    pub(crate) fn hash(&self, number: u64) -> Option<[u8; 32]> {
        self.blocks.get(usize::try_from(number).ok()?).copied()
    }

    pub(crate) fn difficulty(&self) -> Difficulty {
        self.all[&self.head().hash].1
    }

    pub(crate) fn state(&self) -> State {
        State {
            subnet: Some(Subnet {
                exists: true,
                pow_allowed: true,
                difficulty: self.difficulty(),
                bounds: Bounds {
                    low: 1,
                    high: u64::MAX,
                },
                registrations: Count {
                    now: u16::from(self.number() <= self.full_until),
                    most: 1,
                },
                uids: Count { now: 0, most: 256 },
                replaceable: None,
            }),
            hotkey: Hotkey {
                uid: self.registered.map(|_| 1),
                owner: self.registered.map(|_| COLDKEY),
                last_work: None,
            },
            account: Account {
                nonce: self.account,
                ..Account::default()
            },
        }
    }

    /// Somebody sends something. What the pool says to it.
    pub(crate) fn submit(&mut self, from: Sender, submission: Submission) -> Progress {
        self.check(&submission);
        if submission.payload.nonce() < self.account {
            return Progress::Refused(PoolRefusal::Outdated);
        }
        if !self.would_take(&submission) {
            return Progress::Refused(PoolRefusal::Custom(255));
        }
        let mut pool = self.pool.iter().map(|(_, pooled)| &pooled.payload);
        if let Some(pooled) = pool.find(|it| it.nonce() == submission.payload.nonce()) {
            return Progress::Refused(if *pooled == submission.payload {
                PoolRefusal::Known
            } else {
                PoolRefusal::Occupied
            });
        }
        self.pool.push((from, submission));
        Progress::Waiting
    }

    /// A proof that is wrong is one that nobody may ever send.
    fn check(&self, submission: &Submission) {
        let work = &submission.work;
        let asked = self.all.get(&work.block_hash);
        let &(number, difficulty) = asked.expect("a proof for a block that never was");
        assert_eq!(work.proof.work_block, number, "another number");
        // What its block asked, or one since: a coordinator that has just started does not know what its block asked. It
        // may not know yet that a block was replaced.
        let since = self.all.values().filter(|(since, _)| *since >= number);
        let since = since.map(|&(_, difficulty)| difficulty);
        let easiest = since.chain([difficulty]).min().expect("its own");
        let challenge = GOAL.challenge(Protocol::V1, work.block_hash);
        let solution = Solution::verify(&challenge, &easiest.target(), work.proof.nonce);
        let solution = solution.expect("a proof that is none");
        assert_eq!(solution.seal(), work.proof.seal);
        let call = GOAL.call(Protocol::V1, work.proof);
        assert_eq!(submission.payload.call(), call, "another call");
    }

    fn would_take(&self, submission: &Submission) -> bool {
        let proof = submission.work.proof;
        let age = (self.number() + 1).checked_sub(proof.work_block);
        let is_in_time = age.is_some_and(|age| (1..=5).contains(&age));
        let target = self.difficulty().target();
        is_in_time
            && self.number() > self.full_until
            && self.hash(proof.work_block) == Some(submission.work.block_hash)
            && target.admits(&proof.seal, Protocol::V1)
    }

    /// Makes a block. News for those who sent something.
    pub(crate) fn block(&mut self, rng: &mut Rng) -> Vec<(Sender, Submission, Progress)> {
        let mut news = Vec::new();
        let pool = core::mem::take(&mut self.pool);
        let taken = |it: &Self, submission: &Submission| {
            submission.payload.nonce() == it.account && it.would_take(submission)
        };
        let mut included = Vec::new();
        for (from, submission) in pool {
            if taken(self, &submission) && rng.chance(70) {
                let nonce = submission.payload.nonce();
                // It would fail, and cost its fee.
                let before = self.registered.replace((self.number() + 1, nonce));
                assert_eq!(before, None, "two registrations");
                self.account += 1;
                included.push((from, submission));
            } else if taken(self, &submission) {
                self.pool.push((from, submission));
            } else {
                let gone = Progress::Gone(btpow_registration::Gone::Invalid);
                news.push((from, submission, gone));
            }
        }
        self.grow(rng);
        for (from, submission) in included {
            let place = Place {
                hash: self.head().hash,
                number: Some(self.number()),
            };
            let hotkey = HOTKEY;
            let outcome = Outcome::Registered { uid: 1, hotkey };
            let progress = Progress::InBlock { place, outcome };
            news.push((from, submission, progress));
        }
        news
    }

    /// Some of the newest blocks are replaced. What is registered stays so, as the transaction comes with them.
    pub(crate) fn reorganise(&mut self, rng: &mut Rng) {
        let count = usize::from(rng.chance(30)) + 1;
        self.blocks.truncate(self.blocks.len() - count);
        for _ in 0..count {
            self.grow(rng);
        }
    }

    /// From now on blocks have room.
    pub(crate) const fn open(&mut self) {
        self.full_until = 0;
    }
}
