//! What the page passes to a session: blocks, proofs, and news of submissions.

use alloc::{string::String, vec::Vec};

use btpow_core::PublicKey;
use btpow_registration::{
    self as registration, Account, DispatchRefusal, Gone, Hotkey, Outcome, PoolRefusal, Swap,
};
use btpow_wasm_runtime::bytes32;
use wasm_bindgen::prelude::*;

/// A best block.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct Head(pub(crate) registration::Head);

#[wasm_bindgen]
impl Head {
    /// The block with this number and this hash, after the one with the hash `parent`.
    #[wasm_bindgen(constructor)]
    pub fn new(number: u32, hash: &[u8], parent: &[u8]) -> Self {
        Self(registration::Head {
            number: number.into(),
            hash: bytes32(hash),
            parent: bytes32(parent),
        })
    }
}

/// The keys at a block.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug, Default)]
pub struct KeyState {
    /// The hotkey's number on the subnet: `Uids`.
    pub uid: Option<u16>,
    /// The coldkey that owns the hotkey: `Owner`.
    pub owner: Option<Vec<u8>>,
    /// The block of the last proof that registered the hotkey anywhere: `LastPowRegistrationBlock`.
    #[wasm_bindgen(js_name = lastWork)]
    pub last_work: Option<u64>,
    /// The nonce of the coldkey's next extrinsic: `System.Account`.
    pub nonce: u32,
    /// Whether the coldkey's swap is announced: `ColdkeySwapAnnouncements`.
    #[wasm_bindgen(js_name = swapAnnounced)]
    pub swap_announced: bool,
    /// Whether that swap is disputed: `ColdkeySwapDisputes`.
    #[wasm_bindgen(js_name = swapDisputed)]
    pub swap_disputed: bool,
    /// How many hotkeys the coldkey has, if the page read that: `OwnedHotkeys`, or `StakingHotkeys` if those are more.
    pub hotkeys: Option<u32>,
}

#[wasm_bindgen]
impl KeyState {
    /// The state of new keys, until the page sets its fields.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }
}

impl KeyState {
    pub(crate) fn hotkey(&self) -> Hotkey {
        Hotkey {
            uid: self.uid,
            owner: self.owner.as_deref().map(|key| PublicKey(bytes32(key))),
            last_work: self.last_work,
        }
    }

    pub(crate) fn account(&self) -> Account {
        Account {
            nonce: self.nonce,
            // Only the old calls and the faucet need it.
            free: 0,
            swap: Swap::of(self.swap_announced, self.swap_disputed),
            hotkeys: self.hotkeys,
        }
    }
}

/// A nonce that won, and the block that it won for.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug)]
pub struct Proof {
    /// The block's number.
    #[wasm_bindgen(readonly, js_name = workBlock)]
    pub work_block: u32,
    /// Its hash.
    #[wasm_bindgen(readonly, js_name = blockHash)]
    pub block_hash: Vec<u8>,
    /// The nonce.
    #[wasm_bindgen(readonly)]
    pub nonce: u64,
    /// How many more blocks may include it.
    #[wasm_bindgen(readonly, js_name = blocksLeft)]
    pub blocks_left: u32,
}

#[wasm_bindgen]
impl Proof {
    /// A proof of an earlier visit.
    #[wasm_bindgen(constructor)]
    pub fn new(work_block: u32, block_hash: Vec<u8>, nonce: u64) -> Self {
        Self {
            work_block,
            block_hash,
            nonce,
            blocks_left: 0,
        }
    }
}

/// The block that has a number now, if there is one.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct KnownBlock(pub(crate) (u64, Option<[u8; 32]>));

#[wasm_bindgen]
impl KnownBlock {
    /// The block with this number and this hash.
    #[wasm_bindgen(constructor)]
    pub fn new(number: u32, hash: Option<Vec<u8>>) -> Self {
        Self((number.into(), hash.as_deref().map(bytes32)))
    }
}

/// A block that holds an extrinsic.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct Place(registration::Place);

#[wasm_bindgen]
impl Place {
    /// The block with this hash, and with this number if the page could read it.
    #[wasm_bindgen(constructor)]
    pub fn new(hash: &[u8], number: Option<u32>) -> Self {
        Self(registration::Place {
            hash: bytes32(hash),
            number: number.map(u64::from),
        })
    }
}

/// News of a submission.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Progress(pub(crate) registration::Progress);

impl Progress {
    const fn in_block(place: Place, outcome: Outcome) -> Self {
        let Place(place) = place;
        Self(registration::Progress::InBlock { place, outcome })
    }
}

#[wasm_bindgen]
impl Progress {
    /// The pool has it.
    pub fn waiting() -> Self {
        Self(registration::Progress::Waiting)
    }

    /// A block holds it, and it registered the key.
    pub fn registered(place: Place, uid: u16, hotkey: &[u8]) -> Self {
        let hotkey = PublicKey(bytes32(hotkey));
        Self::in_block(place, Outcome::Registered { uid, hotkey })
    }

    /// A block holds it, and it failed.
    pub fn failed(place: Place, pallet: String, name: String) -> Self {
        Self::in_block(place, Outcome::Failed(DispatchRefusal { pallet, name }))
    }

    /// A block holds it, but cannot be read.
    pub fn unreadable(place: Place, reason: String) -> Self {
        Self::in_block(place, Outcome::Unknown(reason))
    }

    /// The block that held it is no longer part of the chain.
    pub fn retracted() -> Self {
        Self(registration::Progress::Retracted)
    }

    /// The block that holds it is final.
    pub fn finalized() -> Self {
        Self(registration::Progress::Finalized)
    }

    /// The pool did not take it: the code of the JSON-RPC error, its message and its data.
    pub fn refused(code: i32, message: &str, data: &str) -> Self {
        let refusal = PoolRefusal::read(code, message, data);
        Self(registration::Progress::Refused(refusal))
    }

    /// The pool let it go; `word` is the node's.
    pub fn gone(word: &str) -> Self {
        let known = [Gone::Dropped, Gone::Usurped];
        let known = known.into_iter().find(|gone| gone.name() == word);
        Self(registration::Progress::Gone(known.unwrap_or(Gone::Invalid)))
    }

    /// Nobody reports on it from now on.
    pub fn lost(reason: String) -> Self {
        Self(registration::Progress::Lost(reason))
    }
}
