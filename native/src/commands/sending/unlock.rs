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

/// The targets whose keys are to be opened: one for each key, one that says where its password comes from if there is one.
///
/// # Errors
///
/// Two targets say different sources for one key, or a descriptor would be read for several keys.
pub(super) fn signing<'a>(
    targets: impl Iterator<Item = &'a Target>,
    protocol: Protocol,
) -> Result<Vec<&'a Target>, Usage> {
    let mut chosen: Vec<&Target> = Vec::new();
    for target in targets {
        let same = chosen
            .iter_mut()
            .find(|it| it.signer(protocol) == target.signer(protocol));
        match same {
            None => chosen.push(target),
            Some(known) if !known.has_password() => *known = target,
            Some(known) if !target.has_password() || known.has_password_of(target) => {}
            Some(known) => {
                let problem = format!(
                    "{} and {} have one key, and different files for its password",
                    known.name(),
                    target.name()
                );
                return Err(Usage::new(
                    "--password-file",
                    problem,
                    "name one file for both",
                ));
            }
        }
    }
    #[cfg(unix)]
    {
        let descriptors = chosen.iter().filter_map(|it| match it.password.option() {
            Some(PasswordOption::Descriptor(number)) => Some(number),
            _ => None,
        });
        let descriptors: Vec<_> = descriptors.collect();
        if let [number, _, ..] = descriptors.as_slice() {
            let problem = "several keys sign, and a descriptor is read once";
            let flag = match number {
                0 => "--password-file -",
                _ => "--password-fd",
            };
            let remedy = "put the password into a file, and name that with --password-file";
            return Err(Usage::new(flag, problem, remedy));
        }
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
        // Keys with one password have it from one place, which may be readable once.
        let mut places: Vec<(&PasswordArgs, Passwords<'_>)> = Vec::new();
        for target in &targets {
            let known = places.iter().position(|(it, _)| **it == target.password);
            let place = known.unwrap_or(places.len());
            if known.is_none() {
                places.push((&target.password, target.passwords()));
            }
            let (wallet, passwords) = (&target.wallet, &places[place].1);
            let key = if target.is_signed_by_hotkey(protocol) {
                wallet.unlock_hotkey(passwords)?
            } else {
                wallet.unlock_coldkey(passwords)?
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
