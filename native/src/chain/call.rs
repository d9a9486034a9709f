//! What is sent to the chain: only calls that carry a proof and cost nothing are ever built.

use btpow_core::{PublicKey, Seal};
use serde_json::json;
use subxt::{
    dynamic::{self, Value},
    ext::scale_value::{Composite, Primitive, ValueDef},
    transactions::DynamicPayload,
};

use super::{ChainError, PALLET, Runtime};

/// A call that carries a proof.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Call {
    /// `pow_register`, signed by the coldkey.
    PowRegister {
        /// The subnet.
        netuid: u16,
        /// The proof.
        proof: Proof,
        /// The key that registers.
        hotkey: PublicKey,
    },
    /// `register` of the runtimes up to spec 393, signed by the hotkey.
    Register {
        /// The subnet.
        netuid: u16,
        /// The proof.
        proof: Proof,
        /// The key that registers.
        hotkey: PublicKey,
        /// The key that will own it.
        coldkey: PublicKey,
    },
    /// `faucet`, signed by the coldkey.
    Faucet {
        /// The proof.
        proof: Proof,
    },
}

/// A proof as a call carries it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Proof {
    /// Number of the block that asked.
    pub work_block: u64,
    /// The nonce.
    pub nonce: u64,
    /// Its seal.
    pub seal: Seal,
}

impl Call {
    /// Its name in the metadata.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PowRegister { .. } => "pow_register",
            Self::Register { .. } => "register",
            Self::Faucet { .. } => "faucet",
        }
    }

    /// Its bytes: pallet, call, arguments, by the runtime's own metadata.
    ///
    /// # Errors
    ///
    /// [`ChainError::Malformed`] when the runtime's call has other arguments.
    pub fn encode(&self, runtime: &Runtime) -> Result<Vec<u8>, ChainError> {
        let transactions = runtime.client().tx();
        let bytes = transactions.call_data(&self.payload());
        bytes.map_err(|error| ChainError::malformed(self.name(), error))
    }

    /// Its arguments for people and wallets, in the words of the metadata.
    pub fn json(&self) -> serde_json::Value {
        let arguments = self.arguments();
        let arguments: serde_json::Map<_, _> = arguments
            .into_iter()
            .map(|(name, argument)| (name.to_owned(), argument.json()))
            .collect();
        json!({ "pallet": PALLET, "call": self.name(), "arguments": arguments })
    }

    pub(crate) fn payload(&self) -> DynamicPayload<Composite<()>> {
        let arguments = self.arguments();
        let named = arguments
            .into_iter()
            .map(|(name, argument)| (name.to_owned(), argument.value()));
        dynamic::transaction(PALLET, self.name(), Composite::Named(named.collect()))
    }

    fn arguments(&self) -> Vec<(&'static str, Argument)> {
        match *self {
            Self::PowRegister {
                netuid,
                proof,
                hotkey,
            } => vec![
                ("netuid", Argument::Number(netuid.into())),
                ("work_block", Argument::Number(proof.work_block)),
                ("nonce", Argument::Number(proof.nonce)),
                ("work", Argument::Seal(proof.seal)),
                ("hotkey", Argument::Key(hotkey)),
            ],
            Self::Register {
                netuid,
                proof,
                hotkey,
                coldkey,
            } => vec![
                ("netuid", Argument::Number(netuid.into())),
                ("block_number", Argument::Number(proof.work_block)),
                ("nonce", Argument::Number(proof.nonce)),
                ("work", Argument::Seal(proof.seal)),
                ("hotkey", Argument::Key(hotkey)),
                ("coldkey", Argument::Key(coldkey)),
            ],
            Self::Faucet { proof } => vec![
                ("block_number", Argument::Number(proof.work_block)),
                ("nonce", Argument::Number(proof.nonce)),
                ("work", Argument::Seal(proof.seal)),
            ],
        }
    }
}

/// An argument of a call.
enum Argument {
    Number(u64),
    Seal(Seal),
    Key(PublicKey),
}

impl Argument {
    fn value(self) -> Value {
        match self {
            Self::Number(number) => Value {
                value: ValueDef::Primitive(Primitive::U128(number.into())),
                context: (),
            },
            Self::Seal(Seal(bytes)) | Self::Key(PublicKey(bytes)) => Value::from_bytes(bytes),
        }
    }

    /// Numbers as text, since many readers would round those above 2^53.
    fn json(self) -> serde_json::Value {
        match self {
            Self::Number(number) => number.to_string().into(),
            Self::Seal(seal) => seal.to_string().into(),
            Self::Key(key) => key.to_string().into(),
        }
    }
}
