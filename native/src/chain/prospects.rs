//! What takes more than a block's question, and is read once, before anything is mined: whether a crowded subnet has a
//! place, and how many hotkeys a coldkey has.

use btpow_core::PublicKey;
use btpow_registration::{
    Subnet,
    replacement::{Occupant, Reserve, is_replaceable},
};
use subxt::{
    dynamic::Value,
    ext::codec::{Compact, Decode as _},
    utils::AccountId32,
};

use super::{
    ChainError, Hash, PALLET, Start,
    storage::{Item, Values},
};

/// The most keys of a subnet to read. Subtensor allows a few hundred.
const MOST_UIDS: u16 = 1_024;

/// How many keys to ask about at once.
const TOGETHER: usize = 128;

/// What a crowded subnet keeps, and since when.
struct Rules {
    owner: AccountId32,
    owners_hotkey: AccountId32,
    reserve: Reserve,
    immunity: u16,
}

/// Finds out whether a key of a crowded subnet gives way to a new one. It stays unknown where a runtime has other rules.
pub(super) async fn look_for_place(
    start: &Start,
    netuid: u16,
    subnet: &mut Subnet,
) -> Result<(), ChainError> {
    let taken = subnet.uids.now;
    if subnet.obstacle(netuid).is_some() || !subnet.is_crowded() || taken > MOST_UIDS {
        return Ok(());
    }
    let Some(rules) = Rules::read(start, netuid).await? else {
        return Ok(());
    };
    let mut occupants = Vec::with_capacity(taken.into());
    let uids: Vec<u16> = (0..taken).collect();
    for uids in uids.chunks(TOGETHER) {
        let Some(more) = rules.occupants(start, netuid, uids).await? else {
            return Ok(());
        };
        occupants.extend(more);
    }
    subnet.replaceable = Some(is_replaceable(&occupants, rules.reserve));
    Ok(())
}

/// How many hotkeys a coldkey owns, or stakes to if those are more; none where the runtime does not list them.
pub(super) async fn count_hotkeys(
    start: &Start,
    coldkey: PublicKey,
) -> Result<Option<u32>, ChainError> {
    let (connection, at) = (&start.connection, Some(Hash::from(start.head.hash)));
    let mut most = None;
    for entry in ["OwnedHotkeys", "StakingHotkeys"] {
        let key = vec![Value::from_bytes(coldkey.0)];
        let Some(item) = Item::maybe(&start.runtime, PALLET, entry, key)? else {
            continue;
        };
        // Some coldkeys have thousands.
        let answer = connection.methods().state_get_storage(item.key(), at);
        let answer = connection.long(answer).await;
        let bytes = connection.answer("state_getStorage", answer)?;
        // A list begins with its length.
        let count = bytes.map_or(Ok(Compact(0)), |bytes| {
            Compact::<u32>::decode(&mut bytes.as_slice())
        });
        let count = count.map_err(|error| ChainError::malformed(item.to_string(), error))?;
        most = most.max(Some(count.0));
    }
    Ok(most)
}

impl Rules {
    async fn read(start: &Start, netuid: u16) -> Result<Option<Self>, ChainError> {
        let runtime = &*start.runtime;
        let item = |entry| Item::maybe(runtime, PALLET, entry, vec![Value::from(netuid)]);
        let (Some(owner), Some(owners_hotkey), Some(of_owner), Some(mature), Some(immunity)) = (
            item("SubnetOwner")?,
            item("SubnetOwnerHotkey")?,
            item("ImmuneOwnerUidsLimit")?,
            item("MinNonImmuneUids")?,
            item("ImmunityPeriod")?,
        ) else {
            return Ok(None);
        };
        let all = [&owner, &owners_hotkey, &of_owner, &mature, &immunity];
        let values = Values::read(&start.connection, all.into_iter(), start.head.hash).await?;
        Ok(Some(Self {
            owner: values.get(runtime, &owner)?,
            owners_hotkey: values.get(runtime, &owners_hotkey)?,
            reserve: Reserve {
                of_owner: values.get(runtime, &of_owner)?,
                mature: values.get(runtime, &mature)?,
            },
            immunity: values.get(runtime, &immunity)?,
        }))
    }

    /// Those with these UIDs; none where the runtime does not list them.
    async fn occupants(
        &self,
        start: &Start,
        netuid: u16,
        uids: &[u16],
    ) -> Result<Option<Vec<Occupant>>, ChainError> {
        let runtime = &*start.runtime;
        let (connection, at) = (&start.connection, start.head.hash);
        let item = |entry, uid: u16| {
            let parts = vec![Value::from(netuid), Value::from(uid)];
            Item::maybe(runtime, PALLET, entry, parts)
        };
        let mut items = Vec::with_capacity(2 * uids.len());
        for &uid in uids {
            let (Some(key), Some(since)) = (item("Keys", uid)?, item("BlockAtRegistration", uid)?)
            else {
                return Ok(None);
            };
            items.extend([key, since]);
        }
        let values = Values::read(connection, items.iter(), at).await?;
        let mut found = Vec::with_capacity(uids.len());
        for pair in items.chunks_exact(2) {
            // As for the chain, a UID without a key is nobody.
            if values.has(&pair[0]) {
                let hotkey: AccountId32 = values.get(runtime, &pair[0])?;
                let since: u64 = values.get(runtime, &pair[1])?;
                found.push((hotkey, since));
            }
        }
        let owners = found.iter().map(|(hotkey, _)| {
            let key = vec![Value::from_bytes(hotkey.0)];
            Item::new(runtime, PALLET, "Owner", key)
        });
        let owners = owners.collect::<Result<Vec<_>, _>>()?;
        let values = Values::read(connection, owners.iter(), at).await?;
        let mut occupants = Vec::with_capacity(found.len());
        for ((hotkey, since), owner) in found.into_iter().zip(&owners) {
            let owner = values.maybe::<AccountId32>(runtime, owner)?;
            // The next block would hold the registration.
            let age = (start.head.number + 1).saturating_sub(since);
            occupants.push(Occupant {
                of_owner: owner.as_ref() == Some(&self.owner) || hotkey == self.owners_hotkey,
                immune: age < u64::from(self.immunity),
            });
        }
        Ok(Some(occupants))
    }
}
