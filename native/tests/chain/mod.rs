//! What the tests of the chain commands share.
//!
//! - [`state`]: chains to test on, what is in their storage, and how to change it.
//! - [`wallet`]: wallets whose secrets everybody knows.
//! - [`program`]: the program at work, and what it told in the end.
//! - [`terminal`]: the same, with somebody who types.
//! - [`proxy`]: bad luck, and bad will, between the two.
//! - [`extrinsic`]: what was signed.
//! - [`search`]: all of these at once.

#![expect(
    dead_code,
    reason = "each test file is a crate of its own and uses some of this"
)]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "nothing here is to move to the core"
)]

pub(crate) mod extrinsic;
pub(crate) mod program;
pub(crate) mod proxy;
pub(crate) mod search;
pub(crate) mod state;
pub(crate) mod terminal;
pub(crate) mod text;
pub(crate) mod wallet;
