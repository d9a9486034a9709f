//! A runtime at work: what may be signed for it, and the metadata that decodes its storage and events.

use core::fmt;

use btpow_core::{Order, Protocol};
use btpow_registration::{Identity, Refusal, metadata::MAX_METADATA};
use subxt::{
    OfflineClient, SubstrateConfig,
    client::{ClientAtBlock, OfflineClientAtBlockImpl},
    config::substrate::SpecVersionForRange,
    ext::codec::{Decode as _, Encode as _},
    metadata::Metadata,
    rpcs::methods::legacy::RuntimeVersion,
};
use tokio::task;

use super::{ChainError, Config, Connection, Hash, nesting};
use crate::text;

/// The newest metadata format to ask for.
const METADATA_VERSION: u32 = 15;

/// A runtime at work. Its own metadata decodes what it says, but never encodes what we send.
pub struct Runtime {
    name: String,
    rules: btpow_registration::Runtime,
    client: ClientAtBlock<Config, OfflineClientAtBlockImpl<Config>>,
    readable_events: bool,
}

impl Runtime {
    pub(crate) async fn fetch(
        connection: &Connection,
        version: RuntimeVersion,
        at: [u8; 32],
    ) -> Result<Self, ChainError> {
        let name = version.other.get("specName");
        let name = name.and_then(|name| name.as_str()).unwrap_or_default();
        let name = name.to_owned();
        let genesis = connection.genesis();
        let metadata = fetch_metadata(connection, Hash::from(at)).await?;
        let versions = (version.spec_version, version.transaction_version);
        // On another thread, so that signals and deadlines act meanwhile, whatever the metadata holds.
        task::spawn_blocking(move || Self::new(&name, versions, &metadata, genesis))
            .await
            .unwrap_or_else(|error| Err(ChainError::malformed("the metadata", error)))
    }

    /// A runtime with this name, these versions (spec, transaction) and metadata that begins with "meta", on
    /// the chain with this genesis.
    ///
    /// # Errors
    ///
    /// [`ChainError::Malformed`] when the metadata cannot be read.
    pub fn new(
        name: &str,
        (spec_version, transaction_version): (u32, u32),
        metadata: &[u8],
        genesis: [u8; 32],
    ) -> Result<Self, ChainError> {
        const METADATA: &str = "the metadata";
        let identity = Identity {
            name,
            spec_version,
            transaction_version,
            genesis,
        };
        // This comes first, since it can take any metadata.
        let rules = btpow_registration::Runtime::compare(identity, metadata);
        if let Err(Refusal::Metadata(error)) = rules.registration() {
            return Err(ChainError::malformed(METADATA, error));
        }
        let metadata = Metadata::decode_from(metadata);
        let metadata = metadata.map_err(|error| ChainError::malformed(METADATA, error))?;
        let readable_events = nesting::are_events_harmless(&metadata);
        let config = SubstrateConfig::builder()
            .set_genesis_hash(Hash::from(genesis))
            .set_spec_version_for_block_ranges([SpecVersionForRange {
                block_range: 0..u64::MAX,
                spec_version,
                transaction_version,
            }])
            .set_metadata_for_spec_versions([(spec_version, metadata.arc())])
            .build();
        // Any block will do: the range above holds them all.
        let client = OfflineClient::new_with_config(config).at_block(0_u64);
        let client = client.map_err(|error| ChainError::malformed("the runtime", error))?;
        Ok(Self {
            name: text::line(name, text::NAME),
            rules,
            client,
            readable_events,
        })
    }

    /// Its name for itself: `node-subtensor`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, which rises with every upgrade.
    pub const fn spec_version(&self) -> u32 {
        self.rules.spec_version()
    }

    /// Which proof registers a key.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if none does, or if that is not certain.
    pub const fn registration(&self) -> Result<Protocol, Refusal> {
        self.rules.registration()
    }

    /// The byte order in which the faucet reads a seal.
    ///
    /// # Errors
    ///
    /// [`Refusal`] if there is no faucet, or if that is not certain.
    pub const fn faucet(&self) -> Result<Order, Refusal> {
        self.rules.faucet()
    }

    /// What may be signed for it.
    pub const fn rules(&self) -> &btpow_registration::Runtime {
        &self.rules
    }

    pub(crate) fn client(&self) -> &ClientAtBlock<Config, OfflineClientAtBlockImpl<Config>> {
        &self.client
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        self.client.metadata_ref()
    }

    /// Whether its events and errors can be read.
    pub(crate) const fn has_readable_events(&self) -> bool {
        self.readable_events
    }

    /// Whether a node that reports this version still runs this runtime.
    pub(crate) const fn is_still(&self, version: &RuntimeVersion) -> bool {
        self.rules.spec_version() == version.spec_version
            && self.rules.transaction_version() == version.transaction_version
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("name", &self.name)
            .field("spec_version", &self.spec_version())
            .finish_non_exhaustive()
    }
}

/// The metadata, which begins with "meta", in the newest format that the runtime has.
async fn fetch_metadata(connection: &Connection, at: Hash) -> Result<Vec<u8>, ChainError> {
    const METHOD: &str = "Metadata_metadata_at_version";
    let version = METADATA_VERSION.encode();
    let methods = connection.methods();
    let answer = methods.state_call(METHOD, Some(&version), Some(at));
    let answer = connection.long(answer).await;
    // Runtimes before 2023 know only the format that they were built with.
    let answer = answer.ok().and_then(|bytes| opaque(&bytes));
    let metadata = match answer {
        Some(metadata) => metadata,
        None => {
            let answer = connection.long(methods.state_get_metadata(Some(at))).await;
            connection.answer("state_getMetadata", answer)?.into_raw()
        }
    };
    if metadata.len() > MAX_METADATA {
        let reason = format!("it has {} bytes", metadata.len());
        return Err(ChainError::malformed("the metadata", reason));
    }
    Ok(metadata)
}

/// The answer of `Metadata_metadata_at_version`: metadata inside bytes inside an option.
pub(super) fn opaque(mut answer: &[u8]) -> Option<Vec<u8>> {
    Option::<Vec<u8>>::decode(&mut answer).ok().flatten()
}
