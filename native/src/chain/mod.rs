//! The chain: where it is, what its runtime accepts, what it says at a block, what is sent to it.
//!
//! - [`network`] says where: names, endpoints, the genesis that must be there.
//! - [`connection`] is one open endpoint, through the JSON-RPC methods that every node serves.
//! - [`runtime`] is a runtime as it is told: compared with what is compiled in, and read by.
//! - [`subnet`] is all that is read at one block, in one request; [`subnets`] lists all of them.
//! - [`follow`] keeps a connection and tells every new best block.
//! - [`submission`] sends and watches, [`refusal`] names why something was not taken.
//!
//! What is signed is not made here, but by [`btpow_registration`], from nothing that an endpoint says.

pub mod connection;
pub mod follow;
pub mod network;
pub mod refusal;
pub mod runtime;
pub mod storage;
pub mod submission;
pub mod subnet;
pub mod subnets;

mod error;
mod heads;
mod nesting;
mod pace;
mod transport;

#[cfg(test)]
mod golden_tests;

pub use self::{
    connection::{Connection, Head},
    error::ChainError,
    follow::{Follower, Update},
    network::Network,
    runtime::Runtime,
    subnet::{Account, State, Subject},
};
pub(crate) use btpow_registration::call::PALLET;

/// The types that the chain uses for hashes, headers, addresses and signatures.
pub(crate) type Config = subxt::SubstrateConfig;

/// 32 bytes as the RPC layer wants them.
pub(crate) type Hash = subxt::config::HashFor<Config>;
