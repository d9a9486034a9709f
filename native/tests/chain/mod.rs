//! Shared by the tests of the chain commands.
//!
//! - [`state`]: chains to test on; reads and changes their storage.
//! - [`wallet`]: wallets whose secrets everybody knows.
//! - [`program`]: the program at work, and its output at the end.
//! - [`process`]: what it costs meanwhile.
//! - [`terminal`]: the same, with somebody who types.
//! - [`client`]: somebody who asks how it goes.
//! - [`proxy`]: bad luck and ill will between the program and a chain.
//! - [`outlet`]: a proxy such as companies have.
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

pub(crate) mod client;
pub(crate) mod extrinsic;
pub(crate) mod outlet;
#[cfg(target_os = "linux")]
pub(crate) mod process;
pub(crate) mod program;
pub(crate) mod proxy;
pub(crate) mod search;
pub(crate) mod state;
pub(crate) mod terminal;
pub(crate) mod text;
pub(crate) mod wallet;
