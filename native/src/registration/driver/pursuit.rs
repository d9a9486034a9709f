//! The goals of a run: each has a session of its own, and they share the devices.

use btpow_core::{Challenge, Position, PublicKey, Search};
use btpow_registration::{
    Goal, Payload, Session,
    session::{End, Phase},
};

use super::{Setup, asking::AbortOnDrop};
use crate::{
    pauses::Reason,
    report::{Counts, Snapshot},
    wallet::Keypair,
};

/// A goal that a run is to reach.
#[derive(Debug)]
pub struct Pursuit<'a> {
    /// Decides what to do.
    pub session: Session,
    /// Signs; none where nothing is to be sent.
    pub signer: Option<&'a Keypair>,
    /// What people call the goal, where there are several: `subnet 3`. Lines about it begin so.
    pub name: Option<String>,
    /// How it ended before the run, if it did: it is shown, and nothing is done for it.
    pub end: Option<End>,
}

/// How far a pursuit came.
#[derive(Clone, Debug)]
pub struct Pursued {
    /// How its session ended, if it did.
    pub end: Option<End>,
    /// What the session knows.
    pub session: Session,
    /// The chance that what was hashed for it had a proof in it, from 0 to 1.
    pub chance: f64,
    /// How many nonces were hashed for it.
    pub hashed: u64,
    /// How long that took, in seconds.
    pub time: f64,
    /// The state of the search when the session ended.
    pub snapshot: Option<Snapshot>,
}

/// A pursuit under way.
#[derive(Debug)]
pub(super) struct Lane<'a> {
    pub(super) session: Session,
    pub(super) signer: Option<&'a Keypair>,
    pub(super) name: Option<String>,
    /// How the session ended, and the state of the search then.
    pub(super) end: Option<End>,
    pub(super) last: Option<Snapshot>,
    /// What the session would have the devices search for, and whether they have not heard of it yet.
    pub(super) wish: Option<Search>,
    pub(super) is_new: bool,
    /// How far the devices were when they left its last search.
    pub(super) left: Option<(Challenge, Position)>,
    /// Why it pauses, as the user was told.
    pub(super) paused: Option<Reason>,
    /// How many proofs there were in what was hashed for it, on average.
    pub(super) expected_proofs: f64,
    /// How many nonces that were, and how long it took, in seconds.
    pub(super) hashed: u64,
    pub(super) time: f64,
    /// Whether it may sign nothing because its account may be busy, and whether the user knows that a proof waits for that.
    pub(super) is_held: bool,
    pub(super) knows_of_hold: bool,
    /// How many proofs were found.
    pub(super) proofs: u64,
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
            end,
        } = pursuit;
        Self {
            session,
            signer,
            name,
            end,
            last: None,
            wish: None,
            is_new: false,
            left: None,
            paused: None,
            expected_proofs: 0.0,
            hashed: 0,
            time: 0.0,
            is_held: false,
            knows_of_hold: false,
            proofs: 0,
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

    /// A search that begins where the devices left the same challenge: what was hashed need not be hashed again.
    pub(super) fn continued(&self, search: Search) -> Search {
        let left = self.left.filter(|(left, _)| *left == search.challenge);
        Search {
            start: left.map_or(search.start, |(_, next)| next),
            ..search
        }
    }

    /// Whether a proof of it is on its way: the devices have better things to do.
    pub(super) fn has_proof(&self) -> bool {
        self.session.phase() != Phase::Searching
    }

    /// Whether it may register the hotkey of `other` first. After that the chain takes only proofs of later blocks for
    /// that hotkey, on whatever subnet.
    pub(super) fn precedes(&self, other: &Lane<'_>) -> bool {
        let hotkey = |goal| match goal {
            Goal::Register { netuid, hotkey, .. } => Some((hotkey, netuid)),
            Goal::Faucet { .. } => None,
        };
        let both = hotkey(self.session.goal()).zip(hotkey(other.session.goal()));
        let is_sibling =
            both.is_some_and(|((one, here), (two, there))| one == two && here != there);
        is_sibling && self.end.is_none() && self.has_proof()
    }

    /// For how many blocks the first of its proofs counts that is not signed.
    pub(super) fn urgency(&self) -> u64 {
        let proofs = self.session.proofs();
        let left = proofs.map(|work| self.session.blocks_left(work));
        left.min().unwrap_or(u64::MAX)
    }

    /// Whether a proof may still be shown, signed, sent or included.
    pub(super) fn has_open_ends(&self) -> bool {
        let is_unsigned = self.signer.is_some() && self.session.proofs().next().is_some();
        self.end.is_none()
            && (self.has_proof() || self.session.submitted().is_some() || is_unsigned)
    }

    pub(super) const fn counts(&self) -> Counts {
        Counts {
            proofs: self.proofs,
            submissions: self.session.sent(),
        }
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
            hashed: self.hashed,
            time: self.time,
            end: self.end,
            session: self.session,
            snapshot: self.last,
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

#[cfg(test)]
mod tests {
    use btpow_core::{Difficulty, Protocol};
    use btpow_registration::{
        Goal, Head,
        session::{Patience, Policy, Settings, Wait},
    };

    use super::*;

    #[test]
    fn a_search_goes_on_where_the_devices_left_it() {
        let goal = Goal::Register {
            netuid: 1,
            hotkey: PublicKey([1; 32]),
            coldkey: PublicKey([2; 32]),
        };
        let start = Position(7);
        let settings = Settings {
            policy: Policy::Show,
            wait: Wait::Inclusion,
            patience: Patience::default(),
            start,
        };
        let mut lane = Lane::new(Pursuit {
            session: Session::new(goal, Protocol::V1, settings),
            signer: None,
            name: None,
            end: None,
        });
        let search = |hash| {
            let head = Head {
                number: 5,
                hash: [hash; 32],
                parent: [0; 32],
            };
            let difficulty = Difficulty::new(9).expect("not zero");
            goal.search(Protocol::V1, head, difficulty, start)
        };
        assert_eq!(lane.continued(search(1)), search(1));
        lane.left = Some((search(1).challenge, Position(99)));
        assert_eq!(lane.continued(search(1)).start, Position(99));
        assert_eq!(lane.continued(search(2)), search(2), "another block");
    }
}
