//! NaCl's secret box with libsodium's key derivation, the encryption of today's wallets.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use crypto_secretbox::{AeadInPlace, KeyInit, XSalsa20Poly1305};
use zeroize::Zeroizing;

use super::encrypted::OpenFailure;
use crate::wallet::{Password, secret::Secret};

/// The salt of every wallet: equal passwords give equal keys.
const SALT: [u8; 16] = [
    0x13, 0x71, 0x83, 0xdf, 0xf1, 0x5a, 0x09, 0xbc, 0x9c, 0x90, 0xb5, 0x51, 0x87, 0x39, 0xe9, 0xb1,
];

/// libsodium's `crypto_pwhash_argon2i_MEMLIMIT_SENSITIVE`, in KiB.
const MEMORY: u32 = 512 * 1_024;

/// libsodium's `crypto_pwhash_argon2i_OPSLIMIT_SENSITIVE`.
const PASSES: u32 = 8;

/// libsodium uses one thread.
const LANES: u32 = 1;

/// Bytes of the nonce, which comes first.
const NONCE: usize = 24;

/// Bytes of the tag, which comes next.
const TAG: usize = 16;

/// A secret box.
#[derive(Debug)]
pub(super) struct NaclBox {
    nonce: [u8; NONCE],
    tag: [u8; TAG],
    body: Vec<u8>,
}

impl NaclBox {
    /// Parses what follows the mark; none when it is too short.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (nonce, rest) = bytes.split_first_chunk()?;
        let (tag, body) = rest.split_first_chunk()?;
        Some(Self {
            nonce: *nonce,
            tag: *tag,
            body: body.to_vec(),
        })
    }

    pub(super) fn open(&self, password: &Password) -> Result<Secret, OpenFailure> {
        let key = key(password)?;
        let mut content = Secret::from(&self.body[..]);
        XSalsa20Poly1305::new((&*key).into())
            .decrypt_in_place_detached(
                (&self.nonce).into(),
                b"",
                content.expose_mut(),
                (&self.tag).into(),
            )
            .map_err(|_| OpenFailure::Password)?;
        Ok(content)
    }
}

/// The key of a password.
fn key(password: &Password) -> Result<Zeroizing<[u8; 32]>, OpenFailure> {
    let params = Params::new(MEMORY, PASSES, LANES, Some(32)).expect("within Argon2's limits");
    let count = params.block_count();
    // Reserved first, since a failing allocation would end the program. Wiped, since the blocks reveal the
    // key.
    let mut blocks = Zeroizing::new(Vec::new());
    blocks
        .try_reserve_exact(count)
        .map_err(|_| OpenFailure::Memory)?;
    blocks.resize(count, Block::default());
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2i, Version::V0x13, params)
        .hash_password_into_with_memory(password.expose(), &SALT, &mut *key, &mut *blocks)
        .expect("salt, key and memory have the sizes that Argon2 asks for");
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with libsodium and with argon2-cffi.
    #[test]
    fn the_key_of_the_golden_password() {
        let key = key(&Password::from("golden-test-password".to_owned())).expect("memory");
        let known = b"083d232ef88c7c088ff70b462d9f299d9c6ffb7d355616dcb2af19619cd91e0c";
        assert_eq!(&key[..], Secret::from_hex(known).expect("digits").expose());
    }

    #[test]
    fn what_is_too_short_is_not_a_box() {
        assert!(NaclBox::parse(&[0; NONCE + TAG]).is_some());
        assert!(NaclBox::parse(&[0; NONCE + TAG - 1]).is_none());
        assert!(NaclBox::parse(&[]).is_none());
    }
}
