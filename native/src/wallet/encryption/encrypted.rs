//! Recognises a file's encryption and opens it.

use core::fmt;

use super::{ansible::Vault, fernet::Token, nacl::NaclBox};
use crate::wallet::{Password, secret::Secret};

/// How a key file is encrypted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Encryption {
    /// Ansible vault 1.1 and 1.2: PBKDF2, AES-256-CTR, HMAC. Wallets of 2023.
    AnsibleVault,
    /// Fernet, with a key from ten million rounds of PBKDF2. The oldest wallets.
    Fernet,
    /// NaCl's secret box, with a key from Argon2i over 512 MiB. Today's wallets.
    Nacl,
}

/// An encrypted file whose form is right, so it is worth asking for a password.
#[derive(Debug)]
pub(in crate::wallet) struct Encrypted(Form);

#[derive(Debug)]
enum Form {
    AnsibleVault(Vault),
    Fernet(Token),
    Nacl(NaclBox),
}

/// Why a password did not open a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::wallet) enum OpenFailure {
    /// There is not enough memory to try it.
    Memory,
    /// The content is not authentic under this password.
    Password,
}

impl Encryption {
    /// The encryption of this content, by its start; none when it is not encrypted.
    pub(in crate::wallet) fn of(content: &[u8]) -> Option<Self> {
        [Self::AnsibleVault, Self::Fernet, Self::Nacl]
            .into_iter()
            .find(|encryption| content.starts_with(encryption.mark()))
    }

    /// The start of its files.
    const fn mark(self) -> &'static [u8] {
        match self {
            Self::AnsibleVault => b"$ANSIBLE_VAULT",
            // Base64 of the version, 0x80, and a time before the year 2106.
            Self::Fernet => b"gAAAAA",
            Self::Nacl => b"$NACL",
        }
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AnsibleVault => "an Ansible vault",
            Self::Fernet => "a Fernet token",
            Self::Nacl => "a NaCl box",
        })
    }
}

impl Encrypted {
    /// Parses content with this encryption's mark; none when it is damaged.
    pub(in crate::wallet) fn parse(encryption: Encryption, content: &[u8]) -> Option<Self> {
        let form = match encryption {
            Encryption::AnsibleVault => Form::AnsibleVault(Vault::parse(content)?),
            Encryption::Fernet => Form::Fernet(Token::parse(content)?),
            Encryption::Nacl => {
                let rest = content.strip_prefix(encryption.mark())?;
                Form::Nacl(NaclBox::parse(rest)?)
            }
        };
        Some(Self(form))
    }

    /// How it is encrypted.
    pub(in crate::wallet) const fn encryption(&self) -> Encryption {
        match &self.0 {
            Form::AnsibleVault(_) => Encryption::AnsibleVault,
            Form::Fernet(_) => Encryption::Fernet,
            Form::Nacl(_) => Encryption::Nacl,
        }
    }

    /// The content. It takes seconds by design, since guessing passwords should take as long.
    ///
    /// # Errors
    ///
    /// The password is wrong, or there is not enough memory.
    pub(in crate::wallet) fn open(&self, password: &Password) -> Result<Secret, OpenFailure> {
        match &self.0 {
            Form::AnsibleVault(vault) => vault.open(password),
            Form::Fernet(token) => token.open(password),
            Form::Nacl(nacl) => nacl.open(password),
        }
    }
}
