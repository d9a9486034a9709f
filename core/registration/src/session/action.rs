//! What a session is told at its beginning, and what it asks the driver to do.

use alloc::{string::String, vec::Vec};

use btpow_core::{Difficulty, Position, Search};

use super::{Patience, Pause};
use crate::{Call, Denial, DispatchRefusal, Gone, Payload, Place, PoolRefusal, Preference, Work};

/// Who signs, and what follows from that.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    /// A program signs at once, and sends: the lowest seal first. What was signed may be sent again, as it
    /// was, for as long as it counts.
    Send {
        /// Submissions that may fail.
        attempts: u32,
        /// Signatures that may be made.
        signatures: u32,
    },
    /// A person signs, at a time of their own: the proof of the newest block is on offer, one at a time.
    Offer {
        /// Signatures that may be made.
        signatures: u32,
    },
    /// Nothing is signed: the proof of every block is shown, for a signature elsewhere.
    Show,
}

/// What the user allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Settings {
    /// Who signs.
    pub policy: Policy,
    /// When a registration is done.
    pub wait: Wait,
    /// What it waits for.
    pub patience: Patience,
    /// Where every search begins.
    pub start: Position,
}

/// When a registration is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wait {
    /// Once a block holds it.
    Inclusion,
    /// Once that block is final.
    Finality,
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Search for this from now on.
    Search(Search),
    /// Search for nothing until there is a search again. Told at every block.
    Pause(Pause),
    /// Send this: signed now or, if the same payload was signed before, with that signature.
    Send(Submission),
    /// Show this proof.
    Show(Shown),
    /// Find out which blocks have these numbers now, and pass the answer to
    /// [`Session::confirmed`](super::Session::confirmed).
    Confirm(Vec<u64>),
    /// Tell the user.
    Tell(Event),
    /// It is over.
    End(End),
}

/// A call to be signed and sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Submission {
    /// Counts submissions: the session ignores news of an earlier one.
    pub id: u64,
    /// What is signed.
    pub payload: Payload,
    /// The proof in it.
    pub work: Work,
}

/// A proof for a signature elsewhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shown {
    /// The call that carries it.
    pub call: Call,
    /// The proof.
    pub work: Work,
    /// In how many blocks to come it may still be included.
    pub blocks_left: u64,
}

/// What a person is asked to sign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Counts requests: the session ignores the answer to an earlier one.
    pub id: u64,
    /// What is signed.
    pub payload: Payload,
    /// The proof in it.
    pub work: Work,
}

/// What a session waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Phase {
    /// A proof.
    Searching,
    /// A block with room, for the proof that it has.
    Held,
    /// A block that holds its submission.
    Submitted,
    /// That block's finality.
    Included,
}

/// What happened, for the user.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event {
    /// Blocks were replaced; proofs are checked again.
    Reorganised {
        /// Number of the new best block.
        block: u64,
    },
    /// The difficulty is higher than in the block before.
    DifficultyRose {
        /// What it is now.
        difficulty: Difficulty,
    },
    /// A proof waits because the best block has all the registrations that it may have.
    HeldBack {
        /// Number of that block.
        block: u64,
    },
    /// A submission is on its way.
    Submitting {
        /// The proof in it.
        work_block: u64,
        /// Its seal.
        seal: btpow_core::Seal,
        /// In how many blocks to come it may still be included.
        blocks_left: u64,
        /// Whether the same bytes were sent before.
        again: bool,
    },
    /// The pool has the submission.
    Waiting,
    /// The pool did not take the submission; a block will tell more.
    Refused(PoolRefusal),
    /// A block holds the submission, and is not final yet.
    Included {
        /// The block.
        place: Place,
        /// The key's number; none for the faucet.
        uid: Option<u16>,
    },
    /// A block holds the submission but cannot be read; the next block will tell more.
    Unreadable {
        /// Why.
        reason: String,
    },
    /// The block that held the submission was replaced.
    Retracted,
    /// Nobody reports on the submission any more; the chain will be asked.
    LostSight {
        /// Why.
        reason: String,
    },
    /// The same bytes were sent before, so a block may hold them already; the next block will tell.
    Doubtful(Setback),
    /// A submission, or a signature, came to nothing; the search goes on.
    Failed {
        /// What happened.
        setback: Setback,
        /// How many attempts that makes, of how many. None where it costs none.
        attempts: Option<Attempts>,
    },
}

/// Attempts that came to nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Attempts {
    /// How many did.
    pub failed: u32,
    /// How many may.
    pub most: u32,
}

/// Why a submission, or a signature, came to nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Setback {
    /// The pool did not take it.
    Refused(PoolRefusal),
    /// The pool let it go.
    Gone(Gone),
    /// The call failed in its block.
    Failed(DispatchRefusal),
    /// The call failed in its block; why is not known.
    FailedInBlock,
    /// The proof's window was over when it reached the chain.
    TooLate,
    /// No block took it within its window.
    NotIncluded,
    /// Nobody reported on it, and no block took it within its window.
    Lost {
        /// Why nobody did.
        reason: String,
    },
    /// Another transaction of the account was taken instead.
    Replaced,
    /// The difficulty rose before it was included.
    DifficultyRose,
    /// The block had all the registrations that it may have.
    BlockFull,
    /// The signature came when the proof could not be sent any more. Nothing was sent.
    SignedInVain {
        /// Number of the proof's block.
        work_block: u64,
        /// Why not.
        unfit: crate::Unfit,
    },
}

/// How a session ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The key is on the subnet.
    Registered {
        /// Its number there.
        uid: u16,
        /// The block that holds the registration, if it was seen.
        place: Option<Place>,
        /// Whether it was there before anything was sent or shown.
        already: bool,
    },
    /// The faucet paid out.
    Given {
        /// How much, in rao.
        amount: u64,
        /// The block that holds it, if it was seen.
        place: Option<Place>,
    },
    /// The chain does not take it.
    Denied(Denial),
    /// Nothing came of it, and the user allows no more.
    Exhausted {
        /// No more of what.
        limit: Limit,
        /// What happened to the last submission, if anybody told.
        last: Option<Setback>,
    },
}

/// What the user allows only so many of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limit {
    /// Submissions that fail.
    Attempts(u32),
    /// Signatures, whatever becomes of them.
    Signatures(u32),
}

impl Policy {
    /// Which proof comes first.
    pub const fn preference(self) -> Preference {
        match self {
            Self::Send { .. } => Preference::Lowest,
            Self::Offer { .. } | Self::Show => Preference::Newest,
        }
    }
}

impl Setback {
    /// Whether it counts as an attempt. It does not where others were faster, or where only sight of the
    /// submission was lost: the proof was as good as any.
    pub const fn costs_an_attempt(&self) -> bool {
        !matches!(
            self,
            Self::BlockFull | Self::DifficultyRose | Self::Lost { .. }
        )
    }
}
