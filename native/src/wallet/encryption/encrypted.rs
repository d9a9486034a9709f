//! Which encryption a file has, and the way from there to its content.

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
    /// NaCl's secret box, with a key from Argon2i over 512 MiB. What wallets have today.
    Nacl,
}

/// An encrypted file whose form was found right, so that a password is worth asking for.
#[derive(Debug)]
pub(in crate::wallet) struct Encrypted(Form);

#[derive(Debug)]
enum Form {
    AnsibleVault(Vault),
    Fernet(Token),
    Nacl(NaclBox),
}

/// Why a password gave nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::wallet) enum Refusal {
    /// There is not enough memory to try it.
    Memory,
    /// The content is not authentic under this password.
    Password,
}

impl Encryption {
    /// The encryption that content beginning like this has; none when it is not encrypted.
    pub(in crate::wallet) fn of(content: &[u8]) -> Option<Self> {
        [Self::AnsibleVault, Self::Fernet, Self::Nacl]
            .into_iter()
            .find(|encryption| content.starts_with(encryption.mark()))
    }

    /// How its files begin.
    const fn mark(self) -> &'static [u8] {
        match self {
            Self::AnsibleVault => b"$ANSIBLE_VAULT",
            // Base 64 of the version, 0x80, and of a time before the year 2106.
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
    /// Takes apart content that has this encryption's mark; none when it is damaged.
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

    /// The content. Takes seconds, as whoever guesses passwords has to spend them, too.
    ///
    /// # Errors
    ///
    /// The password is wrong, or the memory is too small.
    pub(in crate::wallet) fn open(&self, password: &Password) -> Result<Secret, Refusal> {
        match &self.0 {
            Form::AnsibleVault(vault) => vault.open(password),
            Form::Fernet(token) => token.open(password),
            Form::Nacl(nacl) => nacl.open(password),
        }
    }
}
