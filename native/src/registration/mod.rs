//! From a best block to a registered key. What is decided is in [`btpow_registration::Session`].
//!
//! - [`driver`] lets a session, a rig and a chain speak to each other.
//! - [`words`] says in English what a session has to say.

pub mod driver;
pub mod words;
