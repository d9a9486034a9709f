//! What the command found out, and what follows from it.

use std::path::PathBuf;

use btpow_core::{Protocol, odds};
use btpow_registration::{Denial, Standing, State, Subnet};

use crate::{
    chain::Start, commands::common::keys::Keys, devices::Row, registration::words,
    wallet::WalletError,
};

/// Everything that the command found out.
pub(super) struct Findings {
    pub(super) start: Start,
    pub(super) netuid: Option<u16>,
    pub(super) keys: Keys,
    pub(super) state: State,
    pub(super) protocol: Result<Protocol, Denial>,
    pub(super) subnets_open: Option<usize>,
    pub(super) standing: Option<Standing>,
    /// Why the program would not sign with this wallet.
    pub(super) unsafe_wallet: Option<WalletError>,
    /// The file that the program would sign with, if the wallet lacks it.
    pub(super) missing: Option<PathBuf>,
    pub(super) rate: Option<(f64, Vec<Row>)>,
}

impl Findings {
    pub(super) fn subnet(&self) -> Option<(u16, &Subnet)> {
        self.netuid.zip(self.state.subnet.as_ref())
    }

    pub(super) fn rate(&self) -> Option<f64> {
        self.rate.as_ref().map(|(rate, _)| *rate)
    }

    pub(super) fn expected(&self) -> Option<f64> {
        let (_, subnet) = self.subnet()?;
        odds::expected_seconds(subnet.difficulty, self.rate()?)
    }

    /// Whether the chain would take a registration now, if that is known.
    pub(super) fn ready(&self) -> Option<bool> {
        match (&self.protocol, &self.standing) {
            (Err(_), _) | (_, Some(Standing::Denied(_))) => Some(false),
            _ if self.unsafe_wallet.is_some() || self.start.behind.is_some() => Some(false),
            (Ok(_), Some(_)) if self.keys.hotkey.is_some() && self.keys.coldkey.is_some() => {
                Some(true)
            }
            _ => None,
        }
    }

    pub(super) fn reason(&self) -> Option<&'static str> {
        let wallet = self.unsafe_wallet.as_ref().map(|_| "wallet");
        let behind = self.start.behind.map(|_| "behind");
        let denial = self.denial().map(|denial| denial.name());
        denial.or(wallet).or(behind)
    }

    pub(super) fn explanation(&self) -> Option<String> {
        let wallet = self.unsafe_wallet.as_ref().map(ToString::to_string);
        self.denial()
            .map(|denial| words::denial(&denial))
            .or(wallet)
            .or(self.start.behind.map(|behind| behind.to_string()))
    }

    pub(super) fn denial(&self) -> Option<Denial> {
        match (&self.protocol, &self.standing) {
            (Err(denial), _) => Some(denial.clone()),
            (_, Some(Standing::Denied(obstacle))) => Some((*obstacle).into()),
            _ => None,
        }
    }
}
