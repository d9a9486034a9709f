//! From a best block to a registered key. [`btpow_registration::Session`] makes the decisions.
//!
//! - [`driver`] connects a session, a rig and a chain.
//! - [`words`] puts what a session reports into English.

pub mod driver;
pub mod words;
