//! The goals of a command that signs and sends, each with its wallet.

use btpow_core::{Protocol, PublicKey};
use btpow_registration::{
    Goal, Obstacle, Standing, State,
    session::{End, Patience},
};

use crate::{
    cli::PasswordArgs,
    commands::common::keys,
    exit::Failure,
    wallet::{Passwords, Wallet},
};

/// A goal, and the wallet whose key signs for it.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(super) goal: Goal,
    pub(super) wallet: Wallet,
    /// Where the password of that key comes from.
    pub(super) password: PasswordArgs,
}

/// How a target stands before anything begins.
#[derive(Clone, Debug)]
pub(super) enum Before {
    /// It can be searched for.
    Open,
    /// It waits for its subnet to open.
    Closed(Obstacle),
    /// There is nothing to do, or nothing can be done.
    Over(End),
}

impl Before {
    /// How it ended, if it did.
    pub(super) fn end(&self) -> Option<End> {
        match self {
            Self::Over(end) => Some(end.clone()),
            Self::Open | Self::Closed(_) => None,
        }
    }
}

impl Target {
    pub(crate) const fn new(goal: Goal, wallet: Wallet, password: PasswordArgs) -> Self {
        Self {
            goal,
            wallet,
            password,
        }
    }

    /// Whether it registers the same hotkey on the same subnet.
    pub(crate) fn is_like(&self, goal: Goal) -> bool {
        let place = |goal| match goal {
            Goal::Register { netuid, hotkey, .. } => Some((netuid, hotkey)),
            Goal::Faucet { .. } => None,
        };
        place(self.goal) == place(goal)
    }

    /// What people call it among others: `subnet 3, miner/hot2`.
    pub(crate) fn name(&self) -> String {
        let wallet = &self.wallet;
        match self.goal {
            Goal::Register { netuid, .. } => keys::goal_name(netuid, wallet),
            Goal::Faucet { .. } => format!("faucet, {}", wallet.name()),
        }
    }

    /// Whether the user said where the password comes from.
    pub(super) fn has_password(&self) -> bool {
        self.password.option().is_some()
    }

    /// Whether it comes from the same place as that of `other`.
    pub(super) fn has_password_of(&self, other: &Self) -> bool {
        self.password.option() == other.password.option()
    }

    /// Whether the hotkey signs, as for a legacy `register`.
    pub(super) const fn is_signed_by_hotkey(&self, protocol: Protocol) -> bool {
        matches!(
            (self.goal, protocol),
            (Goal::Register { .. }, Protocol::Legacy(_))
        )
    }

    pub(super) const fn signer(&self, protocol: Protocol) -> PublicKey {
        self.goal.signer(protocol)
    }

    /// Makes sure that there is a key to sign with, before anybody agrees to what cannot be done.
    pub(super) fn check_key(&self, protocol: Protocol) -> Result<(), Failure> {
        let by_hotkey = self.is_signed_by_hotkey(protocol);
        if self.wallet.missing(by_hotkey).is_some() {
            let file = if by_hotkey {
                self.wallet.hotkey()
            } else {
                self.wallet.coldkey()
            };
            file?;
        }
        Ok(())
    }

    /// Where the password comes from.
    pub(super) fn passwords(&self) -> Passwords<'static> {
        Passwords::of_process(self.password.option()).yielding(self.password.is_from_file)
    }

    /// Makes sure that the file of the password can be read, for a dry run.
    pub(super) fn try_password_file(&self, protocol: Protocol) -> Result<(), Failure> {
        let file = if self.is_signed_by_hotkey(protocol) {
            self.wallet.hotkey()
        } else {
            self.wallet.coldkey()
        };
        Ok(file?.try_password_file(&self.passwords())?)
    }

    pub(super) fn before(&self, protocol: Protocol, state: &State, patience: Patience) -> Before {
        match patience.standing(&self.goal, protocol, state) {
            Standing::Open => Before::Open,
            Standing::Denied(obstacle) if patience.waits_for(obstacle) => Before::Closed(obstacle),
            Standing::Registered { uid } => Before::Over(End::Registered {
                uid,
                place: None,
                already: true,
            }),
            Standing::Denied(obstacle) => Before::Over(End::Denied(obstacle.into())),
        }
    }
}
