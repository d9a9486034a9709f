//! Chains to test on: reads and changes their storage.

use std::sync::{Condvar, Mutex, PoisonError};

use btpow_devnet::{ALICE, Account, Devnet, Options, Variant, keys};
use serde_json::json;

/// How many chains run at a time. Each is a process of some hundred megabytes.
const MOST: usize = 4;

/// A difficulty that takes no time.
pub(crate) const EASY: u64 = 1_000;

/// A difficulty that nobody meets in a test.
pub(crate) const HARD: u64 = 1_000_000_000_000_000;

static RUNNING: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// A chain of a test's own. It does what a [`Devnet`] does.
pub(crate) struct Chain {
    devnet: Devnet,
    // After the chain: fields are dropped in this order.
    _place: Place,
}

/// A permit to run a chain.
struct Place;

/// Blocks on demand, no effort, and no account for `//Alice`, the coldkey of most tests: a registration needs no money.
pub(crate) fn options() -> Options {
    Options {
        difficulty: EASY,
        storage: vec![(keys::account_key(&ALICE.public), None)],
        ..Options::default()
    }
}

impl Chain {
    /// A chain with [`options`].
    pub(crate) fn easy() -> Self {
        Self::start(&options())
    }

    /// A chain with [`options`], of another era.
    pub(crate) fn of(variant: Variant) -> Self {
        Self::start(&Options {
            variant,
            ..options()
        })
    }

    /// A chain with these options, as soon as there is room for it.
    pub(crate) fn start(options: &Options) -> Self {
        let place = Place::take();
        let devnet = Devnet::start(options).unwrap_or_else(|error| panic!("{error:#}"));
        Self {
            devnet,
            _place: place,
        }
    }

    /// A new block, and its number.
    pub(crate) fn block(&self) -> u64 {
        self.devnet.new_block().expect("a block")
    }

    /// New blocks up to this one.
    pub(crate) fn blocks_until(&self, number: u64) {
        while self.block() < number {}
    }

    /// The number of the newest block.
    pub(crate) fn height(&self) -> u64 {
        self.devnet.head().expect("a head").0
    }

    /// The hash of a block, as 0x-hex.
    pub(crate) fn hash(&self, number: u64) -> String {
        let hash = self.devnet.rpc("chain_getBlockHash", json!([number]));
        let hash = hash.expect("the chain answers");
        hash.as_str().expect("there is such a block").to_owned()
    }

    /// The UID of a key on a subnet.
    pub(crate) fn uid(&self, netuid: u16, hotkey: &Account) -> Option<u16> {
        let value = self.value(&keys::uids_key(netuid, &hotkey.public));
        value.map(|bytes| u16::from_le_bytes(bytes.try_into().expect("two bytes")))
    }

    /// The coldkey that owns a hotkey.
    pub(crate) fn owner(&self, hotkey: &Account) -> Option<[u8; 32]> {
        let value = self.value(&keys::owner_key(&hotkey.public));
        value.map(|bytes| bytes.try_into().expect("32 bytes"))
    }

    /// The block whose proof a hotkey registered with.
    pub(crate) fn work_block(&self, hotkey: &Account) -> Option<u64> {
        let value = self.value(&keys::last_pow_registration_block_key(&hotkey.public));
        value.map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    /// The balance of an account, in rao.
    pub(crate) fn free(&self, account: &Account) -> u64 {
        let info = self.value(&keys::account_key(&account.public));
        info.map_or(0, |info| {
            let free = info[16..24].try_into().expect("eight bytes");
            u64::from_le_bytes(free)
        })
    }

    /// How many transactions an account has sent.
    pub(crate) fn nonce(&self, account: &Account) -> u32 {
        let info = self.value(&keys::account_key(&account.public));
        info.map_or(0, |info| {
            let nonce = info[..4].try_into().expect("four bytes");
            u32::from_le_bytes(nonce)
        })
    }

    /// Changes the difficulty of a subnet. Whoever reads each block once sees it from the next block on.
    pub(crate) fn set_difficulty(&self, netuid: u16, difficulty: u64) {
        self.set(
            keys::subnet_key("Difficulty", netuid),
            Some(difficulty.to_le_bytes().to_vec()),
        );
    }

    /// Takes the newest block's place for a registration, until the next block.
    pub(crate) fn fill_block(&self, netuid: u16) {
        self.set(
            keys::subnet_key("RegistrationsThisBlock", netuid),
            Some(1_u16.to_le_bytes().to_vec()),
        );
    }

    /// Changes a value of the newest block.
    pub(crate) fn set(&self, key: Vec<u8>, value: Option<Vec<u8>>) {
        let entry = [(key, value)];
        self.devnet.set_storage(&entry).expect("the chain answers");
    }

    fn value(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.devnet.storage(key).expect("the chain answers")
    }
}

impl core::ops::Deref for Chain {
    type Target = Devnet;

    fn deref(&self) -> &Devnet {
        &self.devnet
    }
}

impl Place {
    fn take() -> Self {
        let (running, freed) = &RUNNING;
        let running = running.lock().unwrap_or_else(PoisonError::into_inner);
        let running = freed.wait_while(running, |running| *running >= MOST);
        *running.unwrap_or_else(PoisonError::into_inner) += 1;
        Self
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (running, freed) = &RUNNING;
        *running.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        freed.notify_one();
    }
}
