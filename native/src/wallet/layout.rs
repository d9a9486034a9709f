//! Where wallets and keys are.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use btpow_core::PublicKey;

use super::{Keyfile, Keypair, Passwords, Place, WalletError, file::Purpose, guard, keyfile};
use crate::{folders, text};

/// A wallet by its name: a coldkey, and one of its hotkeys. Nothing is read before it is needed.
///
/// ```text
/// PATH/NAME/coldkey                 encrypted normally
///          /coldkeypub.txt          public
///          /hotkeys/HOTKEY          not encrypted normally
///          /hotkeys/HOTKEYpub.txt   public; old wallets lack it
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Wallet {
    path: PathBuf,
    name: String,
    hotkey: String,
}

impl Wallet {
    /// Where wallets are by default.
    pub const DEFAULT_PATH: &str = "~/.bittensor/wallets";

    /// The default name of a wallet and of a hotkey.
    pub const DEFAULT_NAME: &str = "default";

    /// The wallet `name` in the directory `path`, which may begin with `~`, with its hotkey
    /// `hotkey`. A name like `WALLET/HOTKEY` gives both.
    ///
    /// # Errors
    ///
    /// An impossible name, two hotkeys, or no home directory for `~`.
    pub fn new(path: &Path, name: &str, hotkey: Option<&str>) -> Result<Self, WalletError> {
        let (name, hotkey) = match (name.split_once('/'), hotkey) {
            (Some(_), Some(_)) => return Err(WalletError::TwoHotkeys),
            (Some(both), None) => both,
            (None, hotkey) => (name, hotkey.unwrap_or(Self::DEFAULT_NAME)),
        };
        Ok(Self {
            path: folders::expanded(path).ok_or(WalletError::NoHome)?,
            name: checked(name, "the wallet")?,
            hotkey: checked(hotkey, "the hotkey")?,
        })
    }

    /// The coldkey's public key, from its public file alone.
    ///
    /// # Errors
    ///
    /// There is no such wallet, or its public file is missing or wrong.
    pub fn coldkey_public(&self) -> Result<PublicKey, WalletError> {
        keyfile::read_public(&self.coldkey_public_path()).map_err(|error| match error {
            WalletError::Missing(path) => self.or_no_wallet(WalletError::NoColdkeyPublic(path)),
            other => other,
        })
    }

    /// The hotkey's public key, from its public file or, if that is missing, from the public fields of its
    /// secret file.
    ///
    /// # Errors
    ///
    /// There is no such wallet or hotkey, or neither of its files is usable.
    pub fn hotkey_public(&self) -> Result<PublicKey, WalletError> {
        match keyfile::read_public(&self.hotkey_public_path()) {
            Err(WalletError::Missing(_)) => self.read_hotkey(Purpose::Look)?.public_key(),
            read => read,
        }
    }

    /// The file of the secret coldkey, read to sign with it but not yet opened.
    ///
    /// # Errors
    ///
    /// As [`Keyfile::read`], for all folders up to that of the wallets; or there is no such wallet.
    pub fn coldkey(&self) -> Result<Keyfile, WalletError> {
        let (label, folder) = (format!("coldkey {}", self.name), self.folder());
        let purpose = Purpose::Sign(&[&folder, &self.path]);
        let file = Keyfile::read_for(&self.coldkey_path(), &label, purpose);
        file.map_err(|error| match error {
            WalletError::Missing(path) => self.or_no_wallet(WalletError::NoColdkey(path)),
            other => other,
        })
    }

    /// The file of the secret hotkey, read to sign with it but not yet opened.
    ///
    /// # Errors
    ///
    /// As [`Keyfile::read`], for all folders up to that of the wallets; or there is no such wallet or hotkey.
    pub fn hotkey(&self) -> Result<Keyfile, WalletError> {
        self.read_hotkey(Purpose::Sign(&[
            &self.hotkeys(),
            &self.folder(),
            &self.path,
        ]))
    }

    fn read_hotkey(&self, purpose: Purpose<'_>) -> Result<Keyfile, WalletError> {
        let label = format!("hotkey {}/{}", self.name, self.hotkey);
        let file = Keyfile::read_for(&self.hotkey_path(), &label, purpose);
        file.map_err(|error| match error {
            WalletError::Missing(_) => self.or_no_wallet(WalletError::NoHotkey {
                name: self.hotkey.clone(),
                folder: self.hotkeys(),
                found: self.hotkey_names(),
            }),
            other => other,
        })
    }

    /// The secret coldkey, which must match the wallet's public file, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Self::coldkey`] and [`Keyfile::unlock`]; [`WalletError::OtherKey`].
    pub fn unlock_coldkey(&self, passwords: &Passwords<'_>) -> Result<Keypair, WalletError> {
        unlocked(&self.coldkey()?, &self.coldkey_public_path(), passwords)
    }

    /// The secret hotkey, which must match the wallet's public file, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Self::hotkey`] and [`Keyfile::unlock`]; [`WalletError::OtherKey`].
    pub fn unlock_hotkey(&self, passwords: &Passwords<'_>) -> Result<Keypair, WalletError> {
        unlocked(&self.hotkey()?, &self.hotkey_public_path(), passwords)
    }

    /// Checks who else could use the coldkey or decide which keys these are: its file, the files that name
    /// both keys, and the folders around them. Call it before signing. It reads no file.
    ///
    /// # Errors
    ///
    /// [`WalletError::Exposed`] or [`WalletError::Foreign`]. A missing file is no error.
    pub fn guard(&self) -> Result<(), WalletError> {
        let (folder, hotkeys) = (self.folder(), self.hotkeys());
        let mut hotkey = self.hotkey_public_path();
        if !hotkey.exists() {
            hotkey = self.hotkey_path();
        }
        let folders: [&Path; 3] = [&hotkeys, &folder, &self.path];
        for (place, file, folders) in [
            (Place::Public, self.coldkey_public_path(), &folders[1..]),
            (Place::Public, hotkey, &folders[..]),
            (Place::Secret, self.coldkey_path(), &folders[1..]),
        ] {
            if let Ok(metadata) = file.metadata() {
                guard::check(place, &file, &metadata, folders)?;
            }
        }
        Ok(())
    }

    /// The file that a registration is signed with, if it is missing: that of the hotkey or of the coldkey.
    pub fn missing(&self, by_hotkey: bool) -> Option<PathBuf> {
        let path = if by_hotkey {
            self.hotkey_path()
        } else {
            self.coldkey_path()
        };
        // One that is there and cannot be read is another trouble.
        matches!(path.try_exists(), Ok(false)).then_some(path)
    }

    /// The folder of wallets.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The wallet's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The hotkey's name.
    pub fn hotkey_name(&self) -> &str {
        &self.hotkey
    }

    /// The directory of the wallet.
    pub fn folder(&self) -> PathBuf {
        self.path.join(&self.name)
    }

    /// The names of the hotkeys in the wallet, sorted; none when they cannot be listed.
    pub fn hotkey_names(&self) -> Vec<String> {
        names(&self.hotkeys(), |path, name| {
            path.is_file() && !name.ends_with(".lock") && !name.ends_with("pub.txt")
        })
    }

    fn hotkeys(&self) -> PathBuf {
        self.folder().join("hotkeys")
    }

    fn hotkey_path(&self) -> PathBuf {
        self.hotkeys().join(&self.hotkey)
    }

    fn coldkey_path(&self) -> PathBuf {
        self.folder().join("coldkey")
    }

    fn coldkey_public_path(&self) -> PathBuf {
        self.folder().join("coldkeypub.txt")
    }

    fn hotkey_public_path(&self) -> PathBuf {
        self.hotkeys().join(format!("{}pub.txt", self.hotkey))
    }

    /// If the whole wallet is missing, that, instead of `error` about one file.
    fn or_no_wallet(&self, error: WalletError) -> WalletError {
        if self.folder().is_dir() {
            return error;
        }
        WalletError::NoWallet {
            name: self.name.clone(),
            folder: self.path.clone(),
            found: names(&self.path, |path, _| path.is_dir()),
        }
    }
}

/// The key in `file`, which must match the public key at `public`, if that file exists.
fn unlocked(
    file: &Keyfile,
    public: &Path,
    passwords: &Passwords<'_>,
) -> Result<Keypair, WalletError> {
    // This comes first, so that nobody types a password in vain.
    let expected = match keyfile::read_public(public) {
        Err(WalletError::Missing(_)) => None,
        read => Some(read?),
    };
    let keypair = file.unlock(passwords)?;
    if expected.is_some_and(|expected| expected != keypair.public_key()) {
        return Err(WalletError::OtherKey(file.path().to_owned()));
    }
    Ok(keypair)
}

/// `name`, if it is a plain file name.
fn checked(name: &str, whose: &'static str) -> Result<String, WalletError> {
    let mut components = Path::new(name).components();
    let plain = matches!(
        (components.next(), components.next()),
        (Some(Component::Normal(component)), None) if component == name
    );
    // Invisible characters could make one name look like another, or like a line of ours.
    if plain && !name.contains('\\') && !name.contains(text::is_hidden) {
        return Ok(name.to_owned());
    }
    // The error does not repeat it: somebody may have pasted a secret.
    Err(WalletError::BadName(whose))
}

/// The names in `folder` that `is_one` accepts, sorted. Hidden files are never accepted.
fn names(folder: &Path, is_one: impl Fn(&Path, &str) -> bool) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            (!name.starts_with('.') && is_one(&entry.path(), &name)).then_some(name)
        })
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_plain_file_name() {
        for name in ["default", "my wallet", "a.b", "pub.txt"] {
            assert!(checked(name, "the wallet").is_ok(), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "a/",
            "/a",
            "../a",
            "a\\b",
            "a\0b",
            "a\nb",
            "a\u{1b}[2J",
            "a\u{202e}b",
        ] {
            assert!(checked(name, "the wallet").is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_may_give_both() {
        let new = |name, hotkey| Wallet::new(Path::new("/w"), name, hotkey);
        let both = new("cold/hot", None).expect("valid");
        assert_eq!(both, new("cold", Some("hot")).expect("valid"));
        assert_eq!((both.name(), both.hotkey_name()), ("cold", "hot"));
        assert_eq!(new("cold", None).expect("valid").hotkey_name(), "default");
        assert!(matches!(
            new("cold/hot", Some("hot")),
            Err(WalletError::TwoHotkeys)
        ));
        for name in ["cold/", "/hot", "a/b/c", "/"] {
            assert!(
                matches!(new(name, None), Err(WalletError::BadName(_))),
                "{name}"
            );
        }
    }
}
