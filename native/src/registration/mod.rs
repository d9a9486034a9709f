//! From a best block to a registered key. [`btpow_registration::Session`] makes the decisions.
//!
//! - [`driver`] connects a session, a rig and a chain.
//! - [`watch`] knows whether the chain is in sight.
//! - [`words`] puts what a session reports into English.

pub mod driver;
pub mod watch;
pub mod words;
