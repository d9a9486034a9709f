//! The core's rules of registration for JavaScript: what a client read of a chain goes in, what
//! follows from it comes out. Private as [`bindings`](crate::bindings) are.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    vec::Vec,
};

use btpow_core::{
    Hotkey, Order, Protocol, PublicKey, Standing, Subnet, effective_difficulty,
    rules::{self, Argument},
};
use wasm_bindgen::prelude::*;

use crate::bindings::{bytes32, named};

/// A runtime as its metadata describes it, told call by call.
#[wasm_bindgen]
pub struct RuntimeDescription {
    name: String,
    spec: u32,
    calls: Vec<Call>,
}

struct Call {
    name: String,
    arguments: Vec<(String, Argument)>,
}

#[wasm_bindgen]
impl RuntimeDescription {
    /// A runtime without calls.
    #[wasm_bindgen(constructor)]
    pub fn new(name: String, spec: u32) -> Self {
        let calls = Vec::new();
        Self { name, spec, calls }
    }

    /// Adds a call of the pallet; the arguments that follow are its.
    pub fn call(&mut self, name: String) {
        let arguments = Vec::new();
        self.calls.push(Call { name, arguments });
    }

    /// Adds an argument to the call that was added last. A kind that is not known is another type.
    pub fn argument(&mut self, name: String, kind: &str) {
        let kind = match kind {
            "u16" => Argument::U16,
            "u64" => Argument::U64,
            "bytes" => Argument::Bytes,
            "bytes32" => Argument::Bytes32,
            "account" => Argument::Account,
            _ => Argument::Other,
        };
        if let Some(call) = self.calls.last_mut() {
            call.arguments.push((name, kind));
        }
    }

    /// Which proof registers a key: `v1`, `big` or `little`.
    ///
    /// # Errors
    ///
    /// An `Error` that begins with `refused` where none does.
    pub fn registration(&self) -> Result<String, JsError> {
        let protocol = rules::registration(self);
        let protocol = protocol.map_err(|refused| named("refused", &refused.to_string()))?;
        let name = match protocol {
            Protocol::V1 => "v1",
            Protocol::Legacy(Order::Big) => "big",
            Protocol::Legacy(Order::Little) => "little",
        };
        Ok(name.to_owned())
    }
}

impl rules::Runtime for RuntimeDescription {
    fn name(&self) -> &str {
        &self.name
    }

    fn spec(&self) -> u32 {
        self.spec
    }

    fn arguments(&self, call: &str) -> Option<impl Iterator<Item = (&str, Argument)>> {
        let call = self.calls.iter().find(|it| it.name == call)?;
        let arguments = call.arguments.iter();
        Some(arguments.map(|(name, kind)| (name.as_str(), *kind)))
    }
}

/// What a subnet says at one block.
#[wasm_bindgen]
pub struct SubnetState(Subnet);

#[wasm_bindgen]
impl SubnetState {
    /// The storage of a subnet, as the chain has it.
    #[wasm_bindgen(constructor)]
    #[expect(clippy::too_many_arguments, reason = "JavaScript names them")]
    pub fn new(
        exists: bool,
        pow_allowed: bool,
        difficulty: u64,
        min_difficulty: u64,
        max_difficulty: u64,
        registrations: u16,
        max_registrations: u16,
        uids: u16,
        max_uids: u16,
    ) -> Self {
        let (low, high) = (min_difficulty, max_difficulty);
        Self(Subnet {
            exists,
            pow_allowed,
            difficulty: effective_difficulty(Some(difficulty), Some(low), Some(high)),
            bounds: (low, high),
            registrations: (registrations, max_registrations),
            uids: (uids, max_uids),
        })
    }

    /// The difficulty that it asks now, bounds applied.
    #[wasm_bindgen(getter)]
    pub fn difficulty(&self) -> u64 {
        self.0.difficulty.get()
    }

    /// Whether the pool refuses every proof until the next block.
    #[wasm_bindgen(getter)]
    pub fn full(&self) -> bool {
        self.0.is_full()
    }

    /// What it says of a hotkey that `coldkey` is to own: `open`, `registered`, or the name of a
    /// reason and the reason in words, with a colon in between.
    ///
    /// # Errors
    ///
    /// An `Error` that begins with `invalid-argument` when a key has not 32 bytes.
    pub fn standing(
        &self,
        netuid: u16,
        coldkey: &[u8],
        uid: Option<u16>,
        owner: Option<Vec<u8>>,
    ) -> Result<String, JsError> {
        let owner = owner.map(|owner| bytes32(&owner).map(PublicKey));
        let hotkey = Hotkey {
            uid,
            owner: owner.transpose()?,
            last_work: None,
        };
        let coldkey = PublicKey(bytes32(coldkey)?);
        Ok(match Standing::of(netuid, coldkey, &self.0, &hotkey) {
            Standing::Open => "open".to_owned(),
            Standing::Registered { .. } => "registered".to_owned(),
            Standing::Denied(denial) => {
                let mut text = denial.name().to_owned();
                text.push_str(": ");
                text.push_str(&denial.to_string());
                text
            }
        })
    }
}
