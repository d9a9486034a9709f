//! Public keys and wallets, as the flags name them.

use std::path::Path;

use btpow_core::PublicKey;

use crate::{
    cli::{KeyArgs, Usage, WalletArgs},
    environment::Bittensor,
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
    /// flags name one, or if they name no key and a variable names a wallet.
    pub(crate) fn read(args: &KeyArgs, variables: &Bittensor) -> Result<Self, Failure> {
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
        let by_flags = wallet_name.is_some() || !wallet_hotkey.is_empty() || wallet_path.is_some();
        let by_variables = variables.wallet_name.is_some() || variables.wallet_hotkey.is_some();
        let by_key = keys.hotkey.is_some() || keys.coldkey.is_some();
        if by_flags || by_variables && !by_key {
            let wallet = wallet(&args.wallet, variables)?;
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

/// What people call the goal to register a wallet's hotkey: `subnet 3, miner/hot2`.
pub(crate) fn goal_name(netuid: u16, wallet: &Wallet) -> String {
    format!(
        "subnet {netuid}, {}/{}",
        wallet.name(),
        wallet.hotkey_name()
    )
}

/// The wallet that the flags name, and the variables where there is no flag.
pub(crate) fn wallet(args: &WalletArgs, variables: &Bittensor) -> Result<Wallet, Failure> {
    let mut wallets = wallets(args, variables)?.into_iter();
    match (wallets.next(), wallets.next()) {
        (Some(wallet), None) => Ok(wallet),
        _ => {
            let problem = "given more than once, and only `btpow register` takes several keys";
            Err(Usage::new("--wallet-hotkey", problem, "name one hotkey").into())
        }
    }
}

/// The same for each hotkey that the flags name; one wallet at least.
pub(crate) fn wallets(
    args: &WalletArgs,
    variables: &Bittensor,
) -> Result<Vec<Wallet>, WalletError> {
    let path = variables.wallet_path.as_ref().map(Path::new);
    let path = args.wallet_path.as_deref().or(path);
    let path = path.unwrap_or(Path::new(Wallet::DEFAULT_PATH));
    let name = args.wallet_name.as_ref().or(variables.wallet_name.as_ref());
    let name = name.map_or(Wallet::DEFAULT_NAME, String::as_str);
    if args.wallet_hotkey.is_empty() {
        // A flag like WALLET/HOTKEY says both.
        let hotkey = variables.wallet_hotkey.as_deref();
        let hotkey = hotkey.filter(|_| !name.contains('/'));
        return Ok(vec![Wallet::new(path, name, hotkey)?]);
    }
    let hotkeys = args.wallet_hotkey.iter();
    let wallets = hotkeys.map(|hotkey| Wallet::new(path, name, Some(hotkey)));
    wallets.collect()
}
