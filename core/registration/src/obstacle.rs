//! Why a subnet would take no proof for a key. None of these passes by mining on; some by waiting.

use core::{error::Error, fmt};

use btpow_core::PublicKey;

/// Why a subnet would take no proof for a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Obstacle {
    /// There is no such subnet.
    NoSubnet {
        /// The subnet.
        netuid: u16,
    },

    /// The subnet's owner has not enabled it.
    PowOff {
        /// The subnet.
        netuid: u16,
    },

    /// Somebody else has registered the key.
    RegisteredByOther {
        /// The subnet.
        netuid: u16,
        /// The key's number.
        uid: u16,
        /// Who owns it.
        owner: PublicKey,
    },

    /// The subnet holds no keys.
    NoPlaces {
        /// The subnet.
        netuid: u16,
    },

    /// The subnet lets nobody in.
    NoRegistrations {
        /// The subnet.
        netuid: u16,
    },

    /// Every place is taken by a key that cannot be replaced now.
    Full {
        /// The subnet.
        netuid: u16,
    },

    /// The key belongs to somebody else.
    OwnedByOther {
        /// Who owns it.
        owner: PublicKey,
    },

    /// The key is an account of the chain itself.
    SystemAccount,

    /// The key is to become somebody's coldkey.
    SwapDestination,

    /// The coldkey has as many hotkeys as it may have, and this one would be new.
    TooManyHotkeys {
        /// The coldkey.
        coldkey: PublicKey,
    },

    /// The signer has announced that another key will take its place.
    SwapAnnounced {
        /// Who signs.
        signer: PublicKey,
    },

    /// Such a swap of the signer is disputed.
    SwapDisputed {
        /// Who signs.
        signer: PublicKey,
    },

    /// The signer cannot pay what the runtime asks for.
    CannotPay {
        /// Who signs.
        signer: PublicKey,
    },
}

impl Obstacle {
    /// Whether it is the subnet's alone, and passes when the subnet comes into being or its owner opens it. Whether a
    /// full subnet has a place is read once, beforehand, so nobody could tell when it has one.
    pub const fn may_open(&self) -> bool {
        matches!(
            self,
            Self::NoSubnet { .. }
                | Self::PowOff { .. }
                | Self::NoPlaces { .. }
                | Self::NoRegistrations { .. }
        )
    }

    /// Its name for programs: `pow_off`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoSubnet { .. } => "no_subnet",
            Self::PowOff { .. } => "pow_off",
            Self::RegisteredByOther { .. } => "registered_by_other",
            Self::NoPlaces { .. } => "no_places",
            Self::NoRegistrations { .. } => "no_registrations",
            Self::Full { .. } => "full",
            Self::OwnedByOther { .. } => "owned_by_other",
            Self::SystemAccount => "system_account",
            Self::SwapDestination => "swap_destination",
            Self::TooManyHotkeys { .. } => "too_many_hotkeys",
            Self::SwapAnnounced { .. } => "swap_announced",
            Self::SwapDisputed { .. } => "swap_disputed",
            Self::CannotPay { .. } => "cannot_pay",
        }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSubnet { netuid } => {
                write!(f, "subnet {netuid} does not exist on this chain")
            }
            Self::PowOff { netuid } => write!(
                f,
                "subnet {netuid} takes no proof of work: its owner has not enabled it"
            ),
            Self::RegisteredByOther { netuid, uid, owner } => write!(
                f,
                "the hotkey is registered on subnet {netuid} as UID {uid}, but {owner} owns it; use another hotkey"
            ),
            Self::NoPlaces { netuid } => write!(
                f,
                "subnet {netuid} has no place for any key; its owner must allow some first"
            ),
            Self::NoRegistrations { netuid } => write!(
                f,
                "subnet {netuid} allows no registrations in a block; its owner must allow some first"
            ),
            Self::Full { netuid } => write!(
                f,
                "subnet {netuid} is full, and no key on it can be replaced now; try again later"
            ),
            Self::OwnedByOther { owner } => write!(
                f,
                "the hotkey belongs to the coldkey {owner}; use that coldkey, or another hotkey"
            ),
            Self::SystemAccount => f.write_str(
                "the hotkey is an account of the chain itself; use another hotkey",
            ),
            Self::SwapDestination => f.write_str(
                "the hotkey is to become somebody's coldkey by an announced swap; use another hotkey",
            ),
            Self::TooManyHotkeys { coldkey } => write!(
                f,
                "the coldkey {coldkey} owns or stakes to as many hotkeys as the chain allows for a new one; \
                 use a hotkey that it owns, or another coldkey"
            ),
            Self::SwapAnnounced { signer } => write!(
                f,
                "the swap of the coldkey {signer} is announced, and until it is done or cleared the chain takes \
                 nothing else from it; use another coldkey, or clear the swap"
            ),
            Self::SwapDisputed { signer } => write!(
                f,
                "the swap of the coldkey {signer} is disputed, and until that is settled the chain takes nothing \
                 from it; use another coldkey"
            ),
            Self::CannotPay { signer } => write!(
                f,
                "the account {signer} cannot pay the transaction fee of this runtime; give it some TAO first"
            ),
        }
    }
}

impl Error for Obstacle {}
