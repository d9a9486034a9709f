//! From a best block to a registered key.
//!
//! - [`goal`] is what the user wants, and what a block asks for it.
//! - [`ledger`] keeps the proofs that may still count, and chooses among them.
//! - [`denial`] says why there is nothing to send, in the order in which the chain checks.
//! - [`session`] decides, without network and clock: what to search, what to send, when it is over.
//! - [`driver`] lets a session, a rig and a chain speak to each other.

pub mod denial;
pub mod driver;
pub mod goal;
pub mod ledger;
pub mod session;
