//! Reads a key file and makes a key of it.

use core::fmt;
use std::path::{Path, PathBuf};

use btpow_core::PublicKey;

use super::{
    Encryption, Flaw, Keypair, Passwords, WalletError, content,
    encryption::Encrypted,
    file::{self, Purpose},
    secret::Secret,
};

/// A file with a secret key, read but not yet opened.
pub struct Keyfile {
    path: PathBuf,
    /// Its name for people, like "coldkey default".
    label: String,
    content: Content,
}

enum Content {
    Encrypted(Encrypted),
    Plain(Secret),
}

impl Keyfile {
    /// Reads the file at `path`, to sign with it; prompts will call it `label`.
    ///
    /// # Errors
    ///
    /// The file is missing, unreadable, empty, too large, or damaged. Or others could read or replace it,
    /// since it or its folder is open to them.
    pub fn read(path: &Path, label: &str) -> Result<Self, WalletError> {
        let folder = path.parent().unwrap_or(path);
        Self::read_for(path, label, Purpose::Sign(&[folder]))
    }

    /// As [`Self::read`], for another purpose, or with more folders.
    pub(super) fn read_for(
        path: &Path,
        label: &str,
        purpose: Purpose<'_>,
    ) -> Result<Self, WalletError> {
        let content = file::keyfile(path, purpose)?;
        let content = match Encryption::of(content.expose()) {
            None => Content::Plain(content),
            Some(encryption) => {
                let encrypted = Encrypted::parse(encryption, content.expose());
                Content::Encrypted(encrypted.ok_or_else(|| WalletError::Damaged {
                    path: path.to_owned(),
                    encryption,
                })?)
            }
        };
        Ok(Self {
            path: path.to_owned(),
            label: label.to_owned(),
            content,
        })
    }

    /// How the file is encrypted; none when reading it is enough to have the key.
    pub const fn encryption(&self) -> Option<Encryption> {
        match &self.content {
            Content::Encrypted(encrypted) => Some(encrypted.encryption()),
            Content::Plain(_) => None,
        }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key in the file, with a password from `passwords` if it is encrypted.
    ///
    /// If so, each password takes seconds and up to 512 MiB.
    ///
    /// # Errors
    ///
    /// There is no password, or a wrong one, or the content is not a secret key.
    pub fn unlock(&self, passwords: &Passwords<'_>) -> Result<Keypair, WalletError> {
        let keypair = match &self.content {
            Content::Plain(plain) => content::keypair(plain),
            Content::Encrypted(encrypted) => {
                let open = |password: &_| encrypted.open(password);
                content::keypair(&passwords.open(&self.path, &self.label, open)?)
            }
        };
        keypair.map_err(|flaw| self.flawed(flaw))
    }

    /// Makes sure that the file of the password can be read, where one is named and the key needs it.
    ///
    /// # Errors
    ///
    /// It cannot be read, or it holds no password.
    pub fn try_password_file(&self, passwords: &Passwords<'_>) -> Result<(), WalletError> {
        match &self.content {
            Content::Plain(_) => Ok(()),
            Content::Encrypted(_) => passwords.try_file(&self.path),
        }
    }

    /// The public key that the file names. This does not read its secret.
    ///
    /// # Errors
    ///
    /// [`WalletError::EncryptedHotkey`], or the content names no public key.
    pub(super) fn public_key(&self) -> Result<PublicKey, WalletError> {
        match &self.content {
            Content::Encrypted(_) => Err(WalletError::EncryptedHotkey(self.path.clone())),
            Content::Plain(plain) => content::public_key(plain).map_err(|flaw| self.flawed(flaw)),
        }
    }

    fn flawed(&self, flaw: Flaw) -> WalletError {
        let path = self.path.clone();
        WalletError::Flawed { path, flaw }
    }
}

/// Reads the public key in a public file.
///
/// # Errors
///
/// The file is missing, unreadable, empty, too large, or names no public key.
pub(super) fn read_public(path: &Path) -> Result<PublicKey, WalletError> {
    let content = file::keyfile(path, Purpose::Public)?;
    content::public_key(&content).map_err(|flaw| WalletError::Flawed {
        path: path.to_owned(),
        flaw,
    })
}

impl fmt::Debug for Keyfile {
    /// Shows the path and the encryption.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyfile")
            .field("path", &self.path)
            .field("encryption", &self.encryption())
            .finish_non_exhaustive()
    }
}
