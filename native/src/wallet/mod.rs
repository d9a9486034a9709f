//! Bittensor wallets on disk: public keys for mining, secret keys for signing.
//!
//! A proof names only public keys, so most commands read nothing else; [`Wallet`] finds them without opening a
//! secret file, if the wallet has public files. The coldkey, which owns the funds, signs a registration:
//! [`Wallet::coldkey`] reads its [`Keyfile`], [`Keyfile::unlock`] asks [`Passwords`] for the password, and the
//! resulting [`Keypair`] can sign and nothing else. No key is ever written.
//!
//! Call [`harden`] before reading the first secret. Secrets stay out of swap, as far as the system allows, and
//! are wiped when they are dropped. What compilers and cryptographic libraries leave in registers and on the
//! stack is not wiped.
//!
//! Whoever can read or replace a key decides what is signed. So files that are read to sign must be closed to
//! others, and so must the folders around them: [`Wallet::guard`].
//!
//! | file | what it knows |
//! |---|---|
//! | `layout` | where wallets and keys are |
//! | `file` | how to read a file that may hold a secret |
//! | `guard` | who else could use or replace a file, by its mode, its owner and its folders |
//! | `remedy` | how to fix that on the file system of the file |
//! | `keyfile` | how a key file becomes a key |
//! | `encryption` | the three encryptions of key files |
//! | `content` | the content of a file: JSON, hexadecimal digits, a phrase |
//! | `phrase` | BIP39 phrases and derivation paths, as in Substrate |
//! | `keypair` | sr25519 and ed25519 |
//! | `password` | where passwords come from |
//! | `secret` | bytes that wipe themselves |
//! | `pages` | the locked memory in which they are |
//! | `protect` | how the process keeps others from reading it |

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
pub use guard::{Place, check_settings};
pub use keyfile::Keyfile;
pub use keypair::Keypair;
pub use layout::Wallet;
pub use password::{PasswordOption, PasswordSource, Passwords, hide_passwords};
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
            // The other two take seconds for each password, by design.
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
        // The public key that a file names is that of its secret.
        assert!(public.is_err() || public == Ok(pair.public_key()));
    }
}
