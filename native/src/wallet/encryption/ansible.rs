//! Ansible vaults, the encryption of wallets from 2023.
//!
//! Ansible's documentation describes the form: "Ansible Vault payload format 1.1 - 1.2".

use core::str;

use aes::Aes256;
use ctr::{
    Ctr128BE,
    cipher::{KeyIvInit, StreamCipher},
};
use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::{Algorithm, Params, pbkdf2_hmac_with_params};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::encrypted::OpenFailure;
use crate::wallet::{Password, secret::Secret};

/// Rounds of PBKDF2.
const ROUNDS: u32 = 10_000;

/// Bytes from PBKDF2: two keys and the start of the counter.
const KEYS: usize = 32 + 32 + 16;

/// Bytes of a block: the content is padded to a multiple of this.
const BLOCK: usize = 16;

/// A vault.
#[derive(Debug)]
pub(super) struct Vault {
    salt: Vec<u8>,
    tag: Vec<u8>,
    body: Vec<u8>,
}

impl Vault {
    /// Parses a whole file; none when it is damaged.
    pub(super) fn parse(content: &[u8]) -> Option<Self> {
        let text = str::from_utf8(content).ok()?;
        let mut lines = text.lines();
        let mut header = lines.next()?.trim_end().split(';').skip(1);
        // Version 1.2 has a label after that.
        let known = matches!(header.next(), Some("1.1" | "1.2")) && header.next() == Some("AES256");
        if !known {
            return None;
        }
        // Three lines of hexadecimal digits, encoded once more as digits in lines of 80.
        let digits: String = lines.flat_map(str::split_whitespace).collect();
        let inner = hex(digits.as_bytes())?;
        let mut parts = inner.split(|&byte| byte == b'\n').map(hex);
        let vault = Self {
            salt: parts.next()??,
            tag: parts.next()??,
            body: parts.next()??,
        };
        let whole = !vault.body.is_empty() && vault.body.len().is_multiple_of(BLOCK);
        (whole && vault.tag.len() == 32 && parts.next().is_none()).then_some(vault)
    }

    pub(super) fn open(&self, password: &Password) -> Result<Secret, OpenFailure> {
        let mut keys = Zeroizing::new([0; KEYS]);
        pbkdf2_hmac_with_params(
            password.expose(),
            &self.salt,
            Algorithm::Pbkdf2Sha256,
            Params::new(ROUNDS).expect("more than the least"),
            &mut *keys,
        );
        let (cipher_key, rest) = keys.split_at(32);
        let (mac_key, counter) = rest.split_at(32);
        Hmac::<Sha256>::new_from_slice(mac_key)
            .expect("any key will do")
            .chain_update(&self.body)
            .verify_slice(&self.tag)
            .map_err(|_| OpenFailure::Password)?;
        let mut content = Secret::from(&self.body[..]);
        Ctr128BE::<Aes256>::new_from_slices(cipher_key, counter)
            .expect("a key of 32 bytes, a counter of 16")
            .apply_keystream(content.expose_mut());
        // The last byte is the number of padding bytes.
        let padding = content.expose().last().map_or(0, |&byte| usize::from(byte));
        let len = content.expose().len().checked_sub(padding);
        content.truncate(len.ok_or(OpenFailure::Password)?);
        Ok(content)
    }
}

/// Reads bytes that are not secret.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    Secret::from_hex(digits).map(|bytes| bytes.expose().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_seen_before_a_password_is_needed() {
        let whole = include_bytes!("../../../../tests/vectors/wallets/ansible_vault");
        assert!(Vault::parse(whole).is_some());
        assert!(Vault::parse(&whole[..whole.len() - 2]).is_none());
        assert!(Vault::parse(&whole[..30]).is_none());
        for other in [
            &b"$ANSIBLE_VAULT;2.0;AES256\n"[..],
            b"$ANSIBLE_VAULT",
            b"$ANSIBLE_VAULT;1.1\n",
        ] {
            assert!(Vault::parse(other).is_none());
        }
    }
}
