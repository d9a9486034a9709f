//! One open endpoint.
//!
//! It uses only JSON-RPC methods that every node and test chain serves (the "legacy" ones of Substrate
//! nodes), and asks nothing while nothing changes.

use core::{fmt, time::Duration};

use btpow_registration::Head;
use subxt::{
    config::{Hasher as _, RpcConfigFor, substrate::BlakeTwo256},
    ext::codec::Encode as _,
    rpcs::{Error as RpcError, LegacyRpcMethods, RpcClient, methods::legacy::SystemHealth},
};
use tokio::time;

use super::{
    ChainError, Config, Hash, Runtime,
    endpoint::Endpoint,
    transport::{self, Ending, Long, Opened},
};
use crate::text;

/// The highest number that a block may have.
const HIGHEST: u64 = 1 << 48;

/// How long a node may take to say how it is. It is worth a short wait only.
const HEALTH: Duration = Duration::from_secs(3);

pub(crate) type Methods = LegacyRpcMethods<RpcConfigFor<Config>>;
pub(crate) type Header = <Config as subxt::Config>::Header;

/// An endpoint that answers. Dropping it closes the connection.
pub struct Connection {
    endpoint: Endpoint,
    methods: Methods,
    ending: Ending,
    long: Long,
    /// Hash of block 0.
    genesis: [u8; 32],
    /// What the chain calls itself.
    chain: String,
    /// What the node says of itself; none if it does not.
    health: Option<SystemHealth>,
}

impl Connection {
    /// Connects, and makes sure that it is the right chain.
    ///
    /// # Errors
    ///
    /// [`ChainError::Connection`], [`ChainError::WrongGenesis`], and errors of the first requests.
    pub async fn open(endpoint: &Endpoint, genesis: Option<[u8; 32]>) -> Result<Self, ChainError> {
        let Opened {
            client,
            ending,
            long,
        } = transport::open(endpoint).await?;
        let methods = Methods::new(RpcClient::new(client));
        let mut connection = Self {
            endpoint: endpoint.clone(),
            methods,
            ending,
            long,
            genesis: [0; 32],
            chain: String::new(),
            health: None,
        };
        let (found, chain, health) = tokio::join!(
            connection.methods.genesis_hash(),
            connection.methods.system_chain(),
            time::timeout(HEALTH, connection.methods.system_health())
        );
        // Not every node says it.
        connection.health = health.ok().and_then(Result::ok);
        connection.genesis = connection.answer("chain_getBlockHash", found)?.0;
        let chain = connection.answer("system_chain", chain)?;
        connection.chain = text::line(&chain, text::NAME);
        match genesis {
            Some(expected) if expected != connection.genesis => Err(ChainError::WrongGenesis {
                endpoint: endpoint.to_string(),
                found: connection.genesis,
                expected,
            }),
            _ => Ok(connection),
        }
    }

    /// The endpoint.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Hash of block 0.
    pub const fn genesis(&self) -> [u8; 32] {
        self.genesis
    }

    /// What the chain calls itself.
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// Whether the node says that it is still catching up with its chain.
    pub fn is_syncing(&self) -> bool {
        self.health.as_ref().is_some_and(|health| health.is_syncing)
    }

    /// Whether the node says that it needs no peers: a chain for development, which may make blocks on demand. With the
    /// genesis of a public network only a node of this machine is believed, which may be a fork.
    pub fn is_of_development(&self) -> bool {
        let health = self.health.as_ref();
        let may_be = !self.is_public() || self.endpoint.is_local();
        may_be && health.is_some_and(|health| !health.should_have_peers)
    }

    /// Whether the times of the chain's blocks are those of the world, as far as that is known.
    pub(crate) fn has_clock(&self) -> bool {
        let health = self.health.as_ref();
        let has_peers = health.is_some_and(|health| health.should_have_peers);
        has_peers || (self.is_public() && !self.is_of_development())
    }

    /// Whether it is one of the public networks.
    fn is_public(&self) -> bool {
        btpow_registration::Network::of_genesis(self.genesis).is_some()
    }

    /// The newest best block.
    ///
    /// # Errors
    ///
    /// [`ChainError`] when the endpoint does not say.
    pub async fn head(&self) -> Result<Head, ChainError> {
        let header = self.methods.chain_get_header(None).await;
        let header = self.answer("chain_getHeader", header)?;
        let header = header.ok_or_else(|| ChainError::Missing("best block".to_owned()))?;
        head_of(&header)
            .ok_or_else(|| ChainError::malformed("the best block", "its number is absurd"))
    }

    /// The runtime that will execute the block after `at`.
    ///
    /// # Errors
    ///
    /// [`ChainError`] when the endpoint does not say, or the answer cannot be read.
    pub async fn runtime(&self, at: [u8; 32]) -> Result<Runtime, ChainError> {
        let version = self.methods.state_get_runtime_version(Some(Hash::from(at)));
        let version = self.answer("state_getRuntimeVersion", version.await)?;
        Runtime::fetch(self, version, at).await
    }

    /// The hashes of the blocks that are now on the best chain at these numbers.
    ///
    /// # Errors
    ///
    /// [`ChainError`] when the endpoint does not say one.
    pub async fn block_hashes(
        &self,
        numbers: &[u64],
    ) -> Result<Vec<(u64, Option<[u8; 32]>)>, ChainError> {
        let mut hashes = Vec::with_capacity(numbers.len());
        for &number in numbers {
            let hash = self.methods.chain_get_block_hash(Some(number.into())).await;
            let hash = self.answer("chain_getBlockHash", hash)?;
            hashes.push((number, hash.map(|hash| hash.0)));
        }
        Ok(hashes)
    }

    /// Why the connection ended.
    pub(super) fn ending(&self) -> Ending {
        self.ending.clone()
    }

    /// Awaits an answer that may be long.
    pub(super) async fn long<T>(&self, answer: impl Future<Output = T>) -> T {
        self.long.answer(answer).await
    }

    pub(crate) const fn methods(&self) -> &Methods {
        &self.methods
    }

    /// The answer to a request, or the error that says who is at fault.
    pub(crate) fn answer<T>(
        &self,
        method: &'static str,
        answer: Result<T, RpcError>,
    ) -> Result<T, ChainError> {
        answer.map_err(|error| match error {
            RpcError::User(error) => ChainError::Refused {
                method,
                message: text::line(&error.to_string(), text::MESSAGE),
            },
            RpcError::Deserialization(_) | RpcError::Decode(_) => {
                ChainError::malformed(format!("the answer to {method}"), error)
            }
            error => ChainError::Connection {
                endpoint: self.endpoint.to_string(),
                reason: text::line(&error.to_string(), text::MESSAGE),
            },
        })
    }
}

/// The block of a header, with its hash computed here, since a node sends only the header. None for a number
/// that no chain reaches, so that sums of numbers cannot overflow.
pub(crate) fn head_of(header: &Header) -> Option<Head> {
    (header.number <= HIGHEST).then(|| Head {
        number: header.number,
        hash: BlakeTwo256.hash(&header.encode()).0,
        parent: header.parent_hash.0,
    })
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.endpoint).finish()
    }
}
