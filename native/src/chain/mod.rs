//! The chain: where it is, what its runtime accepts, what it says at a block, what is sent to it.
//!
//! - [`network`] says where: names, endpoints, the genesis that must be there.
//! - [`connection`] is one open endpoint, through the JSON-RPC methods that every node serves.
//! - [`runtime`] is what the metadata says, and [`rules`] how [`btpow_core::rules`]
//!   read it: which proof it takes, or why none.
//! - [`subnet`] is all that is read at one block, in one request; [`subnets`] lists all of them.
//! - [`follow`] keeps a connection and tells every new best block.
//! - [`call`] and [`extrinsic`] build what is sent, [`submission`] watches it, [`refusal`] names why
//!   it was not taken.

pub mod call;
pub mod connection;
pub mod extrinsic;
pub mod follow;
pub mod network;
pub mod refusal;
pub mod rules;
pub mod runtime;
pub mod storage;
pub mod submission;
pub mod subnet;
pub mod subnets;

mod error;

#[cfg(test)]
mod golden_tests;

pub use self::{
    call::Call,
    connection::{Connection, Head},
    error::ChainError,
    follow::{Follower, Update},
    network::Network,
    rules::Refused,
    runtime::Runtime,
    subnet::{Account, State, Subject},
};
pub(crate) use btpow_core::rules::PALLET;

/// The types that the chain uses for hashes, headers, addresses and signatures.
pub(crate) type Config = subxt::SubstrateConfig;

/// 32 bytes as the RPC layer wants them.
pub(crate) type Hash = subxt::config::HashFor<Config>;
