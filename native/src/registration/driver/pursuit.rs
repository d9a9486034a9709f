//! The goals of a run: each has a session of its own, and they share the devices.

use btpow_core::{PublicKey, Search};
use btpow_registration::{
    Payload, Session,
    session::{End, Phase},
};

use super::{Setup, asking::AbortOnDrop};
use crate::{registration::pauses::Reason, wallet::Keypair};

/// A goal that a run is to reach.
#[derive(Debug)]
pub struct Pursuit<'a> {
    /// Decides what to do.
    pub session: Session,
    /// Signs; none where nothing is to be sent.
    pub signer: Option<&'a Keypair>,
    /// What people call the goal, where there are several: `subnet 3`. Lines about it begin so.
    pub name: Option<String>,
}

/// How far a pursuit came.
#[derive(Clone, Debug)]
pub struct Pursued {
    /// How its session ended, if it did.
    pub end: Option<End>,
    /// What the session knows.
    pub session: Session,
    /// The chance that what was hashed for it had a proof in it.
    pub chance: f64,
}

/// A pursuit under way.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    pub(super) session: Session,
    pub(super) signer: Option<&'a Keypair>,
    pub(super) name: Option<String>,
    /// How the session ended.
    pub(super) end: Option<End>,
    /// What the session would have the devices search for, and whether they have not heard of it yet.
    pub(super) wish: Option<Search>,
    pub(super) is_new: bool,
    /// Why it pauses, as the user was told.
    pub(super) paused: Option<Reason>,
    /// How many proofs there were in what was hashed for it, on average.
    pub(super) expected_proofs: f64,
    /// Whether another pursuit keeps its account busy, and whether the user knows that a proof waits for that.
    pub(super) is_held: bool,
    pub(super) knows_of_hold: bool,
    /// The last block whose first proof was told of.
    pub(super) told: Option<[u8; 32]>,
    /// Every payload that was signed, with its extrinsic: what is sent again keeps its signature.
    pub(super) signed: Vec<(Payload, Vec<u8>)>,
    /// How often we asked which blocks are on the best chain, and the question under way.
    pub(super) asked: u64,
    pub(super) asking: Option<AbortOnDrop>,
    /// Watches the last submission.
    pub(super) watching: Option<AbortOnDrop>,
}

impl<'a> Lane<'a> {
    pub(super) fn new(pursuit: Pursuit<'a>) -> Self {
        let Pursuit {
            session,
            signer,
            name,
        } = pursuit;
        Self {
            session,
            signer,
            name,
            end: None,
            wish: None,
            is_new: false,
            paused: None,
            expected_proofs: 0.0,
            is_held: false,
            knows_of_hold: false,
            told: None,
            signed: Vec::new(),
            asked: 0,
            asking: None,
            watching: None,
        }
    }

    /// The account whose nonce its signatures use.
    pub(super) const fn account(&self) -> PublicKey {
        self.session.goal().signer(self.session.protocol())
    }

    /// Whether a proof of it is on its way: the devices have better things to do.
    pub(super) fn has_proof(&self) -> bool {
        self.session.phase() != Phase::Searching
    }

    /// Whether a proof may still be shown, signed, sent or included.
    pub(super) fn has_open_ends(&self) -> bool {
        let is_unsigned = self.signer.is_some() && self.session.proofs().next().is_some();
        self.end.is_none()
            && (self.has_proof() || self.session.submitted().is_some() || is_unsigned)
    }

    pub(super) fn chance(&self) -> f64 {
        -(-self.expected_proofs).exp_m1()
    }

    /// A line about it.
    pub(super) fn line(&self, text: &str) -> String {
        let name = self.name.as_ref();
        name.map_or_else(|| text.to_owned(), |name| format!("{name}: {text}"))
    }

    pub(super) fn into_pursued(self) -> Pursued {
        Pursued {
            chance: self.chance(),
            end: self.end,
            session: self.session,
        }
    }
}

impl<'a> Setup<'a> {
    /// The lanes of its pursuits.
    pub(super) fn take_lanes(&mut self) -> Vec<Lane<'a>> {
        let pursuits = core::mem::take(&mut self.pursuits);
        pursuits.into_iter().map(Lane::new).collect()
    }
}
