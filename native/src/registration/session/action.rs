//! What a session is told by the user, and what it tells the driver.

use btpow_core::{Position, Search};
use btpow_registration::{Call, Payload};

use crate::registration::{denial::Denial, ledger::Work};

/// What happens to a proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Use {
    /// It is signed and sent.
    Send,
    /// It is shown, for a signature elsewhere.
    Show,
}

/// What the user allows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Settings {
    /// What happens to a proof.
    pub usage: Use,
    /// Submissions that may fail.
    pub attempts: u32,
    /// Signatures that may be made.
    pub signatures: u32,
    /// Whether a block is enough, or it must be final.
    pub wait: Wait,
    /// Where every search begins.
    pub start: Position,
}

/// When a registration is done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wait {
    /// In a block.
    Inclusion,
    /// In a block that cannot be replaced any more.
    Finality,
}

/// What the driver has to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Make the rig search for that.
    Search(Search),
    /// Send that: signed now, or, where that was signed before, as it was.
    Send(Submission),
    /// Show that proof: it counts for so many more blocks.
    Show(Call, Work, u64),
    /// Ask which blocks have these numbers now, and tell by
    /// [`Session::confirmed`](super::Session::confirmed).
    Confirm(Vec<u64>),
    /// Tell the user.
    Say(String),
    /// It is over.
    End(End),
}

/// A call to be signed and sent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Submission {
    /// Counts submissions: news of an earlier one is no news.
    pub id: u64,
    /// What is signed.
    pub payload: Payload,
    /// The proof in it.
    pub work: Work,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// The key is on the subnet.
    Registered {
        /// Its number there.
        uid: u16,
        /// The block that holds it, when it was seen.
        block: Option<[u8; 32]>,
        /// Whether it was there before anything was sent.
        already: bool,
    },
    /// The faucet gave.
    Given {
        /// How much, in rao.
        amount: u64,
        /// The block that holds it, when it was seen.
        block: Option<[u8; 32]>,
    },
    /// The chain does not take it.
    Denied(Denial),
    /// Nothing came of it, and the user allows no more.
    Exhausted {
        /// No more of what.
        limit: Limit,
        /// What happened to the last submission.
        last: String,
    },
}

/// What the user allows so many of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limit {
    /// Submissions that fail.
    Attempts(u32),
    /// Signatures, whatever becomes of them.
    Signatures(u32),
}
