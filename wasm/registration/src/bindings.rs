//! Every export of the module.
//!
//! It is the private half of the npm package, and the TypeScript is the public one, which checks values
//! before they come here. A function fails for one reason only, so its caller knows the code; the reason
//! in words is the message of an `Error`.

use alloc::{
    borrow::ToOwned as _,
    format,
    string::{String, ToString as _},
    vec::Vec,
};

use btpow_core::{Order, Protocol as Rules, PublicKey};
use btpow_registration::{
    Account, Goal, Hotkey, Identity, Network, Refusal, State, Subnet,
    extension::EXTRINSIC_VERSION,
    standing::{Bounds, Count, effective_difficulty},
};
use btpow_wasm_runtime::{bytes32, set};
use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::{
    metadata,
    proof::{self, Asked},
    signature,
};

fn key(bytes: &[u8]) -> PublicKey {
    PublicKey(bytes32(bytes))
}

/// 0x and hexadecimal digits.
fn hex(bytes: &[u8]) -> JsValue {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("0x{digits}").into()
}

/// The hash of block 0 of a public network; `None` for an unknown name.
#[wasm_bindgen(js_name = genesisOf)]
pub fn genesis_of(network: &str) -> Option<Vec<u8>> {
    let mut networks = Network::ALL.into_iter();
    let network = networks.find(|known| known.name() == network)?;
    Some(network.genesis().to_vec())
}

/// Which proof registers a key: a v1 one, or a legacy one with this byte order of its seal.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub enum Protocol {
    /// v1.
    V1,
    /// Legacy, big-endian.
    LegacyBig,
    /// Legacy, little-endian.
    LegacyLittle,
}

/// A runtime that was compared with what is compiled in.
#[wasm_bindgen]
#[derive(Clone, Debug)]
pub struct Runtime(btpow_registration::Runtime);

impl Runtime {
    /// The rules of this runtime.
    pub const fn rules(&self) -> &btpow_registration::Runtime {
        &self.0
    }
}

#[wasm_bindgen]
impl Runtime {
    /// Compares an endpoint's description of its runtime. `metadata` is as a node answers it.
    #[wasm_bindgen(constructor)]
    pub fn new(
        spec_name: &str,
        spec_version: u32,
        transaction_version: u32,
        genesis: &[u8],
        metadata: &[u8],
    ) -> Self {
        let identity = Identity {
            name: spec_name,
            spec_version,
            transaction_version,
            genesis: bytes32(genesis),
        };
        let metadata = metadata::inside(metadata);
        Self(btpow_registration::Runtime::compare(identity, metadata))
    }

    /// Whether its metadata could be read. If not, nobody else should try.
    #[wasm_bindgen(getter, js_name = isReadable)]
    pub fn is_readable(&self) -> bool {
        !matches!(self.0.registration(), Err(Refusal::Metadata(_)))
    }

    /// Which proof registers a key.
    ///
    /// # Errors
    ///
    /// An `Error` when no proof does, or when that is uncertain.
    pub fn registration(&self) -> Result<Protocol, JsError> {
        Ok(match self.0.registration()? {
            btpow_core::Protocol::V1 => Protocol::V1,
            btpow_core::Protocol::Legacy(Order::Big) => Protocol::LegacyBig,
            btpow_core::Protocol::Legacy(Order::Little) => Protocol::LegacyLittle,
        })
    }

    /// What the coldkey signs for a proof, when `nonce` is the next one of its account.
    ///
    /// # Errors
    ///
    /// An `Error` when this runtime does not take such a call.
    pub fn payload(&self, register: &PowRegister, nonce: u32) -> Result<Payload, JsError> {
        let payload = register.0.payload(&self.0, nonce)?;
        Ok(Payload::new(payload, register.0.coldkey(), self))
    }
}

/// `pow_register` for a winning nonce.
#[wasm_bindgen]
#[derive(Debug)]
pub struct PowRegister(proof::PowRegister);

#[wasm_bindgen]
impl PowRegister {
    /// The call for a nonce, which the reference must accept.
    ///
    /// # Errors
    ///
    /// An `Error` when it does not.
    #[wasm_bindgen(constructor)]
    pub fn new(
        netuid: u16,
        block_hash: &[u8],
        hotkey: &[u8],
        coldkey: &[u8],
        difficulty: u64,
        work_block: u64,
        nonce: u64,
    ) -> Result<Self, JsError> {
        let asked = Asked {
            netuid,
            block_hash: bytes32(block_hash),
            work_block,
            hotkey: key(hotkey),
            coldkey: key(coldkey),
            difficulty,
        };
        Ok(Self(proof::PowRegister::new(asked, nonce)?))
    }

    /// The bytes of the call.
    pub fn encode(&self) -> Vec<u8> {
        self.0.call().encode().to_vec()
    }
}

/// What is signed: a call, and everything else that a signature covers.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Payload {
    payload: btpow_registration::Payload,
    signer: PublicKey,
    /// The names of the runtime's transaction extensions, in their sequence.
    extensions: Vec<&'static str>,
}

impl Payload {
    /// What `signer` signs for this runtime.
    pub fn new(payload: btpow_registration::Payload, signer: PublicKey, runtime: &Runtime) -> Self {
        let extensions = runtime.0.extensions().iter();
        Self {
            payload,
            signer,
            extensions: extensions.map(|extension| extension.name()).collect(),
        }
    }
}

#[wasm_bindgen]
impl Payload {
    /// What to ask a wallet extension to sign: `SignerPayloadJSON` of polkadot.js, with big-endian numbers.
    #[wasm_bindgen(js_name = signerPayload)]
    pub fn signer_payload(&self) -> Object {
        let Self {
            payload, signer, ..
        } = self;
        let number = |number: u64| JsValue::from(format!("0x{number:08x}"));
        let extensions = Array::new();
        for &name in &self.extensions {
            extensions.push(&name.into());
        }
        let object = Object::new();
        for (name, value) in [
            ("address", signer.to_string().into()),
            ("blockHash", hex(&payload.block_hash())),
            ("blockNumber", number(payload.call().proof().work_block)),
            ("era", hex(&payload.era())),
            ("genesisHash", hex(&payload.genesis())),
            ("method", hex(&payload.call().encode())),
            ("nonce", number(payload.nonce().into())),
            ("specVersion", number(payload.spec_version().into())),
            ("tip", hex(&[0; 16])),
            (
                "transactionVersion",
                number(payload.transaction_version().into()),
            ),
            ("signedExtensions", extensions.into()),
            ("version", EXTRINSIC_VERSION.into()),
            // The signature covers no hash of the metadata.
            ("mode", 0.into()),
            ("metadataHash", JsValue::NULL),
            // This crate builds the extrinsic itself, so a wallet would change the call in vain.
            ("withSignedTransaction", false.into()),
        ] {
            set(&object, name, &value);
        }
        object
    }

    /// What a key signs.
    pub fn message(&self) -> Vec<u8> {
        self.payload.message().to_vec()
    }

    /// The bytes of the call.
    pub fn call(&self) -> Vec<u8> {
        self.payload.call().encode().to_vec()
    }

    /// The extrinsic, for a signature with the number of its scheme in front.
    ///
    /// # Errors
    ///
    /// An `Error` for bytes that are not a signature.
    pub fn extrinsic(&self, signature: &[u8]) -> Result<Vec<u8>, JsError> {
        let signature = signature::read(signature)?;
        Ok(self.payload.extrinsic(self.signer, signature).to_vec())
    }
}

/// The storage of a subnet at one block.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug, Default)]
pub struct SubnetState {
    /// `NetworksAdded`.
    pub exists: bool,
    /// `NetworkPowRegistrationAllowed`.
    #[wasm_bindgen(js_name = powAllowed)]
    pub pow_allowed: bool,
    /// `Difficulty`.
    pub difficulty: u64,
    /// `MinDifficulty`.
    #[wasm_bindgen(js_name = minDifficulty)]
    pub min_difficulty: u64,
    /// `MaxDifficulty`.
    #[wasm_bindgen(js_name = maxDifficulty)]
    pub max_difficulty: u64,
    /// `RegistrationsThisBlock`.
    #[wasm_bindgen(js_name = registrationsThisBlock)]
    pub registrations_this_block: u16,
    /// `MaxRegistrationsPerBlock`.
    #[wasm_bindgen(js_name = maxRegistrationsPerBlock)]
    pub max_registrations_per_block: u16,
    /// `SubnetworkN`.
    pub uids: u16,
    /// `MaxAllowedUids`.
    #[wasm_bindgen(js_name = maxUids)]
    pub max_uids: u16,
}

#[wasm_bindgen]
impl SubnetState {
    /// The state of a subnet that does not exist, until JavaScript sets its fields.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }
}

impl From<SubnetState> for Subnet {
    fn from(state: SubnetState) -> Self {
        let (low, high) = (state.min_difficulty, state.max_difficulty);
        Self {
            exists: state.exists,
            pow_allowed: state.pow_allowed,
            difficulty: effective_difficulty(Some(state.difficulty), Some(low), Some(high)),
            bounds: Bounds { low, high },
            registrations: Count {
                now: state.registrations_this_block,
                most: state.max_registrations_per_block,
            },
            uids: Count {
                now: state.uids,
                most: state.max_uids,
            },
            // The block that would hold the registration tells.
            replaceable: None,
        }
    }
}

/// What a subnet says about a hotkey.
#[wasm_bindgen(getter_with_clone)]
#[derive(Clone, Debug)]
pub struct Standing {
    /// Expected seals per win, bounds applied.
    #[wasm_bindgen(readonly)]
    pub difficulty: u64,
    /// Whether the pool refuses every proof until the next block.
    #[wasm_bindgen(readonly)]
    pub full: bool,
    /// The number of the hotkey, if it is already registered and has the right owner.
    #[wasm_bindgen(readonly)]
    pub uid: Option<u16>,
    /// The name of the reason why the subnet would take no proof.
    #[wasm_bindgen(readonly)]
    pub reason: Option<String>,
    /// The same in words.
    #[wasm_bindgen(readonly)]
    pub message: Option<String>,
}

/// Whether a subnet would take a proof for a hotkey: one with the number `uid` on it, if it has one, that
/// `owner` owns, if it has an owner, and that `coldkey` should own.
#[wasm_bindgen]
pub fn standing(
    netuid: u16,
    coldkey: &[u8],
    state: SubnetState,
    uid: Option<u16>,
    owner: Option<Vec<u8>>,
) -> Standing {
    let goal = Goal::Register {
        netuid,
        // Which key it is does not matter where only what the subnet says of it is known.
        hotkey: PublicKey([0; 32]),
        coldkey: key(coldkey),
    };
    let hotkey = Hotkey {
        uid,
        owner: owner.as_deref().map(key),
        last_work: None,
    };
    Standing::of(&goal, state, hotkey, Account::default())
}

impl Standing {
    /// What the rules say of a goal, by what was read: the same rules as the program's.
    pub fn of(goal: &Goal, subnet: SubnetState, hotkey: Hotkey, account: Account) -> Self {
        let subnet = Subnet::from(subnet);
        let state = State {
            subnet: Some(subnet),
            hotkey,
            account,
        };
        let (uid, obstacle) = match goal.standing(Rules::V1, &state) {
            btpow_registration::Standing::Open => (None, None),
            btpow_registration::Standing::Registered { uid } => (Some(uid), None),
            btpow_registration::Standing::Denied(obstacle) => (None, Some(obstacle)),
        };
        Self {
            difficulty: subnet.difficulty.get(),
            full: subnet.is_full(),
            uid,
            reason: obstacle.map(|obstacle| obstacle.name().to_owned()),
            message: obstacle.map(|obstacle| obstacle.to_string()),
        }
    }
}
