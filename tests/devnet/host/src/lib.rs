//! A test chain that speaks Bittensor's real interface, for the tests of this project.
//!
//! A small FRAME runtime (`tests/devnet/runtime`) runs under chopsticks, which checks signatures, nonces, eras and proofs
//! as a node does, by executing that runtime. `tests/devnet/README.md` says what this proves and what it does not.
//!
//! ```no_run
//! use btpow_devnet::{Devnet, Options, keys};
//!
//! # fn main() -> anyhow::Result<()> {
//! let devnet = Devnet::start(&Options { difficulty: 1_000, ..Options::default() })?;
//! // A program under test connects to devnet.endpoint() here.
//! devnet.new_block()?;
//! let uid = devnet.storage(&keys::uids_key(1, &btpow_devnet::ALICE.public))?;
//! assert!(uid.is_none(), "Alice has not registered");
//! # Ok(())
//! # }
//! ```
//!
//! - [`Devnet`]: a running chain.
//! - [`Options`], [`Variant`]: which one.
//! - [`keys`]: where its storage is.
//! - [`build`]: builds what is missing, as [`Devnet::start`] also does by itself.

#![forbid(unsafe_code)]
#![expect(
    clippy::std_instead_of_alloc,
    reason = "processes, files and sockets: nothing here could move to a crate without std"
)]

mod accounts;
mod artifacts;
mod devnet;
mod genesis;
pub mod keys;
mod node;
mod options;
mod rpc;

pub use accounts::{ACCOUNTS, ALICE, Account, BOB, CHARLIE, DAVE, EVE, FERDIE};
pub use artifacts::build;
pub use devnet::Devnet;
pub use genesis::{FUNDS, SUBNETS, Subnet};
pub use options::{Options, Variant};
pub use rpc::RpcError;
