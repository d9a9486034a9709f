//! Why there is nothing to send, in the order in which the chain checks.

use btpow_core::PublicKey;
use thiserror::Error;

use super::goal::Goal;
use crate::{
    chain::{Refused, State},
    exit::Exit,
};

/// What the chain says of a goal before any proof is made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// A proof would be taken.
    Open,
    /// The key is registered already, and by whom it should be.
    Registered {
        /// Its number on the subnet.
        uid: u16,
    },
    /// No proof would be taken.
    Denied(Denial),
}

/// Why no proof would be taken. Messages are one line, and say what to do.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Denial {
    /// The runtime takes none.
    #[error(transparent)]
    Runtime(#[from] Refused),

    /// There is no such subnet.
    #[error(
        "subnet {netuid} does not exist on this chain; `btpow subnets` lists those with proof of work"
    )]
    NoSubnet {
        /// The subnet.
        netuid: u16,
    },

    /// The subnet's owner has not enabled it.
    #[error(
        "subnet {netuid} takes no proof of work: its owner has not enabled it; `btpow subnets` lists those that do"
    )]
    PowOff {
        /// The subnet.
        netuid: u16,
    },

    /// Somebody else has registered the key.
    #[error(
        "the hotkey is registered on subnet {netuid} as UID {uid}, but {owner} owns it; use another hotkey"
    )]
    RegisteredByOther {
        /// The subnet.
        netuid: u16,
        /// The key's number.
        uid: u16,
        /// Who owns it.
        owner: PublicKey,
    },

    /// The subnet holds no keys.
    #[error("subnet {netuid} has no place for any key; its owner must allow some first")]
    NoPlaces {
        /// The subnet.
        netuid: u16,
    },

    /// The subnet lets nobody in.
    #[error("subnet {netuid} allows no registrations in a block; its owner must allow some first")]
    NoRegistrations {
        /// The subnet.
        netuid: u16,
    },

    /// The key belongs to somebody else.
    #[error("the hotkey belongs to the coldkey {owner}; use that coldkey, or another hotkey")]
    OwnedByOther {
        /// Who owns it.
        owner: PublicKey,
    },

    /// Every place is taken by somebody who cannot be replaced now.
    #[error("subnet {netuid} is full, and no key on it can be replaced now; try again later")]
    Full {
        /// The subnet.
        netuid: u16,
    },

    /// The signer cannot pay what a legacy runtime asks.
    #[error(
        "the account {signer} cannot pay the transaction fee of this runtime; give it some TAO first"
    )]
    CannotPay {
        /// Who signs.
        signer: PublicKey,
    },

    /// The chain has a reason that this program has no better words for.
    #[error("the chain refused the proof: {reason}")]
    Chain {
        /// Its name, or the node's words.
        reason: String,
    },
}

impl Standing {
    /// Asks the state of a block, as the chain itself would.
    pub fn of(goal: &Goal, state: &State) -> Self {
        let Goal::Register {
            netuid, coldkey, ..
        } = *goal
        else {
            return Self::Open;
        };
        let Some(subnet) = &state.subnet else {
            return Self::Denied(Denial::NoSubnet { netuid });
        };
        let owner = state.hotkey.owner;
        if !subnet.exists {
            Self::Denied(Denial::NoSubnet { netuid })
        } else if let Some(uid) = state.hotkey.uid {
            match owner {
                Some(owner) if owner != coldkey => {
                    Self::Denied(Denial::RegisteredByOther { netuid, uid, owner })
                }
                _ => Self::Registered { uid },
            }
        } else if !subnet.pow_allowed {
            Self::Denied(Denial::PowOff { netuid })
        } else if subnet.uids.1 == 0 {
            Self::Denied(Denial::NoPlaces { netuid })
        } else if subnet.registrations.1 == 0 {
            Self::Denied(Denial::NoRegistrations { netuid })
        } else if let Some(owner) = owner.filter(|owner| *owner != coldkey) {
            Self::Denied(Denial::OwnedByOther { owner })
        } else {
            Self::Open
        }
    }
}

impl Denial {
    /// The exit that says so.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::RegisteredByOther { .. } | Self::OwnedByOther { .. } | Self::Full { .. } => {
                Exit::Lost
            }
            Self::CannotPay { .. } | Self::Chain { .. } => Exit::Failure,
            _ => Exit::Refused,
        }
    }

    /// Its name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Runtime(_) => "runtime",
            Self::NoSubnet { .. } => "no_subnet",
            Self::PowOff { .. } => "pow_off",
            Self::RegisteredByOther { .. } => "registered_by_other",
            Self::NoPlaces { .. } => "no_places",
            Self::NoRegistrations { .. } => "no_registrations",
            Self::OwnedByOther { .. } => "owned_by_other",
            Self::Full { .. } => "full",
            Self::CannotPay { .. } => "cannot_pay",
            Self::Chain { .. } => "chain",
        }
    }
}
