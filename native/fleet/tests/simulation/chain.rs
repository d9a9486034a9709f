//! A chain with the rules of `pow_register`, and the accounts and keys of those who want to register.
//!
//! It takes nothing on trust: a proof that is no proof, or one for a block that never was, ends the test.

use alloc::rc::Rc;
use std::collections::HashMap;

use btpow_core::{Difficulty, Protocol, Solution};
use btpow_registration::{
    Account, DispatchRefusal, Gone, Head, Hotkey, Outcome, Place, PoolRefusal, Progress, State,
    Subnet,
    session::Submission,
    standing::{Bounds, Count},
};

use crate::{
    rng::Rng,
    rules::{ACCOUNTS, GOALS, Rules},
};

/// Who has sent something: a coordinator's place, which of its lives, and for which of the goals.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Sender {
    pub(crate) place: usize,
    pub(crate) life: u64,
    pub(crate) want: usize,
}

/// A block, for whoever has its hash.
#[derive(Clone, Copy, Debug)]
struct Block {
    number: u64,
    /// What it asks, by goal.
    difficulty: [Difficulty; GOALS],
}

/// What a block holds.
#[derive(Clone, Debug)]
struct Included {
    number: u64,
    from: Sender,
    submission: Submission,
}

/// News for whoever sent something, by the number of the submission.
pub(crate) type News = Vec<(Sender, u64, Progress)>;

#[derive(Debug)]
pub(crate) struct Chain {
    rules: Rc<Rules>,
    /// The best chain; numbers are places.
    blocks: Vec<[u8; 32]>,
    /// Every block that ever was.
    all: HashMap<[u8; 32], Block>,
    pool: Vec<(Sender, Submission)>,
    /// What blocks hold that are not final.
    included: Vec<Included>,
    accounts: [u32; ACCOUNTS],
    /// The block that holds the registration, by goal.
    pub(crate) registered: [Option<u64>; GOALS],
    /// Goals whose transactions came out of a block again: of two with the nonces of before, both may come into one.
    is_undone: [bool; GOALS],
    /// Blocks up to this one have all the registrations that they may have.
    full_until: u64,
    made: u64,
    /// Of a hundred calls so many fail, and use their nonce.
    pub(crate) failing: u64,
    pub(crate) failed: u64,
    /// How many registrations were undone.
    pub(crate) undone: u64,
}

/// The first block that the coordinators see.
pub(crate) const FIRST: u64 = 20;

/// So many blocks after it a block is final.
const FINAL: u64 = 3;

impl Chain {
    pub(crate) fn new(rules: Rc<Rules>, rng: &mut Rng) -> Self {
        let mut chain = Self {
            rules,
            blocks: Vec::new(),
            all: HashMap::new(),
            pool: Vec::new(),
            included: Vec::new(),
            accounts: [0; ACCOUNTS],
            registered: [None; GOALS],
            is_undone: [false; GOALS],
            full_until: if rng.chance(50) {
                u64::MAX
            } else {
                FIRST + rng.between(0, 8)
            },
            made: 0,
            failing: 20,
            failed: 0,
            undone: 0,
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
        let difficulty =
            [(); GOALS].map(|()| Difficulty::new(rng.between(6, 48)).expect("not zero"));
        let number = self.blocks.len() as u64;
        self.all.insert(hash, Block { number, difficulty });
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

    /// What the newest block asks for a goal.
    pub(crate) fn difficulty(&self, want: usize) -> Difficulty {
        self.all[&self.head().hash].difficulty[want]
    }

    /// The same as an endpoint has it that deceives, if it does: half, the same or twice as much.
    pub(crate) fn shown(&self, want: usize, deceit: Option<u64>) -> Difficulty {
        let asked = self.difficulty(want);
        let Some(deceit) = deceit else { return asked };
        // Each endpoint says the same of a block whenever it is asked.
        let shown = match (deceit + u64::from(self.head().hash[8])) % 3 {
            0 => asked.get() / 2,
            1 => asked.get(),
            _ => asked.get() * 2,
        };
        Difficulty::new(shown).expect("it is more than one")
    }

    pub(crate) fn state(&self, want: usize, deceit: Option<u64>) -> State {
        let coldkey = match self.rules.want(want).goal {
            btpow_registration::Goal::Register { coldkey, .. } => coldkey,
            other => panic!("{other:?}"),
        };
        let registered = self.registered[want];
        State {
            subnet: Some(Subnet {
                exists: true,
                pow_allowed: true,
                difficulty: self.shown(want, deceit),
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
                uid: registered.map(|_| 1),
                owner: registered.map(|_| coldkey),
                last_work: None,
            },
            account: Account {
                nonce: self.accounts[self.rules.want(want).account],
                ..Account::default()
            },
        }
    }

    /// Somebody sends something. What the pool says to it.
    pub(crate) fn submit(&mut self, from: Sender, submission: Submission) -> Progress {
        self.check(from, &submission);
        if submission.payload.nonce() < self.accounts[self.account(from)] {
            return Progress::Refused(PoolRefusal::Outdated);
        }
        if !self.would_take(from, &submission) {
            return Progress::Refused(PoolRefusal::Custom(255));
        }
        let mut pool = self.pool.iter();
        let same = |(other, pooled): &&(Sender, Submission)| {
            let nonce = submission.payload.nonce();
            self.account(*other) == self.account(from) && pooled.payload.nonce() == nonce
        };
        if let Some((other, pooled)) = pool.find(same) {
            let is_rival = other.life == from.life && other.want != from.want;
            assert!(!is_rival, "{from:?} uses the nonce of its other goal");
            return Progress::Refused(if pooled.payload == submission.payload {
                PoolRefusal::Known
            } else {
                PoolRefusal::Occupied
            });
        }
        self.pool.push((from, submission));
        Progress::Waiting
    }

    /// Which account has signed.
    fn account(&self, from: Sender) -> usize {
        self.rules.want(from.want).account
    }

    /// A proof that is wrong is one that nobody may ever send.
    fn check(&self, from: Sender, submission: &Submission) {
        let work = &submission.work;
        let asked = self.all.get(&work.block_hash);
        let asked = asked.expect("a proof for a block that never was");
        let number = asked.number;
        assert_eq!(work.proof.work_block, number, "another number");
        // What its block asked, or one since: a coordinator that has just started does not know what its block asked. It
        // may not know yet that a block was replaced.
        let since = self.all.values().filter(|block| block.number >= number);
        let since = since.map(|block| block.difficulty[from.want].get());
        let mut easiest = since.min().expect("its own");
        if self.rules.deceives {
            easiest /= 2;
        }
        let easiest = Difficulty::new(easiest).expect("it is more than one");
        let want = self.rules.want(from.want);
        let challenge = want.goal.challenge(Protocol::V1, work.block_hash);
        let solution = Solution::verify(&challenge, &easiest.target(), work.proof.nonce);
        let solution = solution.expect("a proof that is none");
        assert_eq!(solution.seal(), work.proof.seal);
        let call = want.call(work.proof);
        assert_eq!(submission.payload.call(), call, "another call");
    }

    fn would_take(&self, from: Sender, submission: &Submission) -> bool {
        let proof = submission.work.proof;
        let age = (self.number() + 1).checked_sub(proof.work_block);
        let is_in_time = age.is_some_and(|age| (1..=5).contains(&age));
        let target = self.difficulty(from.want).target();
        is_in_time
            && self.number() > self.full_until
            && self.hash(proof.work_block) == Some(submission.work.block_hash)
            && target.admits(&proof.seal, Protocol::V1)
    }

    /// Makes a block. News for those who sent something.
    pub(crate) fn block(&mut self, rng: &mut Rng) -> News {
        let mut news = Vec::new();
        let pool = core::mem::take(&mut self.pool);
        let mut taken = Vec::new();
        for (from, submission) in pool {
            let next = self.accounts[self.account(from)];
            let is_twice = self.is_undone[from.want] && self.registered[from.want].is_some();
            let fits = submission.payload.nonce() == next
                && self.would_take(from, &submission)
                && !is_twice;
            if fits && rng.chance(70) {
                let progress = self.include(from, &submission, rng);
                taken.push((from, submission, progress));
            } else if fits {
                self.pool.push((from, submission));
            } else {
                news.push((from, submission.id, Progress::Gone(Gone::Invalid)));
            }
        }
        self.grow(rng);
        let (hash, number) = (self.head().hash, self.number());
        for (from, submission, outcome) in taken {
            let place = Place {
                hash,
                number: Some(number),
            };
            let progress = Progress::InBlock { place, outcome };
            news.push((from, submission.id, progress));
            self.included.push(Included {
                number,
                from,
                submission,
            });
        }
        for it in self
            .included
            .extract_if(.., |it| it.number + FINAL <= number)
        {
            news.push((it.from, it.submission.id, Progress::Finalized));
        }
        news
    }

    /// The next block holds it. What it does there.
    fn include(&mut self, from: Sender, submission: &Submission, rng: &mut Rng) -> Outcome {
        let account = self.account(from);
        assert_eq!(submission.payload.nonce(), self.accounts[account]);
        // It would fail, and cost its fee.
        let before = self.registered[from.want];
        assert_eq!(before, None, "two registrations");
        self.accounts[account] += 1;
        if rng.chance(self.failing) {
            self.failed += 1;
            let names = [
                "TooManyRegistrationsThisBlock",
                "InvalidDifficulty",
                "Other",
            ];
            let name = names[rng.below(names.len())].to_owned();
            return Outcome::Failed(DispatchRefusal::plain(name));
        }
        self.registered[from.want] = Some(self.number() + 1);
        Outcome::Registered {
            uid: 1,
            hotkey: match self.rules.want(from.want).goal {
                btpow_registration::Goal::Register { hotkey, .. } => hotkey,
                other => panic!("{other:?}"),
            },
        }
    }

    /// Some of the newest blocks are replaced. What they held is undone; most of it comes back to the pool, and so into
    /// other blocks.
    pub(crate) fn reorganise(&mut self, rng: &mut Rng) -> News {
        let count = usize::from(rng.chance(30)) + 1;
        self.blocks.truncate(self.blocks.len() - count);
        let number = self.number();
        let mut news = Vec::new();
        let undone = self.included.extract_if(.., |it| it.number > number);
        let undone: Vec<_> = undone.collect();
        // The first of an account has its lowest nonce.
        for it in undone.iter().rev() {
            self.accounts[self.account(it.from)] = it.submission.payload.nonce();
            self.is_undone[it.from.want] = true;
            if self.registered[it.from.want].is_some_and(|block| block > number) {
                self.registered[it.from.want] = None;
                self.undone += 1;
            }
        }
        for Included {
            from, submission, ..
        } in undone
        {
            news.push((from, submission.id, Progress::Retracted));
            match rng.between(0, 9) {
                0..=5 => self.pool.push((from, submission)),
                6..=7 => news.push((from, submission.id, Progress::Gone(Gone::Dropped))),
                // Nobody tells.
                _ => {}
            }
        }
        for _ in 0..count {
            news.extend(self.block(rng));
        }
        news
    }

    /// From now on blocks have room, and no call fails.
    pub(crate) const fn open(&mut self) {
        (self.full_until, self.failing) = (0, 0);
    }

    /// Whether so many goals are registered, of those that somebody has.
    pub(crate) fn has_all(&self, wanted: &[usize]) -> bool {
        wanted.iter().all(|&want| self.registered[want].is_some())
    }
}
