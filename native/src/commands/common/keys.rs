//! Public keys and wallets, as the flags name them.

use std::path::Path;

use btpow_core::PublicKey;

use crate::{
    cli::{KeyArgs, Usage, WalletArgs},
    exit::Failure,
    wallet::{Wallet, WalletError},
};

/// The public keys to register, and where they come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keys {
    pub(crate) hotkey: Option<PublicKey>,
    pub(crate) coldkey: Option<PublicKey>,
    /// The wallet, if the keys come from one.
    pub(crate) wallet: Option<Wallet>,
}

impl Keys {
    /// The public keys that the flags name: addresses, or else a wallet's. It looks for a wallet only if the
    /// flags name one.
    pub(crate) fn read(args: &KeyArgs) -> Result<Self, Failure> {
        let WalletArgs {
            wallet_name,
            wallet_hotkey,
            wallet_path,
        } = &args.wallet;
        let mut keys = Self {
            hotkey: args.hotkey,
            coldkey: args.coldkey,
            wallet: None,
        };
        if wallet_name.is_some() || wallet_hotkey.is_some() || wallet_path.is_some() {
            let wallet = wallet(&args.wallet)?;
            if keys.hotkey.is_none() {
                keys.hotkey = Some(wallet.hotkey_public()?);
            }
            if keys.coldkey.is_none() {
                keys.coldkey = Some(wallet.coldkey_public()?);
            }
            keys.wallet = Some(wallet);
        }
        Ok(keys)
    }

    /// Hotkey and coldkey, or the flag that is missing.
    pub(crate) fn both(&self) -> Result<(PublicKey, PublicKey), Usage> {
        let remedy =
            "add it as an SS58 address or 0x-hex public key, or name a wallet with --wallet-name";
        let given =
            |flag, key: Option<PublicKey>| key.ok_or_else(|| Usage::new(flag, "missing", remedy));
        Ok((
            given("--hotkey", self.hotkey)?,
            given("--coldkey", self.coldkey)?,
        ))
    }
}

/// The wallet that the flags name.
pub(crate) fn wallet(args: &WalletArgs) -> Result<Wallet, WalletError> {
    let path = args.wallet_path.as_deref();
    let name = args.wallet_name.as_deref();
    Wallet::new(
        path.unwrap_or(Path::new(Wallet::DEFAULT_PATH)),
        name.unwrap_or(Wallet::DEFAULT_NAME),
        args.wallet_hotkey.as_deref(),
    )
}
