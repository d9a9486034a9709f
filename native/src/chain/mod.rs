//! The chain: where it is, what its runtime accepts, its state at a block, and how to send to it.
//!
//! - [`network`] says where: names, the required genesis, and each [`endpoint`].
//! - [`proxy`] says through what.
//! - [`connection`] is one open endpoint, through the JSON-RPC methods that every node serves.
//! - [`runtime`] is a runtime as an endpoint describes it: compared with what is compiled in, and used to
//!   decode storage and events.
//! - [`subnet`] reads all that matters at one block in one request; [`subnets`] lists all subnets.
//! - [`start`] finds a chain: the first endpoint that works, and whether it is behind.
//! - [`follow`] keeps a connection and reports every new best block.
//! - [`submission`] sends, watches, and names the reason of a refusal.
//!
//! [`btpow_registration`] makes what is signed, from nothing that an endpoint says.

pub mod connection;
pub mod endpoint;
pub mod follow;
pub mod network;
pub mod proxy;
pub mod runtime;
pub mod start;
pub mod storage;
pub mod submission;
pub mod subnet;
pub mod subnets;

mod beat;
mod error;
mod heads;
mod nesting;
mod pace;
mod prospects;
mod refused;
mod transport;
mod tunnel;

#[cfg(test)]
mod golden_tests;

pub use self::{
    connection::Connection,
    error::ChainError,
    follow::{Follower, Update},
    network::Network,
    runtime::Runtime,
    start::Start,
};
pub(crate) use btpow_registration::call::PALLET;

/// The types that the chain uses for hashes, headers, addresses and signatures.
pub(crate) type Config = subxt::SubstrateConfig;

/// Reads JSON as each message that a node may send: see [`crate::fuzzing`].
#[cfg(fuzzing)]
pub(crate) fn fuzz_message(bytes: &[u8]) {
    use subxt::rpcs::methods::legacy::{RuntimeVersion, TransactionStatus};

    if let Ok(header) = serde_json::from_slice::<connection::Header>(bytes) {
        let head = connection::head_of(&header);
        assert!(head.is_none_or(|head| head.parent == header.parent_hash.0));
    }
    if let Ok(version) = serde_json::from_slice::<RuntimeVersion>(bytes) {
        let name = version.other.get("specName").and_then(|it| it.as_str());
        let _ = crate::text::line(name.unwrap_or_default(), crate::text::NAME);
    }
    let _ = serde_json::from_slice::<TransactionStatus<Hash>>(bytes);
    if let Ok((code, message, data)) = serde_json::from_slice::<(i32, String, String)>(bytes) {
        let refusal = submission::pool_refusal(code, &message, &data);
        assert!(!refusal.to_string().contains('\n'));
    }
}

/// Reads the events of a block of finney: see [`crate::fuzzing`].
#[cfg(fuzzing)]
pub(crate) fn fuzz_events(bytes: &[u8]) {
    static RUNTIME: std::sync::LazyLock<Runtime> = std::sync::LazyLock::new(|| {
        let metadata = include_bytes!("../../../tests/vectors/subtensor-461/metadata_v14.scale");
        Runtime::new("node-subtensor", (461, 1), metadata, [0; 32]).expect("real metadata")
    });
    let (index, events) = bytes.split_first().unwrap_or((&0, &[]));
    let _ = submission::read(&RUNTIME, events.to_vec(), usize::from(index % 4));
    let refusal = submission::dispatch_refusal(&RUNTIME, events);
    assert!(!refusal.name.is_empty());
}

/// 32 bytes in the type of the RPC layer.
pub(crate) type Hash = subxt::config::HashFor<Config>;
