//! Fernet tokens, the encryption of the oldest wallets.

use aes::Aes128;
use base64::{Engine, prelude::BASE64_URL_SAFE};
use cbc::{
    Decryptor,
    cipher::{BlockModeDecrypt, KeyIvInit, block_padding::Pkcs7},
};
use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::{Algorithm, Params, pbkdf2_hmac_with_params};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::encrypted::OpenFailure;
use crate::wallet::{Password, secret::Secret};

/// The salt of every wallet.
const SALT: &[u8] = b"Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins";

/// Rounds of PBKDF2.
const ROUNDS: u32 = 10_000_000;

/// The version, the first byte of a token.
const VERSION: u8 = 0x80;

/// Bytes before the initialisation vector: the version and the time.
const HEAD: usize = 1 + 8;

/// Bytes of the initialisation vector, and of a block.
const BLOCK: usize = 16;

/// Bytes of the HMAC, which comes last.
const TAG: usize = 32;

/// A token: version, time, initialisation vector, body, HMAC.
#[derive(Debug)]
pub(super) struct Token(Vec<u8>);

impl Token {
    /// Parses a whole file; none when it is damaged.
    pub(super) fn parse(content: &[u8]) -> Option<Self> {
        let bytes = BASE64_URL_SAFE.decode(content.trim_ascii()).ok()?;
        let body = bytes.len().checked_sub(HEAD + BLOCK + TAG)?;
        let whole = body > 0 && body.is_multiple_of(BLOCK) && bytes[0] == VERSION;
        whole.then_some(Self(bytes))
    }

    pub(super) fn open(&self, password: &Password) -> Result<Secret, OpenFailure> {
        self.open_with(&key(password))
    }

    fn open_with(&self, key: &[u8; 32]) -> Result<Secret, OpenFailure> {
        let (mac_key, cipher_key) = key.split_at(16);
        let (signed, tag) = self.0.split_at(self.0.len() - TAG);
        Hmac::<Sha256>::new_from_slice(mac_key)
            .expect("any key will do")
            .chain_update(signed)
            .verify_slice(tag)
            .map_err(|_| OpenFailure::Password)?;
        let (vector, body) = signed[HEAD..].split_at(BLOCK);
        let mut content = Secret::from(body);
        let len = Decryptor::<Aes128>::new_from_slices(cipher_key, vector)
            .expect("a key and a vector of 16 bytes")
            .decrypt_padded::<Pkcs7>(content.expose_mut())
            .map_err(|_| OpenFailure::Password)?
            .len();
        content.truncate(len);
        Ok(content)
    }
}

/// The key of a password.
fn key(password: &Password) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2_hmac_with_params(
        password.expose(),
        SALT,
        Algorithm::Pbkdf2Sha256,
        Params::new(ROUNDS).expect("more than the least"),
        &mut *key,
    );
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALLET: &[u8] = include_bytes!("../../../../tests/vectors/wallets/fernet");

    /// The key of the golden password, from Python's hashlib; deriving it takes seconds.
    const KEY: &str = "4wAT5QqmcI040hk6qzEOcH8ayd9E1Dq2AM6u9UOgMYo=";

    /// The token in the specification's `verify.json`.
    #[test]
    fn the_token_of_the_specification() {
        let key = BASE64_URL_SAFE.decode("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=");
        let key = key.expect("base 64").try_into().expect("32 bytes");
        let token = b"gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
        let content = Token::parse(token)
            .expect("whole")
            .open_with(&key)
            .expect("authentic");
        assert_eq!(content.expose(), b"hello");
    }

    #[test]
    fn a_key_that_differs_in_a_bit_opens_nothing() {
        let token = Token::parse(WALLET).expect("whole");
        let mut key: [u8; 32] = BASE64_URL_SAFE
            .decode(KEY)
            .expect("base 64")
            .try_into()
            .expect("32");
        assert!(token.open_with(&key).is_ok());
        key[0] ^= 1;
        assert_eq!(token.open_with(&key).err(), Some(OpenFailure::Password));
    }

    #[test]
    fn damage_is_seen_before_a_password_is_needed() {
        for len in [0, 6, 50, WALLET.len() - 2, WALLET.len() - 4] {
            assert!(Token::parse(&WALLET[..len]).is_none(), "{len}");
        }
    }
}
