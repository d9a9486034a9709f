//! A runtime: its metadata, its version, and what follows from them.

use core::fmt;

use btpow_core::{Order, Protocol};
use subxt::{
    OfflineClient, SubstrateConfig,
    client::{ClientAtBlock, OfflineClientAtBlockImpl},
    config::substrate::SpecVersionForRange,
    ext::codec::{Decode as _, Encode as _},
    metadata::Metadata,
    rpcs::methods::legacy::RuntimeVersion,
};

use super::{ChainError, Config, Connection, Hash, Refused, rules};
use crate::text;

/// The newest format of metadata that is asked for.
const METADATA_VERSION: u32 = 15;

/// A runtime at work. Everything that it encodes and decodes is by its own metadata.
pub struct Runtime {
    name: String,
    spec_version: u32,
    transaction_version: u32,
    client: ClientAtBlock<Config, OfflineClientAtBlockImpl<Config>>,
    registration: Result<Protocol, Refused>,
    faucet: Result<Order, Refused>,
}

impl Runtime {
    pub(crate) async fn fetch(
        connection: &Connection,
        version: RuntimeVersion,
        at: [u8; 32],
    ) -> Result<Self, ChainError> {
        let name = version.other.get("specName");
        let name = name.and_then(|name| name.as_str()).unwrap_or_default();
        let metadata = fetch_metadata(connection, Hash::from(at)).await?;
        Self::new(
            name,
            (version.spec_version, version.transaction_version),
            metadata,
            connection.genesis(),
        )
    }

    /// A runtime of this name and of these versions (spec, transaction).
    ///
    /// # Errors
    ///
    /// [`ChainError::Missing`] when there is no Subtensor pallet in its metadata.
    pub fn new(
        name: &str,
        (spec_version, transaction_version): (u32, u32),
        metadata: Metadata,
        genesis: [u8; 32],
    ) -> Result<Self, ChainError> {
        let registration = rules::registration(name, spec_version, &metadata);
        let faucet = rules::faucet(name, spec_version, &metadata);
        let config = SubstrateConfig::builder()
            .set_genesis_hash(Hash::from(genesis))
            .set_spec_version_for_block_ranges([SpecVersionForRange {
                block_range: 0..u64::MAX,
                spec_version,
                transaction_version,
            }])
            .set_metadata_for_spec_versions([(spec_version, metadata.arc())])
            .build();
        // Any block: the range above holds them all.
        let client = OfflineClient::new_with_config(config).at_block(0_u64);
        let client = client.map_err(|error| ChainError::malformed("the runtime", error))?;
        Ok(Self {
            name: text::line(name, text::NAME),
            spec_version,
            transaction_version,
            client,
            registration,
            faucet,
        })
    }

    /// What it calls itself: `node-subtensor`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, which rises with every upgrade.
    pub const fn spec_version(&self) -> u32 {
        self.spec_version
    }

    /// The version of its extrinsics.
    pub const fn transaction_version(&self) -> u32 {
        self.transaction_version
    }

    /// Which proof registers a key.
    ///
    /// # Errors
    ///
    /// [`Refused`] where none does, or where that is not known for sure.
    pub fn registration(&self) -> Result<Protocol, Refused> {
        self.registration.clone()
    }

    /// In which order the faucet reads a seal.
    ///
    /// # Errors
    ///
    /// [`Refused`] where there is no faucet, or where that is not known for sure.
    pub fn faucet(&self) -> Result<Order, Refused> {
        self.faucet.clone()
    }

    pub(crate) fn client(&self) -> &ClientAtBlock<Config, OfflineClientAtBlockImpl<Config>> {
        &self.client
    }

    pub(crate) fn metadata(&self) -> &Metadata {
        self.client.metadata_ref()
    }

    /// Whether a node that tells this version still runs this runtime.
    pub(crate) const fn is_still(&self, version: &RuntimeVersion) -> bool {
        self.spec_version == version.spec_version
            && self.transaction_version == version.transaction_version
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime")
            .field("name", &self.name)
            .field("spec_version", &self.spec_version)
            .finish_non_exhaustive()
    }
}

async fn fetch_metadata(connection: &Connection, at: Hash) -> Result<Metadata, ChainError> {
    const METHOD: &str = "Metadata_metadata_at_version";
    let version = METADATA_VERSION.encode();
    let methods = connection.methods();
    let answer = methods.state_call(METHOD, Some(&version), Some(at)).await;
    // Runtimes before 2023 know only the format that they are built with.
    if let Some(metadata) = answer.ok().and_then(|bytes| opaque(&bytes)) {
        return Ok(metadata);
    }
    let answer = methods.state_get_metadata(Some(at)).await;
    let bytes = connection.answer("state_getMetadata", answer)?.into_raw();
    Metadata::decode_from(&bytes).map_err(|error| ChainError::malformed("the metadata", error))
}

/// The answer of `Metadata_metadata_at_version`: metadata inside of bytes inside of an option.
pub(super) fn opaque(mut answer: &[u8]) -> Option<Metadata> {
    let bytes = Option::<Vec<u8>>::decode(&mut answer).ok().flatten()?;
    Metadata::decode_from(&bytes).ok()
}
