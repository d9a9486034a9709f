//! The three encryptions of key files.

mod ansible;
mod encrypted;
mod fernet;
mod nacl;

pub use encrypted::Encryption;
pub(super) use encrypted::{Encrypted, OpenFailure};
