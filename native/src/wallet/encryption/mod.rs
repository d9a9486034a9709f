//! The three ways in which key files are encrypted.

mod ansible;
mod encrypted;
mod fernet;
mod nacl;

pub use encrypted::Encryption;
pub(super) use encrypted::{Encrypted, Refusal};
