//! Asks whether to go on, and opens the keys that sign.

use std::io::{self, BufRead as _};

use btpow_core::{Protocol, PublicKey};

use super::target::Target;
use crate::{
    cli::{PasswordArgs, Usage},
    exit::Failure,
    output,
    wallet::{self, Keypair, PasswordOption, Passwords},
};

/// The keys that sign, each once.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<Keypair>);

impl Keys {
    /// The one that belongs to a public key.
    pub(super) fn find(&self, public: PublicKey) -> Option<&Keypair> {
        self.0.iter().find(|pair| pair.public_key() == public)
    }
}

/// The targets whose keys are to be opened: one for each key.
pub(super) fn signing<'a>(
    targets: impl Iterator<Item = &'a Target>,
    protocol: Protocol,
) -> Result<Vec<&'a Target>, Usage> {
    let mut chosen: Vec<&Target> = Vec::new();
    for target in targets {
        let is_new = |it: &&Target| it.signer(protocol) != target.signer(protocol);
        if chosen.iter().all(is_new) {
            chosen.push(target);
        }
    }
    #[cfg(unix)]
    if let [first, _, ..] = chosen.as_slice()
        && let Some(PasswordOption::Descriptor(number)) = first.password.option()
    {
        let problem = "several keys sign, and a descriptor is read once";
        let flag = if number == 0 {
            "--password-file -"
        } else {
            "--password-fd"
        };
        return Err(Usage::new(
            flag,
            problem,
            "put the password into a file, and name that with --password-file",
        ));
    }
    Ok(chosen)
}

/// Asks whether to go on, unless that was answered, and for the passwords.
pub(super) async fn unlock(
    targets: Vec<Target>,
    protocol: Protocol,
    yes: bool,
) -> Result<Keys, Failure> {
    // On another thread, so that the connection stays alive while somebody types.
    let unlocked = tokio::task::spawn_blocking(move || {
        if !yes {
            confirm()?;
        }
        wallet::harden()?;
        let mut keys = Keys::default();
        for target in targets {
            let PasswordArgs { is_from_file, .. } = target.password;
            let passwords = Passwords::of_process(target.password.option());
            let passwords = passwords.yielding(is_from_file);
            let wallet = &target.wallet;
            let key = if target.is_signed_by_hotkey(protocol) {
                wallet.unlock_hotkey(&passwords)?
            } else {
                wallet.unlock_coldkey(&passwords)?
            };
            if key.public_key() != target.signer(protocol) {
                // The files have changed since the public keys were read.
                return Err(Failure::Changed);
            }
            keys.0.push(key);
        }
        Ok(keys)
    });
    unlocked.await.map_err(|_| Failure::Declined)?
}

/// One question; anything but a yes is a no.
fn confirm() -> Result<(), Failure> {
    output::show("Go on? [y/N] ");
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if !line.ends_with('\n') {
        // At the end of input the cursor is still behind the question.
        output::show("\n");
    }
    let agreed = read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes" | "Yes" | "YES");
    agreed.then_some(()).ok_or(Failure::Declined)
}
