//! Why there is nothing to send.

use btpow_core::PublicKey;
use btpow_registration::{Refusal, standing};
use thiserror::Error;

/// Why no proof would be taken. Messages are one line, and say what to do.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Denial {
    /// The runtime takes none.
    #[error(transparent)]
    Runtime(#[from] Refusal),

    /// The subnet takes no proof for this key.
    #[error("{0}{hint}", hint = hint(*.0))]
    Standing(#[from] standing::Denial),

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

/// What to do about it, where that is up to the user and a command of this program helps.
const fn hint(denial: standing::Denial) -> &'static str {
    match denial {
        standing::Denial::NoSubnet { .. } => "; `btpow subnets` lists those with proof of work",
        standing::Denial::PowOff { .. } => "; `btpow subnets` lists those that do",
        _ => "",
    }
}

impl Denial {
    /// Its name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Runtime(_) => "runtime",
            Self::Standing(denial) => denial.name(),
            Self::Full { .. } => "full",
            Self::CannotPay { .. } => "cannot_pay",
            Self::Chain { .. } => "chain",
        }
    }
}
