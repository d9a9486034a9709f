//! Reads what is signed and sent, as an honest chain does.
//!
//! The types are those of the chain's crates (`sp_runtime`, `frame_system`, Subtensor's pallet), written for
//! `parity-scale-codec`; they share no line with the encoder. `tests/devnet` does the same with the crates themselves.

#![expect(
    clippy::cast_possible_truncation,
    reason = "the codec's macro casts the numbers of variants"
)]
#![expect(missing_docs, reason = "names and fields are those of the chain")]

use parity_scale_codec::{Compact, Decode, DecodeAll as _, Encode};

/// The arguments of `pow_register` in Subtensor's pallet.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct PowRegister {
    pub netuid: u16,
    pub work_block: u64,
    pub nonce: u64,
    pub work: [u8; 32],
    pub hotkey: [u8; 32],
}

/// The arguments of `register` up to spec 393.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct Register {
    pub netuid: u16,
    pub block_number: u64,
    pub nonce: u64,
    pub work: Vec<u8>,
    pub hotkey: [u8; 32],
    pub coldkey: [u8; 32],
}

/// The arguments of `faucet`.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct Faucet {
    pub block_number: u64,
    pub nonce: u64,
    pub work: Vec<u8>,
}

/// The calls of the pallet that concern proofs.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub enum PalletCall {
    #[codec(index = 6)]
    Register(Register),
    #[codec(index = 60)]
    Faucet(Faucet),
    #[codec(index = 152)]
    PowRegister(PowRegister),
}

/// Calls, by pallet.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub enum RuntimeCall {
    #[codec(index = 7)]
    SubtensorModule(PalletCall),
}

/// The extensions' part of an extrinsic. The era is mortal.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct Extra {
    pub era: [u8; 2],
    pub nonce: Compact<u32>,
    pub tip: Compact<u64>,
    /// Whether the signature covers a hash of the metadata.
    pub mode: u8,
}

/// What is signed besides.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct Implicit {
    pub spec_version: u32,
    pub transaction_version: u32,
    pub genesis: [u8; 32],
    /// The hash of the block of birth.
    pub birth: [u8; 32],
    pub metadata_hash: Option<[u8; 32]>,
}

/// What is signed.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct Message {
    pub call: RuntimeCall,
    pub extra: Extra,
    pub implicit: Implicit,
}

#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub enum MultiAddress {
    #[codec(index = 0)]
    Id([u8; 32]),
}

#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub enum MultiSignature {
    #[codec(index = 0)]
    Ed25519([u8; 64]),
    #[codec(index = 1)]
    Sr25519([u8; 64]),
}

/// What is sent, after its length.
#[derive(Clone, Debug, Decode, Encode, PartialEq)]
pub struct Extrinsic {
    /// 0x84: version 4, signed.
    pub version: u8,
    pub signer: MultiAddress,
    pub signature: MultiSignature,
    pub extra: Extra,
    pub call: RuntimeCall,
}

impl Message {
    /// Reads everything that is signed.
    ///
    /// # Errors
    ///
    /// When it is anything else.
    pub fn read(bytes: &[u8]) -> Result<Self, parity_scale_codec::Error> {
        Self::decode_all(&mut &*bytes)
    }
}

impl Extrinsic {
    /// Reads everything that is sent.
    ///
    /// # Errors
    ///
    /// When it is anything else.
    pub fn read(bytes: &[u8]) -> Result<Self, parity_scale_codec::Error> {
        let body = Vec::<u8>::decode_all(&mut &*bytes)?;
        Self::decode_all(&mut &*body)
    }
}

impl Extra {
    /// The first and last block that the era admits, as `sp_runtime::generic::Era` reads it at block `now`. None for an era
    /// that no chain would accept.
    pub fn blocks(&self, now: u64) -> Option<(u64, u64)> {
        let encoded = u64::from(u16::from_le_bytes(self.era));
        let period = 2_u64 << (encoded % 16);
        let phase = (encoded >> 4) * (period >> 12).max(1);
        if period < 4 || phase >= period {
            return None;
        }
        let birth = (now.max(phase) - phase) / period * period + phase;
        Some((birth, birth + (period - 1)))
    }
}
