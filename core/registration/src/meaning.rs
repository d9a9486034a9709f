//! What a refusal of the chain means for a goal: whether it is final, or worth waiting.
//!
//! Errors of a call have names, which come from the metadata, since their numbers differ between runtimes. Codes of the
//! pool are part of Subtensor's interface (`CustomTransactionError`).

use btpow_core::{Protocol, PublicKey};

use crate::{Denial, DispatchRefusal, Goal, Obstacle, PoolRefusal};

/// What a refusal means.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Meaning {
    /// Neither waiting nor another proof helps.
    Final(Denial),
    /// The block, or its interval, has all the registrations that it may have.
    BlockFull,
    /// The difficulty rose above the proof.
    DifficultyRose,
    /// The proof's window is over.
    TooLate,
    /// The next block tells more.
    NextBlock,
    /// It may have been this proof alone.
    Unknown,
}

/// Codes of `InvalidTransaction::Custom` that a registration can get.
pub(crate) mod code {
    pub(crate) const SWAP_ANNOUNCED: u8 = 0;
    pub(crate) const NO_SUBNET: u8 = 3;
    pub(crate) const RATE_LIMIT: u8 = 6;
    pub(crate) const SWAP_DISPUTED: u8 = 21;
    pub(crate) const OWNED_BY_OTHER: u8 = 25;
}

impl Goal {
    /// What it means that the pool did not take a proof. `owner` is the present one of the hotkey.
    pub(crate) fn meaning_of_pool(
        &self,
        protocol: Protocol,
        refusal: &PoolRefusal,
        owner: Option<PublicKey>,
    ) -> Meaning {
        let signer = self.signer(protocol);
        match *refusal {
            PoolRefusal::Payment => Obstacle::CannotPay { signer }.into(),
            PoolRefusal::Custom(code::SWAP_ANNOUNCED) => Obstacle::SwapAnnounced { signer }.into(),
            PoolRefusal::Custom(code::SWAP_DISPUTED) => Obstacle::SwapDisputed { signer }.into(),
            PoolRefusal::Custom(code::NO_SUBNET) => self.no_subnet(),
            // The pool may know a newer owner than we do.
            PoolRefusal::Custom(code::OWNED_BY_OTHER) => {
                self.owned_by_other(owner).unwrap_or(Meaning::NextBlock)
            }
            PoolRefusal::Custom(_)
            | PoolRefusal::Known
            | PoolRefusal::Occupied
            | PoolRefusal::NoRoom => Meaning::NextBlock,
            _ => Meaning::Unknown,
        }
    }

    /// What it means that a call failed in its block.
    pub(crate) fn meaning_of_failure(
        &self,
        protocol: Protocol,
        refusal: &DispatchRefusal,
        owner: Option<PublicKey>,
    ) -> Meaning {
        let signer = self.signer(protocol);
        let chain = || Meaning::Final(Denial::Chain(refusal.clone()));
        let Self::Register {
            netuid, coldkey, ..
        } = *self
        else {
            return match refusal.name.as_str() {
                "InvalidDifficulty" => Meaning::DifficultyRose,
                "InvalidWorkBlock" => Meaning::TooLate,
                "FaucetDisabled" => chain(),
                _ => Meaning::Unknown,
            };
        };
        match refusal.name.as_str() {
            "TooManyRegistrationsThisBlock" | "TooManyRegistrationsThisInterval" => {
                Meaning::BlockFull
            }
            // Somebody was faster. Should the difficulty fall in time, the proof counts again.
            "InvalidDifficulty" => Meaning::DifficultyRose,
            "InvalidWorkBlock" => Meaning::TooLate,
            // It shows as what, and for whom.
            "HotKeyAlreadyRegisteredInSubNet" => Meaning::NextBlock,
            "NoNeuronIdAvailable" => Obstacle::Full { netuid }.into(),
            "SubNetRegistrationDisabled" => Obstacle::PowOff { netuid }.into(),
            "SubnetNotExists" => self.no_subnet(),
            "NonAssociatedColdKey" => self.owned_by_other(owner).unwrap_or_else(chain),
            "CannotUseSystemAccount" => Obstacle::SystemAccount.into(),
            "TooManyStakingHotkeys" => Obstacle::TooManyHotkeys { coldkey }.into(),
            "ColdkeySwapAnnounced" => Obstacle::SwapAnnounced { signer }.into(),
            "ColdkeySwapDisputed" => Obstacle::SwapDisputed { signer }.into(),
            "ColdkeySwapDestinationReserved" => Obstacle::SwapDestination.into(),
            "TransactorAccountShouldBeHotKey" | "RegistrationNotPermittedOnRootSubnet" => chain(),
            _ => Meaning::Unknown,
        }
    }

    /// That the hotkey is somebody else's, if it is known whose.
    fn owned_by_other(&self, owner: Option<PublicKey>) -> Option<Meaning> {
        let (Self::Register { coldkey, .. } | Self::Faucet { coldkey }) = *self;
        let owner = owner.filter(|owner| *owner != coldkey)?;
        Some(Obstacle::OwnedByOther { owner }.into())
    }

    fn no_subnet(&self) -> Meaning {
        match *self {
            Self::Register { netuid, .. } => Obstacle::NoSubnet { netuid }.into(),
            // It has no subnet that could be missing.
            Self::Faucet { .. } => Meaning::NextBlock,
        }
    }
}

impl From<Obstacle> for Meaning {
    fn from(obstacle: Obstacle) -> Self {
        Self::Final(obstacle.into())
    }
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned as _;

    use super::*;

    const GOAL: Goal = Goal::Register {
        netuid: 7,
        hotkey: PublicKey([1; 32]),
        coldkey: SIGNER,
    };
    const SIGNER: PublicKey = PublicKey([2; 32]);
    const OTHER: PublicKey = PublicKey([3; 32]);

    #[test]
    fn every_code_of_the_pool_has_its_meaning() {
        use PoolRefusal as Pool;

        let (netuid, signer, owner) = (7, SIGNER, OTHER);
        for (refusal, known, expected) in [
            (
                Pool::Custom(0),
                None,
                Obstacle::SwapAnnounced { signer }.into(),
            ),
            (
                Pool::Custom(21),
                None,
                Obstacle::SwapDisputed { signer }.into(),
            ),
            (Pool::Custom(3), None, Obstacle::NoSubnet { netuid }.into()),
            (
                Pool::Custom(25),
                Some(owner),
                Obstacle::OwnedByOther { owner }.into(),
            ),
            (Pool::Custom(25), None, Meaning::NextBlock),
            (Pool::Custom(25), Some(SIGNER), Meaning::NextBlock),
            (Pool::Custom(6), None, Meaning::NextBlock),
            (Pool::Custom(255), Some(owner), Meaning::NextBlock),
            (Pool::Payment, None, Obstacle::CannotPay { signer }.into()),
            (Pool::Known, None, Meaning::NextBlock),
            (Pool::Occupied, None, Meaning::NextBlock),
            (Pool::Outdated, None, Meaning::Unknown),
            (Pool::BadSignature, None, Meaning::Unknown),
            (Pool::Future, None, Meaning::Unknown),
            (Pool::NoRoom, None, Meaning::NextBlock),
            (Pool::Banned, None, Meaning::Unknown),
        ] {
            let meaning = GOAL.meaning_of_pool(Protocol::V1, &refusal, known);
            assert_eq!(meaning, expected, "{refusal:?}");
        }
    }

    #[test]
    fn every_error_of_a_registration_has_its_meaning() {
        let (netuid, signer, coldkey, owner) = (7, SIGNER, SIGNER, OTHER);
        let refusal = |name: &str| DispatchRefusal {
            pallet: "SubtensorModule".to_owned(),
            name: name.to_owned(),
        };
        let chain = |name: &str| Meaning::Final(Denial::Chain(refusal(name)));
        let root = "RegistrationNotPermittedOnRootSubnet";
        for (name, expected) in [
            (root, chain(root)),
            ("SubnetNotExists", Obstacle::NoSubnet { netuid }.into()),
            (
                "SubNetRegistrationDisabled",
                Obstacle::PowOff { netuid }.into(),
            ),
            ("HotKeyAlreadyRegisteredInSubNet", Meaning::NextBlock),
            ("NoNeuronIdAvailable", Obstacle::Full { netuid }.into()),
            ("TooManyRegistrationsThisBlock", Meaning::BlockFull),
            ("TooManyRegistrationsThisInterval", Meaning::BlockFull),
            ("InvalidWorkBlock", Meaning::TooLate),
            ("InvalidSeal", Meaning::Unknown),
            ("InvalidDifficulty", Meaning::DifficultyRose),
            ("CannotUseSystemAccount", Obstacle::SystemAccount.into()),
            (
                "NonAssociatedColdKey",
                Obstacle::OwnedByOther { owner }.into(),
            ),
            (
                "TooManyStakingHotkeys",
                Obstacle::TooManyHotkeys { coldkey }.into(),
            ),
            (
                "ColdkeySwapAnnounced",
                Obstacle::SwapAnnounced { signer }.into(),
            ),
            (
                "ColdkeySwapDisputed",
                Obstacle::SwapDisputed { signer }.into(),
            ),
            (
                "ColdkeySwapDestinationReserved",
                Obstacle::SwapDestination.into(),
            ),
        ] {
            let meaning = GOAL.meaning_of_failure(Protocol::V1, &refusal(name), Some(owner));
            assert_eq!(meaning, expected, "{name}");
        }
        let name = "NonAssociatedColdKey";
        for owner in [None, Some(SIGNER)] {
            let unknown = GOAL.meaning_of_failure(Protocol::V1, &refusal(name), owner);
            assert_eq!(unknown, chain(name));
        }
    }
}
