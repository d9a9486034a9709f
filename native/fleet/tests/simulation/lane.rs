//! One goal of a coordinator, with the real session of its registration.

use std::collections::{HashMap, HashSet};

use btpow_core::{Protocol, Search, Solution};
use btpow_registration::{
    Payload, Session,
    session::{End, Settings, Submission},
};

use crate::rules::Want;

#[derive(Debug)]
pub(crate) struct Lane {
    /// Which goal, and the account that signs for it.
    pub(crate) want: usize,
    pub(crate) account: usize,
    pub(crate) session: Session,
    /// What it would have rigs search for.
    pub(crate) wish: Option<Search>,
    /// The blocks whose challenges the coordinator was told.
    pub(crate) known: HashSet<[u8; 32]>,
    signed: Vec<Payload>,
    /// The lowest solution of each block that the session was given.
    pub(crate) given: HashMap<[u8; 32], Solution>,
    pub(crate) end: Option<End>,
}

impl Lane {
    pub(crate) fn new(want: usize, it: &Want, settings: Settings) -> Self {
        Self {
            want,
            account: it.account,
            session: Session::new(it.goal, Protocol::V1, settings),
            wish: None,
            known: HashSet::new(),
            signed: Vec::new(),
            given: HashMap::new(),
            end: None,
        }
    }

    /// Whoever does not lead signs nothing new, and nobody signs two proofs of a block.
    pub(crate) fn check(&mut self, submission: &Submission, may_sign: bool) {
        let payload = submission.payload;
        if self.signed.contains(&payload) {
            return;
        }
        assert!(may_sign, "it signs though another one may lead");
        let block = |payload: &Payload| payload.call().proof().work_block;
        let mut signed = self.signed.iter();
        let twice = signed.any(|other| block(other) == block(&payload));
        assert!(!twice, "two proofs of block {}", block(&payload));
        self.signed.push(payload);
    }
}
