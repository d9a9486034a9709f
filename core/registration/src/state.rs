//! What a block says about a registration: the head, the subnet, the key and the account.

use btpow_core::PublicKey;

use crate::{Hotkey, Subnet};

/// A block that was the best one when it was reported.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    /// Its number.
    pub number: u64,
    /// Its hash.
    pub hash: [u8; 32],
    /// The hash of the block before it.
    pub parent: [u8; 32],
}

/// What to read. What is left out is not read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Subject {
    /// The subnet.
    pub netuid: Option<u16>,
    /// The key that registers; on the subnet, where there is one.
    pub hotkey: Option<PublicKey>,
    /// The account that signs.
    pub signer: Option<PublicKey>,
}

/// What was read at one block.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct State {
    /// The subnet, where one was asked for.
    pub subnet: Option<Subnet>,
    /// The key that registers; as if unknown, where none was asked for.
    pub hotkey: Hotkey,
    /// The account that signs; empty, where none was asked for.
    pub account: Account,
}

/// An account.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Account {
    /// The nonce of its next extrinsic, not counting those in the pool.
    pub nonce: u32,
    /// What it can spend, in rao.
    pub free: u64,
    /// Whether it is about to be swapped for another coldkey.
    pub swap: Option<Swap>,
    /// How many hotkeys it owns, or stakes to if those are more; none where that was not read.
    pub hotkeys: Option<u32>,
}

/// A swap of a coldkey. Until it is over the chain takes nothing else from that key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Swap {
    /// It is announced.
    Announced,
    /// It is announced, and disputed.
    Disputed,
}

impl Swap {
    /// What stands in the chain's two lists: of announcements, and of disputes. As on the chain, the second counts only
    /// with the first.
    pub fn of(announced: bool, disputed: bool) -> Option<Self> {
        announced.then_some(if disputed {
            Self::Disputed
        } else {
            Self::Announced
        })
    }
}

impl State {
    /// Whether the pool refuses every proof until the next block: this one already has all the
    /// registrations that the subnet allows.
    pub fn is_full(&self) -> bool {
        self.subnet.as_ref().is_some_and(Subnet::is_full)
    }
}
