//! Reads all that matters at one block in one request: the subnet, the key to register and the account that
//! signs.

use btpow_core::PublicKey;
use btpow_registration::{
    Account, Hotkey, State, Subject, Subnet, Swap,
    standing::{Bounds, Count, effective_difficulty},
};
use subxt::{
    dynamic::Value,
    ext::scale_decode::{self, DecodeAsType},
    utils::AccountId32,
};

use super::{
    ChainError, Connection, PALLET, Runtime,
    storage::{Item, Values},
};

/// The storage keys of everything about a subject, made once per runtime.
#[derive(Debug)]
pub(crate) struct Query {
    subnet: Option<SubnetItems>,
    hotkey: Option<HotkeyItems>,
    account: Option<AccountItems>,
}

/// The items of a subnet.
#[derive(Debug)]
pub(crate) struct SubnetItems {
    exists: Item,
    pow_allowed: Item,
    difficulty: [Item; 3],
    registrations: [Item; 2],
    uids: [Item; 2],
}

#[derive(Debug)]
struct HotkeyItems {
    uid: Option<Item>,
    owner: Item,
    last_work: Option<Item>,
}

#[derive(Debug)]
struct AccountItems {
    info: Item,
    /// The announcement of its swap, and the dispute about it. That they are there is all that matters.
    swap: [Option<Item>; 2],
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct AccountInfo {
    nonce: u32,
    data: AccountData,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "scale_decode")]
struct AccountData {
    free: u64,
}

impl Query {
    pub(crate) fn new(runtime: &Runtime, subject: &Subject) -> Result<Self, ChainError> {
        let Subject {
            netuid,
            hotkey,
            signer,
        } = *subject;
        let subnet = netuid.map(|netuid| SubnetItems::new(runtime, netuid));
        let hotkey = hotkey.map(|hotkey| HotkeyItems::new(runtime, netuid, hotkey));
        let account = signer.map(|signer| AccountItems::new(runtime, signer));
        Ok(Self {
            subnet: subnet.transpose()?,
            hotkey: hotkey.transpose()?,
            account: account.transpose()?,
        })
    }

    /// The state of a subject at a block.
    pub(crate) async fn read(
        &self,
        connection: &Connection,
        runtime: &Runtime,
        at: [u8; 32],
    ) -> Result<State, ChainError> {
        let values = Values::read(connection, self.items(), at).await?;
        self.decode(runtime, &values)
    }

    /// The states of several subjects at a block, in one request.
    pub(crate) async fn read_all(
        queries: &[Self],
        connection: &Connection,
        runtime: &Runtime,
        at: [u8; 32],
    ) -> Result<Vec<State>, ChainError> {
        let items = queries.iter().flat_map(Self::items);
        let values = Values::read(connection, items, at).await?;
        let states = queries.iter().map(|query| query.decode(runtime, &values));
        states.collect()
    }

    fn items(&self) -> impl Iterator<Item = &Item> {
        let subnet = self.subnet.iter().flat_map(SubnetItems::iter);
        let hotkey = self.hotkey.iter().flat_map(HotkeyItems::iter);
        let account = self.account.iter().flat_map(AccountItems::iter);
        subnet.chain(hotkey).chain(account)
    }

    fn decode(&self, runtime: &Runtime, values: &Values) -> Result<State, ChainError> {
        let subnet = self.subnet.as_ref();
        let hotkey = self.hotkey.as_ref();
        let account = self.account.as_ref();
        Ok(State {
            subnet: subnet
                .map(|items| items.decode(runtime, values))
                .transpose()?,
            hotkey: hotkey
                .map(|items| items.decode(runtime, values))
                .transpose()?
                .unwrap_or_default(),
            account: account
                .map(|items| items.decode(runtime, values))
                .transpose()?
                .unwrap_or_default(),
        })
    }
}

impl SubnetItems {
    pub(crate) fn new(runtime: &Runtime, netuid: u16) -> Result<Self, ChainError> {
        let item = |entry| {
            let parts = vec![Value::from(netuid)];
            Item::new(runtime, PALLET, entry, parts)
        };
        Ok(Self {
            exists: item("NetworksAdded")?,
            pow_allowed: item("NetworkPowRegistrationAllowed")?,
            difficulty: [
                item("Difficulty")?,
                item("MinDifficulty")?,
                item("MaxDifficulty")?,
            ],
            registrations: [
                item("RegistrationsThisBlock")?,
                item("MaxRegistrationsPerBlock")?,
            ],
            uids: [item("SubnetworkN")?, item("MaxAllowedUids")?],
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Item> {
        [&self.exists, &self.pow_allowed]
            .into_iter()
            .chain(&self.difficulty)
            .chain(&self.registrations)
            .chain(&self.uids)
    }

    pub(crate) fn decode(&self, runtime: &Runtime, values: &Values) -> Result<Subnet, ChainError> {
        let [difficulty, low, high] = &self.difficulty;
        let number = |item| values.get::<u64>(runtime, item);
        let (difficulty, low, high) = (number(difficulty)?, number(low)?, number(high)?);
        let count = |[now, most]: &[Item; 2]| {
            let small = |item| values.get::<u16>(runtime, item);
            Ok::<_, ChainError>(Count {
                now: small(now)?,
                most: small(most)?,
            })
        };
        Ok(Subnet {
            exists: values.get(runtime, &self.exists)?,
            pow_allowed: values.get(runtime, &self.pow_allowed)?,
            difficulty: effective_difficulty(Some(difficulty), Some(low), Some(high)),
            bounds: Bounds { low, high },
            registrations: count(&self.registrations)?,
            uids: count(&self.uids)?,
            replaceable: None,
        })
    }
}

impl HotkeyItems {
    fn new(runtime: &Runtime, netuid: Option<u16>, hotkey: PublicKey) -> Result<Self, ChainError> {
        let key = || Value::from_bytes(hotkey.0);
        let uid = netuid.map(|netuid| {
            let parts = vec![Value::from(netuid), key()];
            Item::new(runtime, PALLET, "Uids", parts)
        });
        let last_work = "LastPowRegistrationBlock";
        Ok(Self {
            uid: uid.transpose()?,
            owner: Item::new(runtime, PALLET, "Owner", vec![key()])?,
            last_work: Item::maybe(runtime, PALLET, last_work, vec![key()])?,
        })
    }

    fn iter(&self) -> impl Iterator<Item = &Item> {
        let optional = self.uid.iter().chain(&self.last_work);
        optional.chain([&self.owner])
    }

    fn decode(&self, runtime: &Runtime, values: &Values) -> Result<Hotkey, ChainError> {
        let owner = values.maybe::<AccountId32>(runtime, &self.owner)?;
        let uid = self.uid.as_ref().map(|item| values.maybe(runtime, item));
        let last_work = self.last_work.as_ref();
        let last_work = last_work.map(|item| values.maybe(runtime, item));
        Ok(Hotkey {
            uid: uid.transpose()?.flatten(),
            // The chain writes nobody as the account of zeros.
            owner: owner
                .filter(|owner| owner.0 != [0; 32])
                .map(|owner| PublicKey(owner.0)),
            last_work: last_work.transpose()?.flatten(),
        })
    }
}

impl AccountItems {
    fn new(runtime: &Runtime, account: PublicKey) -> Result<Self, ChainError> {
        let key = || vec![Value::from_bytes(account.0)];
        Ok(Self {
            info: Item::new(runtime, "System", "Account", key())?,
            swap: [
                Item::maybe(runtime, PALLET, "ColdkeySwapAnnouncements", key())?,
                Item::maybe(runtime, PALLET, "ColdkeySwapDisputes", key())?,
            ],
        })
    }

    fn iter(&self) -> impl Iterator<Item = &Item> {
        self.swap.iter().flatten().chain([&self.info])
    }

    fn decode(&self, runtime: &Runtime, values: &Values) -> Result<Account, ChainError> {
        let info = values.get::<AccountInfo>(runtime, &self.info)?;
        let is_set = |item: &Option<Item>| item.as_ref().is_some_and(|item| values.has(item));
        let [announced, disputed] = &self.swap;
        Ok(Account {
            nonce: info.nonce,
            free: info.data.free,
            swap: Swap::of(is_set(announced), is_set(disputed)),
            hotkeys: None,
        })
    }
}
