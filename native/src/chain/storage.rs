//! Reads many values at one block, in one request.

use std::collections::HashMap;

use subxt::{
    dynamic::{self, Value},
    ext::scale_decode::DecodeAsType,
};

use super::{ChainError, Connection, Hash, Runtime, nesting};

/// The common prefix of the keys of a map.
pub(crate) fn prefix(
    runtime: &Runtime,
    pallet: &'static str,
    entry: &'static str,
) -> Result<Vec<u8>, ChainError> {
    let address = dynamic::storage::<Vec<Value>, Value>(pallet, entry);
    let storage = runtime.client().storage();
    let found = storage.entry(address);
    let found = found.map_err(|_| ChainError::Missing(format!("{pallet}.{entry}")))?;
    Ok(found.key_prefix().to_vec())
}

/// Makes sure that keys and values of an item can be read in little time, whatever their bytes.
fn harmless(
    runtime: &Runtime,
    pallet: &'static str,
    entry: &'static str,
) -> Result<(), ChainError> {
    let metadata = runtime.metadata();
    let found = metadata.pallet_by_name(pallet);
    let Some(found) = found.and_then(|it| it.storage()?.entry_by_name(entry)) else {
        return Err(ChainError::Missing(format!("{pallet}.{entry}")));
    };
    let keys = found.keys().map(|key| key.key_id);
    for ty in keys.chain([found.value_ty()]) {
        if !nesting::is_harmless(metadata.types(), ty) {
            let reason = "its type has no end, or is absurd";
            return Err(ChainError::malformed(format!("{pallet}.{entry}"), reason));
        }
    }
    Ok(())
}

/// A value to ask for: its item and its key.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pallet: &'static str,
    entry: &'static str,
    key: Vec<u8>,
}

/// Values as they stood at one block.
#[derive(Debug)]
pub(crate) struct Values(HashMap<Vec<u8>, Vec<u8>>);

impl Item {
    /// An item of this runtime; `parts` are the keys of a map.
    pub(crate) fn new(
        runtime: &Runtime,
        pallet: &'static str,
        entry: &'static str,
        parts: Vec<Value>,
    ) -> Result<Self, ChainError> {
        harmless(runtime, pallet, entry)?;
        let address = dynamic::storage::<Vec<Value>, Value>(pallet, entry);
        let storage = runtime.client().storage();
        let found = storage.entry(address);
        let found = found.map_err(|_| ChainError::Missing(format!("{pallet}.{entry}")))?;
        let key = found.fetch_key(parts);
        let key = key.map_err(|error| ChainError::malformed(format!("{pallet}.{entry}"), error))?;
        Ok(Self { pallet, entry, key })
    }

    /// The same, or none if the runtime has no such item.
    pub(crate) fn maybe(
        runtime: &Runtime,
        pallet: &'static str,
        entry: &'static str,
        parts: Vec<Value>,
    ) -> Result<Option<Self>, ChainError> {
        match Self::new(runtime, pallet, entry, parts) {
            Err(ChainError::Missing(_)) => Ok(None),
            item => item.map(Some),
        }
    }

    /// Its full key.
    pub(crate) fn key(&self) -> &[u8] {
        &self.key
    }

    /// Decodes a value; none for an optional item that is not set.
    pub(crate) fn decode<T: DecodeAsType>(
        &self,
        runtime: &Runtime,
        bytes: Option<&[u8]>,
    ) -> Result<Option<T>, ChainError> {
        let metadata = runtime.metadata();
        let entry = metadata
            .pallet_by_name(self.pallet)
            .and_then(|pallet| pallet.storage()?.entry_by_name(self.entry))
            .ok_or_else(|| ChainError::Missing(self.to_string()))?;
        let Some(mut bytes) = bytes.or_else(|| entry.default_value()) else {
            return Ok(None);
        };
        T::decode_as_type(&mut bytes, entry.value_ty(), metadata.types())
            .map(Some)
            .map_err(|error| ChainError::malformed(self.to_string(), error))
    }
}

impl core::fmt::Display for Item {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{}", self.pallet, self.entry)
    }
}

impl Values {
    /// Asks for all of them at once.
    pub(crate) async fn read(
        connection: &Connection,
        items: impl Iterator<Item = &Item>,
        at: [u8; 32],
    ) -> Result<Self, ChainError> {
        let keys = items.map(Item::key);
        let methods = connection.methods();
        let answer = methods.state_query_storage_at(keys, Some(Hash::from(at)));
        let sets = connection.answer("state_queryStorageAt", answer.await)?;
        let changes = sets.into_iter().flat_map(|set| set.changes);
        let values = changes.filter_map(|(key, value)| Some((key.0, value?.0)));
        Ok(Self(values.collect()))
    }

    /// Whether there is a value of its own, not a default.
    pub(crate) fn has(&self, item: &Item) -> bool {
        self.0.contains_key(item.key())
    }

    /// One of them; none for an optional item that is not set.
    pub(crate) fn maybe<T: DecodeAsType>(
        &self,
        runtime: &Runtime,
        item: &Item,
    ) -> Result<Option<T>, ChainError> {
        item.decode(runtime, self.0.get(item.key()).map(Vec::as_slice))
    }

    /// One that is always there, at least as its default.
    pub(crate) fn get<T: DecodeAsType>(
        &self,
        runtime: &Runtime,
        item: &Item,
    ) -> Result<T, ChainError> {
        self.maybe(runtime, item)?
            .ok_or_else(|| ChainError::malformed(item.to_string(), "it is not set"))
    }
}
