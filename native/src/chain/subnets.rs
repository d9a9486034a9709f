//! Every subnet of a chain, as it stands at a block.

use btpow_registration::Subnet;

use super::{
    ChainError, Hash, PALLET, Start, prospects,
    storage::{self, Values},
    subnet::SubnetItems,
};

/// How many keys to ask for at once: the most that nodes allow.
const PAGE: u32 = 1_000;

/// The most pages that keys with a number of two bytes can fill.
const PAGES: usize = 1 + (1 << 16) / PAGE as usize;

/// How many subnets' values to ask for at once.
const TOGETHER: usize = 64;

/// The subnets that exist, by number.
///
/// # Errors
///
/// [`ChainError`] when the endpoint does not say, or the answers cannot be read.
pub async fn all(start: &Start) -> Result<Vec<(u16, Subnet)>, ChainError> {
    let netuids = netuids(start).await?;
    let Start {
        connection,
        runtime,
        head,
        ..
    } = start;
    let mut subnets = Vec::with_capacity(netuids.len());
    for netuids in netuids.chunks(TOGETHER) {
        let items = netuids
            .iter()
            .map(|&netuid| Ok((netuid, SubnetItems::new(runtime, netuid)?)))
            .collect::<Result<Vec<_>, ChainError>>()?;
        let keys = items.iter().flat_map(|(_, items)| items.iter());
        let values = Values::read(connection, keys, head.hash).await?;
        for (netuid, items) in &items {
            subnets.push((*netuid, items.decode(runtime, &values)?));
        }
    }
    subnets.retain(|(_, subnet)| subnet.exists);
    for (netuid, subnet) in subnets.iter_mut().filter(|(netuid, _)| *netuid != 0) {
        prospects::look_for_place(start, *netuid, subnet).await?;
    }
    Ok(subnets)
}

/// The numbers under which a subnet was ever added.
async fn netuids(start: &Start) -> Result<Vec<u16>, ChainError> {
    let prefix = storage::prefix(&start.runtime, PALLET, "NetworksAdded")?;
    let at = Some(Hash::from(start.head.hash));
    let methods = start.connection.methods();
    let mut netuids = Vec::new();
    let mut last: Option<Vec<u8>> = None;
    for _ in 0..PAGES {
        let page = methods.state_get_keys_paged(&prefix, PAGE, last.as_deref(), at);
        let page = start.connection.answer("state_getKeysPaged", page.await)?;
        let full = page.len() == PAGE as usize;
        last = page.last().cloned();
        for key in page {
            // With any hasher, a map's key ends with the number itself.
            let number = key.last_chunk().map(|bytes| u16::from_le_bytes(*bytes));
            netuids.extend(number);
        }
        if !full {
            netuids.sort_unstable();
            netuids.dedup();
            return Ok(netuids);
        }
    }
    let reason = "it has more keys than there are subnets";
    Err(ChainError::malformed("NetworksAdded", reason))
}
