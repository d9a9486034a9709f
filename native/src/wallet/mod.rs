//! Bittensor wallets on disk: public keys for mining, secret keys for signing.
//!
//! A proof names public keys alone, so that is all most commands read; [`Wallet`] finds them without
//! opening a file that holds a secret, if the wallet has public files. A registration is signed by
//! the coldkey, the key that owns the funds: [`Wallet::coldkey`] reads its [`Keyfile`],
//! [`Keyfile::unlock`] asks [`Passwords`] for what opens it, and the [`Keypair`] that comes of it
//! can sign and nothing else. No key is ever written.
//!
//! Call [`harden`] before the first secret is read. Secrets are kept out of swap, as far as the system
//! lets, and wiped from memory when they are dropped; what compilers and cryptographic libraries leave
//! in registers and on the stack is not.
//!
//! Who could put another key in the place of one, or read it, decides what is signed. So what is read
//! to sign must be closed to others, and so must be the folders around it: [`Wallet::guard`].
//!
//! | file | what it knows |
//! |---|---|
//! | `layout` | where wallets and keys lie |
//! | `file` | how a file is read that may hold a secret |
//! | `guard` | who else could use or exchange a file, by its mode, its owner and its folders |
//! | `remedy` | how that is mended on the file system where it lies |
//! | `keyfile` | what a file is, and how it becomes a key |
//! | `encryption` | the three ways in which files are encrypted |
//! | `content` | what is in a file: JSON, hexadecimal digits, a phrase |
//! | `phrase` | BIP39 phrases and derivation paths, as Substrate has them |
//! | `keypair` | sr25519 and ed25519 |
//! | `password` | where passwords come from |
//! | `secret` | bytes that wipe themselves |
//! | `pages` | memory of their own for them, which is locked |
//! | `protect` | what the process can do against being read |

mod content;
mod encryption;
mod error;
mod file;
mod guard;
mod json;
mod keyfile;
mod keypair;
mod layout;
mod pages;
mod password;
mod phrase;
mod protect;
mod remedy;
mod secret;

pub use encryption::Encryption;
pub use error::{Flaw, WalletError};
pub use guard::Place;
pub use keyfile::Keyfile;
pub use keypair::Keypair;
pub use layout::Wallet;
pub use password::{PasswordOption, PasswordSource, Passwords};
pub use protect::harden;
pub use remedy::Remedy;
pub use secret::Password;

/// Reads bytes as a key file, and opens it: see [`crate::fuzzing`].
#[cfg(fuzzing)]
pub(crate) fn fuzz_key_file(bytes: &[u8]) {
    let opened = match Encryption::of(bytes) {
        None => secret::Secret::from(bytes.to_vec()),
        Some(encryption) => {
            let Some(encrypted) = encryption::Encrypted::parse(encryption, bytes) else {
                return;
            };
            // The two others take seconds for each password, by design.
            if encryption != Encryption::AnsibleVault {
                return;
            }
            let password = Password::from("golden-test-password".to_owned());
            match encrypted.open(&password) {
                Ok(opened) => opened,
                Err(_) => return,
            }
        }
    };
    let public = content::public_key(&opened);
    if let Ok(pair) = content::keypair(&opened) {
        // What a file says of its key is the key.
        assert!(public.is_err() || public == Ok(pair.public_key()));
    }
}
